"""What views say about their requests."""

from django.http import HttpRequest

from accounts.models import User


class MemberRequest(HttpRequest):
    """A request of somebody who is signed in: that of a view behind `login_required`."""

    user: User
