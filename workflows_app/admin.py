"""Credentials in the admin: who has them, and taking one over from people who left. Nothing in them is shown."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.admin_base import ReadOnlyAdmin
from accounts.services.teams import personal_team
from workflows_app.engine.errors import UserError
from workflows_app.models import Credential
from workflows_app.services import credentials


@admin.register(Credential)
class CredentialAdmin(ReadOnlyAdmin):
    list_display = ("name", "type", "team", "created_by", "last_used_at", "expires_at", "failing_since")
    list_filter = ("type",)
    list_select_related = ("team", "created_by")
    search_fields = ("name", "team__name")
    ordering = ("name",)
    exclude = ("sealed", "shown")
    actions = ("take_over",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Credential]:
        return super().get_queryset(request).defer("sealed", "shown")

    @admin.action(description=_("Take over into my own team"), permissions=["view"])
    def take_over(self, request: HttpRequest, queryset: QuerySet[Credential]) -> None:
        """The secret moves sealed: who takes it over can use, replace and delete it, and does not see it."""
        actor: Any = request.user
        taken = 0
        for row in queryset:
            try:
                credentials.hand_over(row, team=personal_team(actor), by=actor)
                taken += 1
            except UserError as error:
                self.message_user(request, f"{row.name}: {error.message}", level="warning")
        self.message_user(request, _("Taken over: %(count)s.") % {"count": taken})
