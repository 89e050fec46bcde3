"""Answers as JSON, by orjson: lists of runs are most of what the API sends."""

from typing import Any

from rest_framework import renderers

from pumpflix.lib.rest.json_text import dumps


class JsonRenderer(renderers.BaseRenderer):
    media_type = "application/json"
    format = "json"
    charset = None

    def render(self, data: Any, *_: Any, **__: Any) -> bytes:
        return b"" if data is None else dumps(data)
