"""The standard library in the child, after the walls: all of it that needs no screen, no terminal and no system."""

import sys

import pytest

IMPORT_ALL = """
import importlib, sys
missing = []
for name in _json.names:
    try:
        importlib.import_module(name)
    except ImportError:
        missing.append(name)
return missing
"""
# Screens, terminals, user accounts, installers, other systems, and two that act when imported.
NOT_THERE = {
    "antigravity", "this", "crypt", "curses", "distutils", "ensurepip", "idlelib", "lib2to3", "msilib", "msvcrt", "nis",
    "nt", "ossaudiodev", "readline", "spwd", "syslog", "tkinter", "turtle", "turtledemo", "venv", "winreg", "winsound",
}  # fmt: skip


def test_every_public_module_can_be_imported(value_of):
    names = [name for name in sys.stdlib_module_names if not name.startswith("_") and name not in NOT_THERE]
    assert len(names) > 180
    assert value_of(IMPORT_ALL, {"names": names}) == []


@pytest.mark.parametrize(
    "code, value",
    [
        ("import csv, io\nreturn list(csv.DictReader(io.StringIO('a,b\\n1,2')))", [{"a": "1", "b": "2"}]),
        ("import hashlib\nreturn hashlib.sha3_256(b'x').hexdigest()[:8]", "741efa31"),
        ("import datetime\nreturn datetime.datetime.strptime('01 Mar 2026', '%d %b %Y')", "2026-03-01T00:00:00"),
        ("import xml.etree.ElementTree as tree\nreturn tree.fromstring('<a><b>1</b></a>')[0].text", "1"),
        ("import zoneinfo\nreturn 'Europe/Berlin' in zoneinfo.available_timezones()", True),
        ("import gzip\nreturn gzip.decompress(gzip.compress(b'pump')).decode()", "pump"),
        ("import sqlite3\nreturn sqlite3.connect(':memory:').execute('select 40 + 2').fetchone()", [42]),
        ("import locale, calendar\nreturn calendar.month_name[3]", "March"),
        ("return 'ä'.encode('cp1252').hex()", "e4"),
        ("import secrets, uuid\nreturn len(secrets.token_hex(8)) + uuid.uuid4().version", 20),
        ("import time\nreturn time.tzname", ["UTC", "UTC"]),
        ("from concurrent.futures import ThreadPoolExecutor as Pool\nreturn list(Pool(2).map(abs, [-1, -2]))", [1, 2]),
        ("import asyncio\nreturn await asyncio.gather(asyncio.sleep(0.01, 1), asyncio.to_thread(abs, -2))", [1, 2]),
        ("import logging\nlogging.warning('hi')\nimport sys\nreturn sys.stdout.writable()", True),
        ("try:\n    input()\nexcept EOFError:\n    return 'nobody types'", "nobody types"),
    ],
)
def test_what_authors_use_most_works(value_of, code, value):
    assert value_of(code) == value


def test_a_package_that_is_not_there_is_named(answer_to):
    error = answer_to("import pandas")["error"]
    assert error["message"] == "ModuleNotFoundError: No module named 'pandas' [line 1]"
    assert "standard library" in error["description"]
