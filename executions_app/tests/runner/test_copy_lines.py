"""Rows as COPY takes them: what the writer hands over is what is read back."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import orjson
import psycopg
import pytest

from executions_app import database
from executions_app.runner.commits import EventRow, NodeRunRow
from executions_app.runner.copy_lines import CHUNK_CHARACTERS, event_line, in_chunks, node_run_line
from executions_app.runner.rows import COPY_EVENTS, COPY_NODE_RUNS
from executions_app.tests.factories import ExecutionFactory

pytestmark = [pytest.mark.app, pytest.mark.django_db(transaction=True)]

NOW = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
BYTES = bytes(range(256))
HARD = "tab\t line\n return\r back\\slash \\N \\. \\x41 'quote\" \u00fc\U0001f600\x01"
SOURCES = [None, {"node": HARD, "output": 1, "runIndex": 2}]

FULL = NodeRunRow(
    node=HARD, run_index=7, order=8, status="success", started_at=NOW, attempt=2, finished_at=NOW, duration_ms=1e-07,
    items_in=[1, 0, 2147483647], items_out=[3], sources=orjson.dumps(SOURCES), output=BYTES, output_ref="sha256:ab",
    output_bytes=2**40, error=b"", context=b"\\N", origin="cache",
)  # fmt: skip
BARE = NodeRunRow(node="A", run_index=0, order=0, status="started", started_at=NOW)


def read_back(statement: str, table: str, line: str) -> tuple:
    with database.connect(name="test") as connection:
        with connection.cursor().copy(statement) as copy:
            copy.write(line.encode())
        columns = statement.partition("(")[2].partition(")")[0]
        row = connection.execute(f"SELECT {columns} FROM {table}").fetchone()
    assert row is not None
    return row


@pytest.mark.parametrize("row", [FULL, BARE], ids=["full", "bare"])
def test_a_node_run_is_read_back_as_it_was(row: NodeRunRow) -> None:
    execution = ExecutionFactory()
    read = read_back(COPY_NODE_RUNS, "executions_app_noderun", node_run_line(str(execution.pk), 3, row))
    assert read == (
        execution.pk, row.node, row.run_index, row.order, 3, row.attempt, row.status, row.started_at, row.finished_at,
        row.duration_ms, row.items_in, row.items_out, orjson.loads(row.sources), row.output, row.output_ref,
        row.output_bytes, row.error, row.context, row.origin,
    )  # fmt: skip


@pytest.mark.parametrize("zone", [UTC, timezone(timedelta(hours=-9, minutes=-30))])
def test_an_event_is_read_back_as_it_was(zone) -> None:
    execution = ExecutionFactory()
    event = EventRow(9, NOW.astimezone(zone), "log_written", HARD, "warn", b'{"text": "\\u0000\\\\N\\t"}')
    read = read_back(COPY_EVENTS, "executions_app_executionevent", event_line(str(execution.pk), event))
    assert read == (execution.pk, *event)


def test_a_text_that_no_column_takes_is_an_error_of_the_data() -> None:
    execution = ExecutionFactory()
    bad = node_run_line(str(execution.pk), 3, replace(BARE, node="a\x00b"))
    with pytest.raises(psycopg.DataError):
        read_back(COPY_NODE_RUNS, "executions_app_noderun", bad)
    with pytest.raises(ValueError, match="surrogates"):
        list(in_chunks([node_run_line(str(execution.pk), 3, replace(BARE, node="a\ud800"))]))


def test_lines_leave_in_chunks_and_none_is_lost() -> None:
    line = "x" * (CHUNK_CHARACTERS // 2) + "\n"
    chunks = list(in_chunks([line] * 5))
    assert [len(chunk) // len(line) for chunk in chunks] == [2, 2, 1]
    assert list(in_chunks([])) == []
