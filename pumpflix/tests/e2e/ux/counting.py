"""A server that somebody else runs, as far as the product knows: it counts what reaches it, fails when it is told to
and keeps callers waiting until it is let go."""

import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from pumpflix.tests.product import OUTSIDE


class Outside:
    """`calls` by path, `keys` the Idempotency-Keys by path. Paths: `/count` answers, `/fail-once` says 500 the first
    time, `/hold` answers once `release` was called."""

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()
        self.keys: dict[str, list[str]] = {}
        self.held = threading.Event()
        self._gate = threading.Event()
        self._server = ThreadingHTTPServer((OUTSIDE, 0), self._handler())
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://{OUTSIDE}:{self._server.server_port}"

    def release(self) -> None:
        self._gate.set()

    def close(self) -> None:
        self.release()
        self._server.shutdown()
        self._server.server_close()

    def answer(self, path: str, key: str) -> int:
        self.calls[path] += 1
        self.keys.setdefault(path, []).append(key)
        if path == "/hold":
            self.held.set()
            self._gate.wait(120)
        return 500 if path == "/fail-once" and self.calls[path] == 1 else 200

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        outside = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                status = outside.answer(self.path, self.headers.get("Idempotency-Key") or "")
                body = b'{"ok":true}'
                try:
                    self.send_response(status)
                    self.send_header("Content-Type", "application/json")
                    self.send_header("Content-Length", str(len(body)))
                    self.end_headers()
                    self.wfile.write(body)
                except OSError:
                    return  # its caller was killed

            def log_message(self, *_told: Any) -> None:
                return

        return Handler
