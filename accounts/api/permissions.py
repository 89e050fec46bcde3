"""What a caller may call at all. What they may do to which object is for services and selectors to say."""

from typing import TYPE_CHECKING

from rest_framework import permissions
from rest_framework.request import Request

from accounts.models import ApiKey

if TYPE_CHECKING:  # the framework reads this module while it makes its own views
    from pumpflix.lib.rest.views import ApiView


class SignedInWithScope(permissions.BasePermission):
    """Somebody, and for an API key: the scope the method needs."""

    message = "This API key may not do that."

    def has_permission(self, request: Request, view: "ApiView") -> bool:
        if not (request.user and request.user.is_authenticated):
            return False
        if not isinstance(request.auth, ApiKey):
            return True
        scope = view.scope_for(request.method or "GET")
        if scope is None:
            self.message = "API keys cannot do that; sign in with a password."
            return False
        if scope not in request.auth.scopes:
            self.message = f"This API key lacks the scope '{scope}'."
            return False
        return True
