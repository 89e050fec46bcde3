"""Credential types, one file each. `load()` imports them all, which registers them."""

import importlib
import pkgutil
from functools import cache
from typing import Any

from workflows_app.toolkit.credential_type import CredentialRegistry, CredentialType, credential_types


@cache
def load() -> CredentialRegistry:
    """Import every module of this package once; a taken name raises. Returns the filled registry."""
    for module in pkgutil.iter_modules(__path__, prefix=f"{__name__}."):
        importlib.import_module(module.name)
    return credential_types


def label_of(kind: str) -> str:
    """What people call a type; one that is not known here keeps its own name."""
    known = load().find(kind)
    return known.label if known else kind


def schemas() -> dict[str, Any]:
    """What a form and a reference page need of every type, by name. Fields that are never shown are `writeOnly`."""
    return {kind.name: description(kind) for kind in load().all()}


def description(kind: CredentialType[Any]) -> dict[str, Any]:
    return {
        "label": kind.label,
        "description": " ".join((kind.__doc__ or "").split()),
        "where": kind.where,
        "docsUrl": kind.docs_url,
        "hosts": list(kind.hosts),
        "isForRequests": kind.is_for_requests,
        "fields": kind.schema(),
    }
