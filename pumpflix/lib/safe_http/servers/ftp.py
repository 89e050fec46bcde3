"""FTP, over ftplib; its data connections go through the dialer too, and always to the host of the credential.

list     {"path": text, "recursive": bool}              -> [{type, name, size, modifyTime, rights, …, path}, …]
get      {"path": text}                                 -> null and the file
put      {"path": text}, the file as data               -> null; folders on the way are made
rename   {"from": text, "to": text, "makeFolders": bool} -> null
delete   {"path": text, "folder": bool, "recursive": bool} -> null"""

import ftplib  # nosec B402 - the node that an administrator switches on speaks it
import io
import socket
from collections.abc import Mapping
from contextlib import ExitStack
from posixpath import dirname, join
from typing import Any

from pumpflix.lib.safe_http.connection import open_connection
from pumpflix.lib.safe_http.dialer import Dialer
from pumpflix.lib.safe_http.errors import OutboundError
from pumpflix.lib.safe_http.servers.listing import read_line
from pumpflix.lib.safe_http.servers.sockets import MAX_BYTES, STEP_S, dialled, lost
from pumpflix.lib.safe_http.servers.speaker import JsonObject, Poll, Said, ServerRefused, host_of, unknown_verb
from pumpflix.lib.safe_http.servers.watch import watched

PORT = 21
MAX_ENTRIES = 20_000
MAX_DEPTH = 32


class _Dialled(ftplib.FTP):
    """Speaks over a connection that is there already; opens the others through the dialer."""

    def __init__(self, sock: socket.socket, dialer: Dialer, host: str, poll: Poll | None) -> None:
        super().__init__(timeout=STEP_S, encoding="utf-8")
        self._dialer = dialer
        self._poll = poll
        self.host = host
        self.sock = sock
        self.af = sock.family
        self.file = sock.makefile("r", encoding=self.encoding, errors="replace")
        self.data = ExitStack()
        self.until_s = STEP_S

    def ntransfercmd(self, cmd: str, rest: int | str | None = None) -> tuple[socket.socket, int | None]:  # noqa: ARG002
        _, port = self.makepasv()
        opened = open_connection(self._dialer, self.host, port, timeout_s=STEP_S, poll=self._poll)
        self.data.callback(opened.close)
        opened.socket.settimeout(STEP_S)
        self.data.enter_context(watched(opened.socket, self.until_s, self._poll, is_closed_inside=True))
        answer = self.sendcmd(cmd)
        if answer[0] == "2":
            answer = self.getresp()
        if answer[0] != "1":
            raise ftplib.error_reply(answer)  # noqa: S321  as its users want it
        return opened.socket, None


class FtpSpeaker:
    def __init__(self, dialer: Dialer, fields: Mapping[str, Any], poll: Poll | None) -> None:
        self._dialer = dialer
        self._fields = fields
        self._poll = poll
        self._client: _Dialled | None = None

    def ask(self, verb: str, arguments: JsonObject, data: bytes, timeout_s: float) -> Said:
        try:
            client = self._client or self._connected()
            client.until_s = timeout_s
            assert client.sock is not None
            with watched(client.sock, timeout_s, self._poll):
                return self._do(client, verb, arguments, data)
        except ftplib.Error as error:
            self._give_up_unless_in_step(error)
            raise refusal(error) from None
        except (OSError, EOFError):
            self.close()
            raise lost() from None
        except ValueError as error:
            raise ServerRefused(
                f"The path cannot be sent: {error}.", code="parameter_error", is_of_the_author=True
            ) from None
        except ServerRefused:
            raise
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None

    def _give_up_unless_in_step(self, error: ftplib.Error) -> None:
        """After a plain no the conversation goes on; after anything else nobody knows where it stands."""
        if not isinstance(error, ftplib.error_perm):
            self.close()

    def _connected(self) -> _Dialled:
        fields = self._fields
        opened = dialled(self._dialer, fields, PORT, self._poll)
        opened.socket.settimeout(STEP_S)
        client = _Dialled(opened.socket, self._dialer, host_of(fields), self._poll)
        try:
            with watched(opened.socket, STEP_S, self._poll):
                client.welcome = client.getresp()
                client.login(str(fields.get("username") or "anonymous"), str(fields.get("password") or ""))
        except BaseException:
            client.close()
            raise
        self._client = client
        return client

    def _do(self, client: _Dialled, verb: str, arguments: JsonObject, data: bytes) -> Said:
        with client.data:
            match verb:
                case "list":
                    return self._list(client, str(arguments["path"]), bool(arguments.get("recursive"))), ()
                case "get":
                    return None, (self._get(client, str(arguments["path"])),)
                case "put":
                    self._make_folders(client, dirname(str(arguments["path"])))
                    client.storbinary(f"STOR {arguments['path']}", io.BytesIO(data))
                case "rename":
                    if arguments.get("makeFolders"):
                        self._make_folders(client, dirname(str(arguments["to"])))
                    client.rename(str(arguments["from"]), str(arguments["to"]))
                case "delete":
                    self._delete(client, str(arguments["path"]), arguments)
                case _:
                    raise unknown_verb("FTP", verb)
        return None, ()

    def _list(self, client: _Dialled, path: str, is_recursive: bool) -> list[JsonObject]:
        found: list[JsonObject] = []
        folders = [(path or "/", 0)]
        while folders:
            folder, depth = folders.pop(0)
            lines: list[str] = []
            client.retrlines(f"LIST {folder}", lines.append)
            entries = [entry for line in lines if (entry := read_line(line)) and entry["name"] not in (".", "..")]
            found += [{**entry, "path": join(folder, str(entry["name"]))} for entry in entries]
            if len(found) > MAX_ENTRIES:
                raise OutboundError("too_large", "There are more files than a node may list.")
            if is_recursive and depth < MAX_DEPTH:
                folders += [(join(folder, str(one["name"])), depth + 1) for one in entries if one["type"] == "d"]
        return found

    def _get(self, client: _Dialled, path: str) -> bytes:
        out = bytearray()

        def take(data: bytes) -> None:
            out.extend(data)
            if len(out) > MAX_BYTES:
                raise OutboundError("too_large", "The file is larger than a node may hold.")

        client.retrbinary(f"RETR {path}", take)
        return bytes(out)

    def _make_folders(self, client: _Dialled, path: str) -> None:
        """Those that are there already are refused, which is fine: what follows fails if one is really missing."""
        made = ""
        for part in path.split("/"):
            made = f"{made}/{part}" if part else made
            if part:
                try:
                    client.mkd(made if path.startswith("/") else made.lstrip("/"))
                except ftplib.error_perm:
                    continue

    def _delete(self, client: _Dialled, path: str, arguments: JsonObject) -> None:
        if not arguments.get("folder"):
            client.delete(path)
            return
        if arguments.get("recursive"):
            inside = self._list(client, path, is_recursive=True)
            for entry in sorted(inside, key=lambda entry: -str(entry["path"]).count("/")):
                if entry["type"] == "d":
                    client.rmd(str(entry["path"]))
                else:
                    client.delete(str(entry["path"]))
        client.rmd(path)


def refusal(error: ftplib.Error) -> ServerRefused:
    """The server's words without the number before them."""
    words = str(error)
    number, _, rest = words.partition(" ")
    if not number.isdigit():
        return ServerRefused(words)
    hint = "Check user and password of the credential." if number == "530" else ""
    return ServerRefused(rest, hint=hint, is_transient=number.startswith("4"), data={"ftpCode": int(number)})
