"""The attack tests themselves: a guard that is taken away on purpose turns its requirement red."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from csp.middleware import CSPMiddleware
from django.conf import settings

from executions_app.intake import bodies, xml
from executions_app.tests.intake import test_bodies
from executions_app.tests.services import test_exports
from pumpflix.api.tests import test_limits
from pumpflix.lab.security import register
from pumpflix.lib import csv_text, rate_limits
from pumpflix.lib.crypto import RecordId
from pumpflix.lib.safe_http.policy import OutboundPolicy
from pumpflix.lib.tests import test_crypto
from pumpflix.lib.tests.safe_http import test_policy
from pumpflix.tests import test_settings
from workflows_app.models import Workflow
from workflows_app.tests import test_views
from workflows_app.tests.toolkit import test_inside_archive
from workflows_app.toolkit.inside import archive

pytestmark = [pytest.mark.app, pytest.mark.django_db]

Patch = pytest.MonkeyPatch


@dataclass(frozen=True)
class Fault:
    """The requirement, what shows it, and how its guard is taken away. `given` are parameters of the test."""

    number: int
    show: Callable[..., None]
    plant: Callable[[Patch], None]
    given: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.number} {self.show.__name__[5:]}"


def without_the_check_of_addresses(patch: Patch) -> None:
    patch.setattr(OutboundPolicy, "check_addresses", lambda *_args, **_more: None)


def without_the_place_of_a_secret(patch: Patch) -> None:
    patch.setattr(RecordId, "aad", lambda _self: b"")


def without_the_filter_by_team(patch: Patch) -> None:
    patch.setattr(type(Workflow.objects.all()), "visible_to", lambda rows, _user: rows)


def without_a_content_policy(patch: Patch) -> None:
    patch.setattr(CSPMiddleware, "process_response", lambda _self, _request, response: response)


def without_a_rate_limit(patch: Patch) -> None:
    patch.setattr(rate_limits, "_asked", lambda *_args, **_more: True)


def with_document_types(patch: Patch) -> None:
    patch.setattr(xml, "refuse_document_type", lambda *_args: None)


def without_a_bound_on_depth(patch: Patch) -> None:
    patch.setattr(bodies, "_refuse_monsters", lambda _value: None)


def without_a_bound_on_ratio(patch: Patch) -> None:
    patch.setattr(archive, "MAX_RATIO", 10**9)


def with_formulas(patch: Patch) -> None:
    patch.setattr(csv_text, "FORMULA", ())


FAULTS = [
    Fault(
        15,
        test_bodies.test_json_of_monsters_is_refused,
        without_a_bound_on_depth,
        {"raw": b"[" * 65 + b"]" * 65},
    ),
    Fault(
        16,
        test_inside_archive.test_an_archive_that_cannot_be_unpacked_safely_is_refused,
        without_a_bound_on_ratio,
        {"data": test_inside_archive.archive(("bomb", b"\0" * 40_000_000)), "code": "file_too_large"},
    ),
    Fault(
        17,
        test_bodies.test_xml_that_is_none_or_too_much_is_refused,
        with_document_types,
        {"raw": test_bodies.LAUGHS},
    ),
    Fault(20, test_exports.test_a_cell_is_never_a_formula, with_formulas, {"text": "=1"}),
    Fault(23, test_policy.test_one_private_address_among_public_ones_denies_the_host, without_the_check_of_addresses),
    Fault(
        29,
        test_crypto.TestSealing().test_a_blob_moved_elsewhere_does_not_open,
        without_the_place_of_a_secret,
        {"field": "team", "value": "t2"},
    ),
    Fault(48, test_views.test_a_stranger_downloads_nothing, without_the_filter_by_team),
    Fault(55, test_settings.test_a_page_carries_a_strict_policy_and_a_request_id, without_a_content_policy),
    Fault(65, test_limits.test_the_call_beyond_the_limit_is_told_when_to_go_on, without_a_rate_limit),
]


def shown(fault: Fault, request: pytest.FixtureRequest) -> None:
    def limited(**rules: str) -> None:
        request.getfixturevalue("settings").PUMPFLIX_LIMITS = settings.PUMPFLIX_LIMITS | rules

    code = fault.show.__code__
    wanted = [name for name in code.co_varnames[: code.co_argcount] if name != "self"]
    known = {"limited": limited, **fault.given}
    fault.show(**{name: known[name] if name in known else request.getfixturevalue(name) for name in wanted})


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_a_guard_that_is_gone_is_missed(request: pytest.FixtureRequest, monkeypatch: Patch, fault: Fault) -> None:
    fault.plant(monkeypatch)
    with pytest.raises((AssertionError, pytest.fail.Exception, KeyError)):
        shown(fault, request)


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_and_a_guard_that_is_there_is_not(request: pytest.FixtureRequest, fault: Fault) -> None:
    assert fault.number in register.read()
    shown(fault, request)
