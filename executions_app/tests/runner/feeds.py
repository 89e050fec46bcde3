"""A feed on this machine that tests can change between two looks."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Feed:
    """Answers with its entries, newest first; with `status` otherwise. `gate` holds answers back, `asked` counts."""

    def __init__(self) -> None:
        self.entries: list[str] = []
        self.status = 200
        self.asked = 0
        self.url = ""
        self.gate = threading.Event()
        self.gate.set()

    def body(self) -> bytes:
        items = "".join(f"<item><title>{name}</title><guid>{name}</guid></item>" for name in self.entries)
        return f'<rss version="2.0"><channel><title>News</title>{items}</channel></rss>'.encode()


@contextmanager
def served_feed() -> Iterator[Feed]:
    feed = Feed()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            feed.asked += 1
            feed.gate.wait(10)
            body = feed.body()
            self.send_response(feed.status)
            self.send_header("Content-Type", "application/rss+xml")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    feed.url = f"http://127.0.0.1:{server.server_port}/feed"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield feed
    finally:
        feed.gate.set()
        server.shutdown()
        server.server_close()
