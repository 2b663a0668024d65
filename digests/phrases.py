"""The sentences of a digest: what stands between the numbers, as a colleague would say it."""

from __future__ import annotations

from collections.abc import Sequence

from digests import wording
from digests.model import Change, Linked, Post, SourceCount, SourceHealth, WeeklyDigest
from digests.plain import clean, cut, quote_of
from digests.wording import number

OPEN_STATES = ("unaddressed", "reopened")
STATE_ORDER = ("unaddressed", "reopened", "not_observable", "answered", "answered_elsewhere", "resolved", "withdrawn")
URGENCY = {
    "safety": "안전", "legal": "법적 대응", "press": "언론·공론화", "boycott": "불매", "churn": "이탈",
    "repeat": "반복된 불만", "money": "금전 피해", "privacy": "개인정보", "anger": "강한 분노",
}


def waiting_change(digest: WeeklyDigest) -> Change:
    """Complaints of the week that nobody answered, the reopened ones among them; and of the week before."""
    changes = [digest.states.get(state, Change()) for state in OPEN_STATES]
    return Change(now=sum(c.now for c in changes), before=sum(c.before for c in changes))


def lead(digest: WeeklyDigest) -> list[str]:
    """The first words: what happened, and what is left to do."""
    week, total, complaints = wording.week_name(digest.week), digest.mentions.now, digest.complaints.now
    if not total:
        sentences = [f"{week}에는 새로 올라온 이야기가 없었습니다."]
    elif not complaints:
        sentences = [f"{week}에 올라온 이야기 {number(total)}건 가운데 불만은 없었습니다."]
    else:
        sentences = [f"{week}에 올라온 이야기 {number(total)}건 가운데 불만은 {number(complaints)}건입니다."]
        sentences += _left_to_do(digest)
    if digest.earlier.total:
        sentences.append(f"지난 주들에서 넘어온 미응답도 {number(digest.earlier.total)}건 있습니다.")
    if digest.now < digest.end:
        sentences.append(f"아직 끝나지 않은 주로, {wording.clock(digest.now)}까지의 집계입니다.")
    if not complaints and not digest.unwell and digest.health:
        sentences.append("등록된 곳은 모두 끝까지 살펴봤습니다.")
    return sentences


def _left_to_do(digest: WeeklyDigest) -> list[str]:
    waiting, reopened = waiting_change(digest).now, digest.states.get("reopened", Change()).now
    unseen = digest.states.get("not_observable", Change()).now
    if not waiting:
        tail = f" 다만 답변 여부를 확인할 수 없는 {number(unseen)}건은 직접 살펴봐 주세요." if unseen else ""
        return [f"답을 기다리는 불만은 남아 있지 않습니다.{tail}"]
    again = f" 이 중 {number(reopened)}건은 답변을 받고도 다시 문의한 글입니다." if reopened else ""
    return [f"그중 {number(waiting)}건이 아직 답을 받지 못했습니다.{again}"]


def where(post: Post | Linked) -> str:
    """'다음 카페 · 살림의 여왕들'."""
    place = cut(wording.place_name(post.source, post.place), 40)
    return f"{wording.source_name(post.source)} · {place}" if place else wording.source_name(post.source)


def waiting(post: Post) -> str:
    """'3일 2시간째'; '3일째' where only the day is known; '발견 2일째' where only the first sighting is."""
    age = wording.age(post.waiting)
    if post.waiting and post.dated and post.published_at is None:
        return f"{post.waiting.days}일째" if post.waiting.days else "하루 이내"
    return f"발견 {age}" if age and not post.dated else age


def topics(post: Post) -> str:
    return clean(", ".join(post.topics))


def about(post: Post) -> str:
    """'배송팀 담당 · 도달 320 · 같은 글 4곳 · ★☆☆☆☆': whatever of it is known."""
    parts = [
        f"{clean(post.team)} 담당" if post.team else "",
        wording.stars(post.rating),
        f"도달 {number(post.reach)}" if post.reach > 0 else "",
        f"같은 글 {post.copies}곳" if post.copies > 1 else "",
        "불만인지 애매함" if post.uncertain else "",
    ]
    return " · ".join(part for part in parts if part)


def severe(post: Post) -> str:
    """'심각도 4 · 안전, 법적 대응'; '' below 3, where there is nothing to hurry about."""
    if post.severity < 3:
        return ""
    named = reasons(post)
    return f"심각도 {post.severity} · {named}" if named else f"심각도 {post.severity}"


def urgent(post: Post) -> bool:
    """Whether the reasons are kinds of urgency; else they are the post's own words."""
    return any(reason in URGENCY for reason in post.reasons)


def reasons(post: Post) -> str:
    """'안전, 법적 대응': what made it severe."""
    return ", ".join(URGENCY.get(reason) or cut(clean(reason), 40) for reason in post.reasons)


def again(post: Post) -> str:
    """What the customer wrote after the answer; '' where that is unknown."""
    return quote_of("", post.again, 160)


def linked(other: Linked) -> str:
    """'게시판 · 자유게시판(11/10, 미응답)'; without a day where the source gives none."""
    return f"{where(other)}({', '.join(filter(None, (other.day, wording.state_name(other.state))))})"


def asked(post: Post) -> str:
    """The question that whoever answers should settle first."""
    return f"확인할 것: {clean(post.question)}"


def checked(post: Post) -> str:
    """On what the state rests: '11/21 09:00 확인, 답변 없음 · 번호 3f2a…'."""
    seen = wording.clock(post.checked_at)
    if post.state == "unaddressed":
        said = f"{seen} 확인, 답변 없음" if seen else "답변 없음"
    else:
        said = cut(clean(post.evidence), 120) or wording.state_name(post.state)
    return f"{said} · 번호 {post.mention_id}"


def state_label(state: str) -> str:
    notes = {"not_observable": " (카페 등)", "withdrawn": " (불만 수에서 제외)"}
    return wording.state_name(state) + notes.get(state, "")


def states(digest: WeeklyDigest) -> list[tuple[str, Change]]:
    """The states that occur, the open ones first."""
    known = [state for state in STATE_ORDER if state in digest.states]
    rest = sorted(set(digest.states) - set(known))
    return [(s, digest.states[s]) for s in (*known, *rest) if digest.states[s].now or digest.states[s].before]


def speed(digest: WeeklyDigest) -> list[tuple[str, str, str]]:
    """First answers as rows of (what, this week, the week before; '' where there is no comparison)."""
    measured = digest.speed
    pasted = [("붙여 넣은 답변만 받은 불만", f"{number(measured.pasted)}건", "")] if measured.pasted else []
    if not measured.answered:
        return [("첫 답변까지 걸린 시간", "시각을 아는 답변 없음", ""), *pasted]
    before = measured.median_minutes_before
    rows = [
        ("첫 답변을 받은 불만", f"{number(measured.answered)}건", ""),
        ("첫 답변까지 걸린 시간(중앙값)", wording.duration(measured.median_minutes),
         wording.duration(before) if before is not None else ""),
    ]
    if measured.median_business_minutes is not None:
        rows.append(("영업시간으로 따지면", wording.business(measured.median_business_minutes), ""))
    return [*rows, *pasted]


def waiting_there(source: SourceCount) -> str:
    """How many of a source's complaints wait; where answers cannot be seen, that instead of a calming zero."""
    if source.unseen and not source.open:
        return f"확인 불가 {number(source.unseen)}건"
    return f"{number(source.open)}건"


def praised(digest: WeeklyDigest) -> str:
    """'자주 나온 칭찬: 빠른 배송 12건, 포장 8건'."""
    return "자주 나온 칭찬: " + ", ".join(f"{clean(name)} {number(n)}건" for name, n in digest.praised)


def trouble(source: SourceHealth) -> str:
    """'네이버 카페: 수집 실패. 인증 키가 거부되었습니다. 11/19 08:30까지만 읽었습니다.'"""
    since = wording.clock(source.last_complete_at)
    upto = f"{since}까지는 온전히 읽었습니다." if since else "온전히 읽은 적이 아직 없습니다."
    why = "" if source.outcome == "silent" and not source.reason else f" {wording.reason_text(source.reason)}."
    return f"{wording.source_name(source.source)}: {wording.outcome_name(source.outcome)}.{why} {upto}"


def notes(digest: WeeklyDigest) -> list[str]:
    """What was left out of the counts, and how far the reading can be trusted."""
    lines = []
    if digest.advertising.now:
        lines.append(f"광고·체험단 글 {number(digest.advertising.now)}건은 위 숫자에 넣지 않았습니다.")
    if digest.uncertain:
        lines.append(f"분류가 애매해 사람이 보면 좋은 글이 {number(digest.uncertain)}건 있습니다.")
    if digest.untagged:
        lines.append(f"아직 분류하지 못한 글이 {number(digest.untagged)}건 있습니다.")
    for entry in digest.accuracy:
        share = round(100 * entry.right / entry.labelled) if entry.labelled else 0
        lines.append(f"검토한 {number(entry.labelled)}건에서 분류 정확도는 {share}%였습니다.")
    return lines


def closing(digest: WeeklyDigest) -> Sequence[str]:
    return (
        f"{wording.clock(digest.now)} 기준으로 집계했습니다. 한 주는 월요일 0시부터 일요일 24시까지(한국 시각)입니다.",
        "전화나 메일로 이미 처리한 글은 번호를 담당자에게 알려 주세요. 처리 완료로 기록하면 다음 보고에서 빠집니다.",
        "이 메일은 귀담이 자동으로 보냈습니다. 인용문의 개인정보는 가려져 있습니다.",
    )
