"""The visitors of the gallery, against a server that counts what they read."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from pumpflix.lab import gallery_load


class Site(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    read = 0
    broken = ""

    def do_GET(self) -> None:
        if self.path == "/metrics":
            hits = f'pumpflix_gallery_cache_requests_total{{result="hit"}} {Site.read:.1f}\n'
            return self.answer(200, hits + 'pumpflix_gallery_cache_requests_total{result="miss"} 1.0\n')
        Site.read += 1
        return self.answer(500 if self.path == Site.broken else 200, "page")

    def answer(self, status: int, text: str) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())
        self.wfile.flush()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def site():
    Site.read, Site.broken = 0, ""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def told(capsys) -> str:
    return capsys.readouterr().out.splitlines()[-1]


def test_the_last_line_tells_rate_and_hits(site, capsys):
    code = gallery_load.main([site, "--seconds", "0.2", "--visitors", "2", "--token", "t"])
    assert code == 0
    assert f"0 failed, hit rate 100.00% of {Site.read}" in told(capsys)


def test_a_page_that_fails_fails_the_campaign(site, capsys):
    Site.broken = "/"
    assert gallery_load.main([site, "--seconds", "0.2", "--visitors", "1"]) == 1
    assert " 0 failed" not in told(capsys)
