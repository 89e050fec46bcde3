"""A campaign that finds nothing is worth something only if it would have found it."""

import pytest

from pumpflix.lab.chaos import profiles
from pumpflix.lab.chaos.campaign import Options

pytestmark = pytest.mark.live


def test_faults_planted_in_the_workers_turn_the_campaign_red() -> None:
    verdict = profiles.run("planted", Options(seed=1, is_ci=True))
    assert verdict.is_kept, verdict.to_json()
