"""HTTP Request: what golden workflows do not show."""

import base64
from typing import Any

import pytest

from workflows_app.engine.events import NodeRunRetried
from workflows_app.engine.ports import TlsCertificate
from workflows_app.tests.nodes.support import NOW, World, one_node

pytestmark = pytest.mark.nodes

URL = "https://api.example/x"


def call(body: str = "{}", status: int = 200, url: str = URL, method: str = "GET", **headers: str) -> dict[str, Any]:
    recorded = {"status": status, "headers": {"Content-Type": "application/json", **headers}, "body": body}
    return {"fingerprint": {"method": method, "url": url}, "response": recorded}


def request(world: World, version: float = 4.2, items: Any = ({},), extra: Any = None, **parameters: Any) -> Any:
    parameters = {"url": URL, "options": {}, **parameters}
    return one_node("httpRequest", version, parameters, [list(items)], world=world, **(extra or {}))


@pytest.mark.parametrize(
    "url", ["", "api.example", "ftp://api.example", "https://", "https://a.exa\nmple/", "file:///etc"]
)
def test_only_web_addresses_are_requested(url: str) -> None:
    world = World()
    assert "not a web address" in request(world, url=url).error["message"]
    assert world.http.sent == []


@pytest.mark.parametrize("name, value", [("X-A\r\nHost", "b"), ("X-A", "b\r\nX-B: c"), ("Ho:st", "a")])
def test_headers_cannot_smuggle_in_others(name: str, value: str) -> None:
    world = World()
    rows = {"parameters": [{"name": name, "value": value}]}
    assert "header" in request(world, sendHeaders=True, headerParameters=rows).error["message"]
    assert world.http.sent == []


def test_json_given_as_text_must_be_json() -> None:
    result = request(World(), method="POST", sendBody=True, specifyBody="json", jsonBody="{'a': 1}")
    assert "The body is not valid JSON" in result.error["message"]
    result = request(World(), sendQuery=True, specifyQuery="json", jsonQuery="[1]")
    assert result.error["message"] == "The query must be a JSON object."


def test_query_and_headers_given_as_json() -> None:
    world = World([call(url=f"{URL}?a=1")])
    request(world, sendQuery=True, specifyQuery="json", jsonQuery='{"a": 1}', sendHeaders=True, specifyHeaders="json",
            jsonHeaders='{"X-A": true, "accept": "text/csv"}')  # fmt: skip
    assert dict(world.http.sent[0].headers) == {"x-a": "true", "accept": "text/csv"}


def test_form_with_files() -> None:
    item = {"json": {}, "binary": {"doc": {"data": base64.b64encode(b"PDF").decode(), "mimeType": "application/pdf"}}}
    world = World([call(method="POST")])
    rows = [{"name": "a", "value": 1}, {"name": "f", "parameterType": "formBinaryData", "inputDataFieldName": "doc"}]
    request(world, items=[item], method="POST", sendBody=True, contentType="multipart-form-data",
            bodyParameters={"parameters": rows})  # fmt: skip
    sent = world.http.sent[0]
    assert dict(sent.headers)["Content-Type"].startswith("multipart/form-data; boundary=")
    assert b'name="a"\r\n\r\n1\r\n' in sent.body
    assert b'name="f"; filename="file"\r\nContent-Type: application/pdf\r\n\r\nPDF\r\n' in sent.body


def test_form_as_text_is_sent_as_it_is() -> None:
    world = World([call(method="POST")])
    request(world, method="POST", sendBody=True, contentType="form-urlencoded", specifyBody="string", body="a=b&c=d")
    assert world.http.sent[0].body == b"a=b&c=d"


def test_options_reach_the_request() -> None:
    world = World([call()])
    options = {
        "timeout": 1500,
        "allowUnauthorizedCerts": True,
        "redirect": {"redirect": {"followRedirects": False, "maxRedirects": 3}},
    }
    request(world, options=options)
    sent = world.http.sent[0]
    assert (sent.timeout_s, sent.verify_tls, sent.follow_redirects, sent.max_redirects) == (1.5, False, False, 3)


def test_batches_pause_in_between() -> None:
    world = World([call() for _ in range(5)])
    batch = {"batch": {"batchSize": 2, "batchInterval": 500}}
    result = request(world, items=[{"n": n} for n in range(5)], options={"batching": batch})
    assert len(result.items("Node")) == 5
    assert (world.clock.now() - NOW).total_seconds() == 1.0


def test_credential_is_bound_to_its_hosts() -> None:
    fields = {"token": "t", "allowedHttpRequestDomains": "domains", "allowedDomains": "api.example, *.b.example"}
    world = World([call()], {"httpBearerAuth": fields})
    request(world, authentication="genericCredentialType", genericAuthType="httpBearerAuth")
    sent = world.http.sent[0]
    assert sent.allowed_hosts == ("api.example", "*.b.example")
    assert sent.secret_headers == ("Authorization",)


@pytest.mark.parametrize(
    "parameters, text",
    [
        ({"authentication": "genericCredentialType", "genericAuthType": "httpHeaderAuth"}, "needs a credential"),
        ({"authentication": "genericCredentialType"}, "No kind of credential"),
        ({"authentication": "predefinedCredentialType", "nodeCredentialType": "slackApi"}, "slackApi"),
        ({"authentication": "genericCredentialType", "genericAuthType": "httpDigestAuth"}, "httpDigestAuth"),
    ],
)
def test_a_credential_that_cannot_be_used_is_named(parameters: dict[str, Any], text: str) -> None:
    world = World([call()])
    assert text in request(world, **parameters).error["message"]
    assert world.http.sent == []


def test_custom_credential_adds_to_the_body() -> None:
    world = World([call(method="POST")], {"httpCustomAuth": {"json": '{"body": {"key": "k"}}'}})
    request(world, method="POST", sendBody=True, specifyBody="json", jsonBody='{"a": 1}',
            authentication="genericCredentialType", genericAuthType="httpCustomAuth")  # fmt: skip
    assert world.http.sent[0].body == b'{"a":1,"key":"k"}'


@pytest.mark.parametrize(
    "status, permanent, requests", [(404, True, 1), (400, True, 1), (429, False, 2), (503, False, 2), (408, False, 2)]
)
def test_only_what_time_may_heal_is_tried_again(status: int, permanent: bool, requests: int) -> None:
    world = World([call(status=status), call()])
    result = request(world, extra={"retryOnFail": True, "maxTries": 2, "waitBetweenTries": 1})
    assert len(world.http.sent) == requests
    assert (result.status == "error") is permanent


def test_retry_waits_as_long_as_the_server_says() -> None:
    world = World([call(status=429, **{"Retry-After": "40"}), call()])
    result = request(world, extra={"retryOnFail": True, "maxTries": 2, "waitBetweenTries": 1})
    retried = [event for event in result.events if isinstance(event, NodeRunRetried)]
    assert retried[0].delay_s >= 40


@pytest.mark.parametrize(
    "body, text",
    [
        ('{"message": "too short"}', "too short"),
        ('{"error": {"message": "bad"}}', "bad"),
        ('{"errors": [{"message": "first"}]}', "first"),
        ("<html>", "answered 400"),
        ("[]", "answered 400"),
    ],
)
def test_error_says_what_the_server_said(body: str, text: str) -> None:
    error = request(World([call(body, status=400)])).error
    assert text in error["message"]
    assert error["context"]["httpCode"] == 400
    assert error["description"]


def test_the_query_is_not_in_the_error() -> None:
    world = World([call(status=401, url=f"{URL}?key=secret")], {"httpQueryAuth": {"name": "key", "value": "secret"}})
    error = request(world, authentication="genericCredentialType", genericAuthType="httpQueryAuth").error
    assert "secret" not in str(error)


@pytest.mark.parametrize(
    "body, kind, format_, made",
    [
        ("", "application/json", "json", {}),
        ("", "text/plain", "autodetect", {"data": ""}),
        ("[]", "text/plain", "text", {"data": "[]"}),
        ("5", "application/json", "autodetect", {"data": 5}),
        ('{"a": 1}', "application/vnd.api+json", "autodetect", {"a": 1}),
        ('{"a": 1}', "text/plain", "json", {"a": 1}),
    ],
)
def test_answer_becomes_an_item(body: str, kind: str, format_: str, made: Any) -> None:
    world = World([call(body, **{"Content-Type": kind})])
    result = request(world, options={"response": {"response": {"responseFormat": format_}}})
    assert result.json("Node") == [made]


def test_broken_json_is_an_error_with_advice() -> None:
    error = request(World([call("{oops")])).error
    assert "not valid JSON" in error["message"]
    assert "Text" in error["description"]


def test_repeated_headers_are_joined_and_cookies_listed() -> None:
    world = World([call(**{"X-A": "1", "x-a": "2", "Set-Cookie": "c=1"})])
    result = request(world, options={"response": {"response": {"fullResponse": True}}})
    headers = result.json("Node")[0]["headers"]
    assert (headers["x-a"], headers["set-cookie"]) == ("1, 2", ["c=1"])


def test_a_failing_item_does_not_stop_the_others() -> None:
    world = World(
        [call('{"n": 1}', url=f"{URL}/1"), call(status=404, url=f"{URL}/2"), call('{"n": 3}', url=f"{URL}/3")]
    )
    result = request(world, items=[{"n": n} for n in (1, 2, 3)], url="=https://api.example/x/{{ $json.n }}",
                     extra={"onError": "continueRegularOutput"})  # fmt: skip
    told = {"message": '404 - "{}"', "name": "AxiosError", "code": "ERR_BAD_REQUEST", "status": 404}
    assert result.json("Node") == [{"n": 1}, {"error": told}, {"n": 3}]
    assert [item.paired[0].item for item in result.items("Node")] == [0, 1, 2]


def test_a_certificate_goes_with_the_request_where_the_server_wants_one() -> None:
    fields = {"cert": "-----BEGIN\\nabc", "key": "k", "passphrase": "p", "ca": "a"}
    world = World([call()], {"httpSslAuth": fields})
    request(world, provideSslCertificates=True)
    assert world.http.sent[0].identity == TlsCertificate("-----BEGIN\nabc", "k", "p", "a")


def pages(**settings: Any) -> dict[str, Any]:
    return {"options": {"pagination": {"pagination": settings}}}


def test_pages_that_never_change_end_the_run() -> None:
    world = World([call('[{"n": 1}]') for _ in range(20)])
    assert "were the same" in request(world, **pages(parameters={"parameters": []})).error["message"]
    assert len(world.http.sent) == 6


def test_page_with_an_error_status_is_an_error() -> None:
    world = World([call("[1]"), call(status=500)])
    assert "answered 500" in request(world, **pages(parameters={"parameters": []})).error["message"]


def test_last_page_needs_a_condition() -> None:
    error = request(World([call()]), **pages(paginationCompleteWhen="other")).error
    assert "when the pages end" in error["message"]


def test_pages_can_change_headers_and_body() -> None:
    world = World([call("[1]", method="POST"), call("[]", method="POST")])
    rows = [
        {"type": "body", "name": "page", "value": "={{ $pageCount }}"},
        {"type": "headers", "name": "X-Page", "value": "={{ $pageCount }}"},
    ]
    request(world, method="POST", sendBody=True, specifyBody="json", jsonBody='{"a": 1}',
            **pages(parameters={"parameters": rows}))  # fmt: skip
    assert [sent.body for sent in world.http.sent] == [b'{"a":1,"page":0}', b'{"a":1,"page":1}']
    assert dict(world.http.sent[1].headers)["X-Page"] == "1"


def test_old_version_sends_files() -> None:
    item = {"json": {}, "binary": {"logo": {"data": base64.b64encode(b"PNG").decode(), "mimeType": "image/png"}}}
    world = World([call(method="POST"), call(method="POST")])
    send = {"requestMethod": "POST", "sendBinaryData": True, "jsonParameters": True}
    request(world, 1, [item], **send, binaryPropertyName="logo", options={"bodyContentType": "raw"})
    form = {"bodyContentType": "multipart-form-data"}
    request(world, 1, [item], **send, binaryPropertyName="f:logo", bodyParametersJson='{"a": 1}', options=form)
    assert world.http.sent[0].body == b"PNG"
    assert b'name="f"; filename="file"' in world.http.sent[1].body


@pytest.mark.parametrize(
    "options, body, kind",
    [
        ({"bodyContentType": "raw", "bodyContentCustomMimeType": "text/xml"}, b"<a/>", "text/xml"),
        ({"bodyContentType": "raw"}, b"<a/>", "text/plain"),
    ],
)
def test_old_version_sends_text(options: dict[str, Any], body: bytes, kind: str) -> None:
    world = World([call(method="POST")])
    request(world, 2, requestMethod="POST", jsonParameters=True, bodyParametersJson="<a/>", options=options)
    sent = world.http.sent[0]
    assert (sent.body, dict(sent.headers)["Content-Type"]) == (body, kind)


@pytest.mark.parametrize(
    "authentication",
    [
        {"authentication": "basicAuth"},
        {"authentication": "genericCredentialType", "genericAuthType": "httpBasicAuth"},
    ],
)
def test_old_version_signs_in(authentication: dict[str, str]) -> None:
    world = World([call()], {"httpBasicAuth": {"user": "a", "password": "b"}})
    request(world, 2, **authentication)
    assert dict(world.http.sent[0].headers)["Authorization"] == "Basic YTpi"
