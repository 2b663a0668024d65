"""What a digest and an alert say, as plain values; how they look is render's business, who gets them delivery's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class BrandName:
    """A brand as its people know it."""

    id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """Who reads: `id` is part of every delivery key, `recipients` are plain e-mail addresses."""

    id: str
    recipients: tuple[str, ...]
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A count of the week and the same count of the week before."""

    now: int = 0
    before: int = 0

    @property
    def difference(self) -> int:
        return self.now - self.before


@dataclass(frozen=True, slots=True, kw_only=True)
class Linked:
    """A complaint elsewhere that may be the same customer's: where, its day ('11/10', '' if unsure) and its state."""

    mention_id: str
    source: str
    place: str = ""
    url: str = ""
    day: str = ""
    state: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """One utterance someone should look at. Texts are as collected (masked, otherwise hostile).

    `waiting` is how long it has stood there at the digest's now (a reopened one: since the customer's newest
    words); None when not even a first sighting is known. `dated` is False when only the first sighting is
    known (a Naver cafe post). `copies` counts the places that carry the same text, itself included. `again` is
    what the customer wrote after the answer (`again_id`: where it stands). `linked` are complaints elsewhere that
    may be the same customer's. `reasons` say why `severity` (1-5) is what it is, `evidence` why the state;
    `uncertain` says that the model was not sure it is a complaint. `checked_at` is when the thread was last
    looked at for answers.
    """

    mention_id: str
    source: str
    text: str
    again: str = ""
    again_id: str = ""
    state: str = ""
    place: str = ""
    title: str = ""
    url: str = ""
    published_at: datetime | None = None
    dated: bool = True
    waiting: timedelta | None = None
    rating: float | None = None
    reach: int = 0
    topics: tuple[str, ...] = ()
    team: str = ""
    question: str = ""
    severity: int = 1
    reasons: tuple[str, ...] = ()
    copies: int = 1
    uncertain: bool = False
    evidence: str = ""
    checked_at: datetime | None = None
    linked: tuple[Linked, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PostList:
    """The first posts of a ranking, and how many there are in all."""

    posts: tuple[Post, ...] = ()
    total: int = 0

    @property
    def hidden(self) -> int:
        return self.total - len(self.posts)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceCount:
    """One source's week; `unseen` complaints are those whose answers the source cannot show."""

    source: str
    mentions: Change
    complaints: Change
    open: int
    unseen: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class StarCount:
    """Reviews with stars in the week: 1-2 stars, and those of them nobody answered. The model has no say here."""

    source: str
    reviews: int
    low: int
    low_unanswered: int
    high: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseSpeed:
    """First answers to the week's complaints; medians in minutes, None when nobody answered.

    `pasted` complaints got nothing but words that go to everybody.
    """

    answered: int = 0
    median_minutes: float | None = None
    median_business_minutes: float | None = None
    median_minutes_before: float | None = None
    pasted: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicCount:
    """One complaint topic's week."""

    topic: str
    team: str
    complaints: Change
    open: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceHealth:
    """How well a source was read. `outcome` is 'complete', 'partial' or 'failed' (of its newest run), or
    'silent' when no run of it reached the end of the week; `last_complete_at` is the end of its newest
    complete run, `last_mention_at` when it last gave anything new about the brand."""

    source: str
    outcome: str
    last_complete_at: datetime | None = None
    last_mention_at: datetime | None = None
    reason: str = ""
    message: str = ""

    @property
    def healthy(self) -> bool:
        return self.outcome == "complete"


@dataclass(frozen=True, slots=True, kw_only=True)
class Accuracy:
    """How often a model agreed with the analysts' own labels: `right` of `labelled`."""

    task: str
    right: int
    labelled: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WeeklyDigest:
    """Everything one Monday mail says about one brand's ISO week [start, end) in Seoul.

    `open_now` are the week's complaints nobody answered (reopened ones first), `earlier` the ones of past
    weeks that still wait, `to_look` those whose source cannot show answers, `questions` unanswered questions.
    """

    brand: BrandName
    audience: Audience
    week: str
    start: datetime
    end: datetime
    now: datetime
    mentions: Change
    complaints: Change
    praise: Change
    neutral: Change
    advertising: Change
    states: Mapping[str, Change]
    sources: tuple[SourceCount, ...] = ()
    stars: tuple[StarCount, ...] = ()
    open_now: PostList = field(default_factory=PostList)
    earlier: PostList = field(default_factory=PostList)
    to_look: PostList = field(default_factory=PostList)
    questions: PostList = field(default_factory=PostList)
    speed: ResponseSpeed = field(default_factory=ResponseSpeed)
    topics: tuple[TopicCount, ...] = ()
    praises: tuple[Post, ...] = ()
    praised: tuple[tuple[str, int], ...] = ()
    health: tuple[SourceHealth, ...] = ()
    uncertain: int = 0
    untagged: int = 0
    accuracy: tuple[Accuracy, ...] = ()

    @property
    def unwell(self) -> tuple[SourceHealth, ...]:
        """The sources that were not read completely: what the digest must say loudly."""
        return tuple(source for source in self.health if not source.healthy)


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One reason to write now. `key` is rule + brand + subject + window: the same alert never goes out twice.

    `facts` are the numbers of the rule ('reach', 'count', 'usual', ...); `post` is the complaint, or for a
    spike the worst of its complaints. `urgency` orders alerts, higher first.
    """

    rule: str
    brand: BrandName
    subject: str
    window: str
    post: Post
    urgency: int
    topic: str = ""
    facts: Mapping[str, float] = field(default_factory=dict)

    @property
    def key(self) -> str:
        return f"alert-{self.rule}-{self.brand.id}-{self.subject}-{self.window}"


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertMail:
    """One mail of one or more alerts; `summary` when it gathers what would have been too many mails.

    `hidden` posts, the last ones, are counted in a summary but not shown.
    """

    brand: BrandName
    audience: Audience
    alerts: tuple[Alert, ...]
    now: datetime
    summary: bool = False
    hidden: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """A mail's subject line and its two bodies, which say the same."""

    subject: str
    html: str
    text: str
