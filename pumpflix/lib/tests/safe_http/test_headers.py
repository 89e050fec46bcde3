import pytest

from pumpflix.lib.safe_http.headers import check_headers, check_method, wire_headers


@pytest.mark.parametrize("method, wire", [("get", "GET"), ("PROPFIND", "PROPFIND"), ("patch", "PATCH")])
def test_methods_are_upper_case_tokens(method, wire):
    assert check_method(method) == wire


@pytest.mark.parametrize("method", ["", "GET / HTTP/1.1\r\nX:", "GE T", "CONNECT", "trace", "Ü", "X" * 33], ids=repr)
def test_other_methods_are_refused(method, code_of):
    assert code_of(lambda: check_method(method)) == "method_invalid"


@pytest.mark.parametrize(
    "name", ["Host", "content-length", "Transfer-Encoding", "TE", "Trailer", "Upgrade", "Expect", "Proxy-Authorization"]
)
def test_headers_that_steer_the_message_are_refused(name, code_of):
    assert code_of(lambda: check_headers([(name, "x")])) == "header_not_allowed"


@pytest.mark.parametrize("name", ["", ":authority", "X Y", "X:", "X\r\nHost", "Ü", "X\x00"], ids=repr)
def test_broken_names_are_refused(name, code_of):
    assert code_of(lambda: check_headers([(name, "x")])) == "header_invalid"


@pytest.mark.parametrize("value", ["a\r\nHost: evil", "a\nb", "a\rb", "a\x00b", "a\x7f", "\x1b"], ids=repr)
def test_broken_values_are_refused(value, code_of):
    assert code_of(lambda: check_headers([("X-A", value)])) == "header_invalid"


@pytest.mark.parametrize("headers", [[("X-A", "x" * 70_000)], [("X-A", "x")] * 201], ids=["bytes", "count"])
def test_too_many_headers_are_refused(headers, code_of):
    assert code_of(lambda: check_headers(headers)) == "header_invalid"


def test_headers_between_hops_are_dropped_and_the_rest_kept_in_order():
    given = [
        ("Connection", "keep-alive"),
        ("X-B", " b "),
        ("Accept-Encoding", "br"),
        ("X-A", "tab\there"),
        ("X-B", "2"),
    ]
    assert check_headers(given) == (("X-B", "b"), ("X-A", "tab\there"), ("X-B", "2"))


def test_what_goes_out_has_host_first_and_a_length_only_with_a_body():
    raw = wire_headers((("accept", "a/b"), ("X-A", "é€")), host="a.com", body=b"", method="GET")
    assert raw[0] == (b"Host", b"a.com")
    assert (b"User-Agent", b"PumpFlix") in raw
    assert (b"X-A", "é€".encode()) in raw
    assert not any(name == b"Content-Length" or (name, value) == (b"Accept", b"*/*") for name, value in raw)


@pytest.mark.parametrize("body, method, length", [(b"", "POST", b"0"), (b"ab", "DELETE", b"2"), (b"a", "PUT", b"1")])
def test_bodies_have_a_length(body, method, length):
    assert (b"Content-Length", length) in wire_headers((), host="a.com", body=body, method=method)


def test_latin_1_text_goes_out_as_latin_1():
    assert (b"X-A", b"\xe9") in wire_headers((("X-A", "é"),), host="a.com", body=b"", method="GET")
