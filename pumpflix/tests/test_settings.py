import json
import logging

import pytest
from django.conf import settings
from django.contrib.auth.hashers import check_password, identify_hasher, make_password
from django.core.management import call_command
from structlog.stdlib import ProcessorFormatter

from pumpflix.settings.database import database
from pumpflix.settings.identity import mail_server
from pumpflix.settings.live import broker_url

REAL_HASHERS = ["pumpflix.hashers.Argon2id", "pumpflix.hashers.Bcrypt"]


@pytest.mark.parametrize(
    "redis,broker",
    [
        ("redis://:secret@cache:6379/2", "redis://:secret@cache:6379/2"),
        ("unix:///data/valkey.sock?db=3", "redis+socket:///data/valkey.sock?virtual_host=3"),
        ("unix:///data/valkey.sock", "redis+socket:///data/valkey.sock?virtual_host=0"),
    ],
)
def test_celery_gets_the_redis_address_in_its_own_spelling(redis, broker):
    assert broker_url(redis) == broker


def test_a_database_address_may_name_a_socket_folder():
    found = database("postgresql://flix:p%40ss@/gallery?host=%2Fdata%2Fsockets&sslmode=disable")
    assert (found["NAME"], found["USER"], found["PASSWORD"], found["HOST"]) == (
        "gallery",
        "flix",
        "p@ss",
        "/data/sockets",
    )
    assert found["OPTIONS"]["sslmode"] == "disable"
    assert found["CONN_MAX_AGE"] == 0
    assert found["OPTIONS"]["pool"]["max_size"] == 10


def test_a_database_address_may_name_a_server():
    found = database("postgres://flix@db.example.org:6432/gallery")
    assert (found["HOST"], found["PORT"]) == ("db.example.org", "6432")


@pytest.mark.parametrize(
    "url,port,is_ssl,is_tls",
    [
        ("smtp://flix:p%40ss@mail.example.org", 587, False, True),
        ("smtps://flix:p%40ss@mail.example.org", 465, True, False),
        ("smtp://flix:p%40ss@mail.example.org:25", 25, False, False),
    ],
)
def test_a_mail_address_says_how_to_connect(url, port, is_ssl, is_tls):
    found = mail_server(url)
    assert (found["EMAIL_PORT"], found["EMAIL_USE_SSL"], found["EMAIL_USE_TLS"]) == (port, is_ssl, is_tls)
    assert (found["EMAIL_HOST_USER"], found["EMAIL_HOST_PASSWORD"]) == ("flix", "p@ss")


def test_without_a_mail_server_mail_is_written_to_the_log():
    assert mail_server("") == {"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}


def test_messages_are_json_without_results_retries_or_prefetch():
    assert settings.CELERY_ACCEPT_CONTENT == ["json"]
    assert settings.CELERY_TASK_IGNORE_RESULT is True
    assert settings.CELERY_WORKER_PREFETCH_MULTIPLIER == 1
    assert settings.CELERY_TASK_ACKS_LATE is False
    assert {(queue.name, queue.routing_key) for queue in settings.CELERY_TASK_QUEUES} == {
        (name, name) for name in ("workflow-executions", "notifications", "exports", "audits", "maintenance")
    }


@pytest.mark.parametrize("password", ["x" * 4096, "nul\0inside", "пароль-🔑", "x" * 73])
@pytest.mark.parametrize("hasher", ["argon2", "bcrypt_sha256"])
def test_any_password_can_be_kept_and_checked(settings, monkeypatch, password, hasher):
    settings.PASSWORD_HASHERS = REAL_HASHERS
    monkeypatch.setattr("pumpflix.hashers.Bcrypt.rounds", 4)
    kept = make_password(password, hasher=hasher)
    assert check_password(password, kept)
    assert not check_password(password + "!", kept)


def test_new_passwords_are_argon2id(settings):
    settings.PASSWORD_HASHERS = REAL_HASHERS
    assert make_password("correct horse battery").startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
    assert identify_hasher(make_password("correct horse battery", hasher="bcrypt_sha256")).rounds == 12


def test_a_log_line_is_one_json_object():
    handlers = logging.getLogger().handlers
    structured = next(handler for handler in handlers if isinstance(handler.formatter, ProcessorFormatter))
    record = logging.makeLogRecord({"name": "x", "levelno": 20, "levelname": "INFO", "msg": "hello"})
    assert json.loads(structured.format(record))["message"] == "hello"


@pytest.mark.app
@pytest.mark.django_db
def test_every_model_change_has_its_migration():
    call_command("makemigrations", check=True, dry_run=True, verbosity=1)


@pytest.mark.requirement(55)
@pytest.mark.app
@pytest.mark.django_db
def test_a_page_carries_a_strict_policy_and_a_request_id(client):
    response = client.get("/accounts/login/")
    assert response.status_code == 200
    policy = response["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["X-Frame-Options"] == "DENY"
    assert len(response["X-Request-Id"]) == 32
