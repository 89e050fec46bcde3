"""What changes executions: start, cancel, retry, and make a sample of a run."""

from executions_app.services.approvals import answer_approval
from executions_app.services.bulk import act
from executions_app.services.cassettes import cassette_of
from executions_app.services.control import cancel, decide, retry
from executions_app.services.kept_results import clear_kept_results
from executions_app.services.partial import Preview, fork, preview, retry_from_failed, run_to
from executions_app.services.start import start_manual_run, start_sample_run

__all__ = [
    "Preview",
    "act",
    "answer_approval",
    "cancel",
    "cassette_of",
    "clear_kept_results",
    "decide",
    "fork",
    "preview",
    "retry",
    "retry_from_failed",
    "run_to",
    "start_manual_run",
    "start_sample_run",
]
