"""Somebody who uses the REST API: lists of what there is, one after the other."""

import http.client
import itertools
import time
from urllib.parse import urlsplit

from pumpflix.lab.bench.load import Answers

READS = ("/api/executions?limit=50", "/api/workflows", "/api/workflow-templates", "/api/auth/me", "/api/node-types")
TIMEOUT_S = 30.0


class Caller:
    """One connection that is kept, one key."""

    def __init__(self, url: str, key: str) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=TIMEOUT_S)
        self._headers = {"X-API-Key": key, "Content-Type": "application/json"}
        self._paths = itertools.cycle(READS)

    def read_one(self, answers: Answers) -> None:
        began = time.perf_counter()
        try:
            status, _ = self.ask("GET", next(self._paths))
        except (OSError, http.client.HTTPException) as error:
            answers.bad[type(error).__name__] += 1
            self._connection.close()
            return
        if status == 200:
            answers.latencies_ms.append((time.perf_counter() - began) * 1000)
        else:
            answers.bad[str(status)] += 1

    def ask(self, method: str, path: str, body: bytes | None = None) -> tuple[int, bytes]:
        self._connection.request(method, path, body, self._headers)
        answer = self._connection.getresponse()
        return answer.status, answer.read()
