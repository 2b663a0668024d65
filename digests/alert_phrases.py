"""The sentences of an alert: which rule spoke, why, and what the mail is called."""

from __future__ import annotations

from collections.abc import Sequence

from digests import phrases, wording
from digests.model import Alert, AlertMail
from digests.plain import clean, cut, header

_TITLES = {
    "safety": "안전·법적 문제가 보이는 불만", "reopened": "답변을 받고 다시 문의한 글", "spreads": "빠르게 퍼지는 불만",
    "spike": "갑자기 늘어난 불만", "promise_overdue": "약속한 시간이 지난 답변",
}


def title(alert: Alert) -> str:
    """The rule in a few words; for a spike with its topic."""
    name = _TITLES.get(alert.rule, wording.rule_name(alert.rule))
    return f"{name}: {clean(alert.topic)}" if alert.topic else name


def why(alert: Alert) -> str:
    """The numbers that made the rule speak."""
    facts = alert.facts
    if alert.rule == "spreads":
        since = wording.age(alert.post.waiting).removesuffix("째")
        return f"도달 {wording.number(facts['reach'])}" + (f", 올라온 지 {since} 만입니다." if since else "입니다.")
    if alert.rule == "spike":
        return (
            f"최근 {facts['hours']:.0f}시간에 {wording.number(facts['count'])}건이 올라왔습니다. "
            f"평소에는 같은 시간에 {facts['usual']:.1f}건입니다. 대표 글 하나를 싣습니다."
        )
    if alert.rule == "safety":
        return f"{phrases.severe(alert.post)}."
    if alert.rule == "reopened":
        return "답변이 달린 뒤 같은 고객이 다시 불만을 남겼습니다."
    return f"답변에서 약속한 때가 {wording.duration(facts.get('overdue_minutes'))} 지났고, 뒤따른 답변이 없습니다."


def subject(mail: AlertMail) -> str:
    """'[귀담 알림] 모아담 · 빠르게 퍼지는 불만 (다음 카페)'. Holds none of the collected words."""
    first = mail.alerts[0]
    if mail.summary or len({alert.subject for alert in mail.alerts}) > 1:
        return header(f"[귀담 알림] {mail.brand.name} · 확인이 필요한 불만 {len(mail.alerts)}건")
    place = "" if first.rule == "spike" else f" ({wording.source_name(first.post.source)})"
    return header(f"[귀담 알림] {mail.brand.name} · {cut(title(first), 60)}{place}")


def lead(mail: AlertMail) -> str:
    """The first line of the mail."""
    if mail.summary:
        return f"한꺼번에 여러 건이 확인되어 {len(mail.alerts)}건을 한 통에 모았습니다. 급한 순서입니다."
    return "지금 확인이 필요해 알려 드립니다."


def closing(mail: AlertMail) -> Sequence[str]:
    return (
        f"{wording.clock(mail.now)} 기준입니다. 같은 글에 같은 이유로는 다시 알리지 않습니다.",
        "이 메일은 귀담이 자동으로 보냈습니다. 인용문의 개인정보는 가려져 있습니다.",
    )
