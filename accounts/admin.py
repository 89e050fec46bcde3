"""People, teams and the audit trail in the admin: for administrators."""

from collections.abc import Callable
from typing import Any, ClassVar, cast

from django import forms
from django.contrib import admin
from django.contrib.humanize.templatetags.humanize import naturaltime
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline
from unfold.decorators import display

from accounts import branding
from accounts.admin_base import AuditedAdmin, ReadOnlyAdmin
from accounts.forms import zone_choices
from accounts.models import AuditEntry, Branding, Membership, Team, User
from accounts.services import members, second_factor
from accounts.services.sessions import end_everywhere

ID_LETTERS = 6
MOST_LOGO_BYTES = 64 * 1024
PICTURES: dict[str, Callable[[bytes], bool]] = {
    "image/png": lambda data: data.startswith(b"\x89PNG\r\n\x1a\n"),
    "image/webp": lambda data: data[:4] == b"RIFF" and data[8:12] == b"WEBP",
}


class MembershipInline(TabularInline):
    model = Membership
    fields = ("user", "team", "role")
    autocomplete_fields = ("user", "team")
    extra = 0

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return bool(getattr(request.user, "is_staff", False))

    has_add_permission = has_change_permission = has_delete_permission = has_view_permission


class WithMembers(AuditedAdmin):
    """Pages on which people join teams and leave them."""

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """As the pages of teams do it: recorded, and with a membership ends what hung on it."""
        actor = cast(User, request.user)
        with transaction.atomic():
            rows = Membership.objects.filter(pk__in=[row.pk for row in formset.queryset])
            before = {row.pk: row for row in rows.select_related("team", "user")}
            super().save_formset(request, form, formset, change)
            for row in formset.deleted_objects:
                members.note_removed(row, by=actor)
            for row, fields in formset.changed_objects:
                if {"user", "team"} & set(fields):
                    members.note_removed(before[row.pk], by=actor)
                    members.note_added(row, by=actor)
                elif "role" in fields:
                    members.note_role(row, before=before[row.pk].role, by=actor)
            for row in formset.new_objects:
                members.note_added(row, by=actor)


class UserForm(forms.ModelForm):
    class Meta:
        labels: ClassVar[dict[str, Any]] = {
            "email": _("E-mail"),
            "is_active": _("May sign in"),
            "is_curator": _("Curator"),
            "is_staff": _("Administrator"),
        }
        help_texts: ClassVar[dict[str, Any]] = {
            "is_curator": _("Publishes submissions and orders the gallery."),
            "is_staff": _("Opens all of this administration; needs a second factor."),
            "time_zone": _("Such as Europe/Lisbon. Empty: that of this instance."),
        }

    def clean_time_zone(self) -> str:
        zone = str(self.cleaned_data["time_zone"])
        if zone and zone not in dict(zone_choices()):
            raise ValidationError(_("There is no time zone of that name."))
        return zone

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).lower()


@admin.register(User)
class UserAdmin(WithMembers):
    form = UserForm
    list_display = ("email", "name", "role", "state", "joined")
    list_filter = ("is_active", "is_curator", "is_staff")
    search_fields = ("email", "name")
    ordering = ("email",)
    fields = ("email", "name", "is_active", "is_curator", "is_staff", "time_zone", "joined")
    readonly_fields = ("joined",)
    inlines: ClassVar[list[Any]] = [MembershipInline]
    actions = ("end_sessions", "take_second_factor_off")

    @display(description=_("Role"), label={"staff": "warning", "curator": "info"})
    def role(self, user: User) -> tuple[str, Any]:
        if user.is_staff:
            return "staff", _("Administrator")
        return ("curator", _("Curator")) if user.is_curator else ("member", _("Member"))

    @display(description=_("Account"), ordering="is_active", label={"open": "success", "closed": "danger"})
    def state(self, user: User) -> tuple[str, Any]:
        return ("open", _("Open")) if user.is_active else ("closed", _("Closed"))

    @display(description=_("Joined"), ordering="date_joined")
    def joined(self, user: User) -> str:
        return naturaltime(user.date_joined)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Somebody new has no password and sets one by *Forgot your password?*"""
        if not change:
            obj.set_unusable_password()
        super().save_model(request, obj, form, change)

    def get_form(self, request: HttpRequest, obj: User | None = None, **kwargs: Any) -> Any:
        """Nobody locks themselves out."""
        form = super().get_form(request, obj, **kwargs)
        if obj is not None and obj.pk == request.user.pk:

            class OwnForm(form):  # type: ignore[misc,valid-type]
                def clean(self) -> dict[str, Any]:
                    cleaned: dict[str, Any] = super().clean()
                    if not (cleaned.get("is_active") and cleaned.get("is_staff")):
                        raise ValidationError(_("You cannot take away your own access. Ask another administrator."))
                    return cleaned

            return OwnForm
        return form

    @admin.action(description=_("Sign these people out everywhere"))
    def end_sessions(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        for user in queryset:
            end_everywhere(user, by=cast(User, request.user))
            self.audit(request, user, "signed_out")
        self.message_user(request, _("They have to sign in again."))

    @admin.action(description=_("Take their second factor off: they lost it"))
    def take_second_factor_off(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        for user in queryset:
            second_factor.take_off(user, by=cast(User, request.user))
            end_everywhere(user, by=cast(User, request.user))
        self.message_user(request, _("They sign in with the password alone now."))


class TeamForm(forms.ModelForm):
    class Meta:
        labels: ClassVar[dict[str, Any]] = {"max_running": _("Runs at once"), "max_queued": _("Runs that may wait")}
        help_texts: ClassVar[dict[str, Any]] = {
            "max_running": _("As many always find a worker; more, while other teams leave some idle."),
            "max_queued": _("What comes when so many wait is refused, and told when to come back."),
        }


@admin.register(Team)
class TeamAdmin(WithMembers):
    form = TeamForm
    list_display = ("name", "kind", "at_once", "may_wait", "made")
    list_filter = ("kind",)
    search_fields = ("name",)
    ordering = ("name",)
    fields = ("name", "kind", "max_running", "max_queued", "made")
    readonly_fields = ("kind", "made")
    inlines: ClassVar[list[Any]] = [MembershipInline]

    @display(description=_("Runs at once"), ordering="max_running")
    def at_once(self, team: Team) -> int:
        return team.max_running

    @display(description=_("Runs that may wait"), ordering="max_queued")
    def may_wait(self, team: Team) -> int:
        return team.max_queued

    @display(description=_("Made"), ordering="created_at")
    def made(self, team: Team) -> str:
        return naturaltime(team.created_at)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and getattr(obj, "kind", "shared") == "shared"


class BrandingForm(forms.ModelForm):
    picture = forms.FileField(
        label=_("Logo"),
        required=False,
        help_text=_("A PNG or WebP picture of at most 64 KB; it is shown 32 pixels high."),
    )
    without_picture = forms.BooleanField(label=_("No logo"), required=False)

    def clean_picture(self) -> Any:
        """What the bytes say counts, not the name of the file."""
        given = self.cleaned_data["picture"]
        if not given:
            return None
        data = given.read()
        if len(data) > MOST_LOGO_BYTES:
            raise ValidationError(_("The picture has %(size)d KB; 64 are allowed.") % {"size": len(data) // 1024})
        kind = next((kind for kind, begins in PICTURES.items() if begins(data)), None)
        if kind is None:
            raise ValidationError(_("This is neither a PNG nor a WebP picture."))
        return data, kind

    def save(self, commit: bool = True) -> Branding:
        if self.cleaned_data["picture"]:
            self.instance.logo, self.instance.logo_type = self.cleaned_data["picture"]
        elif self.cleaned_data["without_picture"]:
            self.instance.logo, self.instance.logo_type = b"", ""
        self.instance.updated_at = timezone.now()
        return super().save(commit)


@admin.register(Branding)
class BrandingAdmin(AuditedAdmin):
    form = BrandingForm
    list_display = ("__str__", "tagline", "accent_light", "accent_dark", "updated_at")
    fields = ("name", "tagline", "accent_light", "accent_dark", "picture", "without_picture")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and not Branding.objects.exists()

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """There is one, or none yet: a list of it would be a page to click through."""
        if not self.may_use(request):
            raise PermissionDenied
        extra_context = {**(extra_context or {}), "show_save_and_add_another": False}
        only = Branding.objects.values_list("pk", flat=True).first()
        if only is None:
            return self.add_view(request, extra_context=extra_context)
        return self.change_view(request, str(only), extra_context=extra_context)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        obj.pk = 1
        super().save_model(request, obj, form, change)
        branding.forget()

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        super().delete_model(request, obj)
        branding.forget()


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    list_display = ("when", "what", "who", "subject", "outcome", "ip_address")
    list_filter = ("action", "object_type", "result", ("at", admin.DateFieldListFilter))
    search_fields = ("action", "object_id", "request_id", "actor__email")
    list_select_related = ("actor", "team")
    ordering = ("-at",)

    @display(description=_("When"), ordering="at")
    def when(self, entry: AuditEntry) -> str:
        return date_format(timezone.localtime(entry.at), "j M Y, H:i:s")

    @display(description=_("What"), ordering="action")
    def what(self, entry: AuditEntry) -> str:
        return entry.said

    @display(description=_("Who"), ordering="actor__email")
    def who(self, entry: AuditEntry) -> str:
        return entry.actor.email if entry.actor else "–"

    @display(description=_("What of"), ordering="object_type")
    def subject(self, entry: AuditEntry) -> str:
        """The kind of object and the end of its id, by which rows of one object are told apart."""
        return f"{entry.object_type} …{entry.object_id[-ID_LETTERS:]}" if entry.object_id else entry.object_type

    @display(description=_("Result"), ordering="result", label={"ok": "success", "failed": "danger"})
    def outcome(self, entry: AuditEntry) -> tuple[str, str]:
        """A sign-in that failed was recorded without trouble, which is not what one looks for here."""
        kind = "failed" if entry.result != "ok" or entry.action.endswith(".failed") else "ok"
        return kind, entry.result if kind == "ok" or entry.result != "ok" else "failed"
