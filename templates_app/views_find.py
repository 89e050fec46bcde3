"""Finding things: the search of the gallery, the command palette, and what somebody saved for later."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.http import MemberRequest
from templates_app import palette as offers
from templates_app import selectors
from templates_app.facets import chosen_in, every_kind, facets, fits
from templates_app.models import Category
from templates_app.search import did_you_mean
from templates_app.services.saved import toggle

MOST_CHARACTERS = 200
SHOWN = 24
MOST_SHOWN = 240
SUGGESTIONS = 4


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """The page; for the script that searches while one types, its part with the results alone."""
    context = results(request)
    is_part = request.headers.get("X-Part") == "results"
    response = render(request, "components/results.html" if is_part else "gallery/search.html", context)
    # Two texts of one address: neither may be kept as the other.
    patch_vary_headers(response, ["X-Part"])
    return response


def results(request: HttpRequest) -> dict[str, Any]:
    query = request.GET.get("q", "").strip()[:MOST_CHARACTERS]
    templates = selectors.cards(request.user).select_related("category", "current_version", "team", "created_by")
    cards = selectors.search(query, templates) if query else list(templates.order_by("name")[:MOST_SHOWN])
    every = list(zip(cards, every_kind(cards), strict=True))
    chosen = chosen_in(request.GET)
    fitting = [card for card, its_kinds in every if fits(its_kinds, chosen)]
    shown = shown_count(request)
    context = {
        "section": "home",
        "query": query,
        "job": Category.objects.filter(slug=chosen.get("job", "")).first(),
        "chosen": chosen,
        "facets": facets([its_kinds for _card, its_kinds in every], request.GET),
        "total": len(fitting),
        "is_capped": len(cards) >= (selectors.MOST_FOUND if query else MOST_SHOWN),
        "results": fitting[:shown],
        "more": min(shown + SHOWN, len(fitting)) if len(fitting) > shown else 0,
        "saved": selectors.saved_slugs(request.user),
    }
    return context if fitting else context | nothing_found(request, query, bool(chosen))


def nothing_found(request: HttpRequest, query: str, is_filtered: bool) -> dict[str, Any]:
    """What to do instead: words that are nearly the same, the words without filters, titles that run right now."""
    hero = selectors.featured(selectors.shelf())
    return {
        "meant": did_you_mean(selectors.cards(request.user), query) if query and not is_filtered else "",
        "suggestions": [] if hero is None else [hero, *selectors.like_this(hero, request.user)][:SUGGESTIONS],
    }


def shown_count(request: HttpRequest) -> int:
    text = request.GET.get("shown", "")
    wanted = int(text) if text.isascii() and text.isdigit() and len(text) < 5 else SHOWN
    return min(max(wanted, SHOWN), MOST_SHOWN)


@require_safe
def palette(request: HttpRequest) -> HttpResponse:
    """The entries of the command palette that fit `?q=`."""
    query = request.GET.get("q", "").strip()[:MOST_CHARACTERS]
    return render(request, "components/palette.html", {"groups": offers.groups(request.user, query), "query": query})


@login_required
@require_POST
def save_for_later(request: MemberRequest, slug: str) -> HttpResponse:
    """Keep a title, or let it go again. Scripts get 204, everybody else goes back to where they were."""
    template = selectors.template_by_slug(slug, request.user)
    if template is None:
        raise Http404
    is_kept = toggle(template, by=request.user)
    if request.headers.get("X-Part"):
        return HttpResponse(status=204)
    messages.success(request, _("Saved for later: it is on your home page.") if is_kept else _("No longer saved."))
    target = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()})
    return HttpResponseRedirect(target if is_ours else reverse("templates_app:template-show", args=[slug]))
