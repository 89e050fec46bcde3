"""A pasted cURL command as parameters of an HTTP Request node (4.2). What a command says about this very machine (its
files, sockets, proxies) is left out and listed."""

from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote, urlsplit, urlunsplit

from workflows_app.engine.errors import ParameterError
from workflows_app.engine.items import JsonObject
from workflows_app.toolkit.compare import json_text
from workflows_app.toolkit.curl_command import Command, read, words_of
from workflows_app.toolkit.mime_body import form_values
from workflows_app.toolkit.relaxed_json import NotJson, parse_strict

FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Imported:
    """`credential` is the kind of credential to add for what the command gave away, and its fields. `left_out` names
    options that have no meaning here."""

    parameters: JsonObject
    credential: tuple[str, JsonObject] | None = None
    left_out: tuple[str, ...] = ()


def from_curl(text: str) -> Imported:
    """Raises ParameterError that says what is wrong with the command."""
    command = read(words_of(text))
    if not command.url:
        raise ParameterError("The command names no address.", hint="It needs one that starts with https:// or http://.")
    return Imported(parameters_of(command), credential_of(command), tuple(dict.fromkeys(command.left_out)))


def parameters_of(command: Command) -> JsonObject:
    parts = urlsplit(command.url)
    query = [*parse_qsl(parts.query, keep_blank_values=True), *command.query]
    data = "&".join(filter(None, command.data))
    if command.is_get and data:
        query += parse_qsl(data, keep_blank_values=True)
        data = ""
    has_body = bool(data or command.form) and not command.is_get
    parameters: JsonObject = {
        "method": command.method or ("POST" if has_body else "GET"),
        "url": urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", "")),
    }
    if query:
        parameters |= {"sendQuery": True, "queryParameters": rows(query)}
    headers = [(name, text) for name, text in command.headers if is_kept(name, text, command, has_body)]
    if has_body:
        parameters |= body_of(command, data)
    if headers:
        parameters |= {"sendHeaders": True, "headerParameters": rows(headers)}
    credential = credential_of(command)
    if credential is not None:
        parameters |= {"authentication": "genericCredentialType", "genericAuthType": credential[0]}
    return {**parameters, "options": options_of(command)}


def rows(pairs: list[tuple[str, str]]) -> JsonObject:
    return {"parameters": [{"name": name, "value": safe(text)} for name, text in pairs]}


def safe(text: str) -> str:
    """A text that begins like an expression is written as an expression that gives just this text."""
    if not text.startswith("="):
        return text
    quoted = json_text(text).replace("{{", "{\\u007b").replace("}}", "}\\u007d")
    return f"={{{{ {quoted} }}}}"


def is_kept(name: str, text: str, command: Command, has_body: bool) -> bool:
    """Left away: what the node writes itself, and a secret that becomes a credential."""
    lower = name.lower()
    if lower in ("host", "content-length", "accept-encoding", "connection"):
        return False
    if lower == "authorization" and credential_of(command) is not None:
        return False
    return not (lower == "content-type" and has_body and kind_of(command)[1] == text.partition(";")[0].strip().lower())


def kind_of(command: Command) -> tuple[str, str]:
    """The node's kind of body, and the content type that it writes by itself."""
    if command.form:
        return "multipart-form-data", "multipart/form-data"
    given = next((text for name, text in command.headers if name.lower() == "content-type"), FORM)
    kind = given.partition(";")[0].strip().lower()
    data = "&".join(filter(None, command.data))
    if kind == FORM and "=" in data:
        return "form-urlencoded", FORM
    if kind == "application/json" and is_json(data):
        return "json", "application/json"
    return "raw", kind


def body_of(command: Command, data: str) -> JsonObject:
    kind, written = kind_of(command)
    body: JsonObject = {"sendBody": True, "contentType": kind}
    if kind == "multipart-form-data":
        fields = [row | ({"value": safe(row["value"])} if "value" in row else {}) for row in command.form]
        return {**body, "bodyParameters": {"parameters": fields}}
    if kind == "form-urlencoded":
        pairs = [
            (name, text)
            for name, value in form_values(data).items()
            for text in (value if isinstance(value, list) else [value])
        ]
        if len({name for name, _ in pairs}) < len(pairs):
            return {**body, "specifyBody": "string", "body": safe(data)}
        return {**body, "bodyParameters": rows(pairs)}
    if kind == "json":
        return {**body, "specifyBody": "json", "jsonBody": data}
    return {**body, "rawContentType": written, "body": safe(data)}


def is_json(text: str) -> bool:
    try:
        parse_strict(text)
    except NotJson:
        return False
    return True


def options_of(command: Command) -> JsonObject:
    options: JsonObject = {}
    redirect: JsonObject = {"followRedirects": command.follows}
    if command.follows and command.max_redirects is not None:
        redirect["maxRedirects"] = command.max_redirects
    options["redirect"] = {"redirect": redirect}
    if command.is_insecure:
        options["allowUnauthorizedCerts"] = True
    if command.timeout_ms:
        options["timeout"] = command.timeout_ms
    response: JsonObject = {}
    if command.includes_head:
        response["fullResponse"] = True
    if command.saves_file:
        response["responseFormat"] = "file"
    if response:
        options["response"] = {"response": response}
    return options


def credential_of(command: Command) -> tuple[str, JsonObject] | None:
    """The secret of the command belongs into a credential: of `--user`, of the address, or of an Authorization
    header."""
    in_address = unquote(urlsplit(command.url).netloc.rpartition("@")[0])
    pair = command.user or in_address
    if pair:
        user, _, password = pair.partition(":")
        return "httpDigestAuth" if command.is_digest else "httpBasicAuth", {"user": user, "password": password}
    given = next((text for name, text in command.headers if name.lower() == "authorization"), "")
    scheme, _, token = given.partition(" ")
    if scheme.lower() == "bearer" and token:
        return "httpBearerAuth", {"token": token.strip()}
    if given:
        return "httpHeaderAuth", {"name": "Authorization", "value": given}
    return None
