"""P8: every doorbell rings five times, shuffled, and every webhook is delivered five times with one delivery id."""

import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor

import httpx
from celery import Celery

from pumpflix.lab.chaos.campaign import Campaign, Options, campaign
from pumpflix.lab.chaos.judge import Case
from pumpflix.lab.chaos.report import Verdict

TIMES = 5
SENDERS = 10
DOORBELLS = {
    "executions.drain": "workflow-executions",
    "notifications.drain": "notifications",
    "exports.drain": "exports",
    "audits.drain": "audits",
    "maintenance.drain": "maintenance",
}


def run(options: Options) -> Verdict:
    with campaign(options, "duplicates", lease_s=10.0) as it:
        cases = it.cases(it.deploy(10, longest_wait_s=2), options.count(200, 40), api_share=0.0)
        answers = deliver(it, cases)
        rung = ring(it, len(cases))
        it.wait_quiet(60)
        verdict = it.judge(cases)
        told = {case.id: {execution for _, execution in answers[case.id]} for case in cases}
        odd = {case: ids for case, ids in told.items() if len(ids) != 1 or ids == {""}}
        verdict.check("every delivery names the same execution", not odd, list(odd.items())[:3])
        refused = [status for found in answers.values() for status, _ in found if status not in (200, 202)]
        verdict.check("every delivery is answered with 2xx", not refused, refused[:5])
        verdict.check("no effect happens twice", verdict.duplicates == 0, verdict.duplicates)
        verdict.figures |= {"deliveries": TIMES * len(cases), "doorbells": rung}
        return verdict


def deliver(it: Campaign, cases: list[Case]) -> dict[str, list[tuple[int, str]]]:
    """All deliveries of all cases, shuffled, several at a time: by case, what each was answered with."""
    deliveries = [case for case in cases for _ in range(TIMES)]
    it.rng.shuffle(deliveries)
    answers: dict[str, list[tuple[int, str]]] = defaultdict(list)

    def send(case: Case) -> None:
        answer: httpx.Response = it.client.hook_once(case.flow.path, case.body, delivery=case.id)
        case.accepted_at = case.accepted_at or time.time()
        answers[case.id].append((answer.status_code, answer.headers.get("x-pumpflix-execution", "")))

    with ThreadPoolExecutor(SENDERS) as senders:
        list(senders.map(send, deliveries))
    return answers


def ring(it: Campaign, executions: int) -> int:
    """Five doorbells for each execution, and for each queue of side jobs, in any order."""
    bells = ["executions.drain"] * (TIMES * executions) + list(DOORBELLS) * TIMES
    it.rng.shuffle(bells)
    app = Celery(broker=it.stack.broker_url)
    app.conf.broker_transport_options = {"global_keyprefix": "pf-celery:"}
    with app.connection_for_write() as connection:
        for bell in bells:
            app.send_task(bell, queue=DOORBELLS[bell], ignore_result=True, connection=connection)
    return len(bells)
