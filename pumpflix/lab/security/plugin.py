"""Loaded with `-p` by pytest and by every worker of xdist: what tests say of requirements goes to the file that
`SECURITY_OUTCOMES` names."""

import json
import os
from pathlib import Path

import pytest

from pumpflix.lab.outcomes import Outcomes
from pumpflix.lab.security.marks import MARK

# No setting of the product: those it does not know stop its start.
OUTCOMES = "SECURITY_OUTCOMES"


class Requirements(Outcomes):
    """Written by the process that judges, not by its workers."""

    def __init__(self, file: Path | None) -> None:
        super().__init__(MARK)
        self.file = file

    def pytest_unconfigure(self) -> None:
        if self.file is not None:
            self.file.write_text(json.dumps({"tested": self.tested, "red": self.red}), encoding="utf-8")


def pytest_configure(config: pytest.Config) -> None:
    is_worker = hasattr(config, "workerinput")
    config.pluginmanager.register(Requirements(None if is_worker else Path(os.environ[OUTCOMES])))
