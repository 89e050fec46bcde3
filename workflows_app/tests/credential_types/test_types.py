"""The registry as data: rules that every credential type keeps, so that none can be forgotten."""

import importlib
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock

import pytest

from pumpflix.lib.safe_http.urls import host_matches
from workflows_app import credential_types
from workflows_app.engine.errors import CredentialMissing
from workflows_app.engine.ports import HttpResponse
from workflows_app.toolkit.credential_type import CredentialRegistry
from workflows_app.toolkit.http_draft import Draft
from workflows_app.toolkit.oauth2 import TokenType

pytestmark = pytest.mark.nodes

TYPES = credential_types.load().all()
FOLDER = Path(credential_types.__file__).parent
OF_N8N = {
    "httpBasicAuth", "httpHeaderAuth", "httpBearerAuth", "httpQueryAuth", "httpDigestAuth", "httpCustomAuth",
    "oAuth1Api", "oAuth2Api", "httpSslAuth", "jwtAuth", "smtp", "imap", "postgres", "mySql", "redis", "ftp", "sftp",
    "sshPassword", "sshPrivateKey", "slackApi", "telegramApi", "discordWebhookApi", "discordBotApi", "githubApi",
    "googleApi", "notionApi", "airtableTokenApi", "openAiApi", "anthropicApi", "crypto", "totpApi",
}  # fmt: skip


def ids(value):
    return value.name


def test_every_file_registers_one_type():
    homes = sorted(Path(importlib.import_module(type(kind).__module__).__file__).name for kind in TYPES)
    assert homes == sorted(path.name for path in FOLDER.glob("*.py") if path.name != "__init__.py")


def test_the_names_of_n8n_are_there():
    assert OF_N8N - {kind.name for kind in TYPES} == set()


def test_a_taken_name_stops_the_start():
    registry = CredentialRegistry()
    registry.add(type(TYPES[0]))
    with pytest.raises(RuntimeError, match="already registered"):
        registry.add(type(TYPES[0]))


@pytest.mark.parametrize("kind", TYPES, ids=ids)
def test_a_type_tells_what_it_is_and_where_its_values_are_found(kind):
    assert (type(kind).__doc__ or "").strip().endswith(".")
    assert kind.label
    assert kind.where.endswith(".")
    assert kind.docs_url.startswith("https://") or not kind.docs_url


@pytest.mark.parametrize("kind", TYPES, ids=ids)
def test_every_field_has_a_title_and_a_description(kind):
    bare = [name for name, schema in kind.properties().items() if not (schema.get("title") and schema["description"])]
    assert bare == []


@pytest.mark.parametrize("kind", TYPES, ids=ids)
def test_every_type_hides_something(kind):
    assert kind.secret_names()


@pytest.mark.parametrize("kind", TYPES, ids=ids)
def test_a_field_that_sounds_like_a_secret_is_one(kind):
    words = ("password", "secret", "token", "passphrase", "privatekey", "apikey")
    sounding = {
        name
        for name, schema in kind.properties().items()
        if name.lower().endswith(words) and schema.get("type") == "string" and "enum" not in schema
    }
    assert sounding <= kind.secret_names()


class AnsweringWire:
    """Answers every call and keeps what was asked."""

    def __init__(self):
        self.memory, self.lock, self.asked = {}, Lock(), []

    def call(self, request):
        self.asked.append(request)
        return HttpResponse(200, "OK", (), b"", request.url)

    def now(self):
        return datetime.now(UTC)

    def renewed(self, rejected):
        return {}


@pytest.mark.parametrize("kind", [kind for kind in TYPES if kind.is_for_requests], ids=ids)
def test_an_empty_credential_breaks_no_request(kind):
    wire = AnsweringWire()
    assert kind.send(Draft("GET", "https://api.example/"), kind.read({}), wire).status == 200
    assert [request.url for request in wire.asked] == ["https://api.example/"]


@pytest.mark.parametrize("kind", [kind for kind in TYPES if kind.test_request(kind.read({}))], ids=ids)
def test_a_trial_goes_to_the_hosts_of_the_type(kind):
    fields = kind.read({})
    request = kind.test_request(fields)
    if request.url:
        host = request.url.split("/")[2]
        assert any(host_matches(host, pattern) for pattern in kind.hosts_of(fields))


@pytest.mark.parametrize("kind", TYPES, ids=ids)
def test_a_schema_says_which_fields_are_never_shown(kind):
    shown = credential_types.schemas()[kind.name]
    hidden = {name for name, field in shown["fields"]["properties"].items() if field.get("writeOnly")}
    assert hidden == kind.secret_names()


def signed(kind_name, **fields):
    kind = credential_types.load().find(kind_name)
    return kind.apply(Draft("GET", "https://api.example/", headers={"authorization": "mine"}), kind.read(fields))


@pytest.mark.parametrize(
    "name,fields,header",
    [
        ("httpBasicAuth", {"user": "ann", "password": "pa:ss"}, ("Authorization", "Basic YW5uOnBhOnNz")),
        ("httpBearerAuth", {"token": "abc"}, ("Authorization", "Bearer abc")),
        ("httpHeaderAuth", {"name": "X-Key", "value": "abc"}, ("X-Key", "abc")),
        ("httpCustomAuth", {"json": '{"headers": {"X-Key": "abc"}}'}, ("X-Key", "abc")),
        ("slackApi", {"accessToken": "xoxb-1"}, ("Authorization", "Bearer xoxb-1")),
        ("discordBotApi", {"botToken": "b"}, ("Authorization", "Bot b")),
        ("githubApi", {"accessToken": "g"}, ("Authorization", "token g")),
        ("notionApi", {"apiKey": "n"}, ("Authorization", "Bearer n")),
        ("airtableTokenApi", {"accessToken": "a"}, ("Authorization", "Bearer a")),
        ("openAiApi", {"apiKey": "o"}, ("Authorization", "Bearer o")),
        ("anthropicApi", {"apiKey": "c"}, ("x-api-key", "c")),
        ("oAuth2Api", {"oauthTokenData": {"access_token": "t"}}, ("Authorization", "Bearer t")),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_request_carries_what_the_service_asks_for(name, fields, header):
    draft = signed(name, **fields)
    assert header in draft.headers.items()
    assert header[0] in draft.secret_headers
    assert sum(key.lower() == header[0].lower() for key in draft.headers) == 1


def test_what_a_credential_adds_to_the_address_is_not_shown():
    kind = credential_types.load().find("httpQueryAuth")
    draft = Draft("GET", "https://api.example/a", query={"q": "1"})
    request = kind.apply(draft, kind.read({"name": "key", "value": "s3cret"})).to_request()
    assert request.url == "https://api.example/a?q=1&key=s3cret"
    assert request.shown_url == "https://api.example/a?q=1"


def test_a_password_is_known_in_the_form_it_travels_in():
    kind = credential_types.load().find("httpBasicAuth")
    assert "YW5uOnMzY3JldA==" in kind.secrets_of(kind.read({"user": "ann", "password": "s3cret"}))


def test_secrets_inside_custom_json_are_known():
    kind = credential_types.load().find("httpCustomAuth")
    assert "s3cret" in kind.secrets_of(kind.read({"json": '{"body": {"deep": ["s3cret"]}}'}))


def test_values_that_do_not_fit_are_named_without_being_shown():
    with pytest.raises(CredentialMissing) as error:
        credential_types.load().find("smtp").read({"port": "s3cret"})
    assert "port" in error.value.message
    assert "s3cret" not in error.value.message


def test_a_type_for_a_service_leaves_its_addresses_to_nobody():
    kind = credential_types.load().find("googleSheetsOAuth2Api")
    assert not {"accessTokenUrl", "authUrl", "scope"} & set(kind.properties())
    fields = kind.read({"accessTokenUrl": "https://evil.example/", "clientId": "me"})
    assert fields.access_token_url == "https://oauth2.googleapis.com/token"
    assert fields.client_id == "me"


def test_types_with_tokens_know_how_to_get_one():
    assert {kind.name for kind in TYPES if isinstance(kind, TokenType)} >= {"oAuth2Api", "googleApi"}
