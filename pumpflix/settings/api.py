"""The REST API: who may call, how often, what it reads and answers, and how it is documented."""

from pumpflix import __version__
from pumpflix.settings.source import ENV

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.api.authentication.BearerAuthentication",
        "accounts.api.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["accounts.api.permissions.SignedInWithScope"],
    "DEFAULT_THROTTLE_CLASSES": ["pumpflix.api.limits.Limit"],
    "DEFAULT_PARSER_CLASSES": ["pumpflix.api.parsers.JsonParser"],
    "DEFAULT_RENDERER_CLASSES": ["pumpflix.api.renderers.JsonRenderer"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "pumpflix.api.errors.handle",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "URL_FORMAT_OVERRIDE": None,
    "DATETIME_FORMAT": None,
}

# Rules of `limits`. `browser` is for people who are signed in on the pages, which ask more often than programs should.
PUMPFLIX_LIMITS = {
    "api": ENV.limit_api,
    "api_curator": ENV.limit_api_curator or ENV.limit_api,
    "api_admin": ENV.limit_api_admin or ENV.limit_api,
    "team": ENV.limit_team,
    "browser": ENV.limit_browser,
    "auth": ENV.limit_auth_address,
    "auth_failed": ENV.limit_auth,
    "export": ENV.limit_export,
    "webhook": ENV.limit_webhook,
}
PUMPFLIX_API_DOCS = ENV.api_docs
PUMPFLIX_ANSWERED_ONCE = "executions_app.api.once.answered_once"

SPECTACULAR_SETTINGS = {
    "TITLE": "PumpFlix",
    "VERSION": __version__,
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "ENUM_NAME_OVERRIDES": {
        "WorkflowStatusEnum": "workflows_app.selectors.lists.STATUSES",
        "ExecutionStatusEnum": "executions_app.models.execution.STATUSES",
        "NodeRunStatusEnum": "executions_app.models.node_run.NODE_RUN_STATUSES",
        "SideEnum": ["input", "output"],
        "TemplateStatusEnum": "templates_app.api.serializers.STATES",
        "TeamKindEnum": ["personal", "shared"],
        "TeamRoleEnum": "accounts.selectors.roles.ROLES",
    },
    "SCHEMA_PATH_PREFIX": "/api",
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "pumpflix.api.schema.add_system",
        "pumpflix.api.schema.add_node_parameters",
    ],
    "PREPROCESSING_HOOKS": ["pumpflix.api.schema.only_the_api"],
}
