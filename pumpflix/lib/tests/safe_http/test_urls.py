import pytest
from hypothesis import given
from hypothesis import strategies as st

from pumpflix.lib.safe_http.errors import OutboundError
from pumpflix.lib.safe_http.urls import host_matches, join_url, parse_host, parse_url


def code_of(work, *args) -> str:
    with pytest.raises(OutboundError) as caught:
        work(*args)
    return caught.value.code


@pytest.mark.parametrize(
    "text, canonical",
    [
        ("https://example.com", "https://example.com/"),
        ("  HTTPS://Example.COM:443/A?b=C#frag ", "https://example.com/A?b=C"),
        ("http://example.com.:80/", "http://example.com/"),
        ("http://example.com:8080?q=1", "http://example.com:8080/?q=1"),
        ("http://example.com:/x", "http://example.com/x"),
        ("https://münchen.de/straße?ü=1", "https://xn--mnchen-3ya.de/stra%C3%9Fe?%C3%BC=1"),
        ("https://ex。ample.com", "https://ex.ample.com/"),
        ("https://ｅｘａｍｐｌｅ.com", "https://example.com/"),
        ("https://a.com/a b/%20?c d=%zz&e=%41", "https://a.com/a%20b/%20?c%20d=%25zz&e=%41"),
        ("https://a.com/x?url=http://b.com/@c", "https://a.com/x?url=http://b.com/@c"),
        ("https://a.com/#@evil.com", "https://a.com/"),
        ("http://[2606:4700::1111]:8080/", "http://[2606:4700::1111]:8080/"),
        ("http://8.8.8.8./", "http://8.8.8.8/"),
        ("http://my_host.example.com", "http://my_host.example.com/"),
        ('https://a.com/?a=[1]&b={x}|"\\', "https://a.com/?a=[1]&b={x}|%22%5C"),
        ("https://a.com/\ud800", "https://a.com/%ED%A0%80"),
    ],
)
def test_urls_have_one_canonical_form(text, canonical):
    assert str(parse_url(text)) == canonical
    assert parse_url(canonical) == parse_url(text)


@pytest.mark.requirement(23)
@pytest.mark.parametrize(
    "text, code",
    [
        ("", "url_invalid"),
        ("example.com", "url_invalid"),
        ("/path", "url_invalid"),
        ("//example.com", "url_invalid"),
        ("http:example.com", "url_invalid"),
        ("http:/example.com", "url_invalid"),
        ("http:///x", "url_invalid"),
        ("http://", "url_invalid"),
        ("http://:80/", "url_invalid"),
        ("http://a b", "url_invalid"),
        ("http://a..b", "url_invalid"),
        ("http://-a.b", "url_invalid"),
        ("http://a%2fb.com", "url_invalid"),
        ("http://a%00.com", "url_invalid"),
        ("http://a%ff.com", "url_invalid"),
        ("http://exa<mple.com", "url_invalid"),
        (f"http://{'a' * 64}.com", "url_invalid"),
        (f"http://{'a.' * 127}com", "url_invalid"),
        ("http://\u200b.com", "url_invalid"),
        ("http://a\tb.com", "url_invalid"),
        ("http://a.com/\r\nX: y", "url_invalid"),
        ("http://a.com\n", "url_invalid"),
        ("http://a.com/\x00", "url_invalid"),
        ("http://a.com/\u2028", "url_invalid"),
        (f"http://a.com/{'x' * 65_536}", "url_invalid"),
        ("http://a.com:0", "url_invalid"),
        ("http://a.com:65536", "url_invalid"),
        ("http://a.com:8O", "url_invalid"),
        ("http://a.com:８０", "url_invalid"),
        ("http://a.com:-1", "url_invalid"),
        ("http://[::1", "url_invalid"),
        ("http://[::1]x", "url_invalid"),
        ("http://[zz]", "url_invalid"),
        ("http://::1/", "url_invalid"),
        ("http://good.example\\@evil.example", "url_invalid"),
        ("http://good.example\\evil", "url_invalid"),
        ("http://good.example@127.0.0.1", "credentials_in_url"),
        ("http://user:pass@good.example", "credentials_in_url"),
        ("http://@good.example", "credentials_in_url"),
        ("file:///etc/passwd", "scheme_not_allowed"),
        ("gopher://a.com/1", "scheme_not_allowed"),
        ("ftp://a.com", "scheme_not_allowed"),
        ("data:text/html,x", "scheme_not_allowed"),
        ("javascript:alert(1)", "scheme_not_allowed"),
        ("unix:/var/run/docker.sock", "scheme_not_allowed"),
        ("jar:http://a.com!/", "scheme_not_allowed"),
        ("HTTP+UNIX://%2Fvar%2Frun/x", "scheme_not_allowed"),
        ("ws://a.com", "scheme_not_allowed"),
    ],
    ids=lambda value: repr(value[:40]),
)
def test_broken_and_foreign_urls_are_refused_with_a_reason(text, code):
    assert code_of(parse_url, text) == code


@pytest.mark.requirement(23)
@pytest.mark.parametrize(
    "host",
    [
        "2130706433",
        "0x7f000001",
        "017700000001",
        "0x7f.1",
        "0177.0.0.1",
        "127.1",
        "0",
        "127.0.1",
        "1.2.3.4.5",
        "256.1.1.1",
        "0x",
    ],
)
def test_other_spellings_of_ipv4_addresses_are_refused(host):
    assert code_of(parse_url, f"http://{host}/") == "address_not_allowed"


@pytest.mark.requirement(23)
@pytest.mark.parametrize("text", ["[fe80::1%25lo]", "[fe80::1%lo]"])
def test_zones_are_refused(text):
    assert code_of(parse_host, text) == "address_not_allowed"


@pytest.mark.requirement(23)
@pytest.mark.parametrize(
    "text, host",
    [
        ("①②⑦.⓪.⓪.①", "127.0.0.1"),
        ("LOCALHOST%2e", "localhost"),
        ("loc%61lhost", "localhost"),
        ("１２７.0.0.1", "127.0.0.1"),
    ],
)
def test_disguised_hosts_show_their_true_form(text, host):
    assert parse_host(text) == host


@pytest.mark.parametrize(
    "location, target",
    [
        ("/b", "https://a.com/b"),
        ("b?c", "https://a.com/x/b?c"),
        ("//evil.com/x", "https://evil.com/x"),
        ("HTTP://b.com:81", "http://b.com:81/"),
        ("?q", "https://a.com/x/y?q"),
        (" /b ", "https://a.com/b"),
    ],
)
def test_redirects_are_resolved_against_the_url_they_came_from(location, target):
    assert str(join_url(parse_url("https://a.com/x/y"), location)) == target


@pytest.mark.requirement(25)
@pytest.mark.parametrize(
    "location, code",
    [
        ("file:///etc/passwd", "scheme_not_allowed"),
        ("\\\\evil.com", "url_invalid"),
        ("/\\evil.com", "url_invalid"),
        ("https://u:p@b.com", "credentials_in_url"),
        ("http://0x7f.1", "address_not_allowed"),
        ("/a\r\nb", "url_invalid"),
    ],
)
def test_redirects_are_read_as_strictly_as_first_urls(location, code):
    assert code_of(join_url, parse_url("https://a.com/"), location) == code


@pytest.mark.requirement(28)
@pytest.mark.parametrize(
    "host, pattern, matches",
    [
        ("api.good.example", "api.good.example", True),
        ("api.good.example", "API.Good.Example.", True),
        ("a.b.good.example", "*.good.example", True),
        ("good.example", "*.good.example", False),
        ("evilgood.example", "*.good.example", False),
        ("good.example.evil", "good.example", False),
        ("1.2.3.4", "*.3.4", False),
    ],
)
def test_credentials_are_bound_to_whole_host_names(host, pattern, matches):
    assert host_matches(host, pattern) is matches


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused_and_what_is_read_is_stable(text):
    try:
        url = parse_url("http://" + text)
    except OutboundError:
        return
    assert parse_url(str(url)) == url
    assert url.host.isascii()
    assert not set(url.host) & set("@/\\?#% \r\n\t")
    assert url.target.startswith("/")
    assert url.target.isascii()
    assert url.target.isprintable()
    assert " " not in url.target
