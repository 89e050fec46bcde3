"""What callers of webhooks come up with: none of it is answered by an error of ours, and none of it hangs."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from asgiref.sync import sync_to_async

from executions_app import payload_codec
from executions_app.ingest import Ingest, is_allowed
from executions_app.intake.batcher import IntakeBatcher
from executions_app.models import Execution
from executions_app.stream import Hub
from executions_app.tests.factories import live_webhook
from workflows_app.tests.graphs import webhook_chain

pytestmark = [pytest.mark.app, pytest.mark.django_db(transaction=True)]

PATIENCE_S = 10.0
JSON, FORM, XML = "application/json", "application/x-www-form-urlencoded", "application/xml"
MULTIPART = "multipart/form-data; boundary=x"


@dataclass
class Call:
    """One request as a server hands it over; `chunks` come one by one."""

    method: str = "POST"
    path: str = "/webhook/hello"
    query: bytes = b""
    headers: list[tuple[str, str]] = field(default_factory=list)
    chunks: tuple[bytes, ...] = (b"",)

    def scope(self) -> dict[str, Any]:
        return {
            "type": "http",
            "method": self.method,
            "path": self.path,
            "query_string": self.query,
            "headers": [(name.encode("latin-1"), value.encode("latin-1")) for name, value in self.headers],
            "client": ("203.0.113.9", 4711),
        }


@dataclass
class Answer:
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


@pytest.fixture
async def front() -> AsyncIterator[Ingest]:
    batcher = IntakeBatcher(ring=lambda: None)
    batcher.start(asyncio.get_running_loop())
    yield Ingest(batcher=batcher, hub=Hub(), public_url="https://flix.example/")
    await asyncio.to_thread(batcher.stop)


@sync_to_async
def hook(*, path: str = "hello", methods: str = "POST", **options: Any) -> None:
    live_webhook(webhook_chain(path=path, method=methods), options={"options": options}, methods=methods)


async def ask(front: Ingest, call: Call) -> Answer:
    answer, chunks = Answer(), list(call.chunks)

    async def receive() -> dict[str, Any]:
        part = chunks.pop(0)
        return {"type": "http.request", "body": part, "more_body": bool(chunks)}

    async def send(message: dict[str, Any]) -> None:
        answer.status = message.get("status", answer.status)
        answer.body += message.get("body", b"")
        answer.headers |= {name.decode(): value.decode("latin-1") for name, value in message.get("headers", ())}

    await asyncio.wait_for(front(call.scope(), receive, send), PATIENCE_S)
    return answer


@sync_to_async
def items() -> list[dict[str, Any]]:
    rows = Execution.objects.order_by("created_at")
    return [
        payload_codec.decode(row.trigger_items)[0] for row in rows if not payload_codec.reference_in(row.trigger_items)
    ]


def typed(content_type: str, body: bytes, *more: tuple[str, str]) -> Call:
    return Call(headers=[("content-type", content_type), *more], chunks=(body,))


def part(disposition: str, data: bytes = b"1", more: str = "") -> bytes:
    return f"--x\r\nContent-Disposition: form-data; {disposition}\r\n{more}\r\n".encode("latin-1") + data + b"\r\n"


CASES: dict[str, tuple[Call, int]] = {
    # 97: methods
    "method override": (Call("GET", headers=[("x-http-method-override", "POST")]), 405),
    "HEAD of POST only": (Call("HEAD"), 405),
    "TRACE": (Call("TRACE"), 405),
    "CONNECT": (Call("CONNECT"), 405),
    "PUT": (Call("PUT"), 405),
    "no such method": (Call("F\u00d6\u00d6"), 405),
    "OPTIONS without asking": (Call("OPTIONS"), 405),
    # 98: lengths
    "many chunks": (Call(headers=[("transfer-encoding", "chunked")], chunks=(b"{", b'"a"', b":1}")), 200),
    "understated length": (typed(JSON, b'{"a": 1}', ("content-length", "2")), 200),
    "length and chunks": (typed(JSON, b"{}", ("content-length", "2"), ("transfer-encoding", "chunked")), 200),
    "length that is none": (typed(JSON, b"{}", ("content-length", "\u00b2")), 200),
    "negative length": (typed(JSON, b"{}", ("content-length", "-1")), 200),
    "huge length": (typed(JSON, b"{}", ("content-length", "9" * 30)), 413),
    "gzip that is none": (typed(JSON, b"{}", ("content-encoding", "gzip")), 400),
    "unknown encoding": (typed(JSON, b"{}", ("content-encoding", "br")), 415),
    "two encodings": (typed(JSON, b"{}", ("content-encoding", "gzip, gzip")), 415),
    # 99: multipart
    "10,000 parts": (typed(MULTIPART, part('name="a"') * 10_000 + b"--x--"), 400),
    "no end": (typed(MULTIPART, part('name="a"')), 400),
    "no boundary": (typed("multipart/form-data", part('name="a"') + b"--x--"), 400),
    "part named files": (typed(MULTIPART, part('name="files"') + b"--x--"), 200),
    "part named __proto__": (typed(MULTIPART, part('name="__proto__"') + b"--x--"), 200),
    "part without name": (typed(MULTIPART, part("x") + b"--x--"), 200),
    "file name is a path": (typed(MULTIPART, part('name="a"; filename="../../x"') + b"--x--"), 200),
    "file name with NUL": (typed(MULTIPART, part('name="a\x00b"; filename="a\x00b"') + b"--x--"), 200),
    "64 KB header": (typed(MULTIPART, part('name="a"', more=f"X: {'y' * 65_536}\r\n") + b"--x--"), 400),
    "type of a part": (
        typed(MULTIPART, part('name="a"; filename="b"', more="Content-Type: ;;\x01\r\n") + b"--x--"),
        200,
    ),
    # 100: XML
    "names of JavaScript in XML": (typed(XML, b"<__proto__><a/></__proto__>"), 200),
    "laughs": (typed(XML, b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'), 422),
    "XML from outside": (typed(XML, b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'), 422),
    # 101: queries
    "names in brackets": (Call(query=b"a[__proto__][x]=1&a.__proto__.x=1&constructor=1"), 200),
    "10,000 parameters": (Call(query=b"&".join(b"a%d=1" % number for number in range(10_000))), 400),
    "broken escapes": (Call(query=b"a=%zz&b=%ff&%00=%00&=&&"), 200),
    "bytes in a query": (Call(query=b"\xff\xfe=\x00"), 200),
    # 65-68: bodies
    "deep JSON": (typed(JSON, b"[" * 100_000 + b"]" * 100_000), 422),
    "large number": (typed(JSON, b"[1e400, -0, 9223372036854775808, " + b"9" * 100 + b"]"), 200),
    "NaN": (typed(JSON, b"[NaN]"), 422),
    "key twice": (typed(JSON, b'{"user_id": 1, "user_id": 2}'), 200),
    "UTF-16 JSON": (typed(JSON, '{"a": 1}'.encode("utf-16")), 200),
    "BOM": (typed(JSON, b"\xef\xbb\xbf{}"), 200),
    "charset that is none": (typed("application/json;charset=utf-7", b'{"a": "+ADw-"}'), 200),
    "text with an odd charset": (typed("text/plain;charset=rot13", b"abc"), 200),
    "text with a codec of bytes": (typed("text/plain;charset=base64", b"YWJj"), 200),
    "claims to be a file of ours": (
        typed(JSON, b'{"files": {"a": {"filepath": "/etc/passwd", "id": "sha256:00", "mimeType": "text/plain"}}}'),
        200,
    ),
    "two types": (Call(headers=[("content-type", JSON), ("content-type", FORM)], chunks=(b"{}",)), 200),
    "NUL and half a pair": (typed(JSON, b'{"a": "\\u0000 \\ud800"}'), 200),
    # 103: who calls
    "forged forwarding": (Call(headers=[("x-forwarded-for", "10.0.0.1"), ("x_forwarded_for", "10.0.0.1")]), 200),
    # 105: paths
    "dots": (Call(path="/webhook/%2e%2e/hello"), 404),
    "two slashes": (Call(path="/webhook//hello"), 200),
    "trailing slash": (Call(path="/webhook/hello/"), 200),
    "trailing dot": (Call(path="/webhook/hello."), 404),
    "another case": (Call(path="/webhook/HELLO"), 404),
    "dot of another script": (Call(path="/webhook/hello\u3002"), 404),
    "escaped twice": (Call(path="/webhook/%2568ello"), 404),
    "half a pair in the path": (Call(path="/webhook/\udc80"), 404),
    "percent": (Call(path="/webhook/%"), 404),
    # 106: headers
    "100 headers": (Call(headers=[(f"x-{number}", "y" * 100) for number in range(100)]), 200),
    "64 KB cookie": (Call(headers=[("cookie", "a=" + "b" * 65_536)]), 200),
    "origin null": (Call(headers=[("origin", "null"), ("referer", "\x00"), ("accept", "\xff;q=9")]), 200),
    "delivery id of 64 KB": (Call(headers=[("webhook-id", "\xff" * 65_536)]), 200),
}


@pytest.mark.requirement(15)
async def test_it_is_answered_and_never_by_an_error_of_ours(front: Ingest) -> None:
    await hook()
    found, stored = {}, 0
    for name, (call, status) in CASES.items():
        answer = await ask(front, call)
        found[name] = answer.status
        stored += status == 200
    assert found == {name: status for name, (_, status) in CASES.items()}
    assert await sync_to_async(Execution.objects.count)() == stored


@pytest.mark.requirement(10, 13, 14)
async def test_names_of_files_and_of_javascript_are_only_names(front: Ingest) -> None:
    await hook()
    for name in ("claims to be a file of ours", "file name is a path", "part named __proto__", "names in brackets"):
        assert (await ask(front, CASES[name][0])).status == 200
    claims, path, proto, brackets = await items()
    assert "binary" not in claims
    assert path["binary"]["a"]["fileName"] in ("x", "../../x")
    assert proto["json"]["body"] == {"__proto__": "1"}
    assert brackets["json"]["query"] == {"a[__proto__][x]": "1", "a.__proto__.x": "1", "constructor": "1"}


async def test_one_delivery_sent_five_times_at_once_is_one_run(front: Ingest) -> None:
    await hook()
    call = Call(headers=[("x-github-delivery", "d-1"), ("content-type", JSON)], chunks=(b"{}",))
    answers = await asyncio.gather(*(ask(front, call) for _ in range(5)))
    assert {answer.status for answer in answers} == {200}
    assert len(await items()) == 1


@pytest.mark.requirement(63)
@pytest.mark.parametrize(
    "address, allowed, may_call",
    [
        ("203.0.113.9", "203.0.113.0/24, 10.0.0.1", True),
        ("203.0.113.9", "10.0.0.1", False),
        ("110.0.0.10", "10.0.0.1", False),
        ("110.0.0.10", "10.0.0.10", False),
        ("10.0.0.100", "10.0.0.10", False),
        ("::ffff:10.0.0.10", "10.0.0.10", True),
        ("::ffff:110.0.0.10", "10.0.0.10", False),
        ("2001:db8::1", "2001:db8::/32", True),
        ("10.0.0.1", "nonsense", False),
        ("10.0.0.1", " ,", False),
        ("", "0.0.0.0/0", False),
    ],
)
def test_neighbours_of_an_allowed_address_stay_out(address: str, allowed: str, may_call: bool) -> None:
    assert is_allowed(address, allowed) is may_call


@pytest.mark.requirement(59, 63)
async def test_nobody_forges_an_address(front: Ingest) -> None:
    await hook(ipWhitelist="10.0.0.1")
    forged = [("x-forwarded-for", "10.0.0.1"), ("x_forwarded_for", "10.0.0.1"), ("x-real-ip", "10.0.0.1")]
    assert (await ask(front, Call(headers=forged))).status == 403


async def test_parts_of_a_path_are_values(front: Ingest) -> None:
    await hook(path="users/:id/:what")
    for path in ("users/7/../x", "users/7", "users//x", "users/7/a/b"):
        await ask(front, Call(path=f"/webhook/{path}"))
    assert (await ask(front, Call(path="/webhook/users/__proto__/%00"))).status == 404
    assert (await ask(front, Call(path="/webhook/users/a b/\u00fc"))).status == 200
    assert (await items())[-1]["json"]["params"] == {"id": "a b", "what": "\u00fc"}


CHALLENGE = b"hub.mode=subscribe&hub.challenge=<script>alert(1)</script>&challenge=<svg onload=1>&validationToken=<b>"


@pytest.mark.requirement(64)
@pytest.mark.parametrize("call, status", [
    (Call("GET", query=CHALLENGE), 200),
    (Call("PUT", query=CHALLENGE), 405),
    (Call("GET", path="/webhook/<script>alert(1)</script>", query=CHALLENGE), 404),
    (Call("GET", path="/hook/<script>alert(1)</script>", query=CHALLENGE), 404),
    (typed(JSON, b'{"type": "url_verification", "challenge": "<script>alert(1)</script>"'), 422),
    (typed(JSON, b'{"type": "url_verification", "challenge": "<script>alert(1)</script>"}'), 200),
])  # fmt: skip
async def test_a_challenge_is_never_answered_as_a_page(front: Ingest, call: Call, status: int) -> None:
    """Services ask whether an address is theirs by a word that comes back; so do attackers."""
    await hook(methods="GET,POST")
    answer = await ask(front, call)
    assert answer.status == status
    assert answer.headers["content-type"].startswith("application/json")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert b"<script" not in answer.body
    assert b"<svg" not in answer.body
