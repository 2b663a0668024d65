"""X's search language: keywords, phrases, OR, parentheses, negation and the operators that brands need."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

MOST_CHARACTERS = 512
_TOKEN = re.compile(r'\s*(-?)(\(|\)|"[^"]*"|[^\s()"]+:"[^"]*"|[^\s()"]+)')


class QueryError(ValueError):
    """The query cannot be read; the message is what X's error would say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """What the operators look at."""

    text: str
    username: str
    language: str
    conversation_id: str
    kinds: frozenset[str]  # of 'retweet', 'reply', 'quote'
    to_username: str
    referenced: frozenset[str]  # ids replied to, quoted or retweeted


Test = Callable[[Post], bool]


def parse(query: str) -> Test:
    """The test a post has to pass. Raises QueryError."""
    if len(query) > MOST_CHARACTERS:
        raise QueryError(f"Rule length exceeds {MOST_CHARACTERS} characters")
    tokens = [(minus == "-", word) for minus, word in _TOKEN.findall(query)]
    if not tokens:
        raise QueryError("query may not be empty")
    reader = _Reader(tokens)
    test = reader.alternatives()
    if reader.at < len(tokens):
        raise QueryError(f"no viable alternative at input '{tokens[reader.at][1]}'")
    if not reader.stands_alone:
        raise QueryError(
            "Rule must contain at least one positive, non-stopword clause "
            "(a keyword, a phrase, from:, to:, conversation_id: ...)"
        )
    return test


class _Reader:
    """Recursive descent; AND (a space) binds tighter than OR."""

    def __init__(self, tokens: list[tuple[bool, str]]) -> None:
        self.tokens = tokens
        self.at = 0
        self.stands_alone = False

    def alternatives(self) -> Test:
        tests = [self.together()]
        while self.at < len(self.tokens) and self.tokens[self.at] == (False, "OR"):
            self.at += 1
            tests.append(self.together())
        return lambda post: any(test(post) for test in tests)

    def together(self) -> Test:
        tests: list[Test] = []
        while self.at < len(self.tokens) and self.tokens[self.at][1] not in ("OR", ")"):
            tests.append(self.one())
        if not tests:
            raise QueryError("missing EOF at the end of a group")
        return lambda post: all(test(post) for test in tests)

    def one(self) -> Test:
        negated, word = self.tokens[self.at]
        self.at += 1
        if word == "(":
            test = self.alternatives()
            if self.at >= len(self.tokens) or self.tokens[self.at][1] != ")":
                raise QueryError("missing ')'")
            self.at += 1
        else:
            test, alone = _term(word)
            self.stands_alone = self.stands_alone or (alone and not negated)
        return (lambda post: not test(post)) if negated else test


def _term(word: str) -> tuple[Test, bool]:
    """The test of one term, and whether it may stand alone in a query."""
    operator, colon, value = word.partition(":")
    if word.startswith('"') or not colon:
        return _words(word.strip('"')), True
    value = value.strip('"')
    name = value.lstrip("@").lower()
    alone: dict[str, Test] = {
        "from": lambda post: post.username.lower() == name,
        "to": lambda post: post.to_username.lower() == name,
        "conversation_id": lambda post: post.conversation_id == value,
        "in_reply_to_tweet_id": lambda post: "reply" in post.kinds and value in post.referenced,
        "quotes_of_tweet_id": lambda post: "quote" in post.kinds and value in post.referenced,
        "retweets_of_tweet_id": lambda post: "retweet" in post.kinds and value in post.referenced,
        "url": lambda post: value.lower() in post.text.lower(),
    }
    joined: dict[str, Test] = {
        "lang": lambda post: post.language == value,
        "is": lambda post: value in post.kinds,
        "has": lambda post: _has(value, post.text),
    }
    if operator in alone:
        return alone[operator], True
    if operator == "is" and value not in ("retweet", "reply", "quote", "verified", "nullcast"):
        raise QueryError(f"invalid value '{value}' for operator is:")
    if operator in joined:
        return joined[operator], False
    raise QueryError(f"Reference to invalid operator '{operator}'. Operator is not available in current product")


def _has(what: str, text: str) -> bool:
    signs = {"hashtags": "#", "mentions": "@", "links": "http"}
    return what in signs and signs[what] in text


def _words(phrase: str) -> Test:
    """Latin words are hit whole; Korean ones also inside a longer word ('모아담에서')."""
    left = r"(?<![a-z0-9_@])" if phrase[:1].isascii() and phrase[:1].isalnum() else ""
    right = r"(?![a-z0-9_])" if phrase[-1:].isascii() and phrase[-1:].isalnum() else ""
    body = r"\s+".join(re.escape(part) for part in phrase.split())
    pattern = re.compile(left + body + right, re.IGNORECASE)
    return lambda post: pattern.search(post.text) is not None
