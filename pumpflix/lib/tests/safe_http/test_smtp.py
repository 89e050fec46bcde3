"""Mails over a checked connection, to a small server of our own."""

import base64
import socketserver
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from pumpflix.lib.safe_http import Dialer, OutboundError, OutboundPolicy, parse_open_networks
from pumpflix.lib.safe_http.smtp import MailRefused, MailServer, send_mail, try_login


class Talk(socketserver.StreamRequestHandler):
    """Answers as a mail server does; `server.answers` replaces the answer to a command."""

    def handle(self) -> None:
        server: Any = self.server
        self.say(server.answers.get("HELLO", "220 ready"))
        while line := self.rfile.readline():
            command = line.decode().strip()
            server.heard.append(command)
            verb = command.split(" ")[0].split(":")[0].upper()
            answer = server.answers.get(command) or server.answers.get(verb)
            if answer == "hang up":
                return
            self.say(
                answer
                or {"EHLO": "250-here\r\n250 AUTH PLAIN", "DATA": "354 go on", "AUTH": "235 in"}.get(verb, "250 ok")
            )
            if verb == "DATA":
                server.message = b"".join(iter(self.rfile.readline, b".\r\n"))
                self.say(server.answers.get("TAKEN", "250 taken"))
            if verb == "QUIT":
                return

    def say(self, text: str) -> None:
        self.wfile.write(text.encode() + b"\r\n")


class Post(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Talk)
        self.answers: dict[str, str] = {}
        self.heard: list[str] = []
        self.message = b""

    @property
    def port(self) -> int:
        return int(self.server_address[1])


@pytest.fixture
def post() -> Iterator[Post]:
    with Post() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def send(post: Post, **given: Any) -> list[str]:
    dialer = Dialer(OutboundPolicy(parse_open_networks(f"127.0.0.1/32:{post.port}")))
    server = MailServer("127.0.0.1", post.port, is_tls=False, own_name="tests", **given)
    to = ["ada@mail.example", "bob@mail.example"]
    return send_mail(dialer, server, sender="shop@mail.example", recipients=to, message=b"Subject: Hi\r\n\r\n.dot\r\n")


def test_a_mail_is_handed_over(post: Post) -> None:
    assert send(post) == []
    assert post.message == b"Subject: Hi\r\n\r\n..dot\r\n"
    assert [line for line in post.heard if ":" in line] == [
        "mail FROM:<shop@mail.example>",
        "rcpt TO:<ada@mail.example>",
        "rcpt TO:<bob@mail.example>",
    ]


def test_a_user_signs_in(post: Post) -> None:
    send(post, user="ada", password="secret")
    assert any(line.startswith("AUTH PLAIN") for line in post.heard)


def test_a_password_beyond_ascii_signs_in_too(post: Post) -> None:
    send(post, user="ada", password="sesam-öffne-dich")
    said = next(line for line in post.heard if line.startswith("AUTH PLAIN")).rpartition(" ")[2]
    assert base64.b64decode(said).decode() == "\0ada\0sesam-öffne-dich"


@pytest.mark.parametrize(
    "command, answer, transient, word",
    [
        ("AUTH", "535 no", False, "password"),
        ("MAIL", "550 who?", False, "sender"),
        ("RCPT", "550 nobody", False, "recipient"),
        ("RCPT", "450 later", True, "recipient"),
        ("TAKEN", "552 too big", False, "message"),
        ("TAKEN", "451 later", True, "message"),
        ("HELLO", "554 go away", False, "connection"),
    ],
)
def test_what_the_server_refuses_is_told(post: Post, command: str, answer: str, transient: bool, word: str) -> None:
    post.answers[command] = answer
    with pytest.raises(MailRefused) as caught:
        send(post, user="ada", password="secret")
    assert (caught.value.is_transient, word in caught.value.message) == (transient, True)
    assert "secret" not in caught.value.message


def test_recipients_that_were_refused_come_back(post: Post) -> None:
    post.answers["rcpt TO:<bob@mail.example>"] = "550 nobody"
    assert send(post) == ["bob@mail.example"]


def test_a_server_that_hangs_up_is_an_outage(post: Post) -> None:
    post.answers["DATA"] = "hang up"
    with pytest.raises(OutboundError) as caught:
        send(post)
    assert caught.value.code == "connection_lost"


def test_a_farewell_that_fails_is_no_failure(post: Post) -> None:
    post.answers["QUIT"] = "hang up"
    assert send(post) == []


def test_a_server_without_sign_in_is_told(post: Post) -> None:
    post.answers["EHLO"] = "250 plain"
    with pytest.raises(MailRefused, match="no sign-in"):
        send(post, user="ada", password="secret")


def test_a_login_is_tried_without_sending_anything(post: Post) -> None:
    dialer = Dialer(OutboundPolicy(parse_open_networks("127.0.0.0/8")))
    server = MailServer("127.0.0.1", post.port, user="ann", password="pw", is_tls=False)
    try_login(dialer, server)
    assert [command.split(" ")[0] for command in post.heard] == ["ehlo", "AUTH", "quit"]
    post.answers["AUTH"] = "535 no"
    with pytest.raises(MailRefused, match="user name or the password"):
        try_login(dialer, server)
