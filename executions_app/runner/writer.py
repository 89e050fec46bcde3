"""The group-commit writer: one thread and one connection a process write for all its executions.

Sessions say that they have rows, at the latest 50 ms after the first of them a commit takes the rows of every
session that has any. Whoever waits (a barrier, an end) makes the thread go at once; what gathers while it commits
goes together next.
"""

import threading
import time
from collections.abc import Callable, Iterator, Sequence

import psycopg
import structlog

from executions_app import database
from executions_app.database import Connection
from executions_app.runner import rows
from executions_app.runner.commits import Commit, Head
from executions_app.runner.session import Session

FLUSH_S = 0.05
SOON_S = 0.02
PART_BYTES = 4 * 2**20
RETRY_S = 0.1
ERROR_CODE = "not_recordable"
ERROR_TEXT = "A result of this run could not be stored."

# Errors of the data: writing them again would fail again. All others are of the moment. Values that no column takes are
# refused before they are sent, without an SQLSTATE; a lone surrogate in a text is a plain ValueError.
DATA_ERRORS = (
    psycopg.DataError,
    psycopg.IntegrityError,
    psycopg.ProgrammingError,
    psycopg.NotSupportedError,
    ValueError,
)
DATA_STATES = ("54",)

log = structlog.get_logger(__name__)
Pair = tuple[Session, Commit]


def in_parts(pairs: list[Pair]) -> Iterator[list[Pair]]:
    """What goes into one transaction: while it lasts, nobody else may write to its executions, not even to say that
    their worker lives."""
    part: list[Pair] = []
    size = 0
    for pair in pairs:
        part.append(pair)
        size += sum(len(stored.data) for stored in pair[1].payloads)
        if size >= PART_BYTES:
            yield part
            part, size = [], 0
    if part:
        yield part


class Writer:
    """`publish` is called with the commits that are in the database, in order, after each transaction."""

    def __init__(
        self,
        publish: Callable[[Sequence[Commit]], None],
        *,
        connect: Callable[[], Connection] = lambda: database.connect(name="writer"),
    ) -> None:
        self._publish = publish
        self._connect = connect
        self._connection: Connection | None = None
        self._due: dict[Session, float] = {}
        self._wake = threading.Condition()
        self._is_stopping = False
        self._busy_since: float | None = None
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Write what there is, then end."""
        with self._wake:
            self._is_stopping = True
            self._wake.notify()
        self._thread.join()

    def wake(self, session: Session, *, at_once: bool) -> None:
        now = time.monotonic()
        due = now if at_once else now + FLUSH_S
        with self._wake:
            known = self._due.get(session)
            if known is None or due < known:
                self._due[session] = due
                self._wake.notify()

    @property
    def stale_s(self) -> float:
        """For how long the present rows have been waiting for their commit."""
        since = self._busy_since
        return 0.0 if since is None else time.monotonic() - since

    def _run(self) -> None:
        while (sessions := self._next()) is not None:
            self.flush(sessions)
        self.close()

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()

    def flush(self, sessions: Sequence[Session]) -> None:
        """Commit what these have; returns when the database took or refused it. For one thread alone."""
        pairs = [(session, commit) for session in sessions if (commit := session.take()) is not None]
        for part in in_parts(pairs):
            self._busy_since = time.monotonic()
            self._write(part)
            self._busy_since = None

    def _next(self) -> list[Session] | None:
        """Once a session is due, those that are, or will be very soon; None at the end. The others wait for their own
        time: each commit of a run costs a write of its row."""
        with self._wake:
            while True:
                wait = min(self._due.values()) - time.monotonic() if self._due else None
                if self._due and (self._is_stopping or (wait is not None and wait <= 0)):
                    soon = time.monotonic() + (SOON_S if not self._is_stopping else FLUSH_S)
                    sessions = [session for session, due in self._due.items() if due <= soon]
                    for session in sessions:
                        del self._due[session]
                    return sessions
                if self._is_stopping:
                    return None
                self._wake.wait(wait)

    # one flush --------------------------------------------------------------------------------------------------
    def _write(self, pairs: list[Pair]) -> None:
        """Commit all of them; halve the batch on an error of the data, so that one bad row fails one run."""
        try:
            held = self._transaction([commit for _, commit in pairs])
        except (psycopg.Error, ValueError) as error:
            if len(pairs) > 1:
                middle = len(pairs) // 2
                self._write(pairs[:middle])
                self._write(pairs[middle:])
                return
            log.warning("execution_not_recordable", execution=str(pairs[0][1].execution_id), error=str(error))
            self._write_failure(*pairs[0])
            return
        self._settle(pairs, held)

    def _write_failure(self, session: Session, commit: Commit) -> None:
        head = Head(status="error", error_code=ERROR_CODE, error_text=ERROR_TEXT)
        bare = Commit(
            commit.execution_id, commit.team_id, commit.epoch, commit.number, commit.next_seq, head, [], [], []
        )
        self._settle([(session, bare)], self._transaction([bare]))

    def _settle(self, pairs: list[Pair], held: set[object]) -> None:
        written = []
        for session, commit in pairs:
            if commit.execution_id in held:
                written.append(commit)
                session.acknowledge(commit)
            else:
                session.lose()
        if written:
            self._publish(written)

    def _transaction(self, commits: list[Commit]) -> set[object]:
        """Write until the database takes or refuses it. Raises psycopg.Error or ValueError for an error of the data."""
        is_uncertain = False
        written: set[object] = set()
        while True:
            try:
                connection = self._connected()
                if is_uncertain:
                    written |= rows.already_written(connection, commits)
                    commits = [commit for commit in commits if commit.execution_id not in written]
                return written | rows.write(connection, commits) if commits else written
            except DATA_ERRORS:
                raise
            except psycopg.Error as error:
                if (error.sqlstate or "")[:2] in DATA_STATES:
                    raise
                is_uncertain = True
                log.warning("writer_waits_for_database", error=str(error))
                self._drop_connection()
                time.sleep(RETRY_S)

    def _connected(self) -> Connection:
        if self._connection is None or self._connection.closed:
            self._connection = self._connect()
        return self._connection

    def _drop_connection(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
