"""Side jobs about runs."""

from executions_app.job_kinds import JobRun, job_kind
from executions_app.services import failures
from workflows_app.engine.items import JsonObject

FAILURES_EVERY_S = 10.0


@job_kind("executions.tell-failures", queue="notifications", every_s=FAILURES_EVERY_S)
def tell_failures(run: JobRun) -> JsonObject:  # noqa: ARG001 - what every job is called with
    return {"told": failures.tell_owners()}
