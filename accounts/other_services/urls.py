"""Addresses of the two steps, under allauth's names; they stand before allauth's own."""

from django.urls import path
from django.views.decorators.cache import never_cache

from accounts.other_services import views

urlpatterns = [
    path("3rdparty/", never_cache(views.Connections.as_view()), name="socialaccount_connections"),
    *(path(f"{name}/login/", views.login, {"service": name}, name=f"{name}_login") for name in views.ADAPTERS),
    *(
        path(f"{name}/login/callback/", views.callback, {"service": name}, name=f"{name}_callback")
        for name in views.ADAPTERS
    ),
    *(path(f"{name}/login/token/", views.gone, {"service": name}) for name in views.ADAPTERS),
    path("oidc/<slug:provider_id>/login/", views.login, name="openid_connect_login"),
    path("oidc/<slug:provider_id>/login/callback/", views.callback, name="openid_connect_callback"),
]
