"""Headers, query values and body fields of one's own."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from pydantic import Field

from workflows_app.engine.params import Params, ui
from workflows_app.toolkit.compare import to_text
from workflows_app.toolkit.credential_type import WRITE_ONLY, CredentialType, register_credential, texts_of
from workflows_app.toolkit.http_draft import Draft, json_object

EXAMPLE = '{"headers": {"X-Key": "…"}, "qs": {}, "body": {}}'


class HttpCustomAuthFields(Params):
    json_: Any = Field(
        "",
        alias="json",
        title="JSON",
        description="An object with `headers`, `qs` and `body`, each with names and values that go into the request.",
        json_schema_extra={WRITE_ONLY: True, **ui(widget="code", language="json", rows=8, placeholder=EXAMPLE)},
    )


@register_credential
class HttpCustomAuth(CredentialType[HttpCustomAuthFields]):
    """Anything a service wants in headers, address or body, written as JSON."""

    name = "httpCustomAuth"
    label = "Custom auth"
    where = "For services that want more than one key at a time; their API pages say which."
    Fields = HttpCustomAuthFields

    def apply(self, draft: Draft, fields: HttpCustomAuthFields) -> Draft:
        chosen = settings(fields)
        for name, value in part(chosen, "headers").items():
            draft = draft.with_secret_header(str(name), to_text(value))
        extra = {str(name): to_text(value) for name, value in part(chosen, "qs").items()}
        draft = replace(draft, secret_query=draft.secret_query | extra)
        for name, value in part(chosen, "body").items():
            draft = draft.with_values("body", str(name), value)
        return draft

    def derived_secrets(self, fields: HttpCustomAuthFields) -> Iterator[str]:
        yield from texts_of(settings(fields))


def settings(fields: HttpCustomAuthFields) -> dict[str, Any]:
    return json_object(fields.json_ or "{}", "The custom credential")


def part(chosen: dict[str, Any], name: str) -> dict[str, Any]:
    found = chosen.get(name)
    return found if isinstance(found, dict) else {}
