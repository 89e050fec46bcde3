"""Which site the admin is: in a file of its own, for it is read before any model."""

from django.contrib.admin.apps import AdminConfig


class PumpFlixAdminConfig(AdminConfig):
    default_site = "pumpflix.admin_site.PumpFlixAdminSite"
