"""Digests and alerts for every brand and audience: values from the published copy, mails once each."""

from __future__ import annotations

import os
from datetime import datetime
from typing import TYPE_CHECKING, Any

from contracts.errors import ConfigurationError
from pipeline.config import Audience, Brand
from pipeline.environment import Environment

if TYPE_CHECKING:
    from contracts.records import Delivery
    from digests import model
    from digests.sending import SentDigest
    from digests.transport import Transport

SMTP_VARIABLE = "GWIDAM_SMTP_URL"
CONNECTION_VARIABLE = "AIRFLOW_CONN_SMTP_DEFAULT"


def digest(
    env: Environment, *, week: str, brand: str | None, resend: bool, now: datetime
) -> dict[str, Any]:
    """The week's digest of one brand or of all, for every audience; pages anew, mails once."""
    from digests.sending import send_digest
    from digests.settings import digest_options

    options = digest_options(env.config.digest_options, where=str(env.config.folder / "digests.toml"))
    told: list[dict[str, Any]] = []
    for each in [_named(env, brand)] if brand else env.config.brands:
        for audience in _audiences(env, each, "digest"):
            sent = send_digest(
                env.home, brand=_brand(each), audience=_audience(audience), week=week, sender=env.config.sender,
                transport=transport(env), now=now, options=options, resend=resend,
            )
            told.append({
                "brand": each.id, "week": week, "subject": _subject(sent.delivery, each, week), "html": str(sent.html),
                "mails": [_left(env, sent.delivery) if sent.delivery else _why_none(sent)],
            })
    return {"digests": told}


def alert(env: Environment, *, now: datetime) -> dict[str, Any]:
    """The alert mails that are due, for every brand and audience."""
    from digests.sending import send_alerts
    from digests.settings import alert_settings

    settings = alert_settings(env.config.alerts, where=str(env.config.folder / "digests.toml"))
    mails: list[dict[str, str]] = []
    told = held = 0
    for brand in env.config.brands:
        for audience in _audiences(env, brand, "alerts"):
            sent = send_alerts(
                env.home, brand=_brand(brand), audience=_audience(audience), settings=settings,
                sender=env.config.sender, transport=transport(env), now=now,
            )
            mails += [{"subject": d.subject, "mail": _left(env, d)} for d in sent.mails]
            told, held = told + sent.told, held + sent.held
    return {"alerts": mails, "told_before": told, "waiting_for_morning": held}


def transport(env: Environment) -> Transport:
    """SMTP when GWIDAM_SMTP_URL or the Airflow connection smtp_default is set, else the outbox."""
    from digests.transport import Outbox, smtp_from_connection

    connection = os.environ.get(SMTP_VARIABLE) or os.environ.get(CONNECTION_VARIABLE)
    return smtp_from_connection(connection) if connection else Outbox(env.home.outbox)


def _audiences(env: Environment, brand: Brand, what: str) -> list[Audience]:
    """Who hears of a brand: the audiences that name it, and those that name none."""
    named = [a for a in env.config.audiences if getattr(a, what) and (not a.brands or brand.id in a.brands)]
    if not named:
        raise ConfigurationError(
            f"nobody gets {what} for {brand.id}; add an [[audience]] to {env.config.folder}/digests.toml"
        )
    return named


def _named(env: Environment, brand: str) -> Brand:
    """A configured brand, or one that only imported files know, under its own id."""
    if any(b.id == brand for b in env.config.brands):
        return env.config.brand(brand)
    from warehouse.query import rows

    sql = "SELECT 1 FROM mentions WHERE brand = ? LIMIT 1"
    if env.home.published_file.exists() and rows(env.home.published_file, sql, (brand,)):
        return Brand(id=brand, name=brand, terms=(brand.ljust(2, "_"),))
    return env.config.brand(brand)


def _brand(brand: Brand) -> model.BrandName:
    from digests.model import BrandName

    return BrandName(id=brand.id, name=brand.name)


def _audience(audience: Audience) -> model.Audience:
    from digests.model import Audience as Readers

    return Readers(id=audience.id, recipients=audience.recipients, name=audience.name)


def _why_none(sent: SentDigest) -> str:
    return "mail: none before the week is over" if sent.too_early else "mail: had left before (--resend sends it again)"


def _subject(delivery: Delivery | None, brand: Brand, week: str) -> str:
    return delivery.subject if delivery else f"{brand.name} {week}"


def _left(env: Environment, delivery: Delivery) -> str:
    return str(env.home.root / delivery.path) if delivery.path else f"sent to {delivery.recipients}"
