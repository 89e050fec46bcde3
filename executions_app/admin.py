"""Side jobs in the admin: what waits, what failed and why, and one more try."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.admin_base import ReadOnlyAdmin
from executions_app.models import Job
from executions_app.services import jobs


@admin.register(Job)
class JobAdmin(ReadOnlyAdmin):
    list_display = ("kind", "queue", "status", "progress", "attempts", "team", "run_at", "finished_at", "error_text")
    list_filter = ("status", "queue", "kind")
    list_select_related = ("team",)
    ordering = ("-created_at",)
    exclude = ("arguments",)
    actions = ("try_again", "stop")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Job]:
        return super().get_queryset(request).defer("arguments")

    @admin.action(description=_("Try again what failed"), permissions=["view"])
    def try_again(self, request: HttpRequest, queryset: QuerySet[Job]) -> None:
        for job in queryset.filter(status__in=("error", "canceled")):
            jobs.again(job)
            self.audit(request, job, "retried")
        self.told(request, _("They are tried again."))

    @admin.action(description=_("Stop what is not over"), permissions=["view"])
    def stop(self, request: HttpRequest, queryset: QuerySet[Job]) -> None:
        for job in queryset.filter(status__in=jobs.OPEN):
            if jobs.cancel(Job.objects.filter(pk=job.pk)):
                self.audit(request, job, "canceled")
        self.told(request, _("They are stopped."))

    def told(self, request: HttpRequest, text: Any) -> None:
        self.message_user(request, text)
