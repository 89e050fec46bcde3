from dataclasses import replace
from typing import get_args

import pytest

from executions_app.adapters.http import HttpAdapter, engine_error, outbound_client, outbound_policy
from pumpflix.lib.safe_http import OutboundClient, OutboundError, OutboundPolicy
from pumpflix.lib.safe_http.errors import Code
from pumpflix.lib.tests.safe_http.servers import OPEN, Server, reply
from workflows_app.engine.errors import OperationalError, ParameterError, PumpFlixError, RemoteError, UserError
from workflows_app.engine.ports import CallSite, HttpRequest, HttpResponse

EXECUTION = "0193f0c0-0000-7000-8000-000000000001"
SITE = CallSite(node="HTTP", run_index=2, item=3, call=1)
KEY = f"pf-{EXECUTION}-HTTP-2-3-1"


@pytest.fixture
def server():
    made = Server(lambda request, sock: reply(b"hello", "201 Created", X_A="1"))
    yield made
    made.close()


@pytest.fixture
def port():
    client = OutboundClient(OPEN)
    yield HttpAdapter(client, execution_id=EXECUTION)
    client.close()


def adapter(**kwargs) -> HttpAdapter:
    return HttpAdapter(OutboundClient(OPEN), execution_id=EXECUTION, **kwargs)


def test_a_call_goes_out_and_its_answer_comes_back(port, server):
    answer = port.send(SITE, HttpRequest("POST", f"{server.url}/a", (("X-B", "2"),), b"body"))
    assert answer == HttpResponse(201, "Created", (("X-A", "1"), ("Content-Length", "5")), b"hello", f"{server.url}/a")
    [seen] = server.seen
    assert (seen.method, seen.target, seen.headers["x-b"], seen.body) == ("POST", "/a", "2", b"body")


class TestIdempotencyKey:
    def test_a_call_that_changes_things_carries_its_identity(self, port, server):
        for _ in range(2):
            port.send(SITE, HttpRequest("POST", server.url))
        port.send(replace(SITE, call=2), HttpRequest("DELETE", server.url))
        keys = [seen.headers["idempotency-key"] for seen in server.seen]
        assert keys == [KEY, KEY, KEY[:-1] + "2"]

    @pytest.mark.parametrize("method", ["GET", "head", "OPTIONS"])
    def test_a_call_that_reads_needs_none(self, port, server, method):
        port.send(SITE, HttpRequest(method, server.url))
        assert "idempotency-key" not in server.seen[0].headers

    def test_the_author_may_set_another_or_none(self, port, server):
        port.send(SITE, HttpRequest("POST", server.url, (("idempotency-key", "mine"),)))
        port.send(SITE, HttpRequest("POST", server.url, has_idempotency_key=False))
        assert server.seen[0].headers["idempotency-key"] == "mine"
        assert "idempotency-key" not in server.seen[1].headers


class TestBuiltinHosts:
    def test_a_reserved_host_is_answered_without_the_network(self):
        made = HttpResponse(200, "OK", (), b"built in", "http://outbox.pumpflix.internal/")
        asked = []

        def outbox(site, request):
            asked.append((site, request))
            return made

        request = HttpRequest("POST", "http://Outbox.PumpFlix.internal./send", body=b"x")
        assert adapter(builtin={"outbox.pumpflix.internal": outbox}).send(SITE, request) is made
        assert asked == [(SITE, request)]

    def test_other_hosts_go_out(self, server):
        port = adapter(builtin={"outbox.pumpflix.internal": lambda site, request: pytest.fail("asked")})
        assert port.send(SITE, HttpRequest("GET", server.url)).body == b"hello"

    @pytest.mark.requirement(25)
    def test_nobody_else_can_redirect_there(self):
        server = Server(lambda r, s: reply(status="302 Found", Location="http://outbox.pumpflix.internal/"))
        port = adapter(builtin={"outbox.pumpflix.internal": lambda site, request: pytest.fail("asked")})
        with pytest.raises(ParameterError) as caught:
            port.send(SITE, HttpRequest("GET", server.url))
        assert caught.value.instance_code == "address_not_allowed"
        server.close()


class TestBarrier:
    def test_it_comes_before_the_first_byte(self, server):
        order = []
        port = adapter(barrier=lambda site: order.append((site, len(server.seen))))
        port.send(SITE, HttpRequest("GET", server.url))
        assert order == [(SITE, 0)]

    def test_what_it_raises_keeps_the_call_inside(self, server):
        class LeaseLost(BaseException):
            pass

        def refuse(site):
            raise LeaseLost

        with pytest.raises(LeaseLost):
            adapter(barrier=refuse).send(SITE, HttpRequest("POST", server.url))
        assert server.connections == 0

    def test_a_built_in_host_is_behind_it_too(self):
        order = []
        port = adapter(
            barrier=lambda site: order.append("barrier"),
            builtin={"a.internal": lambda site, request: order.append("handler")},
        )
        port.send(SITE, HttpRequest("GET", "http://a.internal/"))
        assert order == ["barrier", "handler"]

    def test_nothing_is_asked_for_a_url_that_cannot_be_read(self):
        port = adapter(barrier=lambda site: pytest.fail("asked"), builtin={"a.internal": lambda site, request: None})
        with pytest.raises(ParameterError):
            port.send(SITE, HttpRequest("GET", "nonsense"))


class TestErrors:
    @pytest.mark.parametrize(
        "url, code",
        [
            ("nonsense", "url_invalid"),
            ("file:///etc/passwd", "scheme_not_allowed"),
            ("http://u:p@127.0.0.1/", "credentials_in_url"),
            ("http://10.0.0.1/", "address_not_allowed"),
            ("http://127.0.0.1:6379/", "port_not_allowed"),
        ],
    )
    def test_what_the_author_can_change_is_told_to_the_author(self, port, url, code):
        with pytest.raises(ParameterError) as caught:
            port.send(SITE, HttpRequest("GET", url))
        assert caught.value.instance_code == code
        assert caught.value.hint

    def test_a_service_that_is_down_may_be_tried_again(self, port, free_port):
        with pytest.raises(RemoteError) as caught:
            port.send(SITE, HttpRequest("GET", f"http://127.0.0.1:{free_port}/"))
        assert (caught.value.instance_code, caught.value.permanent) == ("connect_failed", False)

    def test_an_answer_that_is_too_large_stays_too_large(self, port, server):
        with pytest.raises(RemoteError) as caught:
            port.send(SITE, HttpRequest("GET", server.url, max_bytes=4))
        assert (caught.value.instance_code, caught.value.permanent) == ("too_large", True)

    @pytest.mark.parametrize("code", get_args(Code))
    def test_every_code_has_its_place_in_the_tree(self, code):
        error = engine_error(OutboundError(code, "What happened."))
        assert isinstance(error, UserError | OperationalError)
        assert isinstance(error, PumpFlixError)
        assert (error.instance_code, error.message) == (code, "What happened.")


class TestSettings:
    @pytest.fixture(autouse=True)
    def _fresh(self):
        outbound_policy.cache_clear()
        yield
        outbound_policy.cache_clear()

    def use(self, settings, **values) -> OutboundPolicy:
        settings.PUMPFLIX = settings.PUMPFLIX.model_copy(update=values)
        return outbound_policy()

    def test_networks_and_certificates_come_from_the_settings(self, settings):
        policy = self.use(settings, outbound_allow="10.0.0.0/8:8080", ca_file="/etc/ca.pem")
        assert [str(opened.network) for opened in policy.open_networks] == ["10.0.0.0/8"]
        assert policy.ca_file == "/etc/ca.pem"

    @pytest.mark.requirement(22)
    def test_by_default_nothing_private_is_open(self, settings):
        assert self.use(settings).open_networks == ()

    @pytest.mark.requirement(26)
    def test_our_own_listeners_are_known(self, settings):
        settings.PUMPFLIX_PUBLIC_URL = "https://flows.example.org:8443"
        urls = {"database_url": "postgresql://u@h:5555/d", "redis_url": "redis://h:7777/0"}
        policy = self.use(settings, port=8123, **urls)
        assert policy.own_hosts == {"flows.example.org"}
        assert policy.own_ports == {8123, 8443, 5555, 7777}

    def test_the_process_has_one_client(self, settings):
        self.use(settings)
        assert outbound_client() is outbound_client()
