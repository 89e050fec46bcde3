"""Rows as lines of COPY's text format. psycopg finds a dumper for each value of each row anew; here every column is
known, which takes a quarter of the time.

Raises UnicodeEncodeError, a ValueError, for a lone surrogate; a NUL in a text is refused by the database."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import lru_cache

from executions_app.runner.commits import Commit, EventRow, NodeRunRow

CHUNK_CHARACTERS = 128 * 1024
NULL = "\\N"

_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def node_run_lines(commit: Commit) -> Iterator[str]:
    """The columns of `rows.COPY_NODE_RUNS`, in that order, for turns that have no row yet."""
    execution = str(commit.execution_id)
    return (node_run_line(execution, commit.epoch, row) for row in commit.node_runs if not row.is_update)


def node_run_line(execution: str, epoch: int, row: NodeRunRow) -> str:
    duration = NULL if row.duration_ms is None else repr(float(row.duration_ms))
    sources = row.sources.decode().replace("\\", "\\\\")
    return (
        f"{execution}\t{text(row.node)}\t{row.run_index}\t{row.order}\t{epoch}\t{row.attempt}\t{row.status}"
        f"\t{moment(row.started_at)}\t{moment(row.finished_at)}\t{duration}\t{numbers(row.items_in)}"
        f"\t{numbers(row.items_out)}\t{sources}\t{binary(row.output)}\t{row.output_ref}\t{row.output_bytes}"
        f"\t{binary(row.error)}\t{binary(row.context)}\t{row.origin}\n"
    )


def event_lines(commit: Commit) -> Iterator[str]:
    """The columns of `rows.COPY_EVENTS`, in that order."""
    execution = str(commit.execution_id)
    return (event_line(execution, row) for row in commit.events)


def event_line(execution: str, row: EventRow) -> str:
    return f"{execution}\t{row.seq}\t{moment(row.at)}\t{row.type}\t{text(row.node)}\t{row.level}\t{binary(row.body)}\n"


def in_chunks(lines: Iterable[str]) -> Iterator[bytes]:
    """Together, but never much more than a chunk at a time in memory."""
    gathered: list[str] = []
    size = 0
    for line in lines:
        gathered.append(line)
        size += len(line)
        if size >= CHUNK_CHARACTERS:
            yield "".join(gathered).encode()
            gathered, size = [], 0
    if gathered:
        yield "".join(gathered).encode()


@lru_cache(maxsize=4096)
def text(value: str) -> str:
    return value.translate(_ESCAPES)


def moment(value: datetime | None) -> str:
    return NULL if value is None else value.isoformat()


def binary(value: bytes | None) -> str:
    return NULL if value is None else f"\\\\x{value.hex()}"


def numbers(values: list[int]) -> str:
    return f"{{{values[0]}}}" if len(values) == 1 else f"{{{','.join(map(str, values))}}}"
