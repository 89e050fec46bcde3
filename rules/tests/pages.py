"""What the rules of pages.yaml find in Python, and what they let pass."""

# ok: csrf-exempt
from django.views.decorators.csrf import csrf_exempt


def marked(text, scene):
    # ruleid: markup-of-text
    mark_safe(text)
    # ruleid: markup-of-text
    mark_safe(f"<b>{text}</b>")
    # ruleid: markup-of-text
    SafeString(text)
    # ruleid: markup-of-text
    format_html(f"<b>{text}</b>", text)
    # ruleid: markup-of-text
    format_html("<b>%s</b>" % text, text)
    # ruleid: markup-of-text
    format_html(text)
    # ok: markup-of-text
    format_html("<b>{}</b>", text)
    # ok: markup-of-text
    mark_safe(graph(scene, title=text))
    # ok: markup-of-text
    mark_safe(to_html(text))


def drawn(scene):
    svg = graph(scene)
    # ok: markup-of-text
    return mark_safe(svg)


# ruleid: csrf-exempt
@csrf_exempt
def changes(request):
    return HttpResponse(status=204)


# ok: csrf-exempt
@csrf_exempt
@require_POST
def client_error(request: HttpRequest) -> HttpResponse:
    return JsonResponse({}, status=202)


def anywhere(request):
    # ruleid: redirect-to-what-was-sent
    return redirect(request.GET["next"])


def anywhere_later(request):
    target = request.POST.get("next", "/")
    # ruleid: redirect-to-what-was-sent
    return HttpResponseRedirect(target)


def anywhere_with_a_query(request):
    # ruleid: redirect-to-what-was-sent
    return HttpResponseRedirect(f"{request.GET['next']}?saved=1")


def ours(request):
    target = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()})
    # ok: redirect-to-what-was-sent
    return HttpResponseRedirect(target if is_ours else "/")


def unasked(request, is_ours):
    target = request.POST.get("next", "")
    # ruleid: redirect-to-what-was-sent
    return HttpResponseRedirect(target if is_ours else "/")


def named(request):
    # ok: redirect-to-what-was-sent
    return HttpResponseRedirect(f"{reverse('executions_app:execution-list')}?{request.POST['query']}")
