"""Fifty faults, and not a word of their insides."""

from typing import Any

import django.db
import psycopg
import pytest
from django.core import exceptions as django_exceptions
from django.test import Client

from executions_app.intake import http as lean
from pumpflix import pages
from pumpflix.api import views
from workflows_app.engine import errors

pytestmark = [pytest.mark.app, pytest.mark.django_db, pytest.mark.requirement(58)]

INSIDE = "password=hunter2 at /srv/app/models.py line 7"
KEYS = {"code", "message", "problems", "requestId"}
SIMPLE: list[type[BaseException]] = [
    ArithmeticError, AssertionError, AttributeError, BlockingIOError, BrokenPipeError, BufferError, ConnectionError,
    ConnectionAbortedError, ConnectionRefusedError, ConnectionResetError, EOFError, FileExistsError, FileNotFoundError,
    FloatingPointError, ImportError, IndexError, InterruptedError, IsADirectoryError, KeyError, LookupError,
    MemoryError, ModuleNotFoundError, NameError, NotADirectoryError, NotImplementedError, OSError, OverflowError,
    PermissionError, ProcessLookupError, RecursionError, ReferenceError, RuntimeError, StopAsyncIteration, SyntaxError,
    SystemError, TimeoutError, TypeError, UnboundLocalError, ValueError, ZeroDivisionError,
    django.db.DatabaseError, django.db.IntegrityError, django.db.OperationalError, django.db.ProgrammingError,
    psycopg.Error, psycopg.errors.UniqueViolation, django_exceptions.FieldError, django_exceptions.ImproperlyConfigured,
    django_exceptions.ObjectDoesNotExist, errors.UnexpectedError,
]  # fmt: skip


def raising(error: type[BaseException]) -> Any:
    def fail(*_: Any, **__: Any) -> Any:
        raise error(INSIDE)

    return fail


def test_there_are_fifty() -> None:
    assert len(SIMPLE) == len(set(SIMPLE)) == 50


@pytest.mark.parametrize("error", SIMPLE, ids=lambda error: error.__name__)
def test_the_api_tells_nothing_of_a_fault(error: type[BaseException], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "index", raising(error))
    answer = Client(raise_request_exception=False).get("/api")
    assert answer.status_code in (500, 503)
    assert set(answer.json()) == KEYS
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json()["requestId"] == answer.headers["X-Request-Id"]
    judge(answer.content, error)


@pytest.mark.parametrize("error", SIMPLE[::5], ids=lambda error: error.__name__)
def test_a_page_tells_nothing_of_a_fault(error: type[BaseException], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "FileResponse", raising(error))
    answer = Client(raise_request_exception=False).get("/service-worker.js")
    assert answer.status_code in (500, 503)
    judge(answer.content, error)


def judge(content: bytes, error: type[BaseException]) -> None:
    text = content.decode()
    for word in ("hunter2", "/srv/app", "Traceback", error.__module__ + "." + error.__name__, 'File "'):
        assert word not in text


@pytest.mark.requirement(64)
async def test_lean_answers_say_what_they_are() -> None:
    """What the handlers in front of Django answer is not looked into for HTML, whatever stands in it."""
    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await lean.send_error(send, lean.Refused(404, "not_found", "<script>alert(1)</script>"))
    headers = dict(sent[0]["headers"])
    assert headers[b"content-type"] == b"application/json"
    assert headers[b"x-content-type-options"] == b"nosniff"
