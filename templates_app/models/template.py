"""Templates: the titles of the gallery, in two catalogues (`prebuilt`, `user`), each with its versions."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.base import UUIDModel, member_of

SOURCE_TYPES = [("prebuilt", "Prebuilt"), ("user", "User")]
STATUSES = [
    ("draft", "Draft"),
    ("submitted", "Submitted"),
    ("published", "Published"),
    ("returned", "Returned"),
    ("hidden", "Hidden"),
]
RUN_CLASSES = [("now", "Runs now"), ("key", "Needs a key"), ("network", "Needs network")]


def is_curator(user: Any) -> bool:
    """Curators and administrators see what was submitted, returned and hidden."""
    return bool(getattr(user, "is_curator", False) or getattr(user, "is_staff", False))


class TemplateQuerySet(models.QuerySet["Template"]):
    def published(self) -> "TemplateQuerySet":
        return self.filter(status="published")

    def visible_to(self, user: Any) -> "TemplateQuerySet":
        """Published ones for everybody; every other one for the team that made it."""
        if not getattr(user, "is_authenticated", False):
            return self.published()
        own = Q(status="published") | Q(member_of(user, team_path="team_id"))
        return self.filter(own | ~Q(status="draft") if is_curator(user) else own)


class Template(UUIDModel):
    """`when` is the sentence "When … then …". `search_text` and `search_grams` (trigrams) are kept by the services,
    `search_vector` by the database: words of the name weigh most, then pitch and sentence, then everything."""

    slug = models.SlugField(max_length=80, unique=True)
    source_type = models.CharField(max_length=8, choices=SOURCE_TYPES)
    team = models.ForeignKey("accounts.Team", on_delete=models.CASCADE, related_name="templates")
    category = models.ForeignKey("templates_app.Category", on_delete=models.PROTECT, related_name="templates")
    name = models.CharField(max_length=120)
    pitch = models.CharField(max_length=160, blank=True)
    when = models.CharField(max_length=300, blank=True)
    description = models.TextField(blank=True)
    poster_alt = models.CharField(max_length=200, blank=True)
    thumbnail = models.URLField(max_length=500, blank=True)
    tags = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    minutes_to_set_up = models.PositiveSmallIntegerField(default=2)
    run_class = models.CharField(max_length=8, choices=RUN_CLASSES, default="now")
    status = models.CharField(max_length=10, choices=STATUSES, default="draft")
    review_note = models.TextField(blank=True)
    is_featured = models.BooleanField(default=False)
    position = models.PositiveIntegerField(default=0)
    use_count = models.PositiveIntegerField(default=0)
    current_version = models.ForeignKey(
        "templates_app.TemplateVersion", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    source_workflow = models.ForeignKey(
        "workflows_app.Workflow", on_delete=models.SET_NULL, null=True, blank=True, related_name="promoted_templates"
    )
    created_by = models.ForeignKey("accounts.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    search_text = models.TextField(blank=True)
    search_grams = ArrayField(models.CharField(max_length=3), default=list, blank=True)
    search_vector = models.GeneratedField(
        expression=SearchVector("name", weight="A", config="english")
        + SearchVector("pitch", "when", weight="B", config="english")
        + SearchVector("search_text", weight="D", config="english"),
        output_field=SearchVectorField(),
        db_persist=True,
    )
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)
    published_at = models.DateTimeField(null=True, blank=True)

    objects = TemplateQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("title"), _("titles")
        constraints = [
            models.CheckConstraint(condition=Q(source_type__in=["prebuilt", "user"]), name="template_source_known"),
            models.CheckConstraint(condition=Q(status__in=[s for s, _ in STATUSES]), name="template_status_known"),
            models.CheckConstraint(condition=Q(run_class__in=[c for c, _ in RUN_CLASSES]), name="template_class_known"),
        ]
        indexes = [
            models.Index(fields=["status", "category", "position"], name="template_rows"),
            GinIndex(fields=["search_grams"], name="template_grams"),
            GinIndex(fields=["search_vector"], name="template_words"),
            GinIndex(fields=["tags"], name="template_tags"),
        ]

    def __str__(self) -> str:
        return self.name


class TemplateVersionQuerySet(models.QuerySet["TemplateVersion"]):
    def visible_to(self, user: Any) -> "TemplateVersionQuerySet":
        return self.filter(template__in=Template.objects.visible_to(user))


class TemplateVersion(UUIDModel):
    """One release of a template. `workflow_version` holds the graph, owned by the system team for the sample run.
    `cassette` is JSON bytes; `facts` is what graph and cassette tell: steps, counts, label, sample result."""

    template = models.ForeignKey(Template, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    workflow_version = models.ForeignKey("workflows_app.WorkflowVersion", on_delete=models.PROTECT, related_name="+")
    cassette = models.BinaryField(null=True, blank=True)
    variables = models.JSONField(default=list)
    required_credentials = ArrayField(models.CharField(max_length=120), default=list, blank=True)
    facts = models.JSONField(default=dict)
    changes = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = TemplateVersionQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("version"), _("versions")
        constraints = [models.UniqueConstraint(fields=["template", "number"], name="template_version_number_once")]
        ordering = ["-number"]

    def __str__(self) -> str:
        return f"Version {self.number}"


class SelfTest(models.Model):
    """The last replay of a version's cassette on this instance."""

    version = models.ForeignKey(TemplateVersion, on_delete=models.CASCADE, related_name="self_tests")
    ran_at = models.DateTimeField(default=timezone.now)
    result = models.CharField(max_length=12)
    differences = models.JSONField(default=list)
    engine_version = models.PositiveSmallIntegerField(default=1)

    class Meta:
        indexes = [models.Index(fields=["version", "-ran_at"], name="self_test_newest")]
        constraints = [
            models.CheckConstraint(
                condition=Q(result__in=["passed", "differs", "failed"]), name="self_test_result_known"
            )
        ]

    def __str__(self) -> str:
        return f"{self.version_id} {self.result}"


class SavedTemplate(models.Model):
    """*Save for later* of one person."""

    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="saved_templates")
    template = models.ForeignKey(Template, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "template"], name="saved_template_once")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.template_id}"
