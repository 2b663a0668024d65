"""What lies between a listener and a source: the environment's proxies and certificates, redirects, cookies."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from contextlib import suppress
from datetime import UTC, datetime
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from contracts.errors import SourceChanged, SourceUnavailable
from listeners.http import Client

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
NOWHERE = "http://127.0.0.1:9"


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Client:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    return Client(source="board", now=NOW, user_agent="gwidam/0", options={"retry_backoff_seconds": 0})


def echo(server: Any, reply: Any) -> list[dict[str, str]]:
    """Let the server answer with the path it was asked for; gives the headers of each request."""
    asked: list[dict[str, str]] = []

    def answer(path: str, given: dict[str, str], headers: dict[str, str]) -> Any:
        asked.append(headers)
        return reply(path.encode())

    server.answer = answer
    return asked


def test_a_proxy_of_the_environment_is_asked(
    client: Client, server: Any, reply: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The host does not exist: only the proxy can have answered; it is told the name and keeps its own password."""
    asked = echo(server, reply)
    monkeypatch.setenv("HTTP_PROXY", server.url.replace("//", "//company:secret@"))
    answer = client.get("http://shop.invalid/글?a=1", params={"b": "둘", "c": None})
    assert (answer.text, answer.url) == ("/%EA%B8%80", "http://shop.invalid/글?a=1&b=%EB%91%98")
    assert (asked[0]["host"], asked[0]["proxy-authorization"][:6]) == ("shop.invalid", "Basic ")


def test_no_proxy_is_obeyed(client: Client, server: Any, reply: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    echo(server, reply)
    monkeypatch.setenv("HTTP_PROXY", NOWHERE)
    monkeypatch.setenv("NO_PROXY", "own.invalid")
    assert client.get(f"{server.url}/direct").text == "/direct", "this machine is behind no proxy"
    with pytest.raises(SourceUnavailable, match=r"own\.invalid/ \(the host name is unknown\)"):
        client.get("http://own.invalid/")
    with pytest.raises(SourceUnavailable, match=r"no answer from http://shop\.invalid/ \(the proxy cannot be used\)"):
        client.get("http://shop.invalid/?key=k")


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A company's own certificate for 127.0.0.1, with its key, as a proxy that looks into TLS shows it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "company")])
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(datetime(2020, 1, 1)).not_valid_after(datetime(2120, 1, 1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "company.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(private + made.public_bytes(Encoding.PEM))
    return path


def test_certificates_of_the_environment_are_trusted(
    client: Client, server: Any, reply: Any, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    echo(server, reply)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server._http.socket = context.wrap_socket(server._http.socket, server_side=True)
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    monkeypatch.delenv("CURL_CA_BUNDLE", raising=False)
    url = server.url.replace("http:", "https:")
    with pytest.raises(SourceUnavailable, match="no trusted TLS connection"):
        client.get(url)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    again = Client(source="board", now=NOW, user_agent="gwidam/0")
    assert again.get(f"{url}/safe").text == "/safe"


def test_a_key_never_comes_from_netrc(
    client: Client, server: Any, reply: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name and password in the address are the operator's own; those of ~/.netrc were meant for other tools."""
    asked = echo(server, reply)
    (tmp_path / "netrc").write_text("default login somebody password secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    client.get(server.url)
    client.get(server.url.replace("//", "//name:word@"))
    assert [headers.get("authorization") for headers in asked] == [None, "Basic bmFtZTp3b3Jk"]


def test_a_crawled_page_is_followed_with_its_cookies(client: Client, server: Any, reply: Any) -> None:
    """What was sent for one host stays there; a site's cookie is shown to the site again, and to no other."""
    seen: list[tuple[str, str | None, str | None]] = []

    def answer(path: str, given: dict[str, str], headers: dict[str, str]) -> Any:
        seen.append((path, headers.get("cookie"), headers.get("if-none-match")))
        elsewhere = server.url.replace("127.0.0.1", "localhost")
        location = {"/a": "/글", "/%EA%B8%80": f"{elsewhere}/c"}.get(path)
        if location is None:
            return reply(b"page")
        sent = {"Location": location.encode().decode("latin-1"), "Set-Cookie": "PHPSESSID=1; path=/"}
        return reply(b"", 302, sent)

    server.answer = answer
    page = client.get(f"{server.url}/a", headers={"If-None-Match": "v1"}, follow=True)
    assert page.url == f"{server.url.replace('127.0.0.1', 'localhost')}/c"
    assert seen == [("/a", None, "v1"), ("/%EA%B8%80", "PHPSESSID=1", "v1"), ("/c", None, None)]


def test_a_page_that_redirects_to_itself_is_one_clear_line(client: Client, server: Any, reply: Any) -> None:
    server.answer = lambda path, given, headers: reply(b"", 302, {"Location": path})
    with pytest.raises(SourceChanged, match="redirects more than 30 times"):
        client.get(f"{server.url}/again", follow=True)


def test_an_answer_that_trickles_is_given_up(client: Client) -> None:
    """Each byte comes in time, the page never would: four times the time-out is as long as it may take."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def trickle() -> None:
            with suppress(OSError):
                there, _ = listening.accept()
                there.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n")
                while True:
                    there.sendall(b"a")
                    time.sleep(0.02)

        threading.Thread(target=trickle, daemon=True).start()
        slow = Client(source="board", now=NOW, user_agent="gwidam/0", timeout_seconds=0.1)
        with pytest.raises(SourceUnavailable, match="sent its answer too slowly"):
            slow.get(f"http://127.0.0.1:{listening.getsockname()[1]}/")


def test_a_key_in_an_address_is_not_logged_when_it_is_asked_again(
    client: Client, server: Any, reply: Any, fault: Any, caplog: pytest.LogCaptureFixture
) -> None:
    echo(server, reply)
    server.fault = fault("500", times=1)
    assert client.get(f"{server.url}/page", params={"key": "sk-very-secret-1"}).text == "/page"
    with pytest.raises(SourceUnavailable):
        client.get(NOWHERE, params={"key": "sk-very-secret-1"})
    assert "sk-very-secret-1" not in caplog.text


@pytest.mark.parametrize("url", ["shop.example/board", "ftp://shop.example/", "http://[::1", "http://a:b/", "http://"])
def test_an_impossible_address_is_one_clear_line(client: Client, url: str) -> None:
    with pytest.raises(SourceChanged, match="the address cannot be asked"):
        client.get(url)


def test_a_key_that_cannot_be_sent_is_not_repeated(client: Client, server: Any) -> None:
    with pytest.raises(SourceChanged, match="cannot be asked") as caught:
        client.get(server.url, headers={"X-Key": "열쇠\nX-Other: 1"})
    assert "열쇠" not in str(caught.value)
