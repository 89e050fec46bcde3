"""P4: PostgreSQL is stopped at once, for half a second to twenty seconds. What was accepted is there; callers are told
to come back; no worker stays away."""

import time

import httpx

from pumpflix.lab.chaos.campaign import Campaign, Options, campaign
from pumpflix.lab.chaos.faults import InBackground
from pumpflix.lab.chaos.report import Verdict, percentile

ANSWER_S = 2.0
PROBE_S = 0.2
WORKERS_BACK_S = 60.0


def run(options: Options) -> Verdict:
    stops = [1.0, 5.0] if options.is_ci else [0.5, 0.5, 1.0, 1.0, 2.0, 2.0, 5.0, 5.0, 10.0, 20.0]
    with campaign(options, "postgres", lease_s=10.0) as it:
        deployed = it.deploy(12, longest_wait_s=3)
        probe = Probe(it, deployed[0][1], deployed[0][0].path)
        probing = InBackground(probe.run)
        count, over_s = options.count(300, 60), sum(stops) + 4 * len(stops)
        cases = it.load(deployed, count, over_s=over_s, during=lambda: stop(it, stops))
        began = time.monotonic()
        it.stack.wait_for_workers(2, WORKERS_BACK_S)
        back_s = time.monotonic() - began
        it.wait_quiet(120)
        probe.is_over = True
        probing.wait()
        verdict = it.judge(cases)
        probe.check(verdict)
        verdict.figures |= {"stops": len(stops), "down_s": sum(stops), "workers_back_s": round(back_s, 1)}
        return verdict


def stop(it: Campaign, stops: list[float]) -> None:
    lengths = list(stops)
    it.faults.rng.shuffle(lengths)
    for seconds in lengths:
        time.sleep(3.0)
        it.faults.hold_down("postgres", seconds)
        it.truth.now()


class Probe:
    """Asks the API and a webhook all the time, and keeps what they said."""

    def __init__(self, it: Campaign, workflow_id: str, path: str) -> None:
        self.it, self.workflow_id, self.path = it, workflow_id, path
        self.is_over = False
        self.answers: list[tuple[str, int, float, bool]] = []

    def run(self) -> None:
        client = httpx.Client(base_url=self.it.stack.url, timeout=30)
        while not self.is_over:
            headers = {"Authorization": f"Bearer {self.it.client.token}"}
            self.ask("api", lambda given=headers: client.get(f"/api/workflows/{self.workflow_id}", headers=given))
            self.ask("hook", lambda: client.put(f"/webhook/{self.path}", json={}))
            self.ask("unknown hook", lambda: client.post(f"/webhook/{time.monotonic_ns()}", json={}))
            time.sleep(PROBE_S)
        client.close()

    def ask(self, kind: str, send: object) -> None:
        assert callable(send)
        began = time.monotonic()
        try:
            answer = send()
        except httpx.HTTPError:
            self.answers.append((kind, 0, time.monotonic() - began, False))
        else:
            told = (kind, answer.status_code, time.monotonic() - began, "retry-after" in answer.headers)
            self.answers.append(told)

    def check(self, verdict: Verdict) -> None:
        broken = [one for one in self.answers if one[1] == 0 or one[1] in (500, 502, 504)]
        away = [one for one in self.answers if one[1] == 503]
        slow = [one for one in away if one[2] > ANSWER_S]
        mute = [one for one in away if not one[3]]
        verdict.check("no other error than 503", not broken, broken[:5])
        verdict.check("503 was seen", bool(away))
        verdict.check(f"503 within {ANSWER_S} s", not slow, slow[:5])
        verdict.check("503 says when to come back", not mute, mute[:5])
        seconds = [one[2] for one in away]
        verdict.figures |= {
            "probes": len(self.answers),
            "told_503": len(away),
            "told_503_p95_s": round(percentile(seconds, 0.95), 3),
            "told_503_max_s": round(max(seconds, default=0.0), 3),
        }
