"""The document itself, for who is signed in or has a token."""

from django.conf import settings
from django.http import Http404
from rest_framework.request import Request
from rest_framework.response import Response

from pumpflix.api.schema import document
from pumpflix.lib.rest.views import ApiView


class OpenApiView(ApiView):
    """Stands beside the endpoints, not among them: it is what describes them."""

    schema = None

    def get(self, request: Request) -> Response:
        if not settings.PUMPFLIX_API_DOCS:
            raise Http404
        return Response(document())
