"""A slice of the campaign `make fuzz`: whatever is sent, the answer is as documented, and nobody is let in unasked."""

import os
from pathlib import Path
from typing import Any

import pytest

from pumpflix.api.tests.test_examples import operations
from pumpflix.lib.rest.operations import REGISTRY
from pumpflix.tests.access import fuzz
from pumpflix.tests.access.world import CALLERS, People

pytestmark = [pytest.mark.app, pytest.mark.django_db, pytest.mark.requirement(48, 51, 58)]

SLICE = ("workflows", "executions", "credentials")
"""What the owner is asked with every run of the tests; the campaign asks for all, and everybody."""

WANTED = [
    pytest.param(name, caller, id=f"{name}-{caller}")
    for caller in CALLERS
    if fuzz.examples(caller)
    for name in sorted(operations())
    if "FUZZ_EXAMPLES" in os.environ or (caller == "owner" and name.startswith(SLICE))
]


@pytest.mark.parametrize("name,caller", WANTED)
def test_whatever_is_sent_the_answer_is_as_documented(people: People, name: str, caller: str) -> None:
    operation = fuzz.operations()[name]

    def judge(case: Any, response: Any) -> None:
        case.validate_response(response, checks=fuzz.CHECKS)
        if caller == "visitor" and not fuzz.is_public(operation):
            # An address whose id is none leads nowhere, for whomever.
            is_there = dict(case.path_parameters or {}) == dict(REGISTRY[name].samples[0].path)
            assert response.status_code in ((401,) if is_there else (401, 404)), "A visitor was let in."

    made = fuzz.fuzz(name, fuzz.examples(caller), fuzz.headers_of(people, caller), judge)
    if tally := os.environ.get("FUZZ_TALLY"):
        with Path(tally).open("a", encoding="utf-8") as file:
            file.write(f"{caller} {name} {made}\n")
