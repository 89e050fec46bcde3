"""Where else than in the app one is told of what."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.http import MemberRequest
from executions_app.forms import NotificationForm
from executions_app.services import notification_channels
from workflows_app.engine.errors import UserError


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def choices(request: MemberRequest) -> HttpResponse:
    choice = notification_channels.choice_of(request.user)
    known = {"email": choice.email, "slack": choice.slack}
    form = NotificationForm(request.POST or None, initial=known, slack_hint=choice.slack_hint)
    status = 200
    if request.method == "POST":
        if form.is_valid() and kept(request, form):
            messages.success(request, _("Saved."))
            return HttpResponseRedirect(request.path)
        status = 422
    context = {"section": "notifications", "form": form}
    return render(request, "profile/notification_settings.html", context, status=status)


def kept(request: MemberRequest, form: NotificationForm) -> bool:
    try:
        notification_channels.choose(request.user, **form.cleaned_data)
    except UserError as error:
        form.add_error("slack_url", f"{error.message} {error.hint}".strip())
        return False
    return True
