"""A small IMAP server on 127.0.0.1 (RFC 3501, RFC 5530) that can break: what Dovecot cannot be told to do."""

from __future__ import annotations

import re
import socket
import socketserver
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

Mails = dict[int, tuple[datetime, bytes]]  # by UID: when it was received, and its bytes
_REFUSALS = {
    "401": ("LOGIN", "[AUTHENTICATIONFAILED] Invalid credentials"),
    "403": ("STATUS", "[NOPERM] Permission denied"),
    "404": ("STATUS", "[NONEXISTENT] Mailbox doesn't exist"),
    "429": ("FETCH", "[LIMIT] Too many commands, slow down"),
}
_HTML = b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/html\r\n\r\n<html><body><h1>400</h1></body></html>\r\n"


@dataclass
class Break:
    """Breaks the command a mode belongs to: lets `after` of them through, then hits `times`."""

    mode: str
    after: int = 0
    times: int = 1_000_000

    def hits(self, command: str) -> bool:
        if command != _REFUSALS.get(self.mode, ("GREETING" if self.mode == "html" else "FETCH",))[0] or not self.times:
            return False
        if self.after:
            self.after -= 1
            return False
        self.times -= 1
        return True


class ImapServer:
    """`folders` gives {folder: mails} whenever it is asked; one user, one password."""

    def __init__(self, folders: Callable[[], dict[str, Mails]], user: str, password: str) -> None:
        self.folders = folders
        self.login = (user, password)
        self.fault: Break | None = None
        self.sessions = 0
        self.twice_listed = False
        self.released = threading.Event()
        server = self

        class Handler(socketserver.StreamRequestHandler):
            disable_nagle_algorithm = True  # small answers at once, not with the next acknowledgement (40 ms)

            def handle(self) -> None:
                server.sessions += 1
                try:
                    _Session(server, self).run()
                except OSError:
                    return  # the line was cut, by order or by the client

        class Threaded(socketserver.ThreadingTCPServer):
            daemon_threads = True
            allow_reuse_address = True

        self._tcp = Threaded(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._tcp.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()
        self.url = f"imap://127.0.0.1:{self._tcp.server_address[1]}"

    def close(self) -> None:
        self.released.set()
        self._tcp.shutdown()
        self._tcp.server_close()

    def breaks(self, command: str) -> str:
        """The mode of the fault that hits this command, or ''."""
        return self.fault.mode if self.fault and self.fault.hits(command) else ""


class _Session:
    def __init__(self, server: ImapServer, line: Any) -> None:
        self.server = server
        self.line = line
        self.folder = ""

    def run(self) -> None:
        if self.server.breaks("GREETING"):
            self.line.wfile.write(_HTML)
            return
        self.say("* OK [CAPABILITY IMAP4rev1] ready")
        while (order := self.line.rfile.readline().decode().strip()) and self.obey(*order.split(" ", 1)):
            pass

    def say(self, text: str) -> None:
        self.line.wfile.write(text.encode() + b"\r\n")

    def obey(self, tag: str, order: str) -> bool:
        """Answer one command; False ends the session."""
        words = order.split()
        command = words[1].upper() if words[0].upper() == "UID" else words[0].upper()
        mode = self.server.breaks(command)
        if mode in _REFUSALS:
            self.say(f"{tag} NO {_REFUSALS[mode][1]}")
            return True
        if mode:
            return self.play(mode, tag, order)
        refused = getattr(self, f"do_{command.lower()}", self.unknown)(order)
        self.say(f"{tag} {refused or 'OK done'}")
        return command != "LOGOUT"

    def play(self, mode: str, tag: str, order: str) -> bool:
        if mode == "hang":
            self.server.released.wait(20)
        elif mode == "500":
            self.say("* BYE [UNAVAILABLE] Server is shutting down")
        elif mode == "malformed":
            self.say("!! core dumped !!")
        elif mode == "empty":
            self.say(f"{tag} OK done")
            return True
        elif mode == "10 MB":
            self.do_fetch(order, instead=b"a" * 10_000_000)
            self.say(f"{tag} OK done")
            return True
        else:
            self.do_fetch(order, half=True)
            if mode == "reset":  # closing with a pending linger of 0 sends RST
                self.line.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        return False

    def unknown(self, order: str) -> str:
        return "BAD unknown command"

    def do_capability(self, order: str) -> None:
        self.say("* CAPABILITY IMAP4rev1")

    def do_logout(self, order: str) -> None:
        self.say("* BYE logging out")

    def do_login(self, order: str) -> str | None:
        given = tuple(re.findall(r'"([^"]*)"', order)) or tuple(order.split()[1:])
        plain = tuple(word.strip('"') for word in order.split()[1:])
        return None if self.server.login in {given, plain} else "NO [AUTHENTICATIONFAILED] Invalid credentials"

    def do_list(self, order: str) -> None:
        for name in self.server.folders():
            self.say(f'* LIST (\\HasNoChildren{" " + chr(92) + "Sent" if name == "Sent" else ""}) "/" "{name}"')

    def do_status(self, order: str) -> str | None:
        name, folders = order.split('"')[1], self.server.folders()
        if name not in folders:
            return "NO [NONEXISTENT] Mailbox doesn't exist"
        following = max(folders[name], default=0) + 1
        self.say(f'* STATUS "{name}" (UIDVALIDITY 7 UIDNEXT {following})')
        return None

    def do_examine(self, order: str) -> None:
        self.folder = order.split('"')[1]
        self.say(f"* {len(self.server.folders()[self.folder])} EXISTS")

    def do_search(self, order: str) -> None:
        uids = sorted(self.server.folders()[self.folder])
        if above := re.search(r"UID (\d+):\*", order):
            uids = [uid for uid in uids if uid >= int(above[1])] or uids[-1:]  # '*' always matches the newest
        self.say("* SEARCH " + " ".join(map(str, uids * (5 if self.server.twice_listed else 1))))

    def do_fetch(self, order: str, *, half: bool = False, instead: bytes = b"") -> None:
        """The mails, each cut to the part that was asked for; by `half`, the first breaks off in mid-literal.

        `instead` stands behind the headers of the last mail as its text.
        """
        wanted = [int(uid) for uid in order.split()[2].split(",")]
        first, most = map(int, re.search(r"<(\d+)\.(\d+)>", order).groups())  # type: ignore[union-attr]
        mails = self.server.folders()[self.folder]
        for number, uid in enumerate((uid for uid in wanted if uid in mails), start=1):
            received, raw = mails[uid]
            if instead and uid == wanted[-1]:
                raw = raw.partition(b"\n\n")[0].replace(b"base64", b"7bit") + b"\n\n" + instead
            part = raw[first : first + most]
            stamp = received.strftime("%d-%b-%Y %H:%M:%S %z")
            head = f'* {number} FETCH (UID {uid} INTERNALDATE "{stamp}" BODY[]<{first}> {{{len(part)}}}\r\n'.encode()
            if half:
                self.line.wfile.write(head + part[: len(part) // 2])
                return
            self.line.wfile.write(head + part + b")\r\n")
