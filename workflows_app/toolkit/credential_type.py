"""What the author of a credential type sees. A type is one file below `workflows_app/credential_types/`: its fields are
declared once and validate, draw the form and document; names and field names are n8n's."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from pydantic import Field, ValidationError

from workflows_app.engine.errors import CredentialMissing, Problem, UserError
from workflows_app.engine.items import JsonObject
from workflows_app.engine.params import Params, ui
from workflows_app.engine.ports import HttpRequest, HttpResponse
from workflows_app.toolkit.http_draft import Draft

F = TypeVar("F", bound=Params)
WRITE_ONLY = "writeOnly"


def hidden(title: str, description: str, *, rows: int = 0, visible_when: dict[str, list[Any]] | None = None) -> Any:
    """A text field that is written and never shown again."""
    extra = {WRITE_ONLY: True, "format": "password", **ui(rows=rows, visible_when=visible_when)}
    return Field("", title=title, description=description, json_schema_extra=extra)


class Wire(Protocol):
    """How a type reaches the service: one call after the other, for one request of a node."""

    memory: JsonObject
    lock: Lock

    def call(self, request: HttpRequest) -> HttpResponse: ...

    def now(self) -> datetime: ...

    def renewed(self, rejected: str) -> JsonObject:
        """The fields after the token `rejected` was replaced; as they are where nothing can be renewed."""


class CredentialType(Generic[F]):
    """Base of every type. The docstring of the class is its one-line description; `where` says where its values are
    found, `steps` how to get them one by one, `scopes` what the service has to allow, `hosts` which hosts alone may get
    it (none: those its owner names, else any)."""

    name: ClassVar[str]
    label: ClassVar[str]
    where: ClassVar[str]
    docs_url: ClassVar[str] = ""
    steps: ClassVar[tuple[str, ...]] = ()
    scopes: ClassVar[tuple[str, ...]] = ()
    hosts: ClassVar[tuple[str, ...]] = ()
    is_for_requests: ClassVar[bool] = True
    Fields: ClassVar[type[Params]]

    def apply(self, draft: Draft, fields: F) -> Draft:  # noqa: ARG002  for types that need nothing more
        """The request with the credential in it."""
        raise not_for_requests(self)

    def send(self, draft: Draft, fields: F, wire: Wire) -> HttpResponse:
        """Send the request signed; types that need more than one call for it override this."""
        return wire.call(self.apply(draft, fields).to_request())

    def hosts_of(self, fields: F) -> tuple[str, ...]:  # noqa: ARG002  for types whose address is a field
        return self.hosts

    def steps_to_get_it(self) -> tuple[str, ...]:
        return self.steps or (self.where,)

    def asked_scopes(self) -> tuple[str, ...]:
        """What the service has to allow, as it names it."""
        return self.scopes

    def test_request(self, fields: F) -> Draft | None:  # noqa: ARG002  for types that can be tried
        """A request that only the right credential gets a good answer to; None where there is none."""
        return None

    def derived_secrets(self, fields: F) -> Iterator[str]:  # noqa: ARG002  for types that send them in another form
        """Texts made of the secrets that are as good as them."""
        yield from ()

    # reading ----------------------------------------------------------------------------------------------------
    def read(self, stored: JsonObject) -> F:
        """The fields of stored or given values. Raises CredentialMissing where they do not fit."""
        try:
            return self.Fields.model_validate(stored)  # type: ignore[return-value]
        except ValidationError as error:
            places = ", ".join(problem.path for problem in problems_of(error))
            raise CredentialMissing(
                f"The {self.label} credential cannot be used: {places}.",
                hint="Correct it and save it again.",
                code="credential_invalid",
            ) from None

    def secret_names(self) -> frozenset[str]:
        """Names of the fields that are never shown, as they are stored."""
        return frozenset(name for name, schema in self.properties().items() if schema.get(WRITE_ONLY))

    def schema(self) -> JsonObject:
        """The JSON Schema of what its owner fills in."""
        return self.Fields.model_json_schema(by_alias=True)

    def properties(self) -> JsonObject:
        found: JsonObject = self.schema().get("properties", {})
        return found

    def secrets_of(self, fields: F) -> tuple[str, ...]:
        """Every text that must not appear anywhere."""
        stored = fields.model_dump(by_alias=True)
        texts = [text for name in self.secret_names() for text in texts_of(stored.get(name))]
        return tuple(dict.fromkeys(text for text in (*texts, *self.derived_secrets(fields)) if text))


def texts_of(value: Any) -> Iterator[str]:
    """Every text inside a value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for entry in value.values():
            yield from texts_of(entry)
    elif isinstance(value, list):
        for entry in value:
            yield from texts_of(entry)


def problems_of(error: ValidationError) -> list[Problem]:
    """One per field, without its value."""
    return [
        Problem(".".join(str(part) for part in entry["loc"]) or "fields", entry["msg"], "credential_invalid")
        for entry in error.errors(include_url=False, include_input=False, include_context=False)
    ]


def not_for_requests(kind: CredentialType[Any]) -> UserError:
    return UserError(
        f"A {kind.label} credential cannot sign a web request.",
        code="operation_not_supported",
        hint="Choose a credential for requests: header, bearer, basic, query, OAuth or one of a service.",
    )


@dataclass(slots=True)
class CredentialRegistry:
    """Types by name; a taken name stops the start."""

    _types: dict[str, CredentialType[Any]] = field(default_factory=dict)

    def add(self, kind: type[CredentialType[Any]]) -> type[CredentialType[Any]]:
        if kind.name in self._types:
            taken = type(self._types[kind.name]).__name__
            raise RuntimeError(f"The credential type {kind.name} is already registered by {taken}.")
        self._types[kind.name] = kind()
        return kind

    def find(self, name: str) -> CredentialType[Any] | None:
        return self._types.get(name)

    def all(self) -> list[CredentialType[Any]]:
        return sorted(self._types.values(), key=lambda kind: kind.label.lower())


credential_types = CredentialRegistry()
register_credential: Callable[[type[CredentialType[Any]]], type[CredentialType[Any]]] = credential_types.add
