"""What every admin page shares: who may use it, and an audit entry for every change made in it."""

from typing import Any

from django.db import models, transaction
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from accounts.services import audit

UNTOLD = frozenset({"password", "sealed", "secret_hash", "token_hash", "logo"})
TOLD_CHARACTERS = 500


class AuditedAdmin(ModelAdmin):
    """`for_curators` opens it to curators; administrators may use every page. What is saved is audited with the values
    before and after; secrets are left out."""

    for_curators = False

    def may_use(self, request: HttpRequest) -> bool:
        user = request.user
        return bool(getattr(user, "is_staff", False) or (self.for_curators and getattr(user, "is_curator", False)))

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.may_use(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return self.may_use(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.may_use(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return self.may_use(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return self.may_use(request)

    def save_model(self, request: HttpRequest, obj: models.Model, form: Any, change: bool) -> None:
        before = told(type(obj)._default_manager.filter(pk=obj.pk).first()) if change else {}
        with transaction.atomic():
            super().save_model(request, obj, form, change)
            after = told(obj)
            changed = [name for name in after if before.get(name) != after[name]]
            if changed:
                self.audit(
                    request,
                    obj,
                    "changed" if change else "created",
                    before={name: before.get(name) for name in changed},
                    after={name: after[name] for name in changed},
                )

    def delete_model(self, request: HttpRequest, obj: models.Model) -> None:
        with transaction.atomic():
            self.audit(request, obj, "deleted", before=told(obj))
            super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: models.QuerySet[Any]) -> None:
        for row in queryset:
            self.delete_model(request, row)

    def audit(self, request: HttpRequest, obj: models.Model, verb: str, **details: Any) -> None:
        team = getattr(obj, "team", None)
        actor: Any = request.user
        audit.record(f"{obj._meta.model_name}.{verb}", actor=actor, team=team, target=obj, **details)


class ReadOnlyAdmin(AuditedAdmin):
    """Rows that are looked at here and changed elsewhere, or never."""

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False


def told(row: models.Model | None) -> dict[str, Any]:
    """The columns of a row as the audit trail may keep them."""
    if row is None:
        return {}
    fields = [field for field in row._meta.concrete_fields if field.name not in UNTOLD and not field.generated]
    return {field.name: as_json(field.value_from_object(row)) for field in fields}


def as_json(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    return str(value)[:TOLD_CHARACTERS]
