"""What goes wrong between a request and a service, for all apps' views."""

from typing import TypeVar

from rest_framework import exceptions

M = TypeVar("M")


def found(value: M | None) -> M:
    """The value, or the 404 that a stranger and a wrong id get alike."""
    if value is None:
        raise exceptions.NotFound
    return value


class Forbidden(exceptions.PermissionDenied):
    """The caller sees the object, but the role is too low."""

    default_code = "not_allowed"
    default_detail = "Your role in this team does not allow that."
