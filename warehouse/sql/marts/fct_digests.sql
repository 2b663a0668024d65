-- grain: key
-- materialized: table
-- publish: digests
-- description: Digest mails that left or were written to the outbox. | 발송되었거나 보낼 편지함에 쓰인 주간 요약 메일.
-- column key: Key of the delivery | 발송 키
-- column brand: Brand | 브랜드
-- column audience: Who receives it | 받는 사람 묶음
-- column week: ISO week it is about | 대상 주
-- column rule: Rule that fired | 발동한 규칙
-- column mention_id: Subject of the mail | 대상 언급 키
-- column recipients: Addresses | 받는 주소
-- column subject: Subject line | 제목
-- column path: File of the mail, where there is one | 메일 파일 경로
-- column message_id: Message-ID | 메시지 id
-- column transport: outbox or smtp | 발송 방법
-- column delivered_at: When, UTC | 보낸 때(UTC)
SELECT key, brand, audience, week, rule, mention_id, recipients, subject, path, message_id, transport, delivered_at
FROM raw.deliveries
WHERE what = 'digest'
