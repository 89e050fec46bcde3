"""MySQL and MariaDB over PyMySQL, which is handed the connection. Values are escaped by the library, which knows the
server's rules; nothing is pasted into a text.

    run   {"work": [[[sql, values], …], …], "together": "all" | "item" | "", "goOn": bool,
           "largeNumbers": "lossy"?, "decimals": bool?, "dates": bool?}          as for PostgreSQL
          -> [{"results": [{"rows": [{…}] | null, "header": {…}?}]} | {"error": message, "data": {…}}, …]"""

import functools
import re
import ssl
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import certifi
import pymysql
from pymysql.constants import CLIENT, CR, ER
from pymysql.cursors import SSCursor

from pumpflix.lib.safe_http.dialer import Dialer
from pumpflix.lib.safe_http.errors import OutboundError
from pumpflix.lib.safe_http.servers import my_values
from pumpflix.lib.safe_http.servers.sockets import MAX_BYTES, STEP_S, dialled, lost
from pumpflix.lib.safe_http.servers.speaker import JsonObject, Poll, Said, ServerRefused, unknown_verb
from pumpflix.lib.safe_http.servers.watch import watched

_T = TypeVar("_T")

PORT = 3306
MAX_ROWS = 200_000
_OF_THE_LIBRARY = range(2000, 3000)
_TRANSIENT = frozenset({ER.LOCK_DEADLOCK, ER.LOCK_WAIT_TIMEOUT, ER.CON_COUNT_ERROR, ER.SERVER_SHUTDOWN})


class _Dialled(pymysql.Connection):
    """Speaks over a connection that is there already, and reads so much per question and no more."""

    received = 0

    def _read_bytes(self, num_bytes: int) -> bytes:
        self.received += num_bytes
        if self.received > MAX_BYTES:
            raise OutboundError("too_large", "The database answers with more than a node may hold.")
        data: bytes = super()._read_bytes(num_bytes)
        return data


class MysqlSpeaker:
    def __init__(self, dialer: Dialer, fields: Mapping[str, Any], poll: Poll | None) -> None:
        self._dialer = dialer
        self._fields = fields
        self._poll = poll
        self._connection: _Dialled | None = None
        self._rows = 0

    def ask(self, verb: str, arguments: JsonObject, data: bytes, timeout_s: float) -> Said:  # noqa: ARG002
        if verb != "run":
            raise unknown_verb("MySQL", verb)
        self._rows = 0
        connection = self._connection or self._connected()
        connection.received = 0
        try:
            with watched(connection._sock, timeout_s, self._poll):
                return self._run(connection, arguments), ()
        except (pymysql.MySQLError, OSError) as error:
            self.close()
            raise refusal(error) from None
        except BaseException:
            self._kill(connection)
            self.close()
            raise

    def close(self) -> None:
        if self._connection is not None:
            self._connection._force_close()
            self._connection = None

    # connecting -------------------------------------------------------------------------------------------------
    def _connected(self) -> _Dialled:
        self._connection = self._opened()
        return self._connection

    def _opened(self) -> _Dialled:
        fields = self._fields
        if fields.get("sshTunnel"):
            raise ServerRefused(
                "The credential asks for an SSH tunnel, which this instance does not open.",
                code="operation_not_supported",
                hint="Let the database be reached directly, over TLS, and switch the tunnel off in the credential.",
                is_of_the_author=True,
            )
        opened = dialled(self._dialer, fields, PORT, self._poll)
        connection = _Dialled(
            host=str(fields.get("host") or ""),
            user=str(fields.get("user") or ""),
            password=str(fields.get("password") or ""),
            database=str(fields.get("database") or "") or None,
            charset="utf8mb4",
            autocommit=True,
            read_timeout=STEP_S,
            write_timeout=STEP_S,
            ssl=self._tls(),
            conv={**pymysql.converters.encoders},
            local_infile=False,
            client_flag=CLIENT.FOUND_ROWS,
            defer_connect=True,
            read_default_file=None,
        )
        try:
            opened.socket.settimeout(STEP_S)
            with watched(opened.socket, STEP_S, self._poll):
                connection.connect(opened.socket)
        except (pymysql.MySQLError, OSError) as error:
            opened.close()
            raise refusal(error, hint="Check user, password and database of the credential.") from None
        except BaseException:
            opened.close()
            raise
        return connection

    def _tls(self) -> ssl.SSLContext | None:
        """TLS with the authority and the client certificate of the credential, where it names them."""
        fields = self._fields
        if not fields.get("ssl"):
            return None
        own = str(fields.get("caCertificate") or "")
        try:
            context = ssl.create_default_context(
                cafile=None if own else self._dialer.policy.ca_file or certifi.where(), cadata=own or None
            )
        except (ssl.SSLError, ValueError):
            raise ServerRefused(
                "The certificate authority of the credential is no certificate in PEM form.",
                code="credential_incomplete",
                is_of_the_author=True,
            ) from None
        # A private authority mostly signs for a name that the server is not reached by; its signature is the proof.
        context.check_hostname = not own
        return context

    def _kill(self, connection: _Dialled) -> None:
        """Tell the server to stop what it is doing for us: it would not notice that we have gone."""
        try:
            other = self._opened()
            with watched(other._sock, 5.0, None):
                other.kill(connection.thread_id())
            other._force_close()
        except Exception:  # noqa: BLE001  the connection is given up in any case
            return

    # statements -------------------------------------------------------------------------------------------------
    def _run(self, connection: _Dialled, arguments: JsonObject) -> list[JsonObject]:
        work, together = arguments["work"], arguments.get("together")
        if together == "all":
            return self._atomic(connection, lambda: [self._item(connection, one, arguments) for one in work])
        out: list[JsonObject] = []
        for statements in work:
            do = functools.partial(self._item, connection, statements, arguments)
            try:
                is_whole = together == "item" and len(statements) > 1
                out.append(self._atomic(connection, do) if is_whole else do())
            except pymysql.MySQLError as error:
                if not arguments.get("goOn") or not connection.open or _is_lost(error):
                    raise
                refused = refusal(error)
                assert isinstance(refused, ServerRefused)
                out.append({"error": refused.message, "data": refused.data})
        return out

    def _atomic(self, connection: _Dialled, work: Callable[[], _T]) -> _T:
        connection.begin()
        try:
            done = work()
        except pymysql.MySQLError as error:
            if connection.open and not _is_lost(error):
                connection.rollback()
            raise
        connection.commit()
        return done

    def _item(self, connection: _Dialled, statements: list[Any], arguments: JsonObject) -> JsonObject:
        results = []
        for sql, values in statements:
            with connection.cursor(SSCursor) as cursor:
                cursor.execute(sql, values)
                results += self._results(cursor, arguments)
        return {"results": results}

    def _results(self, cursor: Any, arguments: JsonObject) -> list[JsonObject]:
        """One per result: a procedure may give several."""
        out = []
        while True:
            rows = self._objects(cursor, arguments) if cursor.description else None
            out.append({"rows": rows, "header": header_of(cursor._result)} if rows is None else {"rows": rows})
            if not cursor.nextset():
                return out

    def _objects(self, cursor: Any, arguments: JsonObject) -> list[JsonObject]:
        fields = cursor._result.fields
        parsers = [
            my_values.parser_for(field.type_code, is_binary=field.charsetnr == my_values.BINARY, wishes=arguments)
            for field in fields
        ]
        out: list[JsonObject] = []
        for row in cursor:
            self._rows += 1
            if self._rows > MAX_ROWS:
                raise OutboundError("too_large", "The database answers with more rows than a node may hold.")
            out.append(
                {
                    field.name: None if value is None else parse(value)
                    for field, parse, value in zip(fields, parsers, row, strict=True)
                }
            )
        return out


def header_of(result: Any) -> JsonObject:
    """What the server tells of a statement without rows, under the names that n8n shows."""
    # A length of one byte stands before the words.
    info = (result.message or b"")[1:].decode("utf-8", "replace")
    changed = re.search(r"Changed: (\d+)", info)
    return {
        "fieldCount": 0,
        "affectedRows": result.affected_rows or 0,
        "insertId": result.insert_id or 0,
        "info": info,
        "serverStatus": result.server_status or 0,
        "warningStatus": result.warning_count or 0,
        "changedRows": int(changed[1]) if changed else 0,
    }


def _is_lost(error: pymysql.MySQLError) -> bool:
    number = error.args[0] if error.args and isinstance(error.args[0], int) else 0
    return number in (CR.CR_SERVER_GONE_ERROR, CR.CR_SERVER_LOST) or isinstance(error, pymysql.InterfaceError)


def refusal(error: Exception, *, hint: str = "") -> ServerRefused | OutboundError:
    """The server's words; the library's own say nothing that helps."""
    if not isinstance(error, pymysql.MySQLError) or _is_lost(error) or len(error.args) < 2:
        return lost()
    number, words = error.args[0], str(error.args[1])
    if isinstance(number, int) and number in _OF_THE_LIBRARY:
        return OutboundError("tls_failed" if "SSL" in words else "connect_failed", "The connection cannot be agreed.")
    return ServerRefused(words, hint=hint, is_transient=number in _TRANSIENT, data={"errno": number})
