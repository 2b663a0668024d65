"""A sieve lets pass what its definition lets pass, whatever stands beside a text in its block."""

from hypothesis import given
from hypothesis import strategies as st

from nlp import sieve
from nlp.grams import Needs, prepared
from nlp.sieve import Sieve

LETTERS = "배송늦다ab1😀"
GRAMS = st.text(LETTERS, min_size=1, max_size=2)
NEEDS = st.lists(st.lists(st.frozensets(GRAMS, min_size=1, max_size=4), max_size=3).map(tuple), max_size=70)
TEXTS = st.lists(st.text(LETTERS + " \n.\ud83d", max_size=12), max_size=8)


def may_hold(needs: Needs, text: str) -> bool:
    """Of each of the needs one gram is in the text, white space left out."""
    letters = prepared(text).letters
    return all(any(gram in letters for gram in grams) for grams in needs)


@given(NEEDS, TEXTS)
def test_what_passes_is_what_may_hold(needs: list[Needs], texts: list[str]) -> None:
    wanted = [[number for number, own in enumerate(needs) if may_hold(own, text)] for text in texts]
    assert [passing.items for passing in Sieve(needs).passing(texts)] == wanted


def test_blocks_are_cut_between_texts() -> None:
    texts = ["배" * (sieve._AT_ONCE - 1), "송", "배송이 늦다", "", "송배"]
    needs: list[Needs] = [(frozenset({"배송"}),), (frozenset({"송"}),), ()]
    assert [passing.items for passing in Sieve(needs).passing(texts)] == [[2], [1, 2], [0, 1, 2], [2], [1, 2]]
