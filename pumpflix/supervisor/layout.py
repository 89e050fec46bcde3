"""Which processes the tree has, and how each is started."""

import http.client
import os
import signal
import socket
import sys
from dataclasses import dataclass, replace

from pumpflix.env import ROOT, Env
from pumpflix.supervisor.child import Child
from pumpflix.supervisor.data_folder import DataFolder
from pumpflix.supervisor.servers import EmbeddedServers, server_environment
from pumpflix.supervisor.spawn import Recipe

# Of glibc. Many threads that each keep memory for themselves are more than a few arenas are good for. Large items get
# pages of their own, which the system has back when they go; left alone, the limit grows with the largest that went.
MEMORY = {"MALLOC_ARENA_MAX": "2", "MALLOC_MMAP_THRESHOLD_": str(2**19), "MALLOC_TRIM_THRESHOLD_": str(2**21)}
QUEUES = "workflow-executions,notifications,exports,audits,maintenance"
ANSWER_S = 1.0


@dataclass(frozen=True)
class Layout:
    env: Env
    data: DataFolder
    listener: socket.socket

    def embedded(self) -> EmbeddedServers | None:
        """None when both addresses are given."""
        if self.env.database_url and self.env.redis_url:
            return None
        return EmbeddedServers.in_folder(self.data)

    def servers(self, embedded: EmbeddedServers | None) -> list[Child]:
        """Those whose address is not given. The cluster is created here, at the first start."""
        if embedded is None:
            return []
        children = []
        if not self.env.database_url:
            embedded.create_cluster()
            recipe = Recipe(
                embedded.postgres_command(),
                server_environment(),
                account=embedded.account,
                death_signal=signal.SIGQUIT,
            )
            log = self.data.logs / "postgres.log"
            children.append(
                Child("postgres", recipe, log, stop_signal=signal.SIGINT, is_ready=embedded.is_postgres_ready)
            )
        if not self.env.redis_url:
            recipe = Recipe(embedded.valkey_command(), server_environment(), account=embedded.account)
            log = self.data.logs / "valkey.log"
            children.append(Child("valkey", recipe, log, is_ready=embedded.is_valkey_ready))
        return children

    def prepare(self) -> Child:
        """Whoever starts the database alone knows that no worker of before is left."""
        is_alone = not self.env.database_url
        return self._python("preparation", "manage.py", "prepare", *(["--alone"] if is_alone else []))

    def processes(self, only: str | None = None) -> list[Child]:
        """Web first, then workers; or one of the two kinds alone."""
        web = [self.web()] if only != "workers" else []
        return web + (self.workers() if only != "web" else [])

    def web(self) -> Child:
        number = self.listener.fileno()
        recipe = self._recipe("-m", "pumpflix.web", str(number))
        return Child("web", replace(recipe, inherited=(number,)), is_ready=self._answers)

    def workers(self) -> list[Child]:
        count = self.env.workers or os.cpu_count() or 1
        return [self._worker(number) for number in range(1, count + 1)]

    def watcher(self) -> Child:
        return self._python("watcher", "-m", "pumpflix.supervisor.watch", str(os.getpid()))

    def _worker(self, number: int) -> Child:
        return self._python(
            f"worker {number}",
            *("-m", "celery", "--app", "pumpflix.celery", "--quiet", "worker"),
            *("--hostname", f"worker{number}-{os.getpid()}@%h"),
            *("--pool", "threads", "--concurrency", str(self.env.worker_threads), "--queues", QUEUES),
            *("--loglevel", self.env.log_level, "--without-gossip", "--without-mingle", "--without-heartbeat"),
        )

    def _python(self, name: str, *arguments: str) -> Child:
        return Child(name, self._recipe(*arguments))

    def _recipe(self, *arguments: str) -> Recipe:
        addresses = {
            "DATABASE_URL": self.env.database_url or self.data.database_url,
            "REDIS_URL": self.env.redis_url or self.data.redis_url,
        }
        given = {"DJANGO_SETTINGS_MODULE": "pumpflix.settings", "PYTHONUNBUFFERED": "1", **MEMORY}
        environ = {**given, **os.environ, **addresses}
        return Recipe([sys.executable, *arguments], environ, cwd=ROOT)

    def _answers(self) -> bool:
        host, port = self.listener.getsockname()[:2]
        connection = http.client.HTTPConnection(reachable(host), port, timeout=ANSWER_S)
        try:
            connection.request("GET", "/health/live")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()


def reachable(host: str) -> str:
    """The address to call a listener at that listens everywhere."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not bound
