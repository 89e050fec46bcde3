"""IMAP over imaplib, which is handed the connection. Mails are fetched without marking them; that is a verb of its own.

search   {"mailbox": text, "criteria": [word, …]}         -> {"validity": n, "uids": [n, …]}
fetch    {"mailbox": text, "uids": [n, …]}                -> [{"uid", "size"}, …] and each mail as it came
mark     {"mailbox": text, "uids": [n, …]}                -> null; they are read now"""

import imaplib
import re
import socket
from collections.abc import Mapping
from typing import Any

from pumpflix.lib.safe_http.dialer import Dialer
from pumpflix.lib.safe_http.errors import OutboundError
from pumpflix.lib.safe_http.servers.sockets import MAX_BYTES, STEP_S, dialled, lost
from pumpflix.lib.safe_http.servers.speaker import JsonObject, Poll, Said, ServerRefused, host_of, unknown_verb
from pumpflix.lib.safe_http.servers.watch import watched

PORT = 993
MAX_MAIL_BYTES = 30 * 1024 * 1024


class _Dialled(imaplib.IMAP4):
    """Speaks over a connection that is there already."""

    def __init__(self, sock: socket.socket, host: str) -> None:
        self._given = sock
        super().__init__(host, PORT, timeout=STEP_S)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        self._given.settimeout(timeout)
        return self._given


class ImapSpeaker:
    def __init__(self, dialer: Dialer, fields: Mapping[str, Any], poll: Poll | None) -> None:
        self._dialer = dialer
        self._fields = fields
        self._poll = poll
        self._client: _Dialled | None = None
        self._mailbox = ""
        self._validity = 0

    def ask(self, verb: str, arguments: JsonObject, data: bytes, timeout_s: float) -> Said:  # noqa: ARG002
        try:
            client = self._client or self._connected()
            with watched(client.socket(), timeout_s, self._poll):
                self._select(client, str(arguments["mailbox"]))
                return self._do(client, verb, arguments)
        except imaplib.IMAP4.abort:
            self.close()
            raise lost() from None
        except imaplib.IMAP4.error as error:
            raise ServerRefused(words(error)) from None
        except ServerRefused:
            raise
        except OSError:
            self.close()
            raise lost() from None
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        client, self._client, self._mailbox = self._client, None, ""
        if client is not None:
            client.shutdown()

    def _connected(self) -> _Dialled:
        fields = self._fields
        opened = dialled(self._dialer, fields, PORT, self._poll)
        try:
            if fields.get("secure", True):
                opened.start_tls(verify=not fields.get("allowUnauthorizedCerts"))
            with watched(opened.socket, STEP_S, self._poll):
                client = _Dialled(opened.socket, host_of(fields))
                password = str(fields.get("password") or "")
                quoted(password)  # refuses a line break; the library writes its own quotes
                client.login(quoted(str(fields.get("user") or "")), password)
        except imaplib.IMAP4.abort:
            opened.close()
            raise lost() from None
        except imaplib.IMAP4.error as error:
            opened.close()
            raise ServerRefused(words(error), hint="Check user and password of the credential.") from None
        except BaseException:
            opened.close()
            raise
        self._client = client
        return client

    def _select(self, client: _Dialled, mailbox: str) -> None:
        if self._mailbox == mailbox:
            return
        status, said = client.select(quoted(mailbox))
        if status != "OK":
            raise ServerRefused(text_of(said[0]), hint="Check the name of the mailbox.")
        self._mailbox, self._validity = mailbox, validity_of(client)

    def _do(self, client: _Dialled, verb: str, arguments: JsonObject) -> Said:
        if verb == "search":
            # The first word is the character set; plain ASCII needs none, and some servers know no other.
            criteria = [str(word) for word in arguments["criteria"]]
            is_plain = all(word.isascii() for word in criteria)
            found = self._uid(client, "SEARCH", *([] if is_plain else ["CHARSET", "UTF-8"]), *criteria)
            uids = sorted(int(number) for line in found if line for number in line.split())
            return {"validity": self._validity, "uids": uids}, ()
        if verb == "fetch":
            return self._fetch(client, [int(uid) for uid in arguments["uids"]])
        if verb == "mark":
            marked = ",".join(str(int(uid)) for uid in arguments["uids"])
            self._uid(client, "STORE", marked, "+FLAGS.SILENT", "(\\Seen)")
            return None, ()
        raise unknown_verb("IMAP", verb)

    def _uid(self, client: _Dialled, command: str, *words_of: str) -> list[Any]:
        encoded: list[Any] = [word if word.isascii() else word.encode("utf-8") for word in words_of]
        status, said = client.uid(command, *encoded)
        if status != "OK":
            raise ServerRefused(text_of(said[0]))
        return said

    def _fetch(self, client: _Dialled, uids: list[int]) -> Said:
        """One after the other, so that a large one is known before it comes."""
        shown: list[JsonObject] = []
        files: list[bytes] = []
        total = 0
        for uid in uids:
            size = self._size(client, uid)
            if size is None:
                continue
            total += size
            if size > MAX_MAIL_BYTES or total > MAX_BYTES:
                raise OutboundError("too_large", "The mails are larger than a node may hold.")
            said = self._uid(client, "FETCH", str(uid), "(UID BODY.PEEK[])")
            parts = [part for part in said if isinstance(part, tuple)]
            if parts:
                shown.append({"uid": uid, "size": size})
                files.append(bytes(parts[0][1]))
        return shown, tuple(files)

    def _size(self, client: _Dialled, uid: int) -> int | None:
        """None for a mail that has gone meanwhile."""
        for line in self._uid(client, "FETCH", str(uid), "(UID RFC822.SIZE)"):
            found = re.search(rb"RFC822\.SIZE (\d+)", line) if isinstance(line, bytes) else None
            if found is not None:
                return int(found[1])
        return None


def validity_of(client: imaplib.IMAP4) -> int:
    """The number that changes when a mailbox is made anew; the server tells it once, when the mailbox is opened."""
    said = client.response("UIDVALIDITY")[1]
    number = text_of(said[0]) if said and said[0] else ""
    return int(number) if number.isdigit() else 0


def quoted(text: str) -> str:
    """A string as IMAP writes it. A line break would end the command."""
    if any(char in text for char in "\r\n\0"):
        raise ServerRefused("A name for the mail server has a line break.", is_of_the_author=True)
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def words(error: Exception) -> str:
    """What the server said; the library wraps it in its own words and in bytes."""
    said = error.args[0] if error.args else ""
    return text_of(said).removeprefix("[AUTHENTICATIONFAILED] ")


def text_of(said: Any) -> str:
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
