"""People. The e-mail address is the name to sign in with, stored in lower case."""

from collections.abc import Iterator
from typing import Any, ClassVar
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.models.base import UUIDModel

THEMES = [("system", "System"), ("dark", "Dark"), ("light", "Light")]


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=(username or "").lower())


class UserQuerySet(models.QuerySet["User"]):
    def visible_to(self, user: Any) -> "UserQuerySet":
        """Oneself and the members of one's teams."""
        if not getattr(user, "is_authenticated", False):
            return self.none()
        return self.filter(models.Q(pk=user.pk) | models.Q(memberships__team__memberships__user=user)).distinct()


class User(UUIDModel, AbstractBaseUser, PermissionsMixin):
    """`is_staff` opens the admin, `is_curator` the gallery's queue in it. `sessions_valid_from` ends older sessions."""

    email = models.EmailField(max_length=254)
    name = models.CharField(max_length=120, blank=True)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    is_curator = models.BooleanField(default=False)
    theme = models.CharField(max_length=8, choices=THEMES, default="system")
    previews_enabled = models.BooleanField(default=True)
    locale = models.CharField(max_length=12, blank=True)
    time_zone = models.CharField(max_length=64, blank=True)
    date_joined = models.DateTimeField(default=timezone.now)
    sessions_valid_from = models.DateTimeField(null=True, blank=True)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects = UserManager.from_queryset(UserQuerySet)()

    # Set while somebody acts by an API key, which works in one team.
    only_team_id: UUID | None = None

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["email"], name="user_email_unique"),
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="user_email_lower_case"),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        """What the admin calls somebody."""
        return self.name

    def get_session_auth_hash(self) -> str:
        """Django compares it on each request: a session made before `sessions_valid_from` moved is none any more."""
        return self._stamped(super().get_session_auth_hash())

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        for found in super().get_session_auth_fallback_hash():
            yield self._stamped(found)

    def _stamped(self, found: str) -> str:
        if self.sessions_valid_from is None:
            return found
        value = f"{found} {self.sessions_valid_from.timestamp():.6f}"
        return salted_hmac("accounts.User.session", value, algorithm="sha256").hexdigest()

    @property
    def initials(self) -> str:
        """At most two capitals for the avatar."""
        words = (self.name or self.email.split("@")[0]).replace(".", " ").split()
        return "".join(word[0] for word in words[:2]).upper() or "?"
