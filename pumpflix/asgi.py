"""The one port: Django behind ASGI."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pumpflix.settings")

application = get_asgi_application()
