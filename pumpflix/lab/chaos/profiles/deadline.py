"""P19: runs whose worker is frozen in the middle of a node. Another one ends them soon after their time."""

import os
import signal
import time

from pumpflix.lab.chaos.campaign import Options, campaign
from pumpflix.lab.chaos.report import Verdict
from pumpflix.lab.chaos.single import fetching

LIMIT_S = 6
LEASE_S = 4.0
SLACK_S = 2.0
ENDS = ("node_timeout", "deadline_exceeded")
BUSIEST = """
SELECT worker_pid FROM executions_app_execution WHERE status = 'running'
 GROUP BY worker_pid ORDER BY count(*) DESC LIMIT 1
"""
LATE = """
SELECT status, epoch, error_code, extract(epoch FROM finished_at - deadline_at)::float8 FROM executions_app_execution
"""


def run(options: Options) -> Verdict:
    count = options.count(20, 6)
    environ = {"PUMPFLIX_RUN_TIME_LIMIT_S": str(LIMIT_S)}
    with campaign(options, "deadline", lease_s=LEASE_S, environ=environ) as it:
        workflow_id = it.client.deploy(fetching("hanging", f"{it.book.url}/hang?delay_ms=600000"))
        for number in range(count):
            it.client.start(workflow_id, {}, key=f"deadline-{number}")
        it.book.wait_for(count, path="/hang")
        frozen = it.truth.value(BUSIEST)
        os.kill(frozen, signal.SIGSTOP)
        time.sleep(LIMIT_S + LEASE_S)
        it.wait_quiet(30)
        os.kill(frozen, signal.SIGCONT)
        verdict = it.judge([])
        rows = it.truth.rows(LATE)
        late = [row[3] for row in rows if row[3] is not None]
        verdict.executions = len(rows)
        verdict.figures |= {"latest_s": round(max(late, default=0.0), 1)}
        verdict.check("every run ended", len(late) == count, f"{len(late)} of {count}")
        by_others = sum(row[1] > 1 for row in rows)
        verdict.figures |= {"ended_by_another": by_others}
        is_in_words = all(row[0] == "error" and row[2] in ENDS for row in rows)
        verdict.check("each as an error of its time", is_in_words, rows[:3])
        verdict.check("what the frozen one held was ended by another", by_others > 0, rows[:3])
        verdict.check(
            f"<= {LEASE_S + SLACK_S} s late", all(one <= LEASE_S + SLACK_S for one in late), max(late, default=0)
        )
        return verdict
