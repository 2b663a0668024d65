"""The stand-ins of the shop's own desks and pages: surveys, its seller centre, and Meta's three."""

from __future__ import annotations

from typing import Protocol

from starlette.routing import Route

from sandbox.facebook import FacebookServer
from sandbox.instagram import InstagramServer
from sandbox.naver_commerce import NaverCommerceServer
from sandbox.sheets import SheetsServer
from sandbox.surveymonkey import SurveyMonkeyServer
from sandbox.threads import ThreadsServer
from sandbox.world import World


class Server(Protocol):
    """What the app mounts."""

    def routes(self) -> list[Route]:
        """Its routes, below a prefix of its own."""


def desk_servers(world: World) -> tuple[Server, ...]:
    """/sheets (Google's), /surveymonkey, /commerce (Naver's), /facebook, /instagram and /threads."""
    return (
        SheetsServer(world), SurveyMonkeyServer(world), NaverCommerceServer(world), FacebookServer(world),
        InstagramServer(world), ThreadsServer(world),
    )
