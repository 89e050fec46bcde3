"""The view all endpoints are made of."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, ClassVar, TypeVar

from django.conf import settings
from django.utils.module_loading import import_string
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from pumpflix.lib.rest.serializers import ApiSerializer

S = TypeVar("S", bound=ApiSerializer)
Handler = Callable[..., Response]
SAFE = ("GET", "HEAD", "OPTIONS")


class ApiView(APIView):
    """One address. Subclasses set what differs:

    `scopes`: the scope an API key needs, by method; else `read` for GET, `write` for the rest. `None` keeps keys out.
    `limit`: the rate limit that counts, besides that of all calls. `most_bytes`: the largest body it reads.
    """

    scopes: ClassVar[Mapping[str, str | None]] = {}
    limit: ClassVar[str] = "api"
    most_bytes: ClassVar[int] = 1024 * 1024

    def perform_authentication(self, request: Request) -> None:
        """Who fails to say who they are counts against the limit of their address."""
        try:
            super().perform_authentication(request)
        except exceptions.AuthenticationFailed:
            self.check_throttles(request)
            raise

    def scope_for(self, method: str) -> str | None:
        return self.scopes.get(method, "read" if method in SAFE else "write")

    def body(self, serializer: type[ApiSerializer], *, partial: bool = False) -> dict[str, Any]:
        """The validated body. Raises ValidationError."""
        if not isinstance(self.request.data, dict):
            raise exceptions.ValidationError({"$": ["The body must be a JSON object."]})
        given = serializer(data=self.request.data, partial=partial, context={"request": self.request})
        given.is_valid(raise_exception=True)
        return dict(given.validated_data)

    def query(self, serializer: type[S]) -> S:
        """The validated parameters behind `?`. Raises ValidationError."""
        given = serializer(data=self.request.query_params, context={"request": self.request})
        given.is_valid(raise_exception=True)
        return given

    def answer(self, serializer: type[ApiSerializer], value: Any, *, status: int = 200) -> Response:
        return Response(serializer(value, context={"request": self.request}).data, status=status)


def repeatable(handler: Handler) -> Handler:
    """Marks a method that takes an `Idempotency-Key`: with one, the store that settings name sees that the handler runs
    once and its answer is given again."""

    @wraps(handler)
    def once(view: ApiView, request: Request, *args: Any, **kwargs: Any) -> Response:
        key = request.headers.get("Idempotency-Key", "")
        if not key:
            return handler(view, request, *args, **kwargs)
        answered_once = import_string(settings.PUMPFLIX_ANSWERED_ONCE)
        response: Response = answered_once(request, key, lambda: handler(view, request, *args, **kwargs))
        return response

    return once
