"""A small data folder in the shape of the real one, so that the training steps run whole in a second, without torch."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

FORBIDDEN = "유출금지어"
_FILM = ("연기가", "줄거리가", "결말이", "음악이", "영상이", "배우가", "연출이", "대사가")
_SHOP = ("배송이", "포장이", "색상이", "재질이", "사이즈가", "가격이", "마감이", "냄새가")
_BAD = ("너무 별로예요", "정말 실망이에요", "영 아니네요", "최악이었어요 ㅠㅠ")
_GOOD = ("정말 좋아요", "아주 만족스러워요", "최고였어요 👍", "마음에 쏙 들어요")
_PLAIN = ("어떻게 되나요?", "언제쯤 나오는지 궁금해요", "그냥 그렇다고 하네요", "지난주에 바뀌었어요")


def written(folder: Path, name: str, rows: list[dict[str, Any]]) -> None:
    """One file of the data folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with gzip.open(folder / f"{name}.jsonl.gz", "wt", encoding="utf-8") as lines:
        lines.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def joined(heads: tuple[str, ...], tails: tuple[str, ...]) -> list[str]:
    """Every head with every tail."""
    return [f"{head} {tail}" for head in heads for tail in tails]


@pytest.fixture(scope="session")
def small_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every shippable file with a few dozen rows, and files that may not be learnt from, full of `FORBIDDEN`."""
    folder = tmp_path_factory.mktemp("data")
    films = [{"text": text, "rating": 1 + place % 4} for place, text in enumerate(joined(_FILM, _BAD))]
    films += [{"text": text, "rating": 9 + place % 2} for place, text in enumerate(joined(_FILM, _GOOD))]
    films += [{"text": text, "rating": 5 + place % 4} for place, text in enumerate(joined(_FILM, _PLAIN))]
    written(folder, "movie_reviews_ko", films)
    sides = [(text, 1) for text in joined(_SHOP, _BAD)] + [(text, 5) for text in joined(_SHOP, _GOOD)]
    written(folder, "shop_reviews_ko_train", [{"text": text, "rating": rating} for text, rating in sides])
    written(folder, "shop_reviews_ko_unlabelled", [{"text": text} for text in joined(_SHOP, _PLAIN)])
    games = [{"text": f"게임 {text}", "label": int(rating == 5)} for text, rating in sides]
    written(folder, "game_reviews_ko", games)
    written(folder, "comments_ko_kote", [{"text": f"댓글 {text}", "labels": [0, 34]} for text in joined(_SHOP, _BAD)])
    english = [("this is awful", ["anger"]), ("thank you so much", ["gratitude"]), ("what time is it", ["curiosity"])]
    talk = [{"text": f"{text} {place} times", "emotions": felt} for place in range(9) for text, felt in english]
    written(folder, "comments_en_goemotions_train", talk)
    korean = [("이건 끔찍합니다", ["anger"]), ("대단히 감사합니다", ["gratitude"]), ("지금 몇 시입니까", ["curiosity"])]
    stiff = [{"text": f"{text} {place}번", "emotions": felt} for place in range(9) for text, felt in korean]
    written(folder, "comments_ko_goemotions", stiff)
    said = ("It broke after one day", "It works really well")
    uci = [{"text": f"{said[label]} {place}", "label": label} for place in range(9) for label in (0, 1)]
    written(folder, "sentences_en_uci", uci)
    plain = enumerate(joined(_SHOP, _PLAIN))
    daily = [{"q": f"{text} 오늘", "text": f"네 {text}", "label": place % 3} for place, text in plain]
    written(folder, "daily_talk_ko", daily)
    secret = {name: FORBIDDEN for name in ("text", "q")} | {"label": 1, "rating": 1, "labels": [0], "emotions": []}
    for name in ("shop_reviews_ko_dev", "app_reviews_ko_2026", "airline_tweets_en_dev", "intents_ko"):
        written(folder, name, [secret] * 9)
    return folder
