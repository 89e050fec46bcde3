"""How fast the gallery answers, and how often from its cache: `python -m pumpflix.lab.gallery_load URL [--seconds 20]`.

Visitors read the home page, titles, the search and the list of the API from a running PumpFlix, a few at a time, over
connections that are kept. Told for each page: requests, p50 and p95 of the answers in ms, bytes over the wire. With
`--token` (of `PUMPFLIX_METRICS_TOKEN`) the hit rate of the cache meanwhile stands in the last line.
"""

import argparse
import http.client
import re
import statistics
import sys
import threading
import time
from collections import defaultdict
from urllib.parse import urlsplit

PAGES = ("/", "/", "/", "/templates/csv-clean-up", "/templates/overdue-invoice-chaser", "/search?q=invoice", "/about")
METRIC = re.compile(r'^pumpflix_gallery_cache_requests_total\{result="(hit|miss)"\} ([\d.e+]+)$', re.M)


class Visitor(threading.Thread):
    """Reads one page after the other until the time is over."""

    def __init__(self, host: str, until: float, first: int) -> None:
        super().__init__(daemon=True)
        self.host, self.until, self.turn = host, until, first
        self.answers: dict[str, list[tuple[float, int, int]]] = defaultdict(list)

    def run(self) -> None:
        connection = http.client.HTTPConnection(self.host, timeout=30)
        while time.monotonic() < self.until:
            page = PAGES[self.turn % len(PAGES)]
            self.turn += 1
            began = time.perf_counter()
            connection.request("GET", page, headers={"Accept-Encoding": "gzip"})
            answer = connection.getresponse()
            size = len(answer.read())
            self.answers[page].append(((time.perf_counter() - began) * 1000, answer.status, size))
        connection.close()


def cache_counts(host: str, token: str) -> dict[str, float]:
    """Hits and misses so far."""
    connection = http.client.HTTPConnection(host, timeout=10)
    connection.request("GET", "/metrics", headers={"Authorization": f"Bearer {token}"})
    text = connection.getresponse().read().decode()
    connection.close()
    return {"hit": 0.0, "miss": 0.0} | {result: float(count) for result, count in METRIC.findall(text)}


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m pumpflix.lab.gallery_load")
    parser.add_argument("url")
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--visitors", type=int, default=4)
    parser.add_argument("--token", default="")
    chosen = parser.parse_args(arguments)
    host = urlsplit(chosen.url).netloc
    before = cache_counts(host, chosen.token) if chosen.token else {}
    until = time.monotonic() + chosen.seconds
    visitors = [Visitor(host, until, first) for first in range(chosen.visitors)]
    for visitor in visitors:
        visitor.start()
    for visitor in visitors:
        visitor.join()
    failed = tell(visitors)
    rate = ""
    if chosen.token:
        after = cache_counts(host, chosen.token)
        hits, misses = (after[name] - before[name] for name in ("hit", "miss"))
        rate = f", hit rate {hits / max(hits + misses, 1):.2%} of {hits + misses:.0f}"
    total = sum(len(same) for visitor in visitors for same in visitor.answers.values())
    say(f"gallery: {total / chosen.seconds:.0f} requests/s by {chosen.visitors} visitors, {failed} failed{rate}")
    return 1 if failed else 0


def tell(visitors: list[Visitor]) -> int:
    """A line for each page; returns how many answers were none."""
    say(f"{'page':36} {'requests':>8} {'p50 ms':>8} {'p95 ms':>8} {'bytes':>8}")
    failed = 0
    for page in dict.fromkeys(PAGES):
        answers = [answer for visitor in visitors for answer in visitor.answers[page]]
        if not answers:
            continue
        times = sorted(ms for ms, _, _ in answers)
        failed += sum(status != 200 for _, status, _ in answers)
        p95 = times[min(len(times) - 1, int(len(times) * 0.95))]
        say(f"{page:36} {len(answers):8} {statistics.median(times):8.1f} {p95:8.1f} {answers[-1][2]:8}")
    return failed


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
