"""The sentences of an alert: which rule spoke, why, and what the mail is called."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from digests import phrases, wording
from digests.model import Alert, AlertMail, Post
from digests.plain import clean, cut, header
from digests.wording import number

_TITLES = {
    "safety": "안전·법적 문제가 보이는 불만", "reopened": "답변을 받고 다시 문의한 글", "spreads": "빠르게 퍼지는 불만",
    "spike": "갑자기 늘어난 불만", "promise_overdue": "약속한 시간이 지난 답변",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A heading of an alert mail, why it is there, and the posts not shown further up."""

    title: str
    why: str
    posts: tuple[Post, ...]


def title(alert: Alert) -> str:
    """The rule in a few words; for a spike with its topic."""
    name = _TITLES.get(alert.rule) or wording.rule_name(alert.rule)
    return f"{name}: {cut(clean(alert.topic), 40)}" if alert.topic else name


def why(alert: Alert) -> str:
    """The numbers that made the rule speak; '' where the post itself says it all."""
    facts = alert.facts
    if alert.rule == "spreads":
        since = wording.age(alert.post.waiting).removesuffix("째")
        return f"도달 {number(facts['reach'])}" + (f", 올라온 지 {since} 만입니다." if since else "입니다.")
    if alert.rule == "spike":
        return (
            f"최근 {facts['hours']:.0f}시간에 {number(facts['count'])}건이 올라왔습니다. "
            f"평소에는 같은 시간에 {facts['usual']:.1f}건입니다."
        )
    if alert.rule == "reopened":
        return "답변이 달린 뒤 같은 고객이 다시 불만을 남겼습니다."
    if alert.rule == "promise_overdue":
        return f"답변에서 약속한 때가 {wording.duration(facts['overdue_minutes'])} 지났고, 뒤따른 답변이 없습니다."
    return ""


def sections(mail: AlertMail) -> list[Section]:
    """One section for a mail about one post; a section a rule (and topic) for a summary, each post shown once."""
    if not mail.summary:
        reasons = " ".join(filter(None, map(why, mail.alerts)))
        return [Section(title=title(mail.alerts[0]), why=reasons, posts=(mail.alerts[0].post,))]
    wanted = set(_post_ids(mail)[: len(_post_ids(mail)) - mail.hidden])
    groups: dict[str, list[Alert]] = {}
    for alert in mail.alerts:
        if alert.post.mention_id in wanted:
            groups.setdefault(title(alert), []).append(alert)
    made = []
    for name, alerts in groups.items():
        posts = tuple(alert.post for alert in alerts if alert.post.mention_id in wanted)
        wanted -= {post.mention_id for post in posts}
        if alerts[0].rule == "spike":
            made.append(Section(title=name, why=why(alerts[0]), posts=posts))
        elif posts:  # where many posts meet a rule, each card shows its own numbers
            made.append(Section(title=f"{name} {number(len(posts))}건", why="", posts=posts))
    return made


def _post_ids(mail: AlertMail) -> list[str]:
    """The posts of a mail, each once, in order."""
    return list(dict.fromkeys(alert.post.mention_id for alert in mail.alerts))


def subject(mail: AlertMail) -> str:
    """'[귀담 알림] 모아담 · 안전 관련 불만 · X(트위터) · 도달 327'. Holds none of the collected words."""
    if mail.summary:
        return header(f"[귀담 알림] {mail.brand.name} · 확인이 필요한 불만 {number(len(_post_ids(mail)))}건")
    first = mail.alerts[0]
    named = phrases.reasons(first.post)
    parts = [mail.brand.name, f"{named} 관련 불만" if first.rule == "safety" and named else title(first)]
    if first.rule == "spike":
        parts.append(f"{first.facts['hours']:.0f}시간에 {number(first.facts['count'])}건")
    else:
        parts.append(wording.source_name(first.post.source))
        parts += [f"도달 {number(first.post.reach)}"] if first.post.reach > 0 else []
    return header("[귀담 알림] " + " · ".join(parts))


def lead(mail: AlertMail) -> str:
    """The first line of the mail."""
    if mail.summary:
        return f"한꺼번에 여러 건이 확인되어 {number(len(_post_ids(mail)))}건을 한 통에 모았습니다."
    return "지금 확인이 필요해 알려 드립니다."


def closing(mail: AlertMail) -> Sequence[str]:
    return (
        f"{wording.clock(mail.now)} 기준입니다. 같은 글에 같은 이유로는 다시 알리지 않습니다.",
        "이 메일은 귀담이 자동으로 보냈습니다. 인용문의 개인정보는 가려져 있습니다.",
    )
