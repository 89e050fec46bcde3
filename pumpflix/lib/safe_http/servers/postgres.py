"""PostgreSQL over libpq, which is told the judged addresses to dial. Parameters are bound, never written into a text.

run   {"work": [[[sql, parameters], …], …], "together": "all" | "item" | "", "goOn": bool, "largeNumbers": bool}
      one list of statements per item, a parameter as [text or null, kind]; `together`: all of it at once, or all of
      an item, or nothing; `goOn`: after an item that failed comes the next
      -> [{"results": [{"rows": [{…}] | null, "count": n}]} | {"error": message, "data": {…}}, …]"""

import functools
import re
import select
import time
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import certifi
import psycopg
from psycopg import pq
from psycopg.conninfo import make_conninfo
from psycopg.pq import abc

from pumpflix.lib.safe_http.dialer import Dialer
from pumpflix.lib.safe_http.errors import OutboundError
from pumpflix.lib.safe_http.exchange import Exchange
from pumpflix.lib.safe_http.servers import pg_values
from pumpflix.lib.safe_http.servers.speaker import (
    JsonObject,
    Poll,
    Said,
    ServerRefused,
    host_of,
    port_of,
    unknown_verb,
)
from pumpflix.lib.safe_http.urls import parse_host

_T = TypeVar("_T")

PORT = 5432
MAX_ROWS = 200_000
MAX_BYTES = 64 * 1024 * 1024
_CHUNK_ROWS = 500
_CONNECT_S = 30.0
_CANCEL_S = 3.0
_MAX_ADDRESSES = 4
# Connection lost, the server shuts down, is full or short of something, two transactions met: another try may do.
_TRANSIENT = ("08", "40", "53", "57P")
_INDETERMINATE = "42P18"
_TEXT = 25


class PostgresSpeaker:
    def __init__(self, dialer: Dialer, fields: Mapping[str, Any], poll: Poll | None) -> None:
        self._dialer = dialer
        self._fields = fields
        self._poll = poll
        self._connection: abc.PGconn | None = None
        self._received = 0
        self._rows = 0

    def ask(self, verb: str, arguments: JsonObject, data: bytes, timeout_s: float) -> Said:  # noqa: ARG002
        if verb != "run":
            raise unknown_verb("PostgreSQL", verb)
        exchange = Exchange.start(deadline_s=timeout_s, read_s=timeout_s, poll=self._poll)
        self._received = self._rows = 0
        try:
            if self._connection is None:
                self._connection = self._connected(exchange)
            return self._run(arguments, exchange), ()
        except BaseException:
            # Whatever it was in the midst of, nobody goes on with it.
            self.close()
            raise

    def close(self) -> None:
        if self._connection is not None:
            self._connection.finish()
            self._connection = None

    # connecting -------------------------------------------------------------------------------------------------
    def _connected(self, exchange: Exchange) -> abc.PGconn:
        connection = pq.PGconn.connect_start(self._address(exchange).encode())
        until = exchange.until(_CONNECT_S)
        status = pq.PollingStatus.WRITING
        try:
            while status != pq.PollingStatus.OK:
                _check_connecting(connection, status)
                _wait(connection, exchange, until, writing=status == pq.PollingStatus.WRITING)
                status = pq.PollingStatus(connection.connect_poll())
        except BaseException:
            connection.finish()
            raise
        connection.nonblocking = 1
        return connection

    def _address(self, exchange: Exchange) -> str:
        """What libpq is told, all of it: nothing is left to its environment or to files in a home."""
        fields = self._fields
        if fields.get("sshTunnel"):
            raise ServerRefused(
                "The credential asks for an SSH tunnel, which this instance does not open.",
                code="operation_not_supported",
                hint="Let the database be reached directly, over TLS, and switch the tunnel off in the credential.",
                is_of_the_author=True,
            )
        host, port = parse_host(_bracketed(host_of(fields))), port_of(fields, PORT)
        found = self._dialer.addresses(host, port, exchange, service_ports=frozenset({PORT}))[:_MAX_ADDRESSES]
        repeated = len(found)
        return make_conninfo(
            host=",".join([host] * repeated),
            hostaddr=",".join(str(address) for address in found),
            port=",".join([str(port)] * repeated),
            dbname=str(fields.get("database") or fields.get("user") or "postgres"),
            user=str(fields.get("user") or "postgres"),
            password=str(fields.get("password") or ""),
            passfile="/nonexistent",
            connect_timeout=int(_CONNECT_S),
            client_encoding="UTF8",
            application_name="PumpFlix",
            gssencmode="disable",
            sslcertmode="disable",
            **self._tls(),
        )

    def _tls(self) -> dict[str, str]:
        if self._fields.get("allowUnauthorizedCerts"):
            return {"sslmode": "require", "sslrootcert": ""} if self._wants_tls() else {"sslmode": "prefer"}
        if not self._wants_tls():
            return {"sslmode": "disable"}
        return {"sslmode": "verify-full", "sslrootcert": self._dialer.policy.ca_file or certifi.where()}

    def _wants_tls(self) -> bool:
        return str(self._fields.get("ssl") or "disable") != "disable"

    # statements -------------------------------------------------------------------------------------------------
    def _run(self, arguments: JsonObject, exchange: Exchange) -> list[JsonObject]:
        work, together = arguments["work"], arguments.get("together")
        are_large_numbers = bool(arguments.get("largeNumbers"))
        if together == "all":
            return self._atomic(lambda: [self._item(one, exchange, are_large_numbers) for one in work], exchange)
        out: list[JsonObject] = []
        for statements in work:
            do = functools.partial(self._item, statements, exchange, are_large_numbers)
            try:
                out.append(self._atomic(do, exchange) if together == "item" and len(statements) > 1 else do())
            except ServerRefused as error:
                assert self._connection is not None
                if not arguments.get("goOn") or self._connection.transaction_status != pq.TransactionStatus.IDLE:
                    raise
                out.append({"error": error.message, "data": error.data})
        return out

    def _item(self, statements: list[Any], exchange: Exchange, are_large_numbers: bool) -> JsonObject:
        return {"results": [self._statement(sql, values, exchange, are_large_numbers) for sql, values in statements]}

    def _atomic(self, work: Callable[[], _T], exchange: Exchange) -> _T:
        while True:
            self._statement("BEGIN", [], exchange, False)
            try:
                done = work()
            except ServerRefused as error:
                assert self._connection is not None
                if self._connection.transaction_status == pq.TransactionStatus.INERROR:
                    self._statement("ROLLBACK", [], exchange, False)
                if not isinstance(error, _Undecided):
                    raise
                continue
            self._statement("COMMIT", [], exchange, False)
            return done

    def _statement(self, sql: str, values: list[Any], exchange: Exchange, are_large_numbers: bool) -> JsonObject:
        """The rows of one statement, or how many it touched. Where PostgreSQL cannot tell the kind of a parameter it is
        a text, as it would be in quotes: tried again at once, or raised as _Undecided inside a transaction."""
        while True:
            try:
                return self._once(sql, values, exchange, are_large_numbers)
            except ServerRefused as error:
                if not _decide(error, values):
                    raise
                if self._connection is None or self._connection.transaction_status != pq.TransactionStatus.IDLE:
                    raise _Undecided(error.message) from None

    def _once(self, sql: str, values: list[Any], exchange: Exchange, are_large_numbers: bool) -> JsonObject:
        connection = self._connection
        assert connection is not None
        texts = [None if text is None else str(text).encode("utf-8", "replace") for text, _ in values]
        # The extended protocol takes one statement at a time, whatever a text may hold.
        connection.send_query_params(
            sql.replace("\0", "").encode("utf-8", "replace"), texts, [int(kind) for _, kind in values]
        )
        connection.set_chunked_rows_mode(_CHUNK_ROWS)
        try:
            return self._answer(connection, exchange, are_large_numbers)
        except BaseException:
            if connection.transaction_status == pq.TransactionStatus.ACTIVE:
                _cancel(connection)
            raise

    def _answer(self, connection: abc.PGconn, exchange: Exchange, are_large_numbers: bool) -> JsonObject:
        rows: list[JsonObject] | None = None
        count = 0
        refusal: ServerRefused | None = None
        while (result := _next_result(connection, exchange)) is not None:
            match result.status:
                case pq.ExecStatus.TUPLES_OK | pq.ExecStatus.TUPLES_CHUNK | pq.ExecStatus.SINGLE_TUPLE:
                    rows = rows or []
                    rows += self._objects(result, are_large_numbers)
                case pq.ExecStatus.COMMAND_OK | pq.ExecStatus.EMPTY_QUERY:
                    count = result.command_tuples or 0
                case pq.ExecStatus.COPY_IN | pq.ExecStatus.COPY_OUT | pq.ExecStatus.COPY_BOTH:
                    raise ServerRefused(
                        "COPY is not supported here.", code="operation_not_supported", hint="Use SELECT."
                    )
                case _:
                    refusal = _refused(result)
            result.clear()
        if refusal is not None:
            raise refusal
        return {"rows": rows, "count": count if rows is None else len(rows)}

    def _objects(self, result: abc.PGresult, are_large_numbers: bool) -> list[JsonObject]:
        names = [(result.fname(column) or b"").decode("utf-8", "replace") for column in range(result.nfields)]
        kinds = [result.ftype(column) for column in range(result.nfields)]
        parsers = [pg_values.parser_for(kind, are_large_numbers=are_large_numbers) for kind in kinds]
        self._rows += result.ntuples
        out = []
        for row in range(result.ntuples):
            values = [result.get_value(row, column) for column in range(result.nfields)]
            self._received += sum(len(value) for value in values if value is not None)
            if self._received > MAX_BYTES or self._rows > MAX_ROWS:
                raise OutboundError("too_large", "The database answers with more than a node may hold.")
            texts = [None if value is None else value.decode("utf-8", "replace") for value in values]
            out.append(
                {
                    name: None if text is None else parse(text)
                    for name, parse, text in zip(names, parsers, texts, strict=True)
                }
            )
        return out


class _Undecided(ServerRefused):
    """The parameters are changed now; the transaction has to begin anew."""


def _decide(error: ServerRefused, values: list[Any]) -> bool:
    """Make a text of the parameter whose kind PostgreSQL could not tell. False if that was not the trouble."""
    named = re.search(r"\$(\d+)", error.message) if error.data.get("sqlState") == _INDETERMINATE else None
    number = int(named[1]) if named else 0
    if not 0 < number <= len(values) or values[number - 1][1] != 0:
        return False
    values[number - 1][1] = _TEXT
    return True


def _next_result(connection: abc.PGconn, exchange: Exchange) -> abc.PGresult | None:
    while connection.flush():
        _wait(connection, exchange, exchange.deadline, writing=True)
    while connection.is_busy():
        _wait(connection, exchange, exchange.deadline)
        try:
            connection.consume_input()
        except psycopg.OperationalError:
            raise OutboundError("connection_lost", "The host closed the connection.") from None
    return connection.get_result()


def _wait(connection: abc.PGconn, exchange: Exchange, until: float, *, writing: bool = False) -> None:
    """Until the socket can be read (or written), asking once a second whether to go on."""
    poller = select.poll()
    poller.register(connection.socket, select.POLLOUT | select.POLLIN if writing else select.POLLIN)
    while not poller.poll(max(1, int(exchange.slice_s(until) * 1000))):
        continue


def _cancel(connection: abc.PGconn) -> None:
    """Tell the server to stop what it is doing for us. Step by step, since libpq's own call would hold up every
    thread of the process while it waits for the server."""
    try:
        canceling = connection.cancel_conn()
        canceling.start()
    except psycopg.Error:
        return
    until = time.monotonic() + _CANCEL_S
    try:
        status = pq.PollingStatus(canceling.poll())
        while status in (pq.PollingStatus.READING, pq.PollingStatus.WRITING) and time.monotonic() < until:
            poller = select.poll()
            poller.register(canceling.socket, select.POLLIN if status == pq.PollingStatus.READING else select.POLLOUT)
            poller.poll(int(_CANCEL_S * 1000))
            status = pq.PollingStatus(canceling.poll())
    except psycopg.Error:
        return
    finally:
        canceling.finish()


def _check_connecting(connection: abc.PGconn, status: pq.PollingStatus) -> None:
    if connection.status == pq.ConnStatus.BAD or status == pq.PollingStatus.FAILED:
        raise _connect_failed(connection)


def _connect_failed(connection: abc.PGconn) -> ServerRefused | OutboundError:
    """The server's own word, if it had one; libpq's, which holds addresses, is not passed on."""
    said = connection.error_message.decode("utf-8", "replace")
    for mark in ("FATAL:", "ERROR:"):
        if mark in said:
            words = said.split(mark, 1)[1].strip().splitlines()[0]
            return ServerRefused(
                words,
                code="server_refused",
                hint="Check user, password and database of the credential.",
                is_transient="starting up" in words or "too many" in words,
            )
    if "SSL" in said or "certificate" in said:
        return OutboundError("tls_failed", "No encrypted connection could be agreed with the host.")
    return OutboundError("connect_failed", "The host does not accept the connection.")


def _refused(result: abc.PGresult) -> ServerRefused:
    def part(field: pq.DiagnosticField) -> str:
        return (result.error_field(field) or b"").decode("utf-8", "replace")

    state = part(pq.DiagnosticField.SQLSTATE)
    facts = {"sqlState": state, "detail": part(pq.DiagnosticField.MESSAGE_DETAIL)}
    message = part(pq.DiagnosticField.MESSAGE_PRIMARY)
    if not message:
        message = "The server closed the connection."
    return ServerRefused(
        message,
        hint=part(pq.DiagnosticField.MESSAGE_HINT) or facts["detail"],
        is_transient=not state or state.startswith(_TRANSIENT),
        data={name: value for name, value in facts.items() if value},
    )


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host and not host.startswith("[") else host
