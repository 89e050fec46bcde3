"""Commands as people copy them from documentation and browsers."""

import json

import pytest

from workflows_app.engine.errors import ParameterError
from workflows_app.nodes import load
from workflows_app.tests.nodes.support import World, one_node, shared_code
from workflows_app.toolkit.curl import from_curl

pytestmark = pytest.mark.nodes

URL = "https://api.example/x"


def of(command):
    return from_curl(command).parameters


def rows(parameters, name):
    return {row["name"]: row["value"] for row in parameters[name]["parameters"]}


@pytest.mark.parametrize(
    "command,method",
    [
        (f"curl {URL}", "GET"),
        (f"curl -X delete {URL}", "DELETE"),
        (f"curl -XPUT {URL}", "PUT"),
        (f"curl --request=PATCH {URL}", "PATCH"),
        (f"curl -I {URL}", "HEAD"),
        (f"curl {URL} -d a=1", "POST"),
        (f"curl -sSLf {URL}", "GET"),
        (f"CURL.exe --url {URL}", "GET"),
    ],
)
def test_the_method(command, method):
    assert (of(command)["method"], of(command)["url"]) == (method, URL)


def test_query_values_become_rows():
    assert rows(of(f"curl '{URL}?a=1&b=x%20y&c='"), "queryParameters") == {"a": "1", "b": "x y", "c": ""}
    assert rows(of(f"curl -G {URL} -d q=1 --data-urlencode 'r=a b&c'"), "queryParameters") == {"q": "1", "r": "a b&c"}


def test_a_form():
    parameters = of(f"curl {URL} -d a=1 -d 'b=x y' --data-urlencode 'c=ü&d'")
    assert parameters["contentType"] == "form-urlencoded"
    assert rows(parameters, "bodyParameters") == {"a": "1", "b": "x y", "c": "ü&d"}


def test_a_field_twice_keeps_the_text_as_it_is():
    parameters = of(f"curl {URL} -d a=1 -d a=2")
    assert (parameters["specifyBody"], parameters["body"]) == ("string", "a=1&a=2")


@pytest.mark.parametrize(
    "command",
    [
        f"""curl {URL} -H 'Content-Type: application/json' -d '{{"a": "it'"'"'s"}}'""",
        f"""curl {URL} --json '{{"a": "it'"'"'s"}}'""",
        f"""curl {URL} -H "content-type: application/json; charset=utf-8" --data-raw $'{{"a": "it\\'s"}}'""",
        f"""curl "{URL}" ^\n  -H "content-type: application/json" ^\n --data-raw "{{\\"a\\": \\"it's\\"}}" """,
    ],
    ids=["shell", "json", "browser", "windows"],
)
def test_json(command):
    parameters = of(command)
    assert parameters["contentType"] == "json"
    assert json.loads(parameters["jsonBody"]) == {"a": "it's"}
    assert (
        "content-type" not in {name.lower() for name in rows(parameters, "headerParameters")}
        if ("headerParameters" in parameters)
        else True
    )


def test_lines_that_go_on():
    command = f"curl -X POST {URL} \\\n  -H 'X-A: 1' \\\n  -H 'X-B: 2'"
    assert rows(of(command), "headerParameters") == {"X-A": "1", "X-B": "2"}


def test_another_kind_of_body_is_text():
    parameters = of(f"curl {URL} -H 'Content-Type: text/xml' -d '<a/>'")
    assert (parameters["contentType"], parameters["rawContentType"], parameters["body"]) == ("raw", "text/xml", "<a/>")


def test_a_form_with_a_file_asks_for_a_field_of_the_item():
    imported = from_curl(f"curl {URL} -F name=Ann -F 'doc=@/home/me/x.pdf;type=application/pdf'")
    assert imported.parameters["bodyParameters"]["parameters"] == [
        {"name": "name", "value": "Ann"},
        {"parameterType": "formBinaryData", "name": "doc", "inputDataFieldName": "data"},
    ]
    assert imported.left_out == ("the file /home/me/x.pdf",)


@pytest.mark.parametrize(
    "option,credential",
    [
        ("-u ann:s3cret", ("httpBasicAuth", {"user": "ann", "password": "s3cret"})),
        ("--digest --user ann:s3cret", ("httpDigestAuth", {"user": "ann", "password": "s3cret"})),
        ("-H 'Authorization: Bearer s3cret'", ("httpBearerAuth", {"token": "s3cret"})),
        ("-H 'authorization: Token s3cret'", ("httpHeaderAuth", {"name": "Authorization", "value": "Token s3cret"})),
        ("--oauth2-bearer s3cret", ("httpBearerAuth", {"token": "s3cret"})),
    ],
)
def test_a_secret_becomes_a_credential_and_stays_out_of_the_node(option, credential):
    imported = from_curl(f"curl {option} {URL}")
    assert imported.credential == credential
    assert imported.parameters["genericAuthType"] == credential[0]
    assert "s3cret" not in str(imported.parameters)


def test_a_password_in_the_address_becomes_a_credential():
    imported = from_curl("curl https://ann:s3%20cret@api.example/x")
    assert imported.credential == ("httpBasicAuth", {"user": "ann", "password": "s3 cret"})
    assert imported.parameters["url"] == URL


def test_redirects_limits_and_certificates():
    options = of(f"curl -L --max-redirs 3 -k -m 2.5 -i -o out.bin {URL}")["options"]
    assert options == {
        "redirect": {"redirect": {"followRedirects": True, "maxRedirects": 3}},
        "allowUnauthorizedCerts": True,
        "timeout": 2500,
        "response": {"response": {"fullResponse": True}},
    }
    assert of(f"curl {URL}")["options"] == {"redirect": {"redirect": {"followRedirects": False}}}


def test_what_has_no_meaning_here_is_listed():
    imported = from_curl(f"curl --proxy http://p:1 --cert me.pem --frobnicate -d @body.json {URL}")
    assert imported.left_out == ("--proxy", "--cert", "--frobnicate", "-d @body.json")


def test_what_is_piped_on_is_not_the_command():
    assert of(f"curl -s {URL} | jq .name > out.json")["url"] == URL


@pytest.mark.parametrize(
    "text,said",
    [
        ("", "not a cURL command"),
        ("wget https://x", "not a cURL command"),
        ("curl", "names no address"),
        ("curl 'https://x", "cannot be read"),
        (f"curl {URL} -H", "-H is not followed"),
        ("curl " + "x" * 200_000, "too long"),
    ],
)
def test_bad_input_says_what_is_wrong(text, said):
    with pytest.raises(ParameterError, match=said):
        from_curl(text)


@pytest.mark.parametrize("text", ["={{ 1 + 1 }}", "=x", '="}}{{', "=="])
def test_a_value_that_begins_like_an_expression_is_sent_as_it_stands(text):
    load()
    world = World([{"fingerprint": {"method": "GET", "url": URL}, "response": {"status": 200, "body": "{}"}}])
    with shared_code():
        one_node("httpRequest", 4.2, of(f"curl {URL} -H 'X-A: {text}'"), [[{}]], world=world)
    assert dict(world.http.sent[0].headers)["x-a"] == text


def test_the_node_sends_what_the_command_said():
    load()
    command = f"curl -X POST '{URL}?q=1' -H 'X-A: b' -H 'Content-Type: application/json' -d '{{\"a\": 1}}'"
    answer = {"status": 200, "headers": {"content-type": "application/json"}, "body": "{}"}
    world = World([{"fingerprint": {"method": "POST", "url": f"{URL}?q=1"}, "response": answer}])
    result = one_node("httpRequest", 4.2, of(command), [[{}]], world=world)
    assert result.error is None
    [sent] = world.http.sent
    assert (sent.body, dict(sent.headers)["x-a"]) == (b'{"a":1}', "b")
