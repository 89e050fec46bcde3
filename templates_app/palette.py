"""What the command palette offers: pages, actions, templates, workflows and runs that fit some words."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from executions_app.selectors.found import found_runs
from pumpflix.lib.drawing import status_look
from templates_app import selectors
from workflows_app.models import Workflow

MOST_OF_A_KIND = 5


@dataclass(frozen=True)
class Entry:
    """One line. `href` is followed; with `is_post` it is a form that is sent there."""

    label: str
    hint: str
    icon: str
    href: str
    is_post: bool = False


@dataclass(frozen=True)
class Group:
    name: str
    entries: list[Entry]


def groups(user: Any, query: str) -> list[Group]:
    """Groups that have something, in a fixed order. Without words: pages, actions and what was used last."""
    is_member = bool(getattr(user, "is_authenticated", False))
    found = [
        Group(_("Pages"), fitting(pages(is_member), query)),
        Group(_("Workflows"), workflow_entries(user, query) if is_member else []),
        Group(_("Runs"), run_entries(user, query) if is_member else []),
        Group(_("Templates"), template_entries(user, query)),
        Group(_("Actions"), fitting(actions(user, is_member), query)),
    ]
    return [group for group in found if group.entries]


def fitting(entries: list[Entry], query: str) -> list[Entry]:
    wanted = query.casefold().split()
    return [entry for entry in entries if all(word in f"{entry.label} {entry.hint}".casefold() for word in wanted)]


def pages(is_member: bool) -> list[Entry]:
    everybody = [
        Entry(_("Home"), _("the gallery"), "home", reverse("templates_app:gallery-home")),
        Entry(_("All templates"), _("search and filters"), "search", reverse("templates_app:gallery-search")),
        Entry(_("Import"), _("bring a workflow"), "import", reverse("workflows_app:workflow-import")),
        Entry(_("Help"), _("what this is, what is promised"), "info", reverse("templates_app:about")),
    ]
    own = [
        Entry(_("Workflows"), _("your own"), "flows", reverse("executions_app:workflow-list")),
        Entry(_("Runs"), _("everything that ran"), "runs", reverse("executions_app:execution-list")),
        Entry(_("Profile"), _("name, looks, sessions, API keys"), "user", reverse("accounts:profile-show")),
        Entry(_("Teams"), _("who works with you, invitations"), "users", reverse("accounts:team-list")),
        Entry(_("Notifications"), _("what is new"), "bell", reverse("accounts:notification-list")),
    ]
    return [everybody[0], *own, *everybody[1:]] if is_member else everybody


def actions(user: Any, is_member: bool) -> list[Entry]:
    """What can be done from anywhere; running a workflow is offered for the two that changed last."""
    if not is_member:
        return [Entry(_("Sign in"), "", "key", reverse("account_login"))]
    latest = Workflow.objects.runnable_by(user).filter(deleted_at=None).order_by("-updated_at").defer("graph")[:2]
    runs = [
        Entry(
            _("Run %(name)s") % {"name": workflow.name},
            _("starts now"),
            "play",
            reverse("executions_app:workflow-run", args=[workflow.pk]),
            is_post=True,
        )
        for workflow in latest
    ]
    return [*runs, Entry(_("Sign out"), "", "leave", reverse("account_logout"))]


def template_entries(user: Any, query: str) -> list[Entry]:
    found = selectors.search(query, selectors.cards(user))[:MOST_OF_A_KIND] if query else []
    return [
        Entry(card.name, card.category.name, "gallery", reverse("templates_app:template-show", args=[card.slug]))
        for card in found
    ]


def workflow_entries(user: Any, query: str) -> list[Entry]:
    rows = Workflow.objects.visible_to(user).filter(name__icontains=query, deleted_at=None)
    return [
        Entry(
            row.name,
            _("live") if row.is_live else _("draft"),
            "flows",
            reverse("executions_app:workflow-show", args=[row.pk]),
        )
        for row in rows.order_by("-updated_at").for_lists()[:MOST_OF_A_KIND]
    ]


def run_entries(user: Any, query: str) -> list[Entry]:
    if not query:
        return []
    return [
        Entry(
            row["workflow__name"],
            f"{status_look(row['status']).label}, {row['created_at']:%Y-%m-%d %H:%M}",
            status_look(row["status"]).icon,
            reverse("executions_app:execution-show", args=[row["id"]]),
        )
        for row in found_runs(user, query, limit=MOST_OF_A_KIND)
    ]
