import itertools
import socket
import threading
import time
from ipaddress import ip_address

import pytest

from pumpflix.lib.safe_http import dialer as dialer_module
from pumpflix.lib.safe_http.dialer import Dialer, system_resolver
from pumpflix.lib.safe_http.errors import OutboundError
from pumpflix.lib.safe_http.exchange import Exchange, current
from pumpflix.lib.safe_http.policy import Limits, OutboundPolicy, parse_open_networks
from pumpflix.lib.tests.safe_http.servers import OPEN, reply

PUBLIC = "93.184.216.34"


def exchange(**kwargs) -> Exchange:
    return Exchange.start(**{"deadline_s": 5, "read_s": 5, **kwargs})


def resolving(*addresses: str):
    return lambda host, exchange: [ip_address(text) for text in addresses]


def failing(host, exchange):
    raise OSError("no such host")


@pytest.fixture
def canary(serve):
    """A listener that must never be reached."""
    return serve(lambda request, sock: reply(b"banner"))


@pytest.fixture
def dialled(monkeypatch):
    """The addresses that would be connected to."""
    found: list[str] = []

    def connect(addresses, port, exchange, until):
        found.extend(map(str, addresses))
        return socket.socket()

    monkeypatch.setattr(dialer_module, "_connect_first", connect)
    return found


DEFAULT = OutboundPolicy(limits=Limits(failure_s=0.0))


class TestResolving:
    @pytest.mark.requirement(22)
    def test_only_judged_addresses_are_dialled(self, dialled):
        Dialer(DEFAULT, resolving(PUBLIC, "2606:4700::1111")).connect("example.com", 443, exchange()).close()
        assert dialled == [PUBLIC, "2606:4700::1111"]

    @pytest.mark.requirement(22)
    @pytest.mark.parametrize(
        "addresses",
        [[PUBLIC, "127.0.0.1"], ["10.0.0.1"], ["::ffff:127.0.0.1"], ["64:ff9b::7f00:1"], ["fe80::1%lo", PUBLIC]],
        ids=",".join,
    )
    def test_one_bad_address_is_enough_to_refuse(self, addresses, dialled, code_of):
        dialer = Dialer(DEFAULT, resolving(*addresses))
        assert code_of(lambda: dialer.connect("example.com", 443, exchange())) == "address_not_allowed"
        assert dialled == []

    def test_addresses_are_not_looked_up(self, dialled):
        Dialer(DEFAULT, failing).connect("2606:4700::1111", 443, exchange()).close()
        assert dialled == ["2606:4700::1111"]

    @pytest.mark.requirement(24)
    def test_a_name_is_looked_up_once_per_connection(self, dialled):
        lookups = []

        def resolve(host, exchange):
            lookups.append(host)
            return [ip_address(PUBLIC)]

        dialer = Dialer(DEFAULT, resolve)
        dialer.connect("example.com", 443, exchange()).close()
        assert lookups == ["example.com"]

    @pytest.mark.parametrize("resolver", [failing, resolving()], ids=["error", "no address"])
    def test_an_unknown_name_says_so(self, resolver, code_of):
        dialer = Dialer(DEFAULT, resolver)
        assert code_of(lambda: dialer.connect("nowhere.example.com", 443, exchange())) == "resolve_failed"

    def test_unknown_names_of_the_own_network_look_like_denied_ones(self, code_of):
        dialer = Dialer(OPEN, failing)
        assert code_of(lambda: dialer.connect("db", 443, exchange())) == "address_not_allowed"

    def test_internal_names_are_not_even_looked_up(self, code_of):
        dialer = Dialer(DEFAULT, lambda host, _: pytest.fail("looked up"))
        assert code_of(lambda: dialer.connect("metadata.google.internal", 80, exchange())) == "address_not_allowed"

    def test_the_system_resolves_localhost(self):
        assert ip_address("127.0.0.1") in system_resolver("localhost", exchange())

    def test_the_system_does_not_know_reserved_names(self):
        with pytest.raises(OSError, match="no such host"):
            system_resolver("name.invalid", exchange())

    def test_a_slow_name_server_does_not_outlast_the_deadline(self, monkeypatch, code_of):
        released = threading.Event()
        monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: released.wait(10) and [])
        started = time.monotonic()
        assert code_of(lambda: system_resolver("example.com", exchange(deadline_s=0.05))) == "deadline_exceeded"
        released.set()
        assert time.monotonic() - started < 1


@pytest.mark.requirement(24)
class TestRebinding:
    def test_a_name_that_flips_to_loopback_never_reaches_it(self, serve, canary):
        good = serve(lambda request, sock: b"", address="127.0.0.2", port=canary.port)
        policy = OutboundPolicy(parse_open_networks("127.0.0.2/32"), limits=Limits(failure_s=0.0))
        flip = itertools.cycle(["127.0.0.2", "127.0.0.1"])
        dialer = Dialer(policy, lambda host, _: [ip_address(next(flip))])
        denied = 0
        for _ in range(1_000):
            try:
                dialer.connect("rebind.example.com", canary.port, exchange()).close()
            except OutboundError:
                denied += 1
        assert denied == 500
        assert canary.connections == 0
        assert good.connections > 0


class TestConnecting:
    def test_the_next_address_is_tried_when_one_refuses(self, serve):
        server = serve(lambda request, sock: b"", address="127.0.0.3")
        sock = Dialer(OPEN, resolving("127.0.0.2", "127.0.0.3")).connect("example.com", server.port, exchange())
        assert sock.getpeername() == ("127.0.0.3", server.port)
        sock.close()

    def test_the_next_address_is_tried_when_one_is_silent(self, serve):
        server = serve(lambda request, sock: b"")
        with full_listener("127.0.0.9", server.port):
            sock = Dialer(OPEN, resolving("127.0.0.9", "127.0.0.1")).connect("example.com", server.port, exchange())
        assert sock.getpeername()[0] == "127.0.0.1"
        sock.close()

    def test_a_closed_port_is_a_failed_connection(self, free_port, code_of):
        assert code_of(lambda: Dialer(OPEN).connect("127.0.0.1", free_port, exchange())) == "connect_failed"

    def test_an_address_without_a_route_is_a_failed_connection(self, code_of):
        policy = OutboundPolicy(parse_open_networks("0.0.0.0/0,::/0"), limits=Limits(failure_s=0.0))
        assert code_of(lambda: Dialer(policy).connect("255.255.255.255", 80, exchange())) == "connect_failed"

    def test_silence_ends_with_the_time_to_connect(self, free_port, code_of):
        policy = OutboundPolicy(OPEN.open_networks, limits=Limits(connect_s=0.05, failure_s=0.0))
        with full_listener("127.0.0.1", free_port):
            assert code_of(lambda: Dialer(policy).connect("127.0.0.1", free_port, exchange())) == "timed_out"

    def test_a_canceled_run_stops_connecting(self, free_port):
        class Canceled(BaseException):
            pass

        def cancel():
            raise Canceled

        running = exchange(poll=cancel)
        with full_listener("127.0.0.1", free_port), pytest.raises(Canceled):
            Dialer(OPEN).connect("127.0.0.1", free_port, running)


@pytest.mark.requirement(27)
class TestTiming:
    def test_denied_and_closed_take_the_same_time(self, free_port, canary):
        policy = OutboundPolicy(parse_open_networks("127.0.0.2/32"))

        def duration(host: str, port: int) -> float:
            started = time.monotonic()
            with pytest.raises(OutboundError):
                Dialer(policy).connect(host, port, exchange())
            return time.monotonic() - started

        closed = min(duration("127.0.0.2", free_port) for _ in range(5))
        denied_and_open = min(duration("127.0.0.1", canary.port) for _ in range(5))
        denied_and_closed = min(duration("127.0.0.1", free_port) for _ in range(5))
        assert denied_and_open == pytest.approx(closed, rel=0.1)
        assert denied_and_open == pytest.approx(denied_and_closed, rel=0.1)
        assert canary.connections == 0


def test_sockets_refuse_to_work_outside_an_exchange():
    with pytest.raises(RuntimeError, match="inside an exchange"):
        current()


class full_listener:  # noqa: N801 - reads like a function
    """A port that neither accepts nor refuses: its backlog is full."""

    def __init__(self, address: str, port: int):
        self._sockets = [socket.socket()]
        self._sockets[0].bind((address, port))
        self._sockets[0].listen(0)
        for _ in range(4):
            waiting = socket.socket()
            waiting.setblocking(False)
            waiting.connect_ex((address, port))
            self._sockets.append(waiting)

    def __enter__(self):
        return self

    def __exit__(self, *error) -> None:
        for sock in self._sockets:
            sock.close()
