"""P1: executions of every shape, and a kill every 0.5-3 s of a worker, its child, web, Redis or PostgreSQL."""

from pumpflix.lab.chaos.campaign import Options, campaign
from pumpflix.lab.chaos.report import Verdict


def run(options: Options) -> Verdict:
    kills, workers = (20, 3) if options.is_ci else (100, 4)
    count = options.count(1000, 200)
    # The lease of the product. A shorter one would promise a recovery in less time than its workers take to start.
    with campaign(options, "storm", lease_s=10.0, workers=workers) as it:
        deployed = it.deploy(12 if options.is_ci else 40)
        cases = it.load(deployed, count, over_s=kills * 1.75, during=lambda: it.storm(kills))
        quiet_s = it.wait_quiet(180)
        verdict = it.judge(cases)
        it.check_recovery(verdict)
        it.check_kills(verdict, kills)
        verdict.figures |= {
            "quiet_after_s": round(quiet_s, 1),
            "worker_start_s": round(it.worker_start_s, 1),
        }
        return verdict
