"""Settings of the test suite: everything real but the cost of a password and the place of collected files."""

# ruff: noqa: E402, F403 - the addresses of the test servers are settled before the settings are read
from pumpflix.tests import servers

servers.choose()

from pumpflix.settings import *
from pumpflix.settings import DATABASES, PUMPFLIX_LIMITS, STORAGES

# pytest-django drops and creates the database under the connections; a pool would hold some of them open.
DATABASES["default"]["OPTIONS"] = {
    name: value for name, value in DATABASES["default"]["OPTIONS"].items() if name != "pool"
}
DATABASES["default"]["OPTIONS"]["options"] = "-c pumpflix.audit_may_be_emptied=on"  # a flush between two tests

SECRET_KEY = "tests-sign-with-this-and-nothing-else-does"
ENCRYPTION_KEY = "dGVzdHMgc2VhbCB3aXRoIHRoaXMgYW5kIG5vdGhpbmc"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STORAGES = STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
ACCOUNT_RATE_LIMITS = False
# Counted as ever, but out of the way; tests of the limits set their own.
PUMPFLIX_LIMITS = dict.fromkeys(PUMPFLIX_LIMITS, "100000/1 minute")
