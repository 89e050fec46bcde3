"""Celery and Channels. Messages are doorbells that may be lost; time, retries and results live in database rows."""

from urllib.parse import parse_qs, unquote, urlsplit

from kombu.entity import Exchange, Queue

from pumpflix.settings.source import ENV, REDIS_URL


def broker_url(redis_url: str) -> str:
    """Celery spells a Redis socket `redis+socket://path?virtual_host=0`."""
    parts = urlsplit(redis_url)
    if parts.scheme != "unix":
        return redis_url
    number = parse_qs(parts.query).get("db", ["0"])[0]
    return f"redis+socket://{unquote(parts.path)}?virtual_host={number}"


CELERY_BROKER_URL = broker_url(REDIS_URL)
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_timeout": 5,
    "socket_connect_timeout": 2,
    "health_check_interval": 10,
    # Who rings a doorbell does not wait for a broker that is away.
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0,
    "interval_max": 0,
    "visibility_timeout": 60,
    "global_keyprefix": "pf-celery:",
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_POOL_LIMIT = 4

# A task is named `<subject>.<verb>`; its subject settles its queue.
QUEUE_OF_SUBJECT = {
    "executions": "workflow-executions",
    "notifications": "notifications",
    "exports": "exports",
    "audits": "audits",
    "maintenance": "maintenance",
}
CELERY_TASK_QUEUES = [Queue(name, Exchange(name), routing_key=name) for name in QUEUE_OF_SUBJECT.values()]
CELERY_TASK_ROUTES = {f"{subject}.*": {"queue": queue} for subject, queue in QUEUE_OF_SUBJECT.items()}
CELERY_TASK_DEFAULT_QUEUE = "workflow-executions"
CELERY_TASK_CREATE_MISSING_QUEUES = False
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_STORE_ERRORS_EVEN_IF_IGNORED = False
CELERY_TASK_ACKS_LATE = False
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_RESULT_BACKEND = None

CELERY_WORKER_POOL = "threads"
CELERY_WORKER_CONCURRENCY = ENV.worker_threads
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_ENABLE_UTC = True

CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.core.RedisChannelLayer",
        "CONFIG": {
            # Its blocking reads outlast the five seconds that redis-py gives every answer.
            "hosts": [{"address": REDIS_URL, "socket_timeout": None}],
            "prefix": "pf-channels",
            "capacity": 500,
            "expiry": 30,
        },
    }
}
