"""The two steps of signing in with another service, where it is set up; else there is no such page."""

from collections.abc import Callable
from typing import Any

import structlog
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2Adapter, OAuth2CallbackView, OAuth2LoginView
from allauth.socialaccount.views import ConnectionsView
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from accounts.other_services.exchange import Facebook, Google, OpenID
from accounts.other_services.transport import RequestException
from accounts.selectors.other_services import linked_services
from accounts.services import audit

log = structlog.get_logger(__name__)
ADAPTERS: dict[str, Callable[[HttpRequest], OAuth2Adapter]] = {"google": Google, "facebook": Facebook}
# What comes of a service that is away, or answers something else than the standards say.
MISSAID = (OAuth2Error, RequestException, KeyError, TypeError, ValueError, AttributeError)
Step = type[OAuth2LoginView] | type[OAuth2CallbackView]


@login_not_required
@never_cache
def login(request: HttpRequest, service: str = "", provider_id: str = "") -> HttpResponse:
    """GET asks, POST leads there: by a page, because our policy lets forms lead to ourselves alone."""
    answer = _step(OAuth2LoginView, request, service, provider_id)
    if isinstance(answer, HttpResponseRedirect):
        return render(request, "socialaccount/leaving.html", {"target": answer.url})
    return answer


@login_not_required
@never_cache
def callback(request: HttpRequest, service: str = "", provider_id: str = "") -> HttpResponse:
    return _step(OAuth2CallbackView, request, service, provider_id)


@login_not_required
def gone(request: HttpRequest, service: str = "") -> HttpResponse:  # noqa: ARG001 - as the others
    """allauth also takes tokens that a page got by itself; no page here does, so nobody may post any."""
    raise Http404


class Connections(ConnectionsView):
    """Which services let in, and which could."""

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            answer: HttpResponse = super().form_valid(form)
        except SocialApp.DoesNotExist:  # settings do not name it any more: allauth has nobody to write about
            row = form.cleaned_data["account"]
            row.delete()
            audit.record("account.service_unlinked", actor=row.user, team=None, target=row.user, by=row.provider)
            answer = HttpResponseRedirect(self.get_success_url())
        return answer

    def get_context_data(self, **given: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**given)
        return {**context, "linked": linked_services(self.request)}


def _step(step: Step, request: HttpRequest, service: str, provider_id: str) -> HttpResponse:
    adapter = OpenID(request, provider_id) if provider_id else ADAPTERS[service](request)
    try:
        answer: HttpResponse = step.adapter_view(adapter)(request)
    except SocialApp.DoesNotExist:
        raise Http404 from None
    except MISSAID as error:
        log.warning("other_service_failed", service=service or provider_id, error=str(error)[:300])
        return render(request, "socialaccount/authentication_error.html", status=401)
    return answer
