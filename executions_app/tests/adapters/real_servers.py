"""Servers that the tests talk to, each real and on a free port of this machine."""

import asyncio
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import asyncssh

from executions_app.adapters.connect import ConnectAdapter
from pumpflix.lib.safe_http import Dialer, OutboundPolicy, parse_open_networks

USER, PASSWORD = "ada", "open-sesame"
HERE = "127.0.0.1"


def adapter(*ports: int, poll: Callable[[], None] | None = None) -> ConnectAdapter:
    """Conversations with servers of this machine at those ports, all ports if none is named."""
    opened = f"127.0.0.0/8:{'+'.join(map(str, ports))}" if ports else "127.0.0.0/8"
    return ConnectAdapter(Dialer(OutboundPolicy(parse_open_networks(opened))), poll=poll)


def free_port() -> int:
    with socket.socket() as found:
        found.bind((HERE, 0))
        return int(found.getsockname()[1])


def wait_for(is_up: Callable[[], bool], what: str) -> None:
    until = time.monotonic() + 30
    while not is_up():
        if time.monotonic() > until:
            raise AssertionError(f"{what} did not start.")
        time.sleep(0.05)


def answers(port: int) -> bool:
    with suppress(OSError), socket.create_connection((HERE, port), timeout=1):
        return True
    return False


@contextmanager
def in_a_loop(start: Callable[[], Any]) -> Iterator[None]:
    """A server of asyncio in a thread of its own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    server = asyncio.run_coroutine_threadsafe(start(), loop).result(20)
    try:
        yield
    finally:
        loop.call_soon_threadsafe(server.close)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)


@contextmanager
def reachable(url: str, default_port: int) -> Iterator[int]:
    """The port at which the server of a URL is reached over TCP; a server at a Unix socket is relayed to."""
    parts = urlsplit(url)
    folder = parse_qs(parts.query).get("host", [""])[0]
    path = (
        unquote(parts.path) if parts.scheme == "unix" else f"{folder}/.s.PGSQL.{parts.port or 5432}" if folder else ""
    )
    if not path:
        yield parts.port or default_port
        return
    port = free_port()

    async def relay(near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        far, on = await asyncio.open_unix_connection(path)
        await asyncio.gather(pump(near, on), pump(far, back))

    async def pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await source.read(65_536):
                sink.write(data)
                await sink.drain()
        sink.close()

    async def start() -> Any:
        return await asyncio.start_server(relay, HERE, port)

    with in_a_loop(start):
        yield port


@contextmanager
def ftp_server(folder: Path) -> Iterator[int]:
    port = free_port()
    # A program of its own: the library still builds on modules whose end is announced.
    options = ["-i", HERE, "-p", str(port), "-u", USER, "-P", PASSWORD, "-w", "-d", str(folder)]
    process = subprocess.Popen([sys.executable, "-W", "ignore", "-m", "pyftpdlib", *options], stderr=subprocess.DEVNULL)
    try:
        wait_for(lambda: answers(port), "The FTP server")
        yield port
    finally:
        process.kill()
        process.wait()


class SignIn(asyncssh.SSHServer):
    def begin_auth(self, username: str) -> bool:
        return True

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return (username, password) == (USER, PASSWORD)


@contextmanager
def ssh_server(folder: Path, keys: Path) -> Iterator[int]:
    """Runs commands in that folder; `keys` lists public keys that may sign in."""
    port = free_port()

    async def serve(process: Any) -> None:
        made = await asyncio.create_subprocess_shell(
            process.command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        out, err = await made.communicate()
        process.stdout.write(out.decode())
        process.stderr.write(err.decode())
        process.exit(made.returncode)

    async def start() -> Any:
        return await asyncssh.create_server(
            SignIn,
            HERE,
            port,
            server_host_keys=[asyncssh.generate_private_key("ssh-ed25519")],
            authorized_client_keys=str(keys),
            process_factory=serve,
            sftp_factory=lambda channel: asyncssh.SFTPServer(channel, chroot=str(folder).encode()),
        )

    with in_a_loop(start):
        yield port


def program(name: str) -> str:
    """Its path; empty where this machine does not have it."""
    return shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin") or ""


@contextmanager
def mariadb(folder: Path) -> Iterator[int]:
    port = free_port()
    install = [program("mariadb-install-db"), "--no-defaults", f"--datadir={folder}", "--skip-test-db",
               "--auth-root-authentication-method=normal"]  # fmt: skip
    subprocess.run([*install, *as_root()], check=True, capture_output=True)
    start = folder / "start.sql"
    start.write_text(
        f"CREATE DATABASE shop;\nCREATE USER '{USER}'@'%' IDENTIFIED BY '{PASSWORD}';\n"
        f"GRANT ALL ON *.* TO '{USER}'@'%';\n"
    )
    command = [program("mariadbd"), "--no-defaults", f"--datadir={folder}", f"--port={port}", f"--bind-address={HERE}",
               f"--socket={folder}/s", f"--init-file={start}", "--skip-name-resolve"]  # fmt: skip
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([*command, *as_root()], stdout=log, stderr=log)
        try:
            wait_for(lambda: answers(port), "MariaDB")
            yield port
        finally:
            process.kill()
            process.wait()


def as_root() -> list[str]:
    return ["--user=root"] if os.getuid() == 0 else []


DOVECOT = """
protocols = imap
base_dir = {folder}/run
log_path = {folder}/log
ssl = no
disable_plaintext_auth = no
default_login_user = {login}
default_internal_user = {login}
first_valid_uid = 0
mail_location = maildir:{folder}/mail
service imap-login {{
  chroot =
  inet_listener imap {{
    address = 127.0.0.1
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={login} gid={login} home={folder}/mail
}}
"""


@contextmanager
def dovecot(folder: Path) -> Iterator[int]:
    """Started by root, since it changes to other users."""
    port = free_port()
    login = "dovecot"
    folder.chmod(0o755)
    for inner in ("run", "mail"):
        (folder / inner).mkdir()
    shutil.chown(folder / "mail", login, login)
    config = folder / "dovecot.conf"
    config.write_text(DOVECOT.format(folder=folder, port=port, login=login, password=PASSWORD))
    process = subprocess.Popen([program("dovecot"), "-F", "-c", str(config)])
    try:
        wait_for(lambda: answers(port), "Dovecot")
        yield port
    finally:
        process.terminate()
        process.wait(20)
