"""The one port: lean handlers in front, Django behind."""

import os
from typing import Any

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pumpflix.settings")

pages = get_asgi_application()

from pumpflix import health  # noqa: E402 - Django has to be set up first


async def application(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "http" and scope["path"] in health.PATHS:
        await health.application(scope, receive, send)
    else:
        await pages(scope, receive, send)
