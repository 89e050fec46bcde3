"""The instance's own name, logo and accent: what an agency sets so that the product carries its brand."""

import re

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
LEAST_CONTRAST = 4.5


class Branding(models.Model):
    """One row at most. An empty field is the product's own; `logo` is a PNG or WebP picture."""

    name = models.CharField(max_length=40, blank=True, help_text=_("Instead of PumpFlix."))
    tagline = models.CharField(max_length=120, blank=True)
    accent_light = models.CharField(max_length=7, blank=True, help_text=_("On light pages, such as #8A4B00."))
    accent_dark = models.CharField(max_length=7, blank=True, help_text=_("On dark pages, such as #FFB454."))
    logo = models.BinaryField(blank=True, default=b"")
    logo_type = models.CharField(max_length=20, blank=True)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = verbose_name_plural = _("branding")
        constraints = [models.CheckConstraint(condition=Q(id=1), name="branding_one_row")]

    def __str__(self) -> str:
        return self.name or "PumpFlix"

    def clean(self) -> None:
        """A colour must be readable: as text on the page, and under the text of a button."""
        problems = {}
        for field, page, on_accent in (("accent_light", "#FBFAF7", "#FFFFFF"), ("accent_dark", "#0E1116", "#0E1116")):
            value = getattr(self, field)
            if not value:
                continue
            if not COLOUR.fullmatch(value):
                problems[field] = _("Write it as # and six digits, such as #8A4B00.")
            elif min(contrast(value, page), contrast(value, on_accent)) < LEAST_CONTRAST:
                problems[field] = _("Too close to the page: text in this colour could not be read.")
        if problems:
            raise ValidationError(problems)


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, 1 to 21 (WCAG 2.2, relative luminance)."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[index : index + 2], 16) / 255 for index in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
