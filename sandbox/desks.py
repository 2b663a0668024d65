"""The stand-ins of the shop's own desks and pages: surveys, its shops, Apple's store, YouTube and Meta's three."""

from __future__ import annotations

from typing import Protocol

from starlette.routing import Route

from sandbox.app_store import AppStoreServer
from sandbox.app_store_connect import AppStoreConnectServer
from sandbox.cafe24 import Cafe24Server
from sandbox.facebook import FacebookServer
from sandbox.instagram import InstagramServer
from sandbox.naver_commerce import NaverCommerceServer
from sandbox.sheets import SheetsServer
from sandbox.surveymonkey import SurveyMonkeyServer
from sandbox.threads import ThreadsServer
from sandbox.world import World
from sandbox.youtube import YouTubeServer


class Server(Protocol):
    """What the app mounts."""

    def routes(self) -> list[Route]:
        """Its routes, below a prefix of its own."""


def desk_servers(world: World) -> tuple[Server, ...]:
    """/sheets (Google's), /surveymonkey, /commerce (Naver's), /cafe24, /itunes and /appstoreconnect (Apple's),
    /youtube, /facebook, /instagram and /threads.
    """
    return (
        SheetsServer(world), SurveyMonkeyServer(world), NaverCommerceServer(world), Cafe24Server(world),
        AppStoreServer(world), AppStoreConnectServer(world), YouTubeServer(world), FacebookServer(world),
        InstagramServer(world), ThreadsServer(world),
    )
