"""Settings of the test suite: everything real but the cost of a password and the place of collected files."""

from pumpflix.settings import *  # noqa: F403
from pumpflix.settings import STORAGES

SECRET_KEY = "tests-sign-with-this-and-nothing-else-does"  # noqa: S105 - public on purpose
ENCRYPTION_KEY = "tests-seal-with-this-and-nothing-else-does"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STORAGES = STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
ACCOUNT_RATE_LIMITS = False
