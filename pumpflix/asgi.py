"""The one port: webhooks and health in lean handlers, sockets in Channels, all else in Django behind a WSGI bridge."""

import asyncio
import os
from typing import Any, cast

from a2wsgi import WSGIMiddleware
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pumpflix.settings")

# Each thread serves one page at a time; pages are short.
PAGE_THREADS = 12

threads: Any = WSGIMiddleware(cast(Any, get_wsgi_application()), workers=PAGE_THREADS)

# Django has to be set up before anything that imports models.
from django.conf import settings  # noqa: E402

from executions_app.database import close_pool  # noqa: E402
from executions_app.ingest import Ingest, is_webhook  # noqa: E402
from executions_app.intake.batcher import IntakeBatcher  # noqa: E402
from executions_app.intake.chats import Chats, is_chat  # noqa: E402
from executions_app.intake.forms import Forms, is_form  # noqa: E402
from executions_app.intake.resume import ResumeCalls, is_resume  # noqa: E402
from executions_app.stream import StreamTail, hub  # noqa: E402
from pumpflix import celery, health  # noqa: E402, F401 - the doorbell rings through the Celery application
from pumpflix.held import held  # noqa: E402
from pumpflix.routing import websockets  # noqa: E402
from pumpflix.whole_bodies import WholeBodies  # noqa: E402

pages = WholeBodies(threads)

batcher = IntakeBatcher()
webhooks = Ingest(
    batcher=batcher,
    hub=hub,
    public_url=settings.PUMPFLIX_PUBLIC_URL,
    trusted_proxies=settings.PUMPFLIX.trusted_proxies,
)
resumes = ResumeCalls()
forms = Forms(batcher=batcher)
chats = Chats(batcher=batcher, hub=hub, otherwise=webhooks)


async def application(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        await _lifespan(receive, send)
    elif held.expected:
        await held(scope, receive, send)
    elif scope["type"] == "http":
        await _http(scope, receive, send)
    else:
        await websockets(scope, receive, send)


async def _http(scope: Any, receive: Any, send: Any) -> None:
    path = scope["path"]
    if is_chat(path):
        await chats(scope, receive, send)
    elif is_webhook(path):
        await webhooks(scope, receive, send)
    elif is_form(path):
        await forms(scope, receive, send)
    elif is_resume(path):
        await resumes(scope, receive, send)
    elif path in health.PATHS:
        await health.application(scope, receive, send)
    else:
        await pages({**scope, "headers": _unambiguous(scope["headers"])}, receive, send)


def _unambiguous(headers: Any) -> list[tuple[bytes, bytes]]:
    """WSGI cannot tell `X_Forwarded_For` from `X-Forwarded-For`, so a caller could pose as the proxy."""
    return [(name, value) for name, value in headers if b"_" not in name]


async def _lifespan(receive: Any, send: Any) -> None:
    await receive()
    await held.look()
    if not held.expected:
        await _serving(receive, send)
        return
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await send({"type": "lifespan.shutdown.complete"})


async def _serving(receive: Any, send: Any) -> None:
    tail = StreamTail(settings.REDIS_URL)
    tail.start()
    batcher.start(asyncio.get_running_loop())
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await asyncio.to_thread(batcher.stop)
    await tail.stop()
    close_pool()
    await send({"type": "lifespan.shutdown.complete"})
