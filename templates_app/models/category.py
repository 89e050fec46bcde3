"""Categories: the rows of the gallery, one per job to be done."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.base import UUIDModel

TINTS = ("watch", "clean", "money", "people", "forms", "dev", "write", "ai")


class CategoryQuerySet(models.QuerySet["Category"]):
    def visible_to(self, user: Any) -> "CategoryQuerySet":  # noqa: ARG002 - the same question everywhere
        """Everybody sees every category."""
        return self.all()


class Category(UUIDModel):
    slug = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=60)
    tagline = models.CharField(max_length=120, blank=True)
    tint = models.CharField(max_length=8)
    position = models.PositiveSmallIntegerField(default=0)

    objects = CategoryQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("row"), _("rows")
        ordering = ["position", "slug"]
        constraints = [models.CheckConstraint(condition=models.Q(tint__in=TINTS), name="category_tint_known")]

    def __str__(self) -> str:
        return self.name
