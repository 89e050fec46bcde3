"""n8n's own cases, where this machine has them, through the prelude without engine and nodes."""

import pytest

from pumpflix.lib.tests.prelude import conformance

CASES = conformance.folder()


@pytest.mark.skipif(CASES is None, reason="the conformance folder is not on this machine")
@pytest.mark.parametrize("tier, least", [("expressions", 385), ("code", 74)])
def test_enough_cases_of_a_tier_pass(tier: str, least: int) -> None:
    assert CASES is not None
    reasons = {case["id"]: reason for case, reason in conformance.failures(CASES, tier)}
    failed = {case: reason for case, reason in reasons.items() if reason}
    assert len(reasons) - len(failed) >= least, failed
