"""Digest and alerts all the way: collect, render, keep a page, send once. What pipeline/ calls."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from pathlib import Path

from contracts.records import Delivery
from digests.alerts import due
from digests.delivery import Meta, deliver, delivered, resume
from digests.model import Alert, AlertMail, Audience, BrandName, Rendered, WeeklyDigest
from digests.render import render_alert, render_digest
from digests.settings import AlertSettings, DigestOptions, MailPolicy
from digests.transport import Transport
from digests.weekly import collect
from storage.files import write_bytes
from storage.home import Home

SHOWN_IN_SUMMARY = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class SentDigest:
    """A digest, its pages, and its mail: `delivery` is None when the mail had left before.

    `too_early`: the week is not over, so only the pages were written; its mail would keep Monday's from leaving.
    """

    digest: WeeklyDigest
    html: Path
    text: Path
    delivery: Delivery | None
    too_early: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SentAlerts:
    """Alerts that hold, mails that left just now, alerts told before, alerts that wait for the morning."""

    found: int
    mails: tuple[Delivery, ...]
    told: int
    held: int


def digest_key(brand: BrandName, audience: Audience, week: str) -> str:
    """The delivery key of a digest."""
    return f"digest-{brand.id}-{audience.id}-{week}"


def send_digest(
    home: Home, *, brand: BrandName, audience: Audience, week: str, sender: str, transport: Transport, now: datetime,
    options: DigestOptions | None = None, resend: bool = False,
) -> SentDigest:
    """The weekly digest of one brand for one audience: its pages anew, its mail once (again with `resend`).

    Raises ValueError for what is no ISO week, ConfigurationError for a copy that cannot be read, and what the
    transport raises.
    """
    digest = collect(home.published_file, brand=brand, audience=audience, week=week, now=now, options=options)
    rendered = render_digest(digest)
    html, text = keep_pages(home, digest, rendered)
    if now < digest.end and not resend:
        return SentDigest(digest=digest, html=html, text=text, delivery=None, too_early=True)
    delivery = deliver(
        rendered, key=digest_key(brand, audience, week),
        meta=Meta(what="digest", brand=brand.id, audience=audience.id, week=week), recipients=audience.recipients,
        sender=sender, home=home, transport=transport, now=now, resend=resend,
    )
    return SentDigest(digest=digest, html=html, text=text, delivery=delivery)


def keep_pages(home: Home, digest: WeeklyDigest, rendered: Rendered) -> tuple[Path, Path]:
    """published/digests/<brand>/<week>.html and .txt, each written whole."""
    folder = home.digests / digest.brand.id
    return (write_bytes(folder / f"{digest.week}.html", rendered.html.encode()),
            write_bytes(folder / f"{digest.week}.txt", rendered.text.encode()))


def send_alerts(
    home: Home, *, brand: BrandName, audience: Audience, settings: AlertSettings, sender: str, transport: Transport,
    now: datetime,
) -> SentAlerts:
    """The alerts that hold and were not told to this audience yet, as few mails.

    First finishes what an earlier run was killed over. Raises what the transport raises; mails that left
    before the error are recorded.
    """
    resume(home, transport=transport, now=now)
    alerts = due(home.published_file, brand=brand, rules=settings.rules, now=now)
    fresh = [alert for alert in alerts if not delivered(home, alert_key(alert, audience))]
    quiet = settings.mail.quiet(now)
    tellable = [alert for alert in fresh if not quiet or alert.rule in settings.mail.quiet_except]
    sent = []
    for mail in gather(tellable, brand=brand, audience=audience, policy=settings.mail, now=now):
        records = [(alert_key(a, audience), _meta(a, audience)) for a in mail.alerts]
        delivery = deliver(
            render_alert(mail), key=records[0][0], meta=records[0][1], also=records[1:],
            recipients=audience.recipients, sender=sender, home=home, transport=transport, now=now,
        )
        sent += [delivery] if delivery else []
    return SentAlerts(found=len(alerts), mails=tuple(sent), told=len(alerts) - len(fresh),
                      held=len(fresh) - len(tellable))


def alert_key(alert: Alert, audience: Audience) -> str:
    """The delivery key of an alert to an audience."""
    return f"{alert.key}-{audience.id}"


def gather(
    alerts: Sequence[Alert], *, brand: BrandName, audience: Audience, policy: MailPolicy, now: datetime
) -> list[AlertMail]:
    """Alerts as mails: what concerns one post in one mail, and of too many mails the last gathers the rest.

    The rules take turns, so that twenty posts of one rule do not hide the worst one of another.
    """
    groups: dict[str, list[Alert]] = {}
    for alert in alerts:
        groups.setdefault(alert.post.mention_id, []).append(alert)
    turns: Counter[str] = Counter()
    ordered = []
    for group in groups.values():
        ordered.append((turns[group[0].rule], group))
        turns[group[0].rule] += 1
    each = [group for _, group in sorted(ordered, key=lambda pair: pair[0])]
    alone = each if len(each) <= policy.at_most else each[: policy.at_most - 1]
    rest = each[len(alone):]
    mails = [AlertMail(brand=brand, audience=audience, alerts=tuple(group), now=now) for group in alone]
    if rest:
        mails.append(AlertMail(
            brand=brand, audience=audience, alerts=tuple(chain.from_iterable(rest)), now=now, summary=True,
            hidden=max(0, len(rest) - SHOWN_IN_SUMMARY),
        ))
    return mails


def _meta(alert: Alert, audience: Audience) -> Meta:
    return Meta(what="alert", brand=alert.brand.id, audience=audience.id, rule=alert.rule,
                mention_id=alert.post.mention_id)
