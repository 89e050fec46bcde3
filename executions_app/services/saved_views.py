"""Views of the list of runs that people keep."""

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from executions_app.models import SavedView
from workflows_app.engine.errors import UserError

MOST = 20


def views_of(user: User) -> QuerySet[SavedView]:
    return SavedView.objects.filter(user=user).order_by("created_at")


def save(user: User, *, name: str, query: str) -> SavedView:
    """Keep it under a name; a name that is taken gets the new query. Raises UserError."""
    name = name.strip()[:60]
    if not name:
        raise UserError(_("Give the view a name."), code="name_missing")
    if not query:
        raise UserError(_("Filter the list first: without a filter there is nothing to keep."), code="query_missing")
    if views_of(user).exclude(name=name).count() >= MOST:
        raise UserError(_("There are 20 saved views; delete one first."), code="too_many_views")
    return SavedView.objects.update_or_create(user=user, name=name, defaults={"query": query[:1_000]})[0]
