"""The dialer is the only way out: nothing else of the product imports what can open a connection."""

import ast
from pathlib import Path

import pytest

pytestmark = pytest.mark.requirement(22)

ROOT = Path(__file__).resolve().parents[4]
APPS = ("accounts", "executions_app", "pumpflix", "templates_app", "workflows_app")

CAN_CONNECT = {
    "aiohttp",
    "aiosmtplib",
    "ftplib",
    "http.client",
    "httpcore",
    "httpx",
    "imaplib",
    "paramiko",
    "poplib",
    "requests",
    "smtplib",
    "socket",
    "ssl",
    "telnetlib",
    "urllib.request",
    "urllib3",
    "websockets",
    "xmlrpc",
}

# Where, and what for. None of these reaches a host that a workflow names.
ALLOWED = {
    "pumpflix/lib/safe_http/": "the dialer itself",
    "pumpflix/lib/sandbox/": "a pair of sockets to the child",
    "pumpflix/supervisor/": "finds a free port, watches its own children",
    "pumpflix/lab/": "instruments; the product never imports them",
    "accounts/other_services/transport.py": "requests as allauth speaks it, over the dialer",
    "pumpflix/web.py": "the listening socket it is handed",
}


def product_files() -> list[str]:
    found = [path.relative_to(ROOT).as_posix() for app in APPS for path in (ROOT / app).rglob("*.py")]
    return [name for name in found if "/tests/" not in name and "/node_modules/" not in name]


def imports_of(tree: ast.AST) -> set[str]:
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def can_connect(source: str) -> set[str]:
    imported = imports_of(ast.parse(source))
    return {door for door in CAN_CONNECT for name in imported if name == door or name.startswith(door + ".")}


def test_nothing_else_can_open_a_connection():
    doors = {
        name: found
        for name in product_files()
        if not name.startswith(tuple(ALLOWED)) and (found := can_connect((ROOT / name).read_text(encoding="utf-8")))
    }
    assert doors == {}


def test_the_exceptions_exist():
    assert [place for place in ALLOWED if not (ROOT / place).exists()] == []


@pytest.mark.parametrize(
    "source", ["import httpx", "from urllib import request", "from urllib.request import urlopen", "import http.client"]
)
def test_the_check_sees_each_way_of_importing(source):
    assert can_connect(source)


def test_reading_urls_is_no_connection():
    assert can_connect("from urllib.parse import urlsplit\nfrom http import HTTPStatus") == set()
