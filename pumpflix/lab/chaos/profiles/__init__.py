"""The profiles, by name, in the order of the full campaign. Each is a module with `run(options) -> Verdict`."""

import importlib

from pumpflix.lab.chaos.campaign import Options
from pumpflix.lab.chaos.report import Verdict

PROFILES = (
    "storm",
    "embedded",
    "redis",
    "postgres",
    "zombie",
    "duplicates",
    "live",
    "sigterm",
    "cancel",
    "bleed",
    "poison",
    "deadline",
    "fairness",
    "schedules",
    "planted",
)
CI = ("storm", "redis", "zombie", "duplicates", "schedules")


def run(name: str, options: Options) -> Verdict:
    module = importlib.import_module(f"pumpflix.lab.chaos.profiles.{name}")
    verdict: Verdict = module.run(options)
    return verdict
