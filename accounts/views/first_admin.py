"""The page of the first start."""

from allauth.account.models import EmailAddress
from allauth.account.utils import perform_login
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts.forms import FirstAdminForm
from accounts.services import first_admin
from pumpflix.lib.rate_limits import limits_at

GUESSES = "20/1 minute"


@login_not_required
@never_cache
@sensitive_post_parameters("password", "token")
@require_http_methods(["GET", "HEAD", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    """Make the first administrator and sign them in. Gone once anybody has an account."""
    if not first_admin.is_awaited():
        return HttpResponseRedirect(reverse("templates_app:gallery-home"))
    form = FirstAdminForm(request.POST or None, initial={"token": request.GET.get("token", "")[:200]})
    if request.method == "POST" and form.is_valid():
        made = _claimed(request, form)
        if made is not None:
            return made
    if form.has_token:
        form.hide_token()
    return render(request, "account/first_admin.html", {"form": form}, status=422 if form.errors else 200)


def _claimed(request: HttpRequest, form: FirstAdminForm) -> HttpResponse | None:
    """None, with the reason in the form, where the token is not right."""
    given = form.cleaned_data
    if not limits_at(settings.REDIS_URL).take(GUESSES, "first_admin", "").allowed:
        form.add_error("token", _("Too many attempts. Wait a minute."))
        return None
    try:
        user = first_admin.claim(given["token"].strip(), email=given["email"], password=given["password"])
    except first_admin.TokenRefused:
        form.add_error("token", _("This is not the token of the latest start. Look at its last lines again."))
        return None
    # Whoever reads the log of the server need not prove an address by a mail that may have nowhere to go yet.
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
    answer: HttpResponse = perform_login(
        request, user, email_verification="none", redirect_url=reverse("templates_app:gallery-home")
    )
    return answer
