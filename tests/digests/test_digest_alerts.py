"""Which complaints alert, once each, in how many mails, and when they wait for the morning."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from typing import Any

import pytest

from contracts.clock import day_bounds
from contracts.errors import ConfigurationError
from digests.alerts import due
from digests.model import Alert, Audience, BrandName
from digests.promises import due_at, overdue
from digests.published import opened
from digests.sending import SentAlerts, send_alerts
from digests.settings import MailPolicy, alert_settings, digest_options
from digests.transport import Outbox
from storage.home import Home

NOW = datetime(2026, 11, 22, 23, 0, tzinfo=UTC)
BRAND, AUDIENCE = BrandName(id="moadam", name="모아담"), Audience(id="cs", recipients=("cs@example.com",))
RULES = alert_settings({}).rules


def alerts(world: Any, now: datetime = NOW) -> list[Alert]:
    return due(world.path, brand=BRAND, rules=RULES, now=now)


def send(world: Any, home: Home, *, now: datetime = NOW, mail: dict[str, Any] | None = None) -> SentAlerts:
    assert world.path.exists()
    return send_alerts(home, brand=BRAND, audience=AUDIENCE, settings=alert_settings({"mail": mail or {}}),
                       sender="gwidam@example.com", transport=Outbox(home.outbox), now=now)


def test_spreads_by_reach_or_by_speed(world: Any) -> None:
    wide = world.complaint("환불을 안 해줘요", hours=60, reach=310)
    fast = world.complaint("다들 이거 보셨어요?", hours=2, reach=120)
    world.complaint("조용한 글", hours=2, reach=99)
    world.complaint("빠르지 않은 글", hours=20, reach=250)
    world.complaint("답변한 글", hours=2, reach=5000, state="answered")
    world.complaint("오래된 글", hours=80, reach=5000)
    world.complaint("언제 올라왔는지 모르는 글", hours=1, reach=150, published_at=None, state="not_observable")
    assert {a.subject for a in alerts(world) if a.rule == "spreads"} == {wide, fast}


def test_spreads_is_told_again_only_when_the_reach_doubles(world: Any) -> None:
    ids = [world.complaint("글", hours=30, reach=reach) for reach in (300, 599, 600, 1200)]
    windows = {a.subject: a.window for a in alerts(world)}
    assert [windows[i] for i in ids] == ["x1", "x1", "x2", "x3"]


def test_safety_needs_the_kind_and_the_severity(world: Any) -> None:
    hurt = world.complaint("손을 베여서 병원에 다녀왔어요", hours=5, severity=4, urgencies=["safety"])
    world.complaint("다시는 안 사요", hours=5, severity=5, urgencies=["churn"])
    world.complaint("신고할 거예요", hours=5, severity=3, urgencies=["legal"])
    assert [(a.rule, a.subject) for a in alerts(world)] == [("safety", hurt)]


def test_reopened_counts_from_the_newest_words(world: Any) -> None:
    again = world.mention("말씀하신 대로 했는데 또 그래요", hours=3)
    late = world.mention("예전에 또 남긴 글", hours=24 * 20)
    back = world.complaint("환불이 안 들어왔어요", hours=24 * 20, state="reopened", evidence_id=again["mention_id"])
    world.complaint("오래전 일", hours=24 * 30, state="reopened", evidence_id=late["mention_id"])
    (alert,) = alerts(world)
    assert (alert.rule, alert.subject, alert.window) == ("reopened", back, "20261122T2000")
    assert alert.post.again == "말씀하신 대로 했는데 또 그래요"


def usual_days(world: Any, *, days: int, topic: str = "delivery_late") -> None:
    for day in range(1, days + 1):
        world.complaint("평소의 배송 불만", hours=24 * day + 5, topics=[topic], state="answered")


def test_spike_is_far_more_than_usual(world: Any) -> None:
    usual_days(world, days=35)
    for n in range(6):
        world.complaint("오늘 다들 배송이 안 온대요", hours=1 + n, topics=["delivery_late"])
        world.complaint("평소와 같은 불량 이야기", hours=30 + 24 * n, topics=["defect"])
        world.complaint("칭찬을 잘못 읽은 글", hours=1 + n, topics=["praise_packaging"])
    (alert,) = [a for a in alerts(world) if a.rule == "spike"]
    assert (alert.subject, alert.topic, alert.window) == ("delivery_late", "배송 지연", "20261122")
    assert alert.facts == {"count": 6, "usual": 1.0, "hours": 24}


def test_spike_is_silent_while_there_is_no_usual_yet(world: Any) -> None:
    usual_days(world, days=3)
    for n in range(9):
        world.complaint("배송이 안 와요", hours=1 + n, topics=["delivery_late"])
    assert alerts(world) == []


def test_promise_overdue_until_something_follows(world: Any) -> None:
    kept = world.complaint("교환 언제 되나요", hours=60, state="answered")
    broken = world.complaint("환불 언제 되나요", hours=60, state="answered")
    for number, complaint in enumerate((kept, broken)):
        world.add("responses", response_id=f"r{number}", brand="moadam", source="board", mention_id=complaint,
                  thread_id=complaint, published_at=NOW - timedelta(hours=50), labels=["promised"], promised="P1D")
    world.add("responses", response_id="r9", brand="moadam", source="board", mention_id=kept, thread_id=kept,
              published_at=NOW - timedelta(hours=20), labels=["next_step"])
    (alert,) = alerts(world)
    assert (alert.rule, alert.subject) == ("promise_overdue", broken)
    assert alert.facts == {"overdue_minutes": 8 * 60}  # promised on Saturday for Sunday, Seoul; it is Monday, 08:00


@pytest.mark.parametrize(("promised", "due"), [
    ("P1D", "11-24"), ("P1W", "11-30"), ("P1M", "12-23"), ("business:1", "11-24"), ("business:5", "11-30"),
    ("date:today", "11-23"), ("date:tomorrow", "11-24"), ("date:+2", "11-25"), ("date:this_week", "11-29"),
    ("date:next_week", "12-06"), ("date:this_month", "11-30"), ("date:next_month", "12-31"), ("date:mon", "11-23"),
    ("date:fri", "11-27"), ("date:next_week_fri", "12-04"), ("date:11-25", "11-25"),
])
def test_a_promised_day_lasts_until_its_end_in_seoul(promised: str, due: str) -> None:
    month, day = map(int, due.split("-"))
    assert due_at(promised, NOW) == day_bounds(date(2026, month, day))[1]  # said on Monday, 23 November


def test_other_promises() -> None:
    assert due_at("PT3H", NOW) == NOW + timedelta(hours=3)
    assert due_at("date:03-02", NOW) == day_bounds(date(2027, 3, 2))[1]
    assert [due_at(nothing, NOW) for nothing in ("date:02-30", "soon", "P", "", "PT", "date:someday")] == [None] * 6


def test_working_days_leave_out_the_holidays_that_the_copy_knows(world: Any) -> None:
    """추석 2026: Thursday 24 to Saturday 26 September; promised on Tuesday, two working days later is Monday."""
    said = datetime(2026, 9, 22, 6, 0, tzinfo=UTC)
    for day in (21, 22, 23, 28, 29):
        world.add("business_days", brand="moadam", day=date(2026, 9, day))
    complaint = world.complaint("김치가 안 왔어요", hours=24, state="answered")
    world.add("responses", response_id="r", brand="moadam", mention_id=complaint, thread_id=complaint,
              published_at=said, labels=["promised"], promised="business:2")
    with opened(world.path) as copy:
        asked = {"brand": "moadam", "since": said - timedelta(days=3)}
        assert overdue(copy, now=datetime(2026, 9, 28, 14, 59, tzinfo=UTC), **asked) == {}
        assert overdue(copy, now=datetime(2026, 9, 28, 16, 0, tzinfo=UTC), **asked) == {complaint: timedelta(hours=1)}
    assert due_at("business:2", said) == datetime(2026, 9, 24, 15, 0, tzinfo=UTC), "no calendar: Monday to Friday"


def test_each_alert_leaves_once(world: Any, home: Home) -> None:
    world.complaint("손을 베였어요", hours=5, severity=5, urgencies=["safety"], reach=900)
    world.complaint("환불을 안 해줘요", hours=9, reach=400)
    first, second = send(world, home), send(world, home, now=NOW + timedelta(minutes=15))
    assert (first.found, len(first.mails), first.told) == (3, 2, 0)  # two reasons for one post are one mail
    assert (second.found, len(second.mails), second.told) == (3, 0, 3)
    assert len(list(home.outbox.iterdir())) == 2
    assert len(list(home.landed("deliveries").glob("*.jsonl.gz"))) == 3


def test_many_alerts_become_few_mails_and_none_is_lost(
    world: Any, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("digests.sending.SHOWN_IN_SUMMARY", 4)
    for n in range(12):
        world.complaint(f"번지는 글 {n}", hours=10, reach=1000 + n)
    sent = send(world, home, mail={"at_most": 3})
    assert (sent.found, len(sent.mails)) == (12, 3)
    assert send(world, home, mail={"at_most": 3}).told == 12
    last = message_from_bytes((home.root / sent.mails[-1].path).read_bytes(), policy=default)
    assert last["Subject"] == "[귀담 알림] 모아담 · 확인이 필요한 불만 10건"
    assert "이 밖에 6건이 더 있습니다" in last.get_body(("plain",)).get_content()


def test_many_alerts_of_one_rule_do_not_hide_another(world: Any, home: Home) -> None:
    for n in range(6):
        world.complaint(f"손을 베였어요 {n}", hours=5, severity=5, urgencies=["safety"])
    wide = world.complaint("환불을 안 해줘요", hours=9, reach=2500)
    mails = send(world, home, mail={"at_most": 3}).mails
    assert [mail.rule for mail in mails] == ["safety", "spreads", "safety"]
    assert mails[1].mention_id == wide


def test_quiet_hours_hold_all_but_the_gravest(world: Any, home: Home) -> None:
    night = datetime(2026, 11, 22, 15, 30, tzinfo=UTC)  # 00:30 in Seoul
    world.complaint("손을 베였어요", hours=10, severity=5, urgencies=["safety"])
    world.complaint("환불을 안 해줘요", hours=10, reach=400)
    quiet = {"quiet_from": "22:00", "quiet_to": "08:00"}
    held = send(world, home, now=night, mail=quiet)
    assert (len(held.mails), held.held) == (1, 1)
    assert held.mails[0].rule == "safety"
    morning = send(world, home, now=NOW, mail=quiet)
    assert (len(morning.mails), morning.held) == (1, 0)


def test_a_killed_run_is_finished_first(world: Any, home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    world.complaint("환불을 안 해줘요", hours=9, reach=400)
    with monkeypatch.context() as patched:
        patched.setattr("digests.delivery._record", lambda *args, **more: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            send(world, home)
    world.complaint("새로 번지는 글", hours=1, reach=700)
    sent = send(world, home)
    assert (sent.told, len(sent.mails)) == (1, 1)
    assert len(list(home.outbox.iterdir())) == 2


def test_quiet_hours_may_cross_midnight() -> None:
    policy = MailPolicy.model_validate({"quiet_from": "22:00", "quiet_to": "08:00"})
    hours = [h for h in range(24) if policy.quiet(datetime(2026, 11, 22, h, tzinfo=UTC))]
    assert hours == list(range(13, 23))  # 22:00 to 08:00 in Seoul


@pytest.mark.parametrize(("tables", "says"), [
    ({"sprads": {}}, "did you mean 'spreads'"),
    ({"spike": {"tims": 2}}, "did you mean 'times'"),
    ({"spike": {"times": "viel"}}, r"\[alerts.spike\] times"),
    ({"mail": {"quiet_from": "25:00"}}, "quiet_from"),
])
def test_a_wrong_setting_is_one_line_with_its_place(tables: dict[str, Any], says: str) -> None:
    with pytest.raises(ConfigurationError, match=says) as caught:
        alert_settings(tables, where="config/digests.toml")
    assert "\n" not in caught.value.message
    assert caught.value.message.startswith("config/digests.toml: [alerts.")


def test_a_rule_can_be_switched_off_and_options_have_defaults() -> None:
    assert "spike" not in {rule.rule for rule in alert_settings({"spike": {"enabled": False}}).rules}
    assert digest_options({}).complaints == 15
    with pytest.raises(ConfigurationError, match="complaints"):
        digest_options({"complaint": 3})
