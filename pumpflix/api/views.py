"""`GET /api`: what there is."""

from typing import Any

from django.conf import settings
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from pumpflix.lib.rest.operations import Sample, operation
from pumpflix.lib.rest.serializers import ApiSerializer
from pumpflix.lib.rest.views import ApiView


class EndpointSerializer(ApiSerializer):
    method = serializers.CharField()
    path = serializers.CharField()
    summary = serializers.CharField()


class IndexSerializer(ApiSerializer):
    name = serializers.CharField()
    version = serializers.CharField()
    documentation = serializers.CharField(help_text="For people who are signed in.")
    schema = serializers.CharField(help_text="The OpenAPI document, for who is signed in or has a token.")
    socket = serializers.CharField()
    endpoints = EndpointSerializer(many=True)


class IndexView(ApiView):
    permission_classes = (AllowAny,)

    @operation(
        "apiIndex",
        "What this API offers",
        tag="System",
        answers={200: IndexSerializer},
        is_public=True,
        samples=[Sample("Index", as_anonymous=True)],
    )
    def get(self, request: Request) -> Response:
        return self.answer(IndexSerializer, index())


def index() -> dict[str, Any]:
    from pumpflix.api.schema import endpoints  # noqa: PLC0415 - it reads the addresses, of which this view is one

    return {
        "name": "PumpFlix",
        "version": settings.SPECTACULAR_SETTINGS["VERSION"],
        "documentation": "/api/docs",
        "schema": "/api/openapi.json",
        "socket": "/ws",
        "endpoints": endpoints(),
    }
