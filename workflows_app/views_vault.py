"""Pages of the vault: what is stored, a new one, change and try one, share it, delete it and have it back."""

import re
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.http import MemberRequest
from accounts.models import Team
from accounts.selectors.roles import teams_of, teams_to_edit
from accounts.views.chosen import chosen_team
from pumpflix.lib.crypto import RecordId
from workflows_app import credential_types
from workflows_app.credential_forms import CredentialForm
from workflows_app.engine.errors import UserError
from workflows_app.engine.items import JsonObject
from workflows_app.models import Credential
from workflows_app.selectors import vault as read
from workflows_app.services import credentials, oauth2, vault
from workflows_app.services.credentials import KEEP, CredentialChange, CredentialInvalid, TestResult
from workflows_app.toolkit.credential_type import CredentialType
from workflows_app.toolkit.oauth2 import OAuth2Type

SECTION = "credentials"
VERSION = re.compile("[0-9]{1,9}")


@login_required
@never_cache
@require_safe
def show_all(request: MemberRequest) -> HttpResponse:
    query = request.GET.get("q", "").strip()[:100]
    context = {
        "section": SECTION,
        "rows": read.vault_rows(request.user, query=query),
        "query": query,
        "deleted": deleted_one(request),
    }
    return render(request, "credentials/list.html", context)


def deleted_one(request: MemberRequest) -> Credential | None:
    """The one that was just deleted, as long as it can be had back."""
    try:
        wanted = UUID(request.GET.get("deleted", ""))
    except ValueError:
        return None
    rows = Credential.every.editable_by(request.user).filter(pk=wanted, deleted_at__isnull=False)
    return rows.first()


# a new one ----------------------------------------------------------------------------------------------------------
@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: MemberRequest) -> HttpResponse:
    """What kind of it, then its fields; it can be tried before it is stored."""
    kind = credential_types.load().find(request.GET.get("type", ""))
    if kind is None:
        query = request.GET.get("q", "").strip()[:100]
        types = [{"name": one.name, "label": one.label, "about": about(one)} for one in read.types_for(query)]
        context = {"section": SECTION, "types": types, "query": query}
        return render(request, "credentials/choose.html", context)
    teams = teams_to_edit(request.user)
    if request.method != "POST":
        form = CredentialForm(kind, initial={"name": kind.label})
        return form_page(request, form, teams=teams)
    form = CredentialForm(kind, request.POST)
    held = vault.from_text(draft_record(request, kind), request.POST.get("draft", ""))
    result: TestResult | None = None
    if form.is_valid():
        values = {**held, **form.values()}
        held = {name: value for name, value in values.items() if name in kind.secret_names()}
        try:
            given = given_of(request, form, values)
            if request.POST.get("act") != "test":
                row = credentials.create(**given, expires_at=form.expires_at())
                messages.success(request, _("“%(name)s” is stored. It is never shown again.") % {"name": row.name})
                return HttpResponseRedirect(address_of(row))
            result = credentials.try_out(credentials.drafted(**given), by=request.user)
        except CredentialInvalid as error:
            form.take(error.problems)
        except UserError as error:
            form.add_error(None, f"{error.message} {error.hint}".strip())
    return form_page(request, form, teams=teams, result=result, draft=held)


def given_of(request: MemberRequest, form: CredentialForm, values: JsonObject) -> dict[str, Any]:
    """What a new one is made of."""
    return {
        "team": chosen_team(request),
        "by": request.user,
        "name": form.cleaned_data["name"],
        "type": form.kind.name,
        "fields": values,
        "allowed_hosts": form.cleaned_data["allowed_hosts"],
    }


def draft_record(request: MemberRequest, kind: CredentialType[Any]) -> RecordId:
    """Who may bring a form's secrets back: the same person, for the same type."""
    return RecordId(str(request.user.pk), "draft", kind.name, 1)


def form_page(
    request: MemberRequest,
    form: CredentialForm,
    *,
    teams: list[Team],
    result: TestResult | None = None,
    draft: JsonObject | None = None,
) -> HttpResponse:
    kind = form.kind
    context = {
        **form_context(form, result),
        "teams": teams,
        "team": request.POST.get("team", ""),
        "draft": vault.as_text(draft_record(request, kind), draft or {}),
        "waiting": read.waiting_for(kind.name, request.user),
    }
    return render(request, "credentials/new.html", context, status=422 if form.errors else 200)


def form_context(form: CredentialForm, result: TestResult | None) -> dict[str, Any]:
    kind = form.kind
    return {
        "section": SECTION,
        "form": form,
        "kind": kind,
        "about": about(kind),
        "steps": kind.steps_to_get_it(),
        "scopes": kind.asked_scopes(),
        "callback_url": oauth2.callback_url() if isinstance(kind, OAuth2Type) else "",
        "can_test": credentials.is_testable(kind),
        "result": result,
    }


def about(kind: CredentialType[Any]) -> str:
    return " ".join((kind.__doc__ or "").split())


# one of them --------------------------------------------------------------------------------------------------------
@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def show(request: MemberRequest, credential_id: UUID) -> HttpResponse:
    """What is known of it and, for who may change it, the form. Secrets are written here, never shown."""
    row = usable(request, credential_id)
    can_edit = Credential.objects.editable_by(request.user).filter(pk=row.pk).exists()
    kind = credential_types.load().find(row.type)
    if kind is None or not can_edit:
        if request.method == "POST":
            raise Http404
        return page(request, row)
    initial = {
        "name": row.name,
        "allowed_hosts": list(row.allowed_hosts),
        "expires_on": row.expires_at.date() if row.expires_at else None,
    }
    if request.method != "POST":
        return page(request, row, form=CredentialForm(kind, shown=row.shown, initial=initial))
    form = CredentialForm(kind, request.POST, shown=row.shown, initial=initial)
    result: TestResult | None = None
    if form.is_valid():
        try:
            if request.POST.get("act") != "test":
                return saved(request, row, form)
            result = tried(request, row, form)
            row = usable(request, credential_id)
        except CredentialInvalid as error:
            form.take(error.problems)
        except UserError as error:
            form.add_error(None, f"{error.message} {error.hint}".strip())
    return page(request, row, form=form, result=result)


def saved(request: MemberRequest, row: Credential, form: CredentialForm) -> HttpResponse:
    change = CredentialChange(
        name=form.cleaned_data["name"],
        fields=form.values() if form.is_changed(row.shown) else None,
        allowed_hosts=form.cleaned_data["allowed_hosts"],
        expires_at=form.expires_at() if "expires_on" in form.changed_data else KEEP,
    )
    version = request.POST.get("version", "")
    credentials.update(row, change, by=request.user, secret_version=int(version) if VERSION.fullmatch(version) else 0)
    messages.success(request, _("Saved. Runs use it within half a minute."))
    return HttpResponseRedirect(address_of(row))


def tried(request: MemberRequest, row: Credential, form: CredentialForm) -> TestResult:
    """As it is stored, or with what was typed and is not stored yet."""
    if not form.is_changed(row.shown) and form.cleaned_data["allowed_hosts"] == list(row.allowed_hosts):
        return credentials.test(row, by=request.user)
    draft = credentials.drafted(
        team=row.team,
        by=request.user,
        name=row.name,
        type=row.type,
        fields={**credentials.fields_of(row), **form.values()},
        allowed_hosts=form.cleaned_data["allowed_hosts"],
    )
    return credentials.try_out(draft, by=request.user)


def page(
    request: MemberRequest, row: Credential, *, form: CredentialForm | None = None, result: TestResult | None = None
) -> HttpResponse:
    uses = read.uses_of(row, request.user)
    is_own = Credential.objects.visible_to(request.user).filter(pk=row.pk).exists()
    context: dict[str, Any] = {
        **(form_context(form, result) if form else {"section": SECTION, "form": None}),
        "credential": row,
        "label": credential_types.label_of(row.type),
        "state": read.state_of(row),
        "is_own": is_own,
        "can_connect": form is not None and read.is_signed_in_to(row),
        "uses": uses,
        "shares": list(row.shares.select_related("team").order_by("team__name")) if is_own else [],
        "teams": share_choices(request, row) if form else [],
        "move_teams": teams_to_edit(request.user, but=row.team_id) if form else [],
    }
    return render(request, "credentials/show.html", context, status=422 if form and form.errors else 200)


def share_choices(request: MemberRequest, row: Credential) -> list[Team]:
    """Teams of this person that cannot use it yet."""
    taken = {row.team_id, *row.shares.values_list("team_id", flat=True)}
    return [one.team for one in teams_of(request.user) if one.team_id not in taken]


@login_required
@require_POST
def share(request: MemberRequest, credential_id: UUID) -> HttpResponse:
    """Let another team use it, or take that back; whoever uses it sees its name and nothing of it."""
    row = editable(request, credential_id)
    try:
        wanted = UUID(request.POST.get("team", ""))
    except ValueError:
        raise Http404 from None
    if request.POST.get("act") == "stop":
        taken = get_object_or_404(row.shares.select_related("team"), team_id=wanted).team
        credentials.unshare(row, team=taken, by=request.user)
        messages.info(request, _("%(team)s can no longer use it.") % {"team": taken.name})
    else:
        team = next((one for one in share_choices(request, row) if one.pk == wanted), None)
        if team is None:
            raise Http404
        credentials.share(row, team=team, by=request.user)
        messages.success(request, _("%(team)s can use it now, without seeing it.") % {"team": team.name})
    return HttpResponseRedirect(address_of(row))


# gone, and back -----------------------------------------------------------------------------------------------------
@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: MemberRequest, credential_id: UUID) -> HttpResponse:
    """First what breaks, then gone; the list offers it back for a while."""
    row = editable(request, credential_id)
    if request.method == "POST":
        credentials.delete(row, by=request.user)
        return HttpResponseRedirect(f"{reverse('workflows_app:credential-list')}?deleted={row.pk}")
    uses = read.uses_of(row, request.user)
    context = {
        "section": SECTION,
        "credential": row,
        "label": credential_types.label_of(row.type),
        "uses": uses,
        "elsewhere": read.uses_elsewhere(row, uses),
    }
    return render(request, "credentials/delete.html", context)


@login_required
@require_POST
def undelete(request: MemberRequest, credential_id: UUID) -> HttpResponse:
    row = get_object_or_404(Credential.every.editable_by(request.user).select_related("team"), pk=credential_id)
    try:
        credentials.undelete(row, by=request.user)
        messages.success(request, _("“%(name)s” is back.") % {"name": row.name})
    except UserError as error:
        messages.error(request, f"{error.message} {error.hint}")
    return HttpResponseRedirect(reverse("workflows_app:credential-list"))


def usable(request: MemberRequest, credential_id: UUID) -> Credential:
    rows = Credential.objects.usable_by(request.user).select_related("team", "created_by")
    return get_object_or_404(rows, pk=credential_id)


def editable(request: MemberRequest, credential_id: UUID) -> Credential:
    return get_object_or_404(Credential.objects.editable_by(request.user).select_related("team"), pk=credential_id)


def address_of(row: Credential) -> str:
    return reverse("workflows_app:credential-show", args=[row.pk])
