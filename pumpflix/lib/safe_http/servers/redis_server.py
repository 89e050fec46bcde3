"""Redis and Valkey.

commands   {"commands": [[word, …], …]}          -> [reply, …]; the first refusal ends it
scan       {"pattern": text}                     -> the keys, each once"""

from collections.abc import Mapping
from typing import Any

from redis.connection import Connection
from redis.exceptions import AuthenticationError, RedisError, ResponseError
from redis.exceptions import ConnectionError as RedisConnectionError

from pumpflix.lib.safe_http.dialer import Dialer
from pumpflix.lib.safe_http.errors import OutboundError
from pumpflix.lib.safe_http.servers.sockets import STEP_S, CountedSocket, dialled, lost
from pumpflix.lib.safe_http.servers.speaker import JsonObject, Poll, Said, ServerRefused, unknown_verb
from pumpflix.lib.safe_http.servers.watch import watched

PORT = 6379
MAX_KEYS = 100_000
_SCAN_COUNT = 1000
_TRANSIENT = ("LOADING", "BUSY", "TRYAGAIN", "CLUSTERDOWN", "MASTERDOWN", "READONLY")


class _Dialled(Connection):
    """Speaks over a connection that is there already."""

    def __init__(self, sock: CountedSocket, fields: Mapping[str, Any]) -> None:
        self.given = sock
        super().__init__(  # type: ignore[no-untyped-call]
            db=int(fields.get("database") or 0),
            username=str(fields.get("user") or "") or None,
            password=str(fields.get("password") or "") or None,
            protocol=2,
            socket_timeout=STEP_S,
        )

    def _connect(self) -> CountedSocket:
        self.given.settimeout(STEP_S)
        return self.given


class RedisSpeaker:
    def __init__(self, dialer: Dialer, fields: Mapping[str, Any], poll: Poll | None) -> None:
        self._dialer = dialer
        self._fields = fields
        self._poll = poll
        self._connection: _Dialled | None = None

    def ask(self, verb: str, arguments: JsonObject, data: bytes, timeout_s: float) -> Said:  # noqa: ARG002
        try:
            connection = self._connection or self._connected()
            connection.given.begin()
            with watched(connection.given.below, timeout_s, self._poll):
                if verb == "commands":
                    return [self._reply(connection, command) for command in arguments["commands"]], ()
                if verb == "scan":
                    return self._scan(connection, str(arguments["pattern"])), ()
        except ServerRefused:
            raise
        except (RedisError, OSError):
            self.close()
            raise lost() from None
        except BaseException:
            self.close()
            raise
        raise unknown_verb("Redis", verb)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.disconnect()  # type: ignore[no-untyped-call]
            self._connection = None

    def _connected(self) -> _Dialled:
        opened = dialled(self._dialer, self._fields, PORT, self._poll)
        try:
            if self._fields.get("ssl"):
                opened.start_tls(verify=not self._fields.get("disableTlsVerification"))
            connection = _Dialled(CountedSocket(opened.socket), self._fields)
            with watched(opened.socket, STEP_S, self._poll):
                connection.connect()  # type: ignore[no-untyped-call]
        except (AuthenticationError, ResponseError) as error:
            opened.close()
            raise ServerRefused(str(error), hint="Check user, password and database of the credential.") from None
        except (RedisConnectionError, RedisError) as error:
            opened.close()
            said = error.__cause__ or error
            if isinstance(said, ResponseError | AuthenticationError):
                raise ServerRefused(str(said), hint="Check user, password and database of the credential.") from None
            raise lost() from None
        except BaseException:
            opened.close()
            raise
        self._connection = connection
        return connection

    def _reply(self, connection: _Dialled, command: list[Any]) -> Any:
        words = [str(word).encode("utf-8", "surrogatepass") for word in command]
        connection.send_command(*words)  # type: ignore[no-untyped-call]
        try:
            return shown(connection.read_response())
        except ResponseError as error:
            # The library takes the first word off an error it knows; the server said it.
            text = str(error)
            raise ServerRefused(text, is_transient=text.startswith(_TRANSIENT)) from None

    def _scan(self, connection: _Dialled, pattern: str) -> list[str]:
        """Page after page: asking for all keys at once would hold up everybody else on the server."""
        found: dict[str, None] = {}
        cursor = "0"
        while True:
            cursor, keys = self._reply(connection, ["SCAN", cursor, "MATCH", pattern, "COUNT", _SCAN_COUNT])
            found.update(dict.fromkeys(keys))
            if len(found) > MAX_KEYS:
                raise OutboundError("too_large", "The server has more such keys than a node may hold.")
            if cursor == "0":
                return list(found)


def shown(reply: Any) -> Any:
    """A reply as JSON: bytes are text."""
    if isinstance(reply, bytes):
        return reply.decode("utf-8", "replace")
    if isinstance(reply, list):
        return [shown(entry) for entry in reply]
    if isinstance(reply, ResponseError):
        raise reply
    return reply
