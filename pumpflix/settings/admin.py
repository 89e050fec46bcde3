"""The admin's look and its places. Colours are those of `static/css/tokens.css`: warm amber on ink."""

from typing import Any

from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _


def _gallery(title: Any, icon: str, link: Any) -> dict[str, Any]:
    """A place for curators and administrators; it is marked where the whole address fits."""
    return {"title": title, "icon": icon, "link": link, "active": lambda request: request.get_full_path() == str(link)}


def _place(title: Any, icon: str, link: Any) -> dict[str, Any]:
    """A place for administrators."""
    return {**_gallery(title, icon, link), "permission": lambda request: request.user.is_staff}


_list = lazy(lambda name, query="": f"{reverse_lazy(f'admin:{name}_changelist')}{query}", str)

UNFOLD = {
    "SITE_TITLE": _("PumpFlix administration"),
    "SITE_HEADER": "PumpFlix",
    "SITE_URL": "/",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": lambda _request: static("img/favicon.svg")}],
    "DASHBOARD_CALLBACK": "pumpflix.admin_pages.dashboard",
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "BORDER_RADIUS": "8px",
    "SITE_ICON": lambda _request: static("img/favicon.svg"),
    "STYLES": [lambda _request: static("css/admin.css")],
    "COLORS": {
        "base": {
            "50": "#fbfaf7",
            "100": "#f1eee7",
            "200": "#e4dfd3",
            "300": "#c9c3b6",
            "400": "#8f96a2",
            "500": "#5f6876",
            "600": "#474f5b",
            "700": "#3a4452",
            "800": "#222a35",
            "900": "#0e1116",
            "950": "#0a0d11",
        },
        "font": {
            "subtle-light": "#545d6b",
            "subtle-dark": "#a9b4c2",
            "default-light": "#333a45",
            "default-dark": "#d3dae3",
            "important-light": "#16191f",
            "important-dark": "#f1f4f8",
        },
        "primary": {
            "50": "#fff8ec",
            "100": "#fbebd3",
            "200": "#f5d5a6",
            "300": "#efbb72",
            "400": "#ffb454",
            "500": "#d9882a",
            "600": "#8a4b00",
            "700": "#733f00",
            "800": "#5c3300",
            "900": "#472800",
            "950": "#2b1800",
        },
    },
    "SIDEBAR": {
        "show_search": False,
        "show_all_applications": False,
        "navigation": [
            {
                "title": _("Gallery"),
                "items": [
                    _gallery(_("Submissions"), "inbox", _list("templates_app_template", "?status__exact=submitted")),
                    _gallery(_("Titles"), "movie", _list("templates_app_template", "?status__exact=published")),
                    _gallery(_("Rows"), "view_list", _list("templates_app_category")),
                    _gallery(_("Cache"), "speed", reverse_lazy("admin:cache")),
                ],
            },
            {
                "title": _("People"),
                "items": [
                    _place(_("Users"), "person", _list("accounts_user")),
                    _place(_("Teams and limits"), "group", _list("accounts_team")),
                    _place(_("Name and colours"), "palette", _list("accounts_branding")),
                ],
            },
            {
                "title": _("Instance"),
                "items": [
                    _place(_("Health"), "favorite", reverse_lazy("admin:health")),
                    _place(_("Side jobs"), "checklist", _list("executions_app_job")),
                    _place(_("Audit trail"), "history", _list("accounts_auditentry")),
                ],
            },
        ],
    },
}
