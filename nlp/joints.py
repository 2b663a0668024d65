"""How a word parts the words before it from those after it: adverbs not at all, the end of a clause altogether."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

_REMEMBERED = 100_000
_ADVERBS = frozenset(
    [
        *["너무", "너무나", "넘", "정말", "정말로", "진짜", "진짜로", "진심", "좀", "조금", "아주", "엄청", "완전"],
        *["참", "매우", "꽤", "더", "많이", "겁나", "항상", "늘", "역시", "또", "다", "생각보다", "무척", "굉장히"],
        *["훨씬"],
        *["그냥", "자꾸", "계속", "아직도", "아직", "여전히", "전혀", "아예", "도무지", "도대체", "제대로", "하나도"],
        *["너무도", "상당히", "살짝", "약간", "매번", "왜", "왜이리", "왜이렇게", "이렇게", "그렇게", "이리", "다들"],
        *["모두", "전부", "제일", "가장", "최고로", "워낙", "원래", "대체로", "확실히", "나름", "그다지", "별로"],
        *["갈수록", "점점", "오히려", "걸핏하면", "툭하면", "웬만하면", "마니"],
        *["심하게", "과하게", "지나치게", "심각하게", "엄청나게", "무지하게", "겁나게", "미치게", "더럽게", "드럽게"],
    ]
)
_CLAUSE_ENDS = re.compile(
    r"(?:지만|(?<![라다])는데도?|은데도?|인데도?|던데|니까|면서|려고|더니|고나니|고나서|하고|해서|[아어]서|[아어해]도|거나|습니다|입니다|합니다"
    r"|됩니다|네요|세요|[아어해에예]요|구요|고요|[^광최재창경사참원]고|[^화측반라장표가방외전]면|[하보으오되리]니|라도|비해)$"
)
_WITH_PARTICLE = re.compile(r"(?:[이가은을를에의로]|들은|들이|[가-힣]는)$")


class Joint(NamedTuple):
    """How a word parts what is before it from what is after, whatever the rules.

    `adverb`: not at all. `particle`: a noun with its particle, most likely. `ends`: here a clause ends.
    """

    adverb: bool
    particle: bool
    ends: bool


@lru_cache(maxsize=_REMEMBERED)
def joint(word: str) -> Joint:
    """How a word parts its neighbours."""
    adverb = word in _ADVERBS or word in {"안", "못"} or word.startswith("너무너무")
    ends = not adverb and bool(_CLAUSE_ENDS.search(word[-6:]))
    return Joint(adverb, bool(_WITH_PARTICLE.search(word[-2:])), ends)
