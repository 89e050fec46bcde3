"""Apps, middleware, pages, languages and static files."""

from pumpflix.env import ROOT
from pumpflix.settings.source import DATA, ENV, IS_DEVELOPMENT, PUBLIC_URL

BASE_DIR = ROOT
DEBUG = IS_DEVELOPMENT
PUMPFLIX = ENV
PUMPFLIX_PUBLIC_URL = PUBLIC_URL

INSTALLED_APPS = [
    "pumpflix",
    "templates_app",
    "executions_app",
    "workflows_app",
    "accounts",
    "unfold.apps.BasicAppConfig",
    "pumpflix.admin_config.PumpFlixAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "pumpflix.static_files.PumpFlixStaticFilesConfig",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "channels",
    "csp",
    "rest_framework",
    "drf_spectacular",
    "django_htmx",
]

MIDDLEWARE = [
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "pumpflix.middleware.RequestId",
    "pumpflix.middleware.BodyLimit",
    "pumpflix.api.limits.LimitHeaders",
    "pumpflix.api.errors.ApiErrors",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.OwnTimeZone",
    "accounts.middleware.BackToThePage",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.middleware.AdministratorsProve",
    "django_htmx.middleware.HtmxMiddleware",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
]

ROOT_URLCONF = "pumpflix.urls"
WSGI_APPLICATION = "pumpflix.wsgi.application"
ASGI_APPLICATION = "pumpflix.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "accounts.branding.brand",
                "accounts.context.people",
            ],
        },
    }
]

LANGUAGE_CODE = "en"
# A language comes in when every page speaks it: one that is half there is worse than none.
LANGUAGES = [("en", "English")]
LOCALE_PATHS = [ROOT / "pumpflix" / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = ENV.time_zone

STATIC_URL = "/static/"
STATICFILES_DIRS = [ROOT / "static"]
STATIC_ROOT = DATA.path / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if IS_DEVELOPMENT
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
MEDIA_ROOT = DATA.path / "media"
WHITENOISE_USE_FINDERS = IS_DEVELOPMENT
WHITENOISE_AUTOREFRESH = IS_DEVELOPMENT
WHITENOISE_MANIFEST_STRICT = False

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
FORM_RENDERER = "django.forms.renderers.DjangoTemplates"
