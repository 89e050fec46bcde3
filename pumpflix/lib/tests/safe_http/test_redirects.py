import pytest

from pumpflix.lib.safe_http.client import OutboundClient, OutboundRequest
from pumpflix.lib.safe_http.policy import Limits, OutboundPolicy, parse_open_networks
from pumpflix.lib.tests.safe_http.servers import reply

pytestmark = pytest.mark.requirement(25)

SECRETS = (("Authorization", "Bearer s3cret"), ("Cookie", "sid=s3cret"), ("X-Api-Key", "s3cret"), ("X-Plain", "kept"))


def redirect_to(location: str, status: str = "302 Found"):
    return lambda request, sock: reply(b"moved", status, Location=location)


def routes(table: dict[str, bytes]):
    return lambda request, sock: table[request.target]


def test_a_redirect_is_an_answer_unless_asked_to_follow(serve, call):
    server = serve(redirect_to("/b"))
    answer = call(server.url)
    assert (answer.status, answer.body, len(server.seen)) == (302, b"moved", 1)


def test_a_followed_redirect_tells_where_it_went(serve, call):
    server = serve(routes({"/a": reply(status="301 Moved", Location="b?c=d"), "/b?c=d": reply(b"here")}))
    answer = call(f"{server.url}/a", follow_redirects=True)
    assert answer.body == b"here"
    assert answer.url == f"{server.url}/b?c=d"
    assert answer.redirects == (f"{server.url}/a",)


def test_a_redirect_without_a_place_is_an_answer(serve, call):
    server = serve(lambda request, sock: reply(status="302 Found"))
    assert call(server.url, follow_redirects=True).status == 302


def test_places_in_utf_8_are_understood(serve, call):
    server = serve(
        lambda request, sock: (
            reply(b"here")
            if request.target != "/"
            else "HTTP/1.1 302 Found\r\nLocation: /ü\r\nContent-Length: 0\r\n\r\n".encode()
        )
    )
    assert call(server.url, follow_redirects=True).url.endswith("/%C3%BC")


@pytest.mark.parametrize(
    "status, method, becomes, keeps_body",
    [
        ("301 Moved", "POST", "GET", False),
        ("302 Found", "POST", "GET", False),
        ("303 See Other", "POST", "GET", False),
        ("303 See Other", "PUT", "GET", False),
        ("303 See Other", "HEAD", "HEAD", False),
        ("302 Found", "PUT", "PUT", True),
        ("307 Temporary Redirect", "POST", "POST", True),
        ("308 Permanent Redirect", "POST", "POST", True),
    ],
)
def test_methods_change_as_in_browsers(serve, call, status, method, becomes, keeps_body):
    server = serve(routes({"/": reply(status=status, Location="/b"), "/b": reply()}))
    body = b"" if method == "HEAD" else b"body"
    call(server.url, method, headers=(("Content-Type", "text/plain"),), body=body, follow_redirects=True)
    last = server.seen[-1]
    assert (last.method, last.body) == (becomes, b"body" if keeps_body else b"")
    assert ("content-type" in last.headers) is (keeps_body or method == "HEAD")


class TestWhereTo:
    @pytest.mark.parametrize(
        "location, code",
        [
            ("http://127.0.0.1:{port}/", "address_not_allowed"),
            ("http://[::ffff:127.0.0.1]:{port}/", "address_not_allowed"),
            ("http://localhost:{port}/", "address_not_allowed"),
            ("http://169.254.169.254/latest/meta-data/", "address_not_allowed"),
            ("http://127.0.0.2:6379/", "port_not_allowed"),
            ("http://2130706433:{port}/", "redirect_refused"),
            ("http://user:pass@127.0.0.2/", "redirect_refused"),
            ("file:///etc/passwd", "redirect_refused"),
            ("gopher://127.0.0.1:{port}/_x", "redirect_refused"),
            ("//127.0.0.2\\@127.0.0.1/", "redirect_refused"),
        ],
    )
    def test_each_hop_is_judged_like_a_first_call(self, serve, code_of, location, code):
        canary = serve(lambda request, sock: reply(b"secret"))
        server = serve(redirect_to(location.format(port=canary.port)), address="127.0.0.2")
        client = OutboundClient(OutboundPolicy(parse_open_networks("127.0.0.2"), limits=Limits(failure_s=0.0)))
        request = OutboundRequest("GET", server.url, follow_redirects=True)
        assert code_of(lambda: client.send(request)) == code
        assert canary.connections == 0

    @pytest.mark.parametrize("asked, hops", [(5, 5), (2, 2), (0, 0), (1_000, 5)])
    def test_a_loop_ends(self, serve, call, code_of, asked, hops):
        server = serve(redirect_to("/again"))
        code = code_of(lambda: call(server.url, follow_redirects=True, max_redirects=asked))
        assert code == "too_many_redirects"
        assert len(server.seen) == hops + 1


class TestCredentials:
    def test_they_stay_behind_when_the_host_changes(self, serve, call):
        other = serve(lambda request, sock: reply(b"here"), address="127.0.0.2")
        server = serve(redirect_to(f"{other.url}/x"))
        call(server.url, headers=SECRETS, secret_headers=("x-api-key",), follow_redirects=True)
        assert server.seen[0].headers["authorization"] == "Bearer s3cret"
        assert "s3cret" not in str(other.seen[0])
        assert other.seen[0].headers["x-plain"] == "kept"

    def test_another_port_is_another_origin(self, serve, call):
        other = serve(lambda request, sock: reply(b"here"))
        call(serve(redirect_to(other.url)).url, headers=SECRETS, secret_headers=("X-Api-Key",), follow_redirects=True)
        assert "s3cret" not in str(other.seen[0])

    def test_they_do_not_come_back_on_the_way_back(self, serve, call):
        places: list[str] = []
        home = serve(
            lambda request, sock: reply(b"home") if request.target == "/end" else redirect_to(places[0])(request, sock)
        )
        other = serve(redirect_to(f"{home.url}/end"), address="127.0.0.2")
        places.append(other.url)
        answer = call(home.url, headers=SECRETS, secret_headers=("X-Api-Key",), follow_redirects=True)
        assert answer.body == b"home"
        assert "s3cret" not in str(home.seen[-1])

    def test_they_stay_on_within_the_origin(self, serve, call):
        server = serve(routes({"/": reply(status="302 Found", Location="/b"), "/b": reply()}))
        call(server.url, headers=SECRETS, follow_redirects=True)
        assert server.seen[1].headers["authorization"] == "Bearer s3cret"

    def test_a_bound_call_may_be_sent_on_without_credentials(self, serve, call):
        other = serve(lambda request, sock: reply(b"file"), address="127.0.0.2")
        server = serve(redirect_to(f"{other.url}/signed"))
        answer = call(server.url, headers=SECRETS[:2], allowed_hosts=("127.0.0.1",), follow_redirects=True)
        assert answer.body == b"file"
        assert "s3cret" not in str(other.seen[0])

    def test_a_bound_body_goes_nowhere_else(self, serve, call, code_of):
        other = serve(lambda request, sock: reply(), address="127.0.0.2")
        server = serve(redirect_to(other.url, "307 Temporary Redirect"))
        kwargs = {"body": b"client_secret=s3cret", "allowed_hosts": ("127.0.0.1",), "follow_redirects": True}
        assert code_of(lambda: call(server.url, "POST", **kwargs)) == "redirect_refused"
        assert other.connections == 0
