"""Signatures: the values of datasketch's MinHash, whatever is read beside a text, and without importing it."""

import subprocess
import sys

from nlp import signature

TEXTS = ["모아담 냄비 뚜껑이 깨져서 왔는데 교환도 안 해주네요", "abcd", "세 번째 불량입니다 😀 이번엔 환불해 주세요"]


def grams(text: str) -> list[int]:
    """A polynomial of four code points, modulo 2**32, as Python's own integers make it."""
    points = [ord(letter) for letter in text]
    windows = [points[i : i + signature.GRAM] for i in range(max(1, len(points) - signature.GRAM + 1))]
    values = []
    for window in windows:
        value = 0
        for point in window:
            value = (value * 16777619 + point) % 2**32
        values.append(value)
    return values


def test_the_values_are_those_of_the_library() -> None:
    from datasketch import MinHash  # it brings scipy: seconds for every worker that only collects

    for text, values in zip(TEXTS, signature.minhashes(TEXTS), strict=True):
        library = MinHash(num_perm=signature.VALUES, seed=42, hashfunc=int, scheme="affine32")
        library.update_batch(grams(text))
        assert values.tolist() == library.digest().tolist()


def test_a_text_reads_the_same_alone_and_among_thousands() -> None:
    many = [f"{number}번째 글입니다. 모아담 배송이 늦어서 두 번이나 문의했어요" for number in range(1_000)]
    together = list(signature.read(many))
    assert [together[0], together[517], together[999]] == [
        next(signature.read([many[number]])) for number in (0, 517, 999)
    ]


def test_reading_signatures_imports_no_scipy() -> None:
    program = f"import sys; from nlp.signature import read; list(read([{TEXTS[0]!r}])); print('scipy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
