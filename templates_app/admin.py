"""The gallery in the admin: submissions, titles, rows. For curators."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.contrib.humanize.templatetags.humanize import naturaltime
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from accounts.admin_base import AuditedAdmin
from templates_app import gallery_cache, pages
from templates_app.labels import label_of
from templates_app.models import Category, Template, TemplateVersion
from templates_app.models.category import TINTS
from templates_app.services import curation
from workflows_app.engine.errors import UserError

FIXED = ("review_note", "use_count", "created_by", "created_at", "published_at")
STATE_LABELS = {"submitted": "warning", "published": "success", "returned": "info", "hidden": "info"}
MOVES = ("publish", "give_back", "hide", "feature", "unfeature")


class VersionInline(TabularInline):
    """Releases are made from workflows, so they are only looked at here."""

    model = TemplateVersion
    fields = readonly_fields = ("number", "changes", "created_at")
    extra = 0
    can_delete = False
    show_change_link = False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return bool(getattr(request.user, "is_staff", False) or getattr(request.user, "is_curator", False))

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False


@admin.register(Template)
class TemplateAdmin(AuditedAdmin):
    """Opening a title shows what a curator has to know, and the buttons that publish, return, hide and feature it."""

    for_curators = True
    change_form_template = "admin/templates_app/template_form.html"
    list_display = ("name", "state", "category", "author", "featured", "position", "moved")
    list_editable = ("position",)
    list_filter = ("status", "category", "source_type", "run_class", "is_featured")
    list_select_related = ("category", "created_by")
    search_fields = ("name", "pitch", "slug")
    ordering = ("category__position", "position", "name")
    ordering_field = "position"
    fieldsets = (
        (
            _("On the card"),
            {"fields": ("name", "pitch", "when", "category", "minutes_to_set_up", "run_class", "position")},
        ),
        (_("On its page"), {"fields": ("description", "tags", "poster_alt", "thumbnail")}),
        (_("History"), {"fields": FIXED}),
    )  # fmt: skip
    readonly_fields = FIXED
    inlines: ClassVar[list[Any]] = [VersionInline]

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "thumbnail":
            kwargs["assume_scheme"] = "https"
        if db_field.name == "tags":
            kwargs |= {"widget": UnfoldAdminTextInputWidget, "help_text": _("Words separated by commas.")}
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    @display(description=_("Status"), ordering="status", label=STATE_LABELS)
    def state(self, template: Template) -> tuple[str, str]:
        return template.status, template.get_status_display()

    @display(description=_("By"), ordering="created_by__email")
    def author(self, template: Template) -> str:
        return "PumpFlix" if template.source_type == "prebuilt" else str(template.created_by or "–")

    @display(description=_("Featured"), ordering="is_featured")
    def featured(self, template: Template) -> str:
        return "★" if template.is_featured else ""

    @display(description=_("Changed"), ordering="updated_at")
    def moved(self, template: Template) -> str:
        return naturaltime(template.updated_at)

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        """Titles are saved from workflows."""
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Template]:
        """Drafts are their team's own business."""
        return super().get_queryset(request).exclude(status="draft").defer("search_text", "search_grams")

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        gallery_cache.forget(obj)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        super().delete_model(request, obj)
        gallery_cache.forget(obj)

    def get_urls(self) -> list[URLPattern]:
        own = [
            path(
                "<uuid:pk>/move/<slug:move>/",
                self.admin_site.admin_view(self.move),
                name="templates_app_template_move",
            )
        ]
        return own + super().get_urls()

    def render_change_form(self, request: HttpRequest, context: Any, **kwargs: Any) -> HttpResponse:
        template: Template | None = kwargs.get("obj")
        if template is not None:
            context.update(review_context(template))
        return super().render_change_form(request, context, **kwargs)

    def move(self, request: HttpRequest, pk: Any, move: str) -> HttpResponse:
        """One curator's decision, posted."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        template = get_object_or_404(self.get_queryset(request), pk=pk)
        try:
            decide(template, move, request)
        except UserError as error:
            messages.error(request, f"{error.message} {error.hint or ''}".strip())
            return HttpResponseRedirect(reverse("admin:templates_app_template_change", args=[pk]))
        messages.success(request, _("Done: %(name)s") % {"name": template.name})
        return HttpResponseRedirect(reverse("admin:templates_app_template_changelist") + "?status__exact=submitted")


def decide(template: Template, move: str, request: HttpRequest) -> None:
    """Raises UserError when the decision does not fit the title."""
    by: Any = request.user
    if move == "publish":
        curation.publish(template, by=by)
    elif move == "give_back":
        curation.give_back(template, note=request.POST.get("note", ""), by=by)
    elif move == "hide":
        curation.hide(template, by=by)
    elif move in ("feature", "unfeature"):
        curation.feature(template, by=by, is_featured=move == "feature")


def review_context(template: Template) -> dict[str, Any]:
    """What is shown above the form."""
    findings = curation.review(template)
    version = template.current_version
    return {
        "template": template,
        "findings": findings,
        "is_blocked": any(finding.is_red for finding in findings),
        "label": label_of(pages.touched(version)) if version else [],
        "steps": pages.steps(version) if version else [],
        "moves": {move: reverse("admin:templates_app_template_move", args=[template.pk, move]) for move in MOVES},
    }


@admin.register(Category)
class CategoryAdmin(AuditedAdmin):
    """The rows of the home page, in their order: by number, or by drag."""

    for_curators = True
    list_display = ("name", "tagline", "slug", "titles", "position")
    list_editable = ("position",)
    ordering = ("position", "slug")
    ordering_field = "position"
    search_fields = ("name",)
    prepopulated_fields: ClassVar[dict[str, Any]] = {"slug": ("name",)}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Category]:
        published = Count("templates", filter=Q(templates__status="published"))
        return super().get_queryset(request).annotate(published=published)

    @display(description=_("Titles"), ordering="published")
    def titles(self, category: Category) -> int:
        """How many the row has; a row without any is not shown."""
        return int(category.published)  # type: ignore[attr-defined]

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "tint":
            return forms.ChoiceField(choices=[(tint, tint) for tint in TINTS], widget=UnfoldAdminSelectWidget)
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        gallery_cache.forget_all()

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        super().delete_model(request, obj)
        gallery_cache.forget_all()
