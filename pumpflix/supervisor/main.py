"""What `manage.py up` runs: the whole product as one tree."""

import argparse
import socket
import sys
from collections.abc import Sequence

from pumpflix import env as environment
from pumpflix.env import Env
from pumpflix.supervisor.data_folder import DataFolder, DataFolderInUse
from pumpflix.supervisor.layout import Layout
from pumpflix.supervisor.servers import EmbeddedServerError
from pumpflix.supervisor.signals import Signals
from pumpflix.supervisor.tree import Tree

BACKLOG = 2048
ONLY = ("web", "workers")
LONGER_THAN_A_WORKER_S = 5


def main(arguments: Sequence[str]) -> int:
    """Returns the exit code, once everything has stopped."""
    parser = argparse.ArgumentParser(prog="manage.py up", description="Start PumpFlix and keep it running.")
    parser.add_argument("--reload", action="store_true", help="fresh web and worker processes when a file changes")
    parser.add_argument("--only", choices=ONLY, help="this part alone, for machines that share a database")
    chosen = parser.parse_args(list(arguments))
    try:
        env = environment.from_process()
        data = DataFolder(env.data_dir)
        require_shared(env, chosen.only)
        with data.lock(), listen(env, only=chosen.only) as listener, Signals().caught() as signals:
            tree = _tree(Layout(env, data, listener), signals, reload=chosen.reload, only=chosen.only)
            return tree.run(when_ready=lambda: print(_greeting(env, chosen.only), flush=True))  # noqa: T201
    except (environment.SettingsInvalid, DataFolderInUse, EmbeddedServerError, OSError) as error:
        print(f"pumpflix: {error}", file=sys.stderr)  # noqa: T201 - the operator's terminal
        return 1


def require_shared(env: Env, only: str | None) -> None:
    """Raises OSError: parts on their own meet in one database, so that has to be given."""
    if only and not (env.database_url and env.redis_url):
        raise OSError("--only needs DATABASE_URL and REDIS_URL: the parts meet in one database.")


def listen(env: Env, *, only: str | None = None) -> socket.socket:
    """Bound before anything starts, so that a taken port costs nothing but a message. Workers alone listen nowhere."""
    listener = socket.socket(socket.AF_INET6 if ":" in env.host else socket.AF_INET, socket.SOCK_STREAM)
    if only == "workers":
        return listener
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((env.host, env.port))
    except OSError as error:
        listener.close()
        raise OSError(f"cannot listen on {env.host}:{env.port} ({error.strerror}). Choose another with PORT.") from None
    listener.listen(BACKLOG)
    return listener


def _tree(layout: Layout, signals: Signals, *, reload: bool, only: str | None = None) -> Tree:
    embedded = layout.embedded()
    servers = layout.servers(embedded)
    processes = layout.processes(only)
    return Tree(
        servers=servers,
        prepare=layout.prepare(),
        processes=processes,
        held=processes[:1] if only != "workers" else [],
        helpers=[layout.watcher()] if reload else [],
        signals=signals,
        grace_s=layout.env.grace_s + LONGER_THAN_A_WORKER_S,
        when_servers_answer=embedded.create_database if embedded and not layout.env.database_url else _nothing,
    )


def _nothing() -> None:
    pass


def _greeting(env: Env, only: str | None) -> str:
    return "PumpFlix's workers are running" if only == "workers" else f"PumpFlix is ready at {_address(env)}"


def _address(env: Env) -> str:
    host = "localhost" if env.host in ("0.0.0.0", "::", "127.0.0.1") else env.host  # noqa: S104 - compared, not bound
    return env.public_url or f"http://{host}:{env.port}"
