"""The document, and its pages for who is signed in: `/api/openapi.json`, `/api/docs`."""

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from rest_framework.request import Request
from rest_framework.response import Response

from pumpflix.api import docs_pages
from pumpflix.api.schema import document
from pumpflix.lib.rest.views import ApiView


def refuse_when_off() -> None:
    if not settings.PUMPFLIX_API_DOCS:
        raise Http404


class OpenApiView(ApiView):
    """Stands beside the endpoints, not among them: it is what describes them."""

    schema = None

    def get(self, request: Request) -> Response:
        refuse_when_off()
        return Response(document())


@login_required
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    return page(request, "api/docs.html", {"groups": docs_pages.groups(settings.PUMPFLIX_PUBLIC_URL)})


@login_required
@require_safe
def show(request: HttpRequest, operation_id: str) -> HttpResponse:
    found = docs_pages.pages(settings.PUMPFLIX_PUBLIC_URL).get(operation_id)
    if found is None:
        raise Http404
    return page(request, "api/operation.html", {"operation": found})


@login_required
@require_safe
def socket(request: HttpRequest) -> HttpResponse:
    address = f"ws{settings.PUMPFLIX_PUBLIC_URL.removeprefix('http')}/ws"
    return page(request, "api/socket.html", {"address": address})


def page(request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponse:
    refuse_when_off()
    return render(request, name, {"section": "api", **context})
