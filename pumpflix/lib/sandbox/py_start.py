"""Starts a child that runs Python: one run each, so what a run leaves behind ends with it."""

import importlib.util

from pumpflix.lib.sandbox.errors import SandboxUnavailable
from pumpflix.lib.sandbox.parent import Child, ChildSettings, launch

PACKAGES = ("jmespath", "tzdata")
"""What code finds besides the standard library: ``_jmespath``, and the zones of ``zoneinfo``."""


def start(settings: ChildSettings) -> Child:
    """Start a Python child and wait until it is locked in and ready."""
    return launch(settings, "py_child.py", {"packages": [_folder(name) for name in PACKAGES]})


def _folder(name: str) -> str:
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise SandboxUnavailable(f"The package {name} is not installed; Python Code nodes need it.")
    return spec.submodule_search_locations[0]
