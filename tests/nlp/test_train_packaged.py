"""The packaged graph does what the training code fitted: the same n-grams, the same linear odds, the same settings.

A hash that differed between training and running would only make the model a little worse, and nobody would know why.
So the graph itself is opened: its file is read as protobuf, and two of its inner values are made outputs.
"""

from __future__ import annotations

import hashlib
import json
import math
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from tokenizers import Tokenizer

from nlp.sentiment_model import bundled
from nlp.train import features, linear
from nlp.train import tokenizer as words

RECIPE = tomllib.loads((Path(words.__file__).parent / "recipe.toml").read_text(encoding="utf-8"))
NAME, NODE, INITIALIZER, OUTPUT, GRAPH = 1, 1, 5, 12, 7

TEXTS = [
    "",
    "별로",
    "배송이 너무 늦어요 환불해 주세요",
    "배송이너무늦어요환불해주세요",
    "좋아요 좋아요 좋아요 좋아요",
    "ㅋㅋㅋㅋ ㅠㅠㅠ ㅇㅈ ㅎㄷㄷ",
    "이게 뭐야 🙄🙄 진짜 👩‍👩‍👧 ❤️",
    "Where is my REFUND?? it's been 3 weeks... @shop",
    "앱 update 하고나서 login이 안됨 ;;",
    "쀍뜷 漢字 ☃️ Ｗｉｄｅ ½",
    "그런데 " * 80,
]
LETTERS = st.sampled_from([*"배송이늦어요좋아 가나다똠ㅋㅠㅏab'I0!?.~  ", "🙄", "👍🏻", "환불 ", "\u200b", "漢"])


def fields(message: memoryview) -> Iterator[tuple[int, Any]]:
    """(number, value) of a protobuf message: whole numbers, and byte strings as views of the message."""
    at = 0

    def whole() -> int:
        nonlocal at
        value = shift = 0
        while True:
            byte = message[at]
            at, value, shift = at + 1, value | (byte & 127) << shift, shift + 7
            if byte < 128:
                return value

    while at < len(message):
        key = whole()
        kind = key & 7
        if kind == 0:
            yield key >> 3, whole()
            continue
        size = whole() if kind == 2 else {1: 8, 5: 4}[kind]
        yield key >> 3, message[at : at + size]
        at += size


def framed(number: int, content: bytes) -> bytes:
    """A byte string as one protobuf field (short ones: below 128 bytes)."""
    return bytes([number << 3 | 2, len(content)]) + content


@dataclass(frozen=True, slots=True)
class Node:
    """One operation of the graph."""

    operation: str
    inputs: list[str]
    outputs: list[str]


@dataclass(frozen=True, slots=True)
class Graph:
    """The packaged graph with its hash buckets and the linear half's odds as outputs."""

    session: Any
    values: dict[str, NDArray[Any]]
    wide_buckets: str
    deep_buckets: str
    odds: list[str]

    def read(self, ids: Sequence[Sequence[int]], names: list[str]) -> list[NDArray[Any]]:
        """Inner values for texts of different lengths, padded as at run time."""
        padded = np.zeros((len(ids), max(map(len, ids))), dtype=np.int64)
        for row, one in enumerate(ids):
            padded[row, : len(one)] = one
        return self.session.run(names, {"input_ids": padded})


@pytest.fixture(scope="module")
def tokenizer() -> Any:
    return Tokenizer.from_file(str(bundled() / "tokenizer.json"))


@pytest.fixture(scope="module")
def graph() -> Graph:
    content = (bundled() / "model.onnx").read_bytes()
    inner = next(value for number, value in fields(memoryview(content)) if number == GRAPH)
    nodes, values = [], {}
    for number, value in fields(inner):
        if number == NODE:
            parts = [(part, bytes(one).decode()) for part, one in fields(value) if part in (1, 2, 4)]
            operation = next(one for part, one in parts if part == 4)
            nodes.append(Node(operation, *([one for part, one in parts if part == side] for side in (1, 2))))
        elif number == INITIALIZER:
            name, array = tensor(value)
            values[name] = array
    wide = next(node for node in nodes if node.operation == "Gather" and node.inputs[0] == "wide")
    deep = next(node for node in nodes if node.operation == "Gather" and node.inputs[0] == "deep.table.values")
    total = next(node for node in nodes if node.operation == "Mul" and "wide_scale" in node.inputs).outputs[0]
    weights = {node.outputs[0] for node in nodes if node.operation == "Gather" and node.inputs[0] == total}
    odds = [node.outputs[0] for node in nodes if node.operation == "Div" and node.inputs[0] in weights]
    # Messages laid end to end are merged on reading: so the graph gets outputs without being taken apart.
    shown = b"".join(framed(OUTPUT, framed(NAME, name.encode())) for name in (wide.inputs[1], deep.inputs[1], *odds))
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(content + framed_long(GRAPH, shown), options, ["CPUExecutionProvider"])
    return Graph(session, values, wide.inputs[1], deep.inputs[1], odds)


def framed_long(number: int, content: bytes) -> bytes:
    """As `framed`, for up to 16,383 bytes."""
    return bytes([number << 3 | 2, len(content) & 127 | 128, len(content) >> 7]) + content


def tensor(message: memoryview) -> tuple[str, NDArray[Any]]:
    """Name and values of an initializer that is kept as raw bytes."""
    sizes, kind, name, raw = [], 0, "", memoryview(b"")
    for number, value in fields(message):
        if number == 1:
            sizes.append(value)
        elif number == 2:
            kind = value
        elif number == 8:
            name = bytes(value).decode()
        elif number == 9:
            raw = value
    return name, np.frombuffer(raw, dtype={1: np.float32, 3: np.int8, 7: np.int64}[kind]).reshape(sizes)


def encoded(tokenizer: Any, texts: list[str]) -> list[list[int]]:
    return [one.ids[:128] for one in tokenizer.encode_batch_fast(texts)]


def in_graph(found: NDArray[Any], outside: int) -> list[list[int]]:
    """Buckets of each text, sorted, without the one that stands for 'not within the text'."""
    return [sorted(row[row != outside].tolist()) for row in found.reshape(len(found), -1)]


def in_training(ids: list[list[int]], bases: NDArray[Any], part: dict[str, Any]) -> list[list[int]]:
    row, column = features.hashed(ids, bases, features.grams(part["spec"], RECIPE["seed"]), part["buckets"])
    return [sorted(column[row == number].tolist()) for number in range(len(ids))]


def assert_same_buckets(graph: Graph, tokenizer: Any, texts: list[str]) -> None:
    ids, bases = encoded(tokenizer, texts), graph.values["bases"]
    wide, deep = graph.read(ids, [graph.wide_buckets, graph.deep_buckets])
    assert in_graph(wide, RECIPE["wide"]["buckets"]) == in_training(ids, bases, RECIPE["wide"])
    assert in_graph(deep, RECIPE["deep"]["buckets"]) == in_training(ids, bases, RECIPE["deep"])


def test_the_graph_hashes_as_training_does(graph: Graph, tokenizer: Any) -> None:
    assert_same_buckets(graph, tokenizer, TEXTS)


@settings(max_examples=25, deadline=None)
@given(texts=st.lists(st.lists(LETTERS, max_size=12).map("".join), min_size=1, max_size=6))
def test_the_graph_hashes_any_string_as_training_does(graph: Graph, tokenizer: Any, texts: list[str]) -> None:
    assert_same_buckets(graph, tokenizer, texts)


def test_a_hidden_space_changes_only_what_sees_word_marks(graph: Graph, tokenizer: Any) -> None:
    ids = encoded(tokenizer, ["배송이 너무 늦어요", "배송이너무늦어요"])
    for spec, same in ((["b1", "b2", "b3", "b4", "b:101"], True), (["e1", "e2", "e3"], False)):
        part = {"spec": spec, "buckets": RECIPE["wide"]["buckets"]}
        spaced, joined = in_training(ids, graph.values["bases"], part)
        assert (spaced == joined) is same


def test_the_graph_forgets_word_marks_as_its_tokenizer_says(graph: Graph, tokenizer: Any) -> None:
    assert graph.values["bases"].tolist() == words.base_ids(tokenizer)


def test_the_graph_adds_up_the_linear_odds_as_training_does(graph: Graph, tokenizer: Any) -> None:
    """Table -> log odds as nlp/train/linear.py reads a text: counted, scaled, of length one, times the weights."""
    ids, table = encoded(tokenizer, TEXTS), graph.values["wide"]
    families = features.grams(RECIPE["wide"]["spec"], RECIPE["seed"])
    x = linear.counts(ids, graph.values["bases"], families, RECIPE["wide"]["buckets"])
    used = np.unique(x.indices)
    roots = table[used].astype(np.float32)
    polar, neutral, squared = (roots * np.abs(roots) * graph.values["wide_scale"]).T
    scale = np.sqrt(squared)
    rows = linear.scaled(x[:, used], scale)
    for name, weights in zip(graph.odds, (polar, neutral), strict=True):
        fitted = np.divide(weights, scale, out=np.zeros_like(scale), where=scale > 0)
        assert graph.read(ids, [name])[0] == pytest.approx(rows @ fitted, abs=2e-4)


def test_three_bytes_a_bucket_are_two_weights_and_an_idf(graph: Graph) -> None:
    """The third byte is the root of the squared idf: 0 where a bucket was too rare, else of at least log 1 + 1."""
    table, scale = graph.values["wide"], graph.values["wide_scale"]
    assert table.shape == (RECIPE["wide"]["buckets"] + 1, 3)
    assert not table[-1].any(), "what lies outside a text weighs nothing"
    idf = np.ascontiguousarray(table[:, 2])
    assert not table[idf == 0, :2].any(), "a bucket without an idf has no weight"
    seen = np.flatnonzero(np.bincount(idf.view(np.uint8))) * math.sqrt(scale[2])
    assert seen[0] == 0 and seen[1] > 0.8 and seen[-1] < 1 + math.log(2_000_000)


def test_the_package_is_what_the_recipe_and_its_fingerprint_say(graph: Graph) -> None:
    own = json.loads((bundled() / "config.json").read_text(encoding="utf-8"))["gwidam"]
    chosen = {"uncertain_below": RECIPE["uncertain_below"], "calibration": RECIPE["calibration"]}
    assert {name: own[name] for name in chosen} == chosen
    assert (own["name"], own["max_tokens"]) == (RECIPE["name"], RECIPE["tokenizer"]["max_tokens"])
    digest = hashlib.sha256()
    for part in ("model.onnx", "tokenizer.json"):
        digest.update((bundled() / part).read_bytes())
    digest.update(json.dumps(chosen, sort_keys=True).encode())
    assert own["version"] == f"1-{digest.hexdigest()[:10]}", "tags of another model would be taken for this one's"
