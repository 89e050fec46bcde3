"""Everything that goes out for somebody, tried with every way to write an address of our own network: a listener there
is never called. With that network opened it is, so each door is shown to lead somewhere."""

import contextlib
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any
from uuid import uuid4

import pytest

from accounts.other_services import transport
from accounts.other_services.transport import RequestException
from accounts.tests.factories import MembershipFactory
from executions_app.adapters.connect import ConnectAdapter
from executions_app.adapters.http import HttpAdapter
from executions_app.services import alert_channels
from executions_app.services.alert_channels import Telling
from pumpflix.lib.safe_http import Dialer, OutboundClient, OutboundError, OutboundPolicy, parse_open_networks
from pumpflix.lib.safe_http.policy import Limits
from pumpflix.lib.safe_http.servers import SPEAKERS, ServerRefused
from pumpflix.lib.safe_http.smtp import MailRefused
from pumpflix.lib.tests.safe_http.servers import Server, reply
from workflows_app.engine.errors import PumpFlixError
from workflows_app.engine.outside import Ask
from workflows_app.engine.outside import Server as Named
from workflows_app.engine.ports import CallSite, HttpRequest
from workflows_app.services import credential_tests, credentials, import_links, outbound, server_tests

pytestmark = [pytest.mark.app, pytest.mark.requirement(22, 23)]

QUICK = Limits(failure_s=0.0, connect_s=5.0, read_s=5.0)
CLOSED = OutboundPolicy(limits=QUICK)
OPEN = OutboundPolicy(parse_open_networks("127.0.0.0/8"), limits=QUICK)
NOTHING = {"work": [], "commands": [], "mailbox": "", "command": "", "path": "/"}
SITE = CallSite("Node", 0, 0, 0)
OK = b'{"nodes": [], "ok": true}'

HOSTS = [
    "127.0.0.1", "localhost", "localhost.", "LOCALHOST%2e", "2130706433", "0x7f.1", "0177.0.0.1", "127.1", "0",
    "①②⑦.⓪.⓪.①", "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]", "[64:ff9b::7f00:1]",
    "[2002:7f00:1::]", "[fe80::1%25lo]", "[fd00:ec2::254]", "169.254.169.254", "[::ffff:169.254.169.254]",
    "metadata.google.internal", "100.100.100.200", "192.0.0.192", "100.64.0.1", "198.18.0.1", "224.0.0.1", "0.0.0.0",
]  # fmt: skip
WRITTEN = ["http://good.test@127.0.0.1:{port}/", "http://127.0.0.1:{port}#@good.test", "http://127.0.0.1:{port}\\@good.test/",
           "http:///127.0.0.1:{port}/", "http://a b:{port}/", "http://127.0.0.1\t:{port}/", "file:///etc/passwd",
           "gopher://127.0.0.1:{port}/", "ftp://127.0.0.1:{port}/", "data:text/plain,x", "unix:/var/run/docker.sock",
           "jar:http://127.0.0.1:{port}/!/", "HTTP+UNIX://%2Fvar%2Frun%2Fdocker.sock/"]  # fmt: skip


@dataclass(frozen=True)
class Way:
    """What a door is tried with: the policy in force, and the addresses."""

    policy: OutboundPolicy
    member: Any


def a_node(way: Way, url: str) -> None:
    HttpAdapter(OutboundClient(way.policy), execution_id="x").send(SITE, HttpRequest("GET", url, timeout_s=5))


def a_node_that_follows(way: Way, url: str) -> None:
    request = HttpRequest("GET", url, timeout_s=5, follow_redirects=True, max_redirects=5)
    HttpAdapter(OutboundClient(way.policy), execution_id="x").send(SITE, request)


def an_import(way: Way, url: str) -> None:
    import_links.fetch(url)


def an_alert(way: Way, url: str) -> None:
    alert_channels.send(Telling("webhook", {"url": url, "secret": "s"}, {"title": "x"}, "key", uuid4()))


def a_slack_alert(way: Way, url: str) -> None:
    alert_channels.posted(Telling("slack", {"url": url}, {"title": "x"}, "key", uuid4()), b"{}", ())


def a_test_of_a_credential(way: Way, url: str) -> None:
    row = stored(way, "openAiApi", apiKey="k", url=url)
    said(credential_tests.asked(row, credentials.type_of("openAiApi")))


def an_exchange_for_a_token(way: Way, url: str) -> None:
    row = stored(way, "oAuth2Api", grantType="clientCredentials", clientId="c", clientSecret="s", accessTokenUrl=url)
    said(credential_tests.asked(row, credentials.type_of("oAuth2Api")))


def a_sign_in_elsewhere(way: Way, url: str) -> None:
    try:
        transport.session().get(url)
    except RequestException as error:
        raise PumpFlixError(str(error)) from error


BY_ADDRESS = [
    a_sign_in_elsewhere,
    a_node, a_node_that_follows, an_import, an_alert, a_slack_alert, a_test_of_a_credential, an_exchange_for_a_token,
]  # fmt: skip


def stored(way: Way, kind: str, **fields: Any) -> Any:
    return credentials.create(team=way.member.team, by=way.member.user, name="One", type=kind, fields=fields)


def said(result: Any) -> None:
    if not result.ok:
        raise PumpFlixError(result.message)


@pytest.fixture
def canary() -> Iterator[Server]:
    made = Server(lambda request, sock: reply(OK, Content_Type="application/json"))
    yield made
    made.close()


@pytest.fixture
def hanging_up() -> Iterator[Server]:
    """Counts who calls, and says nothing."""

    class HangingUp(Server):
        def _serve(self, sock: socket.socket) -> None:
            sock.close()

    made = HangingUp(lambda request, sock: None)
    yield made
    made.close()


@pytest.fixture
def under(monkeypatch: pytest.MonkeyPatch, db: None) -> Callable[[OutboundPolicy], Way]:
    def use(policy: OutboundPolicy) -> Way:
        client = OutboundClient(policy)
        monkeypatch.setattr(outbound, "outbound_policy", lambda: policy)
        monkeypatch.setattr(server_tests, "outbound_policy", lambda: policy)
        monkeypatch.setattr(outbound, "outbound_client", lambda: client)
        monkeypatch.setattr(import_links, "outbound_client", lambda: client)
        monkeypatch.setattr(transport, "outbound_client", lambda: client)
        return Way(policy, MembershipFactory())

    return use


@pytest.mark.parametrize("door", BY_ADDRESS, ids=lambda door: door.__name__)
def test_no_address_of_our_own_network_is_called(under: Any, canary: Server, door: Any) -> None:
    way = under(CLOSED)
    urls = [f"http://{host}:{canary.port}/" for host in HOSTS] + [url.format(port=canary.port) for url in WRITTEN]
    for url in urls:
        with pytest.raises((PumpFlixError, OutboundError)):
            door(way, url)
    assert canary.connections == 0


@pytest.mark.parametrize("door", BY_ADDRESS, ids=lambda door: door.__name__)
def test_each_door_leads_there_once_the_network_is_opened(under: Any, canary: Server, door: Any) -> None:
    way = under(OPEN)
    with contextlib.suppress(PumpFlixError, OutboundError):
        door(way, canary.url)
    assert canary.connections == 1


def trying(kind: str) -> Callable[[Way, str, int], None]:
    def sign_in(way: Way, host: str, port: int) -> None:
        fields = {"host": host, "port": port, "user": "u", "username": "u", "password": "p", "secure": False}
        try:
            server_tests.sign_in(kind, {**fields, "database": "0"})
        except (ServerRefused, MailRefused) as error:
            raise PumpFlixError(error.message) from error

    sign_in.__name__ = f"trying {kind}"
    return sign_in


def talking(speech: Any) -> Callable[[Way, str, int], None]:
    def ask(way: Way, host: str, port: int) -> None:
        fields = {"host": host, "port": port, "user": "u", "password": "p", "database": "0", "secure": False}
        conversation = ConnectAdapter(Dialer(way.policy)).open(Named(speech, fields))
        conversation.ask(SITE, Ask("run", NOTHING, b"", 3))

    ask.__name__ = f"talking {speech}"
    return ask


OURS = [
    "127.0.0.1", "localhost", "127.0.0.2", "[::ffff:127.0.0.1]", "flix.example", "FLIX.example.", "flix。example",
]  # fmt: skip
TRIED = ["smtp", "postgres", "mySql", "redis", "imap", "ftp", "sftp", "sshPassword"]
BY_HOST = [*map(trying, TRIED), *map(talking, sorted(SPEAKERS))]


@pytest.mark.parametrize("door", BY_HOST, ids=lambda door: door.__name__)
def test_no_server_of_our_own_network_is_called(under: Any, canary: Server, door: Any) -> None:
    way = under(CLOSED)
    for host in [*(host.strip("[]") for host in HOSTS), "/var/run/docker.sock", "127.0.0.1\r\nx", "a@127.0.0.1"]:
        with pytest.raises((PumpFlixError, OutboundError)):
            door(way, host, canary.port)
    assert canary.connections == 0


@pytest.mark.parametrize("door", BY_HOST, ids=lambda door: door.__name__)
def test_each_server_is_called_once_the_network_is_opened(under: Any, hanging_up: Server, door: Any) -> None:
    with contextlib.suppress(PumpFlixError, OutboundError):
        door(under(OPEN), "127.0.0.1", hanging_up.port)
    assert hanging_up.connections >= 1


# ourselves ------------------------------------------------------------------------------------------------------------
@pytest.mark.requirement(26)
@pytest.mark.parametrize("door", BY_ADDRESS, ids=lambda door: door.__name__)
def test_nothing_calls_ourselves_by_any_name_even_where_the_network_is_open(
    under: Any, canary: Server, door: Any
) -> None:
    way = under(OutboundPolicy.from_settings(
        allow="127.0.0.0/8", public_url="https://flix.example", own_ports=frozenset({canary.port}),
    ))  # fmt: skip
    for host in OURS:
        with pytest.raises((PumpFlixError, OutboundError)):
            door(way, f"http://{host}:{canary.port}/api/workflows")
    assert canary.connections == 0


# a credential and its hosts -------------------------------------------------------------------------------------------
@pytest.mark.requirement(28)
@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:{port}/?api.good.test",
        "http://127.0.0.1:{port}/api.good.test",
        "http://127.0.0.1:{port}#@api.good.test",
        "http://api.good.test@127.0.0.1:{port}/",
        "http://127.0.0.1:{port}\\@api.good.test/",
        "http://api.good.test.evil.test:{port}/",
        "http://evilapi.good.test:{port}/",
        "http://api.good.test。evil.test:{port}/",
        "http://api%2egood%2etest.evil.test:{port}/",
    ],
)
def test_a_credential_stays_with_its_hosts_however_the_address_is_written(canary: Server, url: str) -> None:
    client = OutboundClient(OPEN, resolver=lambda host, _: [ip_address("127.0.0.1")])
    request = HttpRequest(
        "GET", url.format(port=canary.port), headers=(("Authorization", "Bearer s3cret"),),
        secret_headers=("authorization",), allowed_hosts=("api.good.test",), timeout_s=5,
    )  # fmt: skip
    with pytest.raises(PumpFlixError):
        HttpAdapter(client, execution_id="x").send(SITE, request)
    assert canary.connections == 0
    client.close()
