"""SSH and SFTP over paramiko, which is handed the connection. The key of the host is taken as it comes, as n8n does.

run      {"command": text}                              -> {code, signal, stdout, stderr}
list, get, put, rename, delete                          as FTP has them"""

import io
import logging
import socket
import stat
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from posixpath import dirname, join
from typing import Any

import paramiko

from pumpflix.lib.safe_http.dialer import Dialer
from pumpflix.lib.safe_http.errors import OutboundError
from pumpflix.lib.safe_http.servers.listing import iso, mode_entry
from pumpflix.lib.safe_http.servers.sockets import MAX_BYTES, STEP_S, dialled, lost
from pumpflix.lib.safe_http.servers.speaker import JsonObject, Poll, Said, ServerRefused, unknown_verb
from pumpflix.lib.safe_http.servers.watch import watched

PORT = 22
MAX_ENTRIES = 20_000
MAX_DEPTH = 32
MAX_OUTPUT = 16 * 1024 * 1024
_CHUNK = 65_536
_START_S = 30.0
_TICK_S = 0.05
# It tells of every connection, and names users.
logging.getLogger("paramiko").setLevel(logging.CRITICAL)
_KEYS: tuple[Any, ...] = (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey)


class SshSpeaker:
    """Commands and files over one connection."""

    def __init__(self, dialer: Dialer, fields: Mapping[str, Any], poll: Poll | None) -> None:
        self._dialer = dialer
        self._fields = fields
        self._poll = poll
        self._transport: Any = None
        self._socket: socket.socket | None = None
        self._files: Any = None

    def ask(self, verb: str, arguments: JsonObject, data: bytes, timeout_s: float) -> Said:
        try:
            if self._transport is None:
                self._connect()
            assert self._socket is not None
            with watched(self._socket, timeout_s, self._poll):
                return self._do(verb, arguments, data)
        except ServerRefused:
            raise
        except (paramiko.SSHException, EOFError):
            self.close()
            raise lost() from None
        except OSError as error:
            if error.errno is None and not isinstance(error, FileNotFoundError | PermissionError):
                # A refusal of the file server comes as an error of its own kind, with words and often no number.
                raise ServerRefused(str(error) or "The server refuses.") from None
            raise self._of_a_file(error, arguments) from None
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()
        self._transport = self._files = self._socket = None

    # connecting -------------------------------------------------------------------------------------------------
    def _connect(self) -> None:
        opened = dialled(self._dialer, self._fields, PORT, self._poll)
        opened.socket.settimeout(STEP_S)
        transport = paramiko.Transport(opened.socket)
        try:
            with watched(opened.socket, _START_S, self._poll):
                transport.start_client(timeout=_START_S)
                self._sign_in(transport)
        except paramiko.AuthenticationException:
            transport.close()
            raise ServerRefused(
                "The server does not accept the sign-in.", hint="Check user, password or key of the credential."
            ) from None
        except BaseException:
            transport.close()
            raise
        self._transport, self._socket = transport, opened.socket

    def _sign_in(self, transport: Any) -> None:
        fields = self._fields
        user, key = str(fields.get("username") or ""), str(fields.get("privateKey") or "").strip()
        if key:
            transport.auth_publickey(user, read_key(key, str(fields.get("passphrase") or "")))
        else:
            transport.auth_password(user, str(fields.get("password") or ""))

    # asking -----------------------------------------------------------------------------------------------------
    def _do(self, verb: str, arguments: JsonObject, data: bytes) -> Said:
        if verb == "run":
            return self._run(str(arguments["command"])), ()
        match verb:
            case "list":
                return self._list(str(arguments["path"]) or "/", bool(arguments.get("recursive"))), ()
            case "get":
                return None, (self._get(str(arguments["path"])),)
            case "put":
                self._put(str(arguments["path"]), data)
            case "rename":
                if arguments.get("makeFolders"):
                    self._make_folders(dirname(str(arguments["to"])))
                self._sftp().posix_rename(str(arguments["from"]), str(arguments["to"]))
            case "delete":
                self._delete(str(arguments["path"]), arguments)
            case _:
                raise unknown_verb("SSH", verb)
        return None, ()

    def _run(self, command: str) -> JsonObject:
        channel = self._transport.open_session(timeout=_START_S)
        try:
            channel.exec_command(command)
            channel.shutdown_write()
            out, err = _drained(channel)
            code = channel.recv_exit_status()
        finally:
            channel.close()
        # -1 stands for a command that a signal ended: the library keeps the name of it to itself.
        signal = None if code >= 0 else "SIGTERM"
        texts = {name: data.decode("utf-8", "replace").strip() for name, data in (("stdout", out), ("stderr", err))}
        return {"code": code if code >= 0 else None, "signal": signal, **texts}

    def _sftp(self) -> Any:
        if self._files is None:
            self._files = paramiko.SFTPClient.from_transport(self._transport)
        return self._files

    def _list(self, path: str, is_recursive: bool) -> list[JsonObject]:
        found: list[JsonObject] = []
        folders = [(path, 0)]
        while folders:
            folder, depth = folders.pop(0)
            entries = self._sftp().listdir_attr(folder)
            found += [_entry(one, folder) for one in entries]
            if len(found) > MAX_ENTRIES:
                raise OutboundError("too_large", "There are more files than a node may list.")
            if is_recursive and depth < MAX_DEPTH:
                folders += [
                    (join(folder, one.filename), depth + 1) for one in entries if stat.S_ISDIR(one.st_mode or 0)
                ]
        return found

    def _get(self, path: str) -> bytes:
        size = self._sftp().stat(path).st_size or 0
        if size > MAX_BYTES:
            raise OutboundError("too_large", "The file is larger than a node may hold.")
        out = io.BytesIO()
        self._sftp().getfo(path, out)
        return out.getvalue()

    def _put(self, path: str, data: bytes) -> None:
        self._make_folders(dirname(path))
        self._sftp().putfo(io.BytesIO(data), path, file_size=len(data))

    def _make_folders(self, path: str) -> None:
        missing = []
        while path.strip("/") and not self._is_there(path):
            missing.append(path)
            path = dirname(path)
        for folder in reversed(missing):
            self._sftp().mkdir(folder)

    def _is_there(self, path: str) -> bool:
        try:
            self._sftp().stat(path)
        except FileNotFoundError:
            return False
        return True

    def _delete(self, path: str, arguments: JsonObject) -> None:
        if not arguments.get("folder"):
            self._sftp().remove(path)
            return
        if arguments.get("recursive"):
            for entry in sorted(self._list(path, is_recursive=True), key=lambda one: -str(one["path"]).count("/")):
                remove: Callable[[str], None] = self._sftp().rmdir if entry["type"] == "d" else self._sftp().remove
                remove(str(entry["path"]))
        self._sftp().rmdir(path)

    def _of_a_file(self, error: OSError, arguments: JsonObject) -> ServerRefused | OutboundError:
        if isinstance(error, ConnectionError | TimeoutError):
            self.close()
            return lost()
        path = arguments.get("path") or arguments.get("from") or ""
        return ServerRefused(f"{error.strerror or error}: {path}".strip(": "), data={"errno": error.errno or 0})


SftpSpeaker = SshSpeaker


def read_key(text: str, passphrase: str) -> Any:
    """A private key of whatever kind. Raises ServerRefused for a text that is none, or is locked."""
    whole = text.replace("\\n", "\n") if "\n" not in text else text
    for kind in _KEYS:
        try:
            return kind.from_private_key(io.StringIO(whole + "\n"), password=passphrase or None)
        except paramiko.PasswordRequiredException:
            hint, message = "Enter its passphrase in the credential.", "The private key is locked."
            raise _key_refused(message, hint) from None
        except (paramiko.SSHException, ValueError, IndexError, UnicodeDecodeError):
            continue
    hint = "Paste the whole text of the key, its first and last line too."
    raise _key_refused("The private key of the credential cannot be read.", hint)


def _key_refused(message: str, hint: str) -> ServerRefused:
    return ServerRefused(message, code="credential_incomplete", hint=hint, is_of_the_author=True)


def _drained(channel: Any) -> tuple[bytes, bytes]:
    """Both outputs to their end."""
    out, err = bytearray(), bytearray()
    while True:
        is_ended = channel.exit_status_ready() or channel.closed
        if channel.recv_ready():
            out += channel.recv(_CHUNK)
        elif channel.recv_stderr_ready():
            err += channel.recv_stderr(_CHUNK)
        elif is_ended or channel.eof_received:
            if not channel.exit_status_ready() and not channel.closed:
                time.sleep(_TICK_S)
                continue
            return bytes(out), bytes(err)
        else:
            time.sleep(_TICK_S)
        if not channel.get_transport().is_active():
            raise paramiko.SSHException("lost")
        if len(out) + len(err) > MAX_OUTPUT:
            raise OutboundError("too_large", "The command writes more than a node may hold.")


def _entry(one: Any, folder: str) -> JsonObject:
    return {
        **mode_entry(one.filename, one.st_mode or 0),
        "size": one.st_size or 0,
        "modifyTime": iso(datetime.fromtimestamp(one.st_mtime or 0, UTC)),
        "accessTime": iso(datetime.fromtimestamp(one.st_atime or 0, UTC)),
        "owner": one.st_uid or 0,
        "group": one.st_gid or 0,
        "longname": str(one.longname),
        "path": join(folder, one.filename),
    }
