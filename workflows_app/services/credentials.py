"""What changes credentials: create, update, delete, share, try. Secrets are written here and never read back."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.db import transaction
from django.utils import timezone
from pydantic import ValidationError

from accounts.models import Team, User
from accounts.services import audit
from pumpflix.lib.crypto import RecordId
from pumpflix.lib.ids import uuid7
from pumpflix.lib.safe_http import OutboundError
from pumpflix.lib.safe_http.urls import parse_host
from workflows_app import credential_types
from workflows_app.engine.errors import Problem, PumpFlixError, UserError
from workflows_app.engine.items import JsonObject
from workflows_app.errors import Conflict, Unsuitable
from workflows_app.models import Credential, CredentialShare
from workflows_app.services import server_tests, vault
from workflows_app.toolkit.credential_type import CredentialType, problems_of
from workflows_app.toolkit.oauth2 import TokenType
from workflows_app.toolkit.paths import names

UNDO = timedelta(seconds=60)
LONGEST_NAME = 120
LONGEST_FIELDS = 256 * 1024
HINT_FROM = 20
HINT_LENGTH = 4


class CredentialInvalid(UserError):
    """Values that do not fit the type; carries every problem."""

    code = "credential_invalid"

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__(f"{problems[0].path}: {problems[0].message}", hint="Correct it and save again.")


class _Keep:
    """Says that a value stays as it is, where None would take it away."""


KEEP = _Keep()


@dataclass(frozen=True, slots=True)
class CredentialChange:
    """What to change; None keeps what is there. `fields` are merged: a secret that is left out or empty stays."""

    name: str | None = None
    fields: JsonObject | None = None
    allowed_hosts: Iterable[str] | None = None
    expires_at: datetime | _Keep | None = KEEP


def create(  # noqa: PLR0913  keyword-only, each a value of the new row
    *,
    team: Team,
    by: User | None,
    name: str,
    type: str,  # noqa: A002  the word of the model and of n8n's exports
    fields: JsonObject,
    allowed_hosts: Iterable[str] = (),
    expires_at: datetime | None = None,
) -> Credential:
    """Store a new credential. Raises CredentialInvalid with every problem, Unsuitable for an unknown type."""
    credential = drafted(team=team, by=by, name=name, type=type, fields=fields, allowed_hosts=allowed_hosts)
    credential.expires_at = expires_at
    with transaction.atomic():
        credential.save(force_insert=True)
        audit.record("credential.create", actor=by, team=team, target=credential, type=credential.type)
    return credential


def drafted(
    *,
    team: Team,
    by: User | None,
    name: str,
    type: str,  # noqa: A002  the model's word
    fields: JsonObject,
    allowed_hosts: Iterable[str] = (),
) -> Credential:
    """A row that is not stored, checked and sealed as one that is. Raises CredentialInvalid, Unsuitable."""
    kind = type_of(type)
    stored = complete(kind, fields, {})
    credential = Credential(
        id=uuid7(), team=team, name=checked_name(name), type=kind.name, created_by=by,
        allowed_hosts=checked_hosts([*allowed_hosts, *named_hosts(fields)]),
    )  # fmt: skip
    put_in(credential, kind, stored)
    return credential


def update(credential: Credential, change: CredentialChange, *, by: User | None, secret_version: int) -> Credential:
    """Change it if nobody changed its secret since `secret_version`. Raises Conflict, CredentialInvalid."""
    kind = type_of(credential.type)
    with transaction.atomic():
        row = Credential.objects.select_for_update().get(pk=credential.pk)
        if row.secret_version != secret_version:
            raise Conflict(
                "Somebody changed this credential in the meantime.",
                hint="Load it again and repeat your change.",
                data={"yours": secret_version, "theirs": row.secret_version},
            )
        if change.name is not None:
            row.name = checked_name(change.name)
        if change.allowed_hosts is not None:
            row.allowed_hosts = checked_hosts(change.allowed_hosts)
        if not isinstance(change.expires_at, _Keep):
            row.expires_at = change.expires_at
        if change.fields is not None:
            stored = complete(kind, change.fields, fields_of(row))
            row.secret_version += 1
            row.failing_since = None
            put_in(row, kind, stored)
        row.updated_at = timezone.now()
        row.save()
        audit.record("credential.update", actor=by, team=row.team, target=row, secret_changed=change.fields is not None)
    return row


def delete(credential: Credential, *, by: User | None) -> None:
    """Workflows that name it fail from now on when they need it. For a minute it can be had back."""
    with transaction.atomic():
        audit.record("credential.delete", actor=by, team=credential.team, target=credential, type=credential.type)
        Credential.objects.filter(pk=credential.pk).update(deleted_at=timezone.now())


def undelete(credential: Credential, *, by: User | None) -> None:
    """Take a deletion back. Raises Unsuitable where its time is over."""
    with transaction.atomic():
        rows = Credential.every.filter(pk=credential.pk, deleted_at__gt=timezone.now() - UNDO)
        if not rows.update(deleted_at=None):
            raise Unsuitable("The credential is gone for good.", hint="Enter it anew.", code="credential_gone")
        audit.record("credential.undelete", actor=by, team=credential.team, target=credential)


def purge() -> int:
    """Remove what was deleted and can no longer be had back, secret and all."""
    removed, _ = Credential.every.filter(deleted_at__lte=timezone.now() - UNDO).delete()
    return removed


def hand_over(credential: Credential, *, team: Team, by: User | None) -> Credential:
    """Give it to another team, unseen: it is sealed anew for its new place. Shares with others stay."""
    with transaction.atomic():
        row = Credential.objects.select_for_update(of=("self",)).select_related("team").get(pk=credential.pk)
        if row.team_id == team.pk:
            raise Unsuitable("The credential belongs to this team already.", hint="Choose another team.")
        stored, before = fields_of(row), row.team
        row.team = team
        put_in(row, type_of(row.type), stored)
        row.updated_at = timezone.now()
        row.save(update_fields=["team", "sealed", "key_id", "shown", "updated_at"])
        row.shares.filter(team=team).delete()
        for one in (before, team):
            audit.record("credential.hand_over", actor=by, team=one, target=row, to_team=str(team.pk))
    return row


def share(credential: Credential, *, team: Team, by: User | None) -> CredentialShare:
    """Let another team use it without seeing it."""
    if team.pk == credential.team_id:
        raise Unsuitable("The credential belongs to this team already.", hint="Choose another team.")
    with transaction.atomic():
        made, is_new = CredentialShare.objects.get_or_create(credential=credential, team=team)
        if is_new:
            audit.record("credential.share", actor=by, team=credential.team, target=credential, with_team=str(team.pk))
    return made


def unshare(credential: Credential, *, team: Team, by: User | None) -> None:
    with transaction.atomic():
        removed, _ = CredentialShare.objects.filter(credential=credential, team=team).delete()
        if removed:
            audit.record(
                "credential.unshare", actor=by, team=credential.team, target=credential, with_team=str(team.pk)
            )


# what is stored ---------------------------------------------------------------------------------------------------
def record_of(credential: Credential) -> RecordId:
    return vault.record_id(credential.team_id, credential.pk, credential.type, credential.secret_version)


def fields_of(credential: Credential) -> JsonObject:
    """The decrypted fields. For the moment of use: never keep, log or send them anywhere but to their service."""
    return vault.opened(record_of(credential), credential.sealed, credential.name)


def put_in(credential: Credential, kind: CredentialType[Any], stored: JsonObject) -> None:
    """Seal these fields into the row, and note what may be shown of them."""
    credential.sealed, credential.key_id = vault.sealed(record_of(credential), stored)
    credential.shown = shown(kind, stored)


def type_of(name: str) -> CredentialType[Any]:
    found = credential_types.load().find(name)
    if found is None:
        raise Unsuitable(
            f"There is no credential type '{name[:60]}'.",
            code="credential_type_unknown",
            hint="Choose one of the list; a header credential fits most services.",
        )
    return found


def complete(kind: CredentialType[Any], given: JsonObject, before: JsonObject) -> JsonObject:
    """What to store: given values over those of before, checked by the type. Raises CredentialInvalid."""
    hidden = kind.secret_names()
    kept = {name: value for name, value in given.items() if not (name in hidden and value in ("", None, {}))}
    known = kind.properties()
    merged = {**before, **{name: value for name, value in kept.items() if name in known}}
    try:
        kind.Fields.model_validate(merged)
    except ValidationError as error:
        raise CredentialInvalid(problems_of(error)) from None
    if len(str(merged)) > LONGEST_FIELDS:
        raise CredentialInvalid([Problem("fields", "They are larger than 256 KB.", "credential_invalid")])
    return merged


def shown(kind: CredentialType[Any], stored: JsonObject) -> JsonObject:
    """Values that are no secrets; for those that are, whether they are there and how they end."""
    hidden = kind.secret_names()
    values = kind.Fields.model_validate(stored).model_dump(by_alias=True, mode="json")
    return {name: hint(values[name]) if name in hidden else values[name] for name in kind.properties()}


def hint(value: Any) -> JsonObject:
    """The last characters of a long token help to tell two apart; of a password nothing is shown."""
    is_long = isinstance(value, str) and len(value) >= HINT_FROM and "\n" not in value and " " not in value
    return {"isSet": bool(value), "hint": f"…{value[-HINT_LENGTH:]}" if is_long else ""}


def checked_name(name: str) -> str:
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME or "\x00" in name:
        problem = Problem("name", f"A name has 1 to {LONGEST_NAME} characters.", "credential_invalid")
        raise CredentialInvalid([problem])
    return name


def named_hosts(fields: JsonObject) -> list[str]:
    """Hosts that n8n's own fields name."""
    if fields.get("allowedHttpRequestDomains") != "domains":
        return []
    return list(names(fields.get("allowedDomains")))


def checked_hosts(hosts: Iterable[str]) -> list[str]:
    """Host names as requests are compared with; `*.` before one means all below it. Raises CredentialInvalid."""
    found, problems = [], []
    for host in hosts:
        text = host.strip().lower()
        star = "*." if text.startswith("*.") else ""
        try:
            found.append(star + parse_host(text.removeprefix("*.")))
        except OutboundError:
            problems.append(Problem("allowedHosts", f"'{host[:100]}' is not a host name.", "credential_invalid"))
    if problems:
        raise CredentialInvalid(problems)
    return list(dict.fromkeys(found))


# trying -------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class TestResult:
    """`message` is the service's own answer in a sentence; it holds no secret."""

    __test__: ClassVar[bool] = False

    ok: bool
    message: str
    status: int | None = None


def require_testable(kind: CredentialType[Any]) -> None:
    if not is_testable(kind):
        raise Unsuitable(
            f"A {kind.label} credential says nothing about where it is used, so it cannot be tried here.",
            code="credential_not_testable",
            hint="Run a workflow that uses it.",
        )


def is_testable(kind: CredentialType[Any]) -> bool:
    if server_tests.is_server(kind.name) or isinstance(kind, TokenType):
        return True
    return kind.test_request(kind.read({})) is not None


def test(credential: Credential, *, by: User | None) -> TestResult:
    """Ask the service. Raises Unsuitable for a type that cannot be tried without a request of the workflow."""
    from workflows_app.services import credential_tests  # noqa: PLC0415  stands on this module

    kind = type_of(credential.type)
    require_testable(kind)
    credential.refresh_from_db(fields=["sealed", "secret_version", "failing_since"])
    try:
        result = credential_tests.asked(credential, kind)
    except PumpFlixError as error:
        result = TestResult(False, error.message)
    note_failure(credential, is_failing=not result.ok)
    audit.record("credential.test", actor=by, team=credential.team, target=credential, ok=result.ok)
    return result


def try_out(draft: Credential, *, by: User) -> TestResult:
    """Ask the service about one that is not stored, and store nothing but that somebody asked."""
    from workflows_app.services import credential_tests  # noqa: PLC0415  stands on this module

    kind = type_of(draft.type)
    require_testable(kind)
    try:
        result = credential_tests.asked_before_saving(draft, kind)
    except PumpFlixError as error:
        result = TestResult(False, error.message)
    audit.record("credential.test", actor=by, team=draft.team, type=kind.name, ok=result.ok)
    return result


def note_failure(credential: Credential, *, is_failing: bool) -> None:
    """Remember since when the service refuses it; forget it when it works again."""
    rows = Credential.objects.filter(pk=credential.pk)
    if is_failing:
        rows.filter(failing_since=None).update(failing_since=timezone.now())
    else:
        rows.exclude(failing_since=None).update(failing_since=None)
