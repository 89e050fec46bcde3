"""`@operation` says everything about an endpoint once: what it is called, takes and answers. The OpenAPI document, the
docs pages and the tests of the examples are made of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers

from pumpflix.lib.rest.serializers import ApiSerializer

PUBLIC: Any = [{}]
REGISTRY: dict[str, "Operation"] = {}


@dataclass(frozen=True, slots=True)
class Sample:
    """A documented call. Tests make it, in a world where the ids of `pumpflix.lib.rest.ids` exist, and judge its
    answer by `status` and by the schema. `files` are sent as multipart: field -> (file name, bytes as text)."""

    name: str
    body: Any = None
    query: Mapping[str, Any] = field(default_factory=dict)
    path: Mapping[str, str] = field(default_factory=dict)
    status: int = 200
    files: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    as_anonymous: bool = False


@dataclass(frozen=True, slots=True)
class Operation:
    id: str
    summary: str
    samples: tuple[Sample, ...]


class ProblemSerializer(ApiSerializer):
    path = serializers.CharField(help_text="Where in the request, such as `graph.nodes[3].name`; `$` is all of it.")
    message = serializers.CharField(help_text="What is wrong there, in words.")


class ErrorSerializer(ApiSerializer):
    """The body of every error."""

    code = serializers.CharField(help_text="Stable; programs look at it. All codes: docs/reference/errors.md.")
    message = serializers.CharField(help_text="For people; may change.")
    problems = ProblemSerializer(many=True)
    request_id = serializers.CharField(help_text="The number of the request in the logs, also in `X-Request-Id`.")


ERRORS = {
    400: "The request is not as documented.",
    401: "Not signed in, or the token or key is not valid any more.",
    403: "Your role, or the scope of the key, does not allow it.",
    404: "No such thing, or not yours.",
    409: "It was changed in the meantime, or is not in a state that allows this.",
    413: "The body is too large.",
    415: "The body is not of a type that is read here.",
    422: "Understood, but it cannot be done; `problems` says why.",
    429: "Too many requests; `Retry-After` says when to go on.",
}


def operation(  # noqa: PLR0913 - each says one thing about the endpoint
    name: str,
    summary: str,
    *,
    tag: str,
    answers: Mapping[Any, Any],
    body: Any = None,
    query: Any = None,
    errors: Sequence[int] = (),
    description: str = "",
    samples: Sequence[Sample] = (Sample("Plain"),),
    is_public: bool = False,
    is_repeatable: bool = False,
) -> Callable[[Any], Any]:
    """Declare a view's method. `errors` are added to those that every endpoint may answer (400, 429; 401 unless it is
    public). `is_repeatable`: takes an `Idempotency-Key`, under which a second call gets the first one's answer."""
    REGISTRY[name] = Operation(name, summary, tuple(samples))
    codes = sorted({400, 429, *([] if is_public else [401]), *errors, *([409, 422] if is_repeatable else [])})
    responses: dict[Any, Any] = {status: _answer(answer) for status, answer in answers.items()}
    responses |= {code: OpenApiResponse(ErrorSerializer, ERRORS[code]) for code in codes if code not in answers}
    parameters: list[Any] = [query] if query else []
    if is_repeatable:
        parameters.append(_idempotency_header())
    return extend_schema(
        operation_id=name,
        summary=summary,
        description=description or summary,
        tags=[tag],
        request=body,
        responses=responses,
        parameters=parameters,
        auth=PUBLIC if is_public else None,
        examples=[_example(sample) for sample in samples if sample.body is not None],
    )


def _answer(answer: Any) -> Any:
    return OpenApiResponse(description="Done; no body.") if answer is None else answer


def _example(sample: Sample) -> OpenApiExample:
    return OpenApiExample(sample.name, value=sample.body, request_only=True)


def _idempotency_header() -> OpenApiParameter:
    return OpenApiParameter(
        "Idempotency-Key",
        str,
        OpenApiParameter.HEADER,
        description="Your own word for this call, 200 characters at most. Sent again with the same body within a day, "
        "the call is not made a second time: the first answer comes back.",
    )


def page_serializer(name: str, item: type[ApiSerializer]) -> type[ApiSerializer]:
    """The answer of a list of `item`: a page of `pumpflix.lib.rest.paging`."""
    fields = {
        "items": item(many=True),
        "total": serializers.IntegerField(allow_null=True, help_text="Rows in all; null on pages by cursor."),
        "skip": serializers.IntegerField(help_text="Rows left out before this page."),
        "limit": serializers.IntegerField(help_text="Most rows of a page."),
        "next_cursor": serializers.CharField(
            allow_null=True, help_text="Give it as `cursor` for the next page; null on the last."
        ),
    }
    return type(name, (ApiSerializer,), fields)
