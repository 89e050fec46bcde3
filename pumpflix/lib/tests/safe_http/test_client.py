import gzip
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from ipaddress import ip_address

import pytest

from pumpflix.lib.safe_http.client import OutboundClient, OutboundRequest, client_for
from pumpflix.lib.safe_http.errors import OutboundError
from pumpflix.lib.safe_http.policy import OutboundPolicy
from pumpflix.lib.tests.safe_http.servers import OPEN, reply

HELLO = reply(b"hello", Content_Type="text/plain")


def with_limits(**limits) -> OutboundClient:
    return OutboundClient(replace(OPEN, limits=replace(OPEN.limits, **limits)))


def raw(data: bytes):
    """An answer that ends the connection after these bytes."""

    def answer(request, sock):
        sock.sendall(data)

    return answer


class TestExchange:
    def test_an_answer_comes_back_whole(self, serve, call):
        server = serve(lambda request, sock: reply(b"hello", "201 Made", X_A="1"))
        answer = call(f"{server.url}/a?b=c", "POST", headers=(("X-B", "2"),), body=b"body")
        assert (answer.status, answer.reason, answer.body) == (201, "Made", b"hello")
        assert answer.headers[0] == ("X-A", "1")
        assert answer.url == f"{server.url}/a?b=c"
        [seen] = server.seen
        assert (seen.method, seen.target, seen.body) == ("POST", "/a?b=c", b"body")
        assert (seen.headers["x-b"], seen.headers["content-length"]) == ("2", "4")
        assert seen.headers["host"] == f"127.0.0.1:{server.port}"

    @pytest.mark.parametrize("status", ["204 No Content", "304 Not Modified", "404 Not Found", "500 Oops"])
    def test_any_status_is_an_answer(self, serve, call, status):
        server = serve(lambda request, sock: reply(status=status))
        assert call(server.url).status == int(status[:3])

    def test_the_host_header_keeps_the_name_and_the_checked_address_is_dialled(self, serve):
        server = serve(lambda request, sock: HELLO)
        client = OutboundClient(OPEN, resolver=lambda host, _: [ip_address("127.0.0.1")])
        client.send(OutboundRequest("GET", f"http://Good.Example.:{server.port}/"))
        assert server.seen[0].headers["host"] == f"good.example:{server.port}"

    def test_head_has_no_body_whatever_it_declares(self, serve, call):
        server = serve(lambda request, sock: reply(Content_Length="99999999999", Content_Encoding="gzip"))
        assert call(server.url, "HEAD").body == b""

    def test_packed_answers_come_unpacked(self, serve, call):
        server = serve(lambda request, sock: reply(gzip.compress(b"hello"), Content_Encoding="gzip", X_A="1"))
        answer = call(server.url)
        assert answer.body == b"hello"
        assert answer.headers == (("X-A", "1"),)
        assert server.seen[0].headers["accept-encoding"] == "gzip, deflate"

    def test_chunked_answers_are_joined(self, serve, call):
        data = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n"
        assert call(serve(raw(data)).url).body == b"hello"

    def test_a_body_without_a_length_ends_with_the_connection(self, serve, call):
        assert call(serve(raw(b"HTTP/1.1 200 OK\r\n\r\nhello")).url).body == b"hello"

    def test_interim_answers_are_skipped(self, serve, call):
        assert call(serve(raw(b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" * 100 + HELLO)).url).body == b"hello"

    def test_cookies_are_not_kept(self, serve, call):
        server = serve(lambda request, sock: reply(Set_Cookie="a=b; Domain=127.0.0.1"))
        call(server.url)
        call(server.url)
        assert "cookie" not in server.seen[1].headers

    def test_proxy_variables_are_ignored(self, serve, call, monkeypatch):
        proxy = serve(lambda request, sock: reply(b"proxy"))
        for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY", "https_proxy"):
            monkeypatch.setenv(name, proxy.url)
        server = serve(lambda request, sock: HELLO)
        assert call(server.url).body == b"hello"
        assert proxy.seen == []


class TestPooling:
    def test_calls_to_one_origin_share_a_connection(self, serve, call):
        server = serve(lambda request, sock: HELLO)
        for _ in range(5):
            call(server.url)
        assert (len(server.seen), server.connections) == (5, 1)

    def test_a_connection_that_went_stale_is_replaced_for_a_get(self, serve, call):
        server = serve(hang_up_on_second())
        assert [call(server.url).body, call(server.url).body] == [b"hello", b"hello"]
        assert server.connections == 2

    def test_a_post_is_not_repeated_behind_the_callers_back(self, serve, call, code_of):
        server = serve(hang_up_on_second())
        call(server.url, "POST")
        assert code_of(lambda: call(server.url, "POST")) == "connection_lost"
        assert len(server.seen) == 2

    def test_many_threads_share_one_client(self, serve, call):
        server = serve(lambda request, sock: reply(request.target.encode()))
        with ThreadPoolExecutor(16) as pool:
            bodies = list(pool.map(lambda n: call(f"{server.url}/{n}").body, range(200)))
        assert bodies == [f"/{n}".encode() for n in range(200)]
        assert server.connections <= 16

    def test_equal_policies_share_a_client_and_others_do_not(self):
        assert client_for(OPEN) is client_for(replace(OPEN))
        assert client_for(OPEN) is not client_for(OutboundPolicy())


def hang_up_on_second():
    """Answers, keeps the connection open, and drops it unanswered when the next request comes on it."""
    answered = set()

    def answer(request, sock):
        if sock in answered:
            return None
        answered.add(sock)
        return HELLO

    return answer


class TestDenied:
    @pytest.mark.requirement(22, 23)
    @pytest.mark.parametrize(
        "host",
        [
            "127.0.0.1",
            "localhost",
            "localhost.",
            "LOCALHOST%2e",
            "127.1",
            "2130706433",
            "0x7f.1",
            "0177.0.0.1",
            "0",
            "①②⑦.⓪.⓪.①",
            "[::1]",
            "[::]",
            "[::ffff:127.0.0.1]",
            "[::ffff:7f00:1]",
            "[::127.0.0.1]",
            "[64:ff9b::7f00:1]",
            "[2002:7f00:1::]",
            "[fe80::1%25lo]",
            "[fd00:ec2::254]",
            "169.254.169.254",
            "[::ffff:169.254.169.254]",
            "metadata.google.internal",
            "100.100.100.200",
            "192.0.0.192",
            "100.64.0.1",
            "198.18.0.1",
            "224.0.0.1",
            "0.0.0.0",
        ],
    )
    def test_no_spelling_of_a_private_address_is_called(self, host, serve, code_of):
        canary = serve(lambda request, sock: HELLO)
        client = OutboundClient(OutboundPolicy(limits=OPEN.limits))
        url = f"http://{host}:{canary.port}/"
        assert code_of(lambda: client.send(OutboundRequest("GET", url))) == "address_not_allowed"
        assert canary.connections == 0

    @pytest.mark.requirement(26)
    @pytest.mark.parametrize("port", [22, 25, 2375, 5432, 6379])
    def test_ports_of_other_protocols_are_not_called(self, port, code_of, call):
        assert code_of(lambda: call(f"http://127.0.0.1:{port}/")) == "port_not_allowed"

    @pytest.mark.parametrize(
        "request_, code",
        [
            (OutboundRequest("GET / HTTP/1.1\r\nX:", "http://127.0.0.1/"), "method_invalid"),
            (OutboundRequest("GET", "http://127.0.0.1/", headers=(("Host", "evil"),)), "header_not_allowed"),
            (OutboundRequest("GET", "http://127.0.0.1/", headers=(("X", "a\r\nb"),)), "header_invalid"),
            (OutboundRequest("GET", "http://127.0.0.1/\r\n"), "url_invalid"),
            (OutboundRequest("GET", "http://127.0.0.1/", allowed_hosts=("api.x.com",)), "host_not_allowed"),
        ],
        ids=["method", "header name", "header value", "url", "host"],
    )
    def test_nothing_is_dialled_for_a_request_that_is_wrong(self, request_, code, code_of):
        client = OutboundClient(OPEN, resolver=lambda host, _: pytest.fail("looked up"))
        assert code_of(lambda: client.send(request_)) == code

    @pytest.mark.requirement(28)
    @pytest.mark.parametrize(
        "url",
        ["http://evil.test/?api.good.test", "http://api.good.test.evil.test/", "http://evil.test/api.good.test"],
    )
    def test_a_credential_is_bound_to_the_real_host(self, url, client, code_of):
        request = OutboundRequest("GET", url, allowed_hosts=("api.good.test",))
        assert code_of(lambda: client.send(request)) == "host_not_allowed"


@pytest.mark.requirement(27)
class TestLimits:
    def test_a_declared_size_is_refused_unread(self, serve, call, code_of):
        server = serve(raw(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n"))
        assert code_of(lambda: call(server.url, max_bytes=4_999)) == "too_large"

    def test_an_endless_body_is_cut(self, serve, call, code_of):
        server = serve(endless(b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 65_536))
        assert code_of(lambda: call(server.url, max_bytes=1_000_000)) == "too_large"

    def test_endless_chunks_of_nothing_are_cut(self, serve, call, code_of):
        server = serve(
            endless(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1;" + b"x" * 50 + b"\r\na\r\n")
        )
        assert code_of(lambda: call(server.url, max_bytes=100_000)) in {"too_large", "response_invalid"}

    def test_the_policy_caps_what_a_request_may_ask_for(self, serve, code_of):
        server = serve(lambda request, sock: reply(b"x" * 2_000))
        client = with_limits(max_body_bytes=1_000)
        assert code_of(lambda: client.send(OutboundRequest("GET", server.url))) == "too_large"

    @pytest.mark.parametrize(
        "start, more",
        [
            (b"HTTP/1.1 200 OK\r\nX-A: ", b"x" * 65_536),
            (b"HTTP/1.1 200 OK\r\n", b"X-A: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\r\n" * 1_000),
            (b"", b"HTTP/1.1 103 Early Hints\r\nLink: xxxxxxxxxxxxxxxxxxxxx\r\n\r\n" * 1_000),
        ],
        ids=["one long header", "many headers", "endless interim answers"],
    )
    def test_endless_heads_are_cut(self, serve, call, code_of, start, more):
        server = serve(endless(start, more))
        assert code_of(lambda: call(server.url)) in {"too_large", "response_invalid"}

    def test_a_gzip_bomb_is_cut(self, serve, call, code_of):
        bomb = gzip.compress(bytes(60_000_000))
        server = serve(lambda request, sock: reply(bomb, Content_Encoding="gzip"))
        assert code_of(lambda: call(server.url)) == "decompression_refused"

    def test_unpacked_bytes_count_against_the_cap(self, serve, call, code_of):
        server = serve(lambda request, sock: reply(gzip.compress(b"ab" * 50_000), Content_Encoding="gzip"))
        assert code_of(lambda: call(server.url, max_bytes=99_999)) == "too_large"

    def test_one_byte_at_a_time_ends_with_the_deadline(self, serve, call, code_of):
        def drip(request, sock):
            sock.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            for _ in range(200):
                sock.sendall(b"x")
                time.sleep(0.01)

        server = serve(drip)
        started = time.monotonic()
        assert code_of(lambda: call(server.url, timeout_s=0.2)) == "deadline_exceeded"
        assert time.monotonic() - started < 1

    def test_silence_ends_before_the_deadline(self, serve, code_of):
        server = serve(lambda request, sock: sock.recv(1) and None)
        client = with_limits(read_s=0.1)
        assert code_of(lambda: client.send(OutboundRequest("GET", server.url))) == "timed_out"

    def test_a_server_that_does_not_read_ends_with_the_deadline(self, call, code_of):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            url = f"http://127.0.0.1:{listener.getsockname()[1]}"
            assert code_of(lambda: call(url, "POST", body=bytes(20_000_000), timeout_s=0.2)) == "deadline_exceeded"

    def test_a_canceled_run_stops_waiting(self, serve, client):
        asked = []

        def cancel():
            asked.append(server.seen)
            if server.seen:
                raise Canceled

        server = serve(lambda request, sock: sock.recv(1) and None)
        started = time.monotonic()
        with pytest.raises(Canceled):
            client.send(OutboundRequest("GET", server.url), poll=cancel)
        assert time.monotonic() - started < 2
        assert len(asked) == 2

    def test_a_call_that_is_not_wanted_any_more_sends_nothing_over_an_open_connection_either(self, serve, client):
        def cancel():
            raise Canceled

        server = serve(lambda request, sock: reply(b"ok"))
        client.send(OutboundRequest("GET", server.url))
        with pytest.raises(Canceled):
            client.send(OutboundRequest("POST", server.url), poll=cancel)
        assert [request.method for request in server.seen] == ["GET"]
        assert server.connections == 1


class Canceled(BaseException):
    """What a run raises that is over."""


@pytest.mark.requirement(27)
class TestBrokenServers:
    @pytest.mark.parametrize(
        "data, code",
        [
            (b"SSH-2.0-OpenSSH_9.2\r\n", "response_invalid"),
            (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\nContent-Length: 11\r\n\r\n", "response_invalid"),
            (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort", "response_invalid"),
            (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "response_invalid"),
            (b"", "connection_lost"),
            (b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\n\r\nx", "encoding_unsupported"),
            (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\nx", "response_invalid"),
        ],
        ids=["another protocol", "two lengths", "too short", "bad chunk", "nothing", "brotli", "no gzip"],
    )
    def test_each_defect_has_its_code_and_quotes_nothing(self, serve, call, data, code):
        with pytest.raises(OutboundError) as caught:
            call(serve(raw(data)).url)
        assert caught.value.code == code
        assert "SSH" not in str(caught.value)
        assert caught.value.__cause__ is None

    def test_an_early_answer_to_a_large_upload_is_heard(self, serve, call):
        def refuse(request, sock):
            sock.sendall(reply(b"too big", "413 Payload Too Large", Connection="close"))

        assert call(serve(refuse).url, "POST", body=b"x" * 100_000).status == 413


def endless(start: bytes, more: bytes):
    def answer(request, sock):
        sock.sendall(start)
        while True:
            sock.sendall(more)

    return answer
