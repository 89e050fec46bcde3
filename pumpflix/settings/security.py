"""Keys, cookies, response headers and limits on what a request may carry."""

from urllib.parse import urlsplit

from csp.constants import NONCE, NONE, SELF

from pumpflix.settings.source import DATA, ENV, IS_HTTPS, PUBLIC_URL

SECRET_KEY = ENV.secret_key or DATA.secret("secret_key", size_bytes=48)
ENCRYPTION_KEY = ENV.encryption_key or DATA.secret("encryption_key", size_bytes=32)

ALLOWED_HOSTS = [urlsplit(PUBLIC_URL).hostname or "", "localhost", "127.0.0.1", "[::1]", *ENV.allowed_hosts]
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]

# Browsers keep a cookie of that prefix to this very host: no neighbour below the same domain sets or widens it.
COOKIE_PREFIX = "__Host-" if IS_HTTPS else ""
SESSION_COOKIE_NAME = f"{COOKIE_PREFIX}pf_session"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = IS_HTTPS
CSRF_FAILURE_VIEW = "pumpflix.pages.refused_form"
CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}pf_csrf"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SECURE = IS_HTTPS
LANGUAGE_COOKIE_NAME = "pf_language"

SECURE_HSTS_SECONDS = 365 * 24 * 3600 if IS_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = IS_HTTPS
SECURE_SSL_REDIRECT = False
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if ENV.trusted_proxies else None
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    }
}

DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000
# A folder of workflows comes as one form.
DATA_UPLOAD_MAX_NUMBER_FILES = 520

# `check --deploy` is clean but for these, each with its reason.
SILENCED_SYSTEM_CHECKS = [
    "security.W008",  # what ends TLS in front redirects; doing it here too loops where it does not say so
    "security.W021",  # a list in browsers is the owner's of the domain to ask for
    "urls.W002",  # addresses of the API end without a slash, so what follows begins with one
]
