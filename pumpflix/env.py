"""Every environment variable PumpFlix reads, declared once: type, default, help and older names.

`load()` reports all wrong values at once. `docs/reference/settings.md` is generated from this file.
"""

import difflib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from pydantic import (
    AliasChoices,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
)

from pumpflix.lib.crypto import CryptoError, Keyring

PREFIX = "PUMPFLIX_"
ROOT = Path(__file__).resolve().parent.parent


RISKY_NODES = ("executeCommand", "ftp", "ssh")


class SettingsInvalid(Exception):
    """Names every wrong setting, one a line."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("These settings are wrong:\n" + "\n".join(f"  {problem}" for problem in problems))


def variable(name: str, default: Any, text: str, *, aliases: tuple[str, ...] = (), **limits: Any) -> Any:
    return Field(default, validation_alias=AliasChoices(name, *aliases), description=text, **limits)


def _split(value: object) -> object:
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _lower(value: object) -> object:
    return value.lower() if isinstance(value, str) else value


Words = Annotated[list[str], BeforeValidator(_split)]


class Env(BaseModel):
    """The settings of one process. A laptop needs none of them."""

    model_config = ConfigDict(frozen=True, extra="ignore", validate_default=False)

    environment: Annotated[Literal["production", "development", "test"], BeforeValidator(_lower)] = variable(
        "PUMPFLIX_ENVIRONMENT",
        "production",
        "`development` shows error pages with details and serves assets uncached. Never set it on a reachable machine.",
        aliases=("NODE_ENV",),
    )
    data_dir: Path = variable(
        "PUMPFLIX_DATA_DIR",
        ROOT / ".data",
        "Folder for generated keys, and for the embedded PostgreSQL and Valkey when no address is given for them.",
    )
    secret_key: str = variable(
        "PUMPFLIX_SECRET_KEY",
        "",
        "Signs sessions and links. Generated into the data folder when not given.",
        aliases=("SESSION_SECRET", "SECRET_KEY"),
    )
    encryption_key: str = variable(
        "PUMPFLIX_ENCRYPTION_KEY",
        "",
        "Seals stored credentials: 32 random bytes in base64 or hexadecimal, or several as `name:key, name:key`, of "
        "which the first seals. Generated into the data folder when not given; lose it and they cannot be read.",
        aliases=("ENCRYPTION_KEY",),
    )
    encryption_algorithm: Annotated[Literal["aes-256-gcm"], BeforeValidator(_lower)] = variable(
        "PUMPFLIX_ENCRYPTION_ALGORITHM",
        "aes-256-gcm",
        "How credentials are sealed. One algorithm is offered; the variable exists so that another name is refused.",
        aliases=("ENCRYPTION_ALGORITHM",),
    )

    host: str = variable("PUMPFLIX_HOST", "127.0.0.1", "Address the web process listens on.")
    port: int = variable("PORT", 8000, "Port the web process listens on.", aliases=("PUMPFLIX_PORT",), ge=1, le=65535)
    public_url: str = variable(
        "PUMPFLIX_PUBLIC_URL",
        "",
        "Address people and webhook callers use, such as `https://flows.example.org`. Default: the local address. "
        "With https, cookies are marked secure and HSTS is sent.",
    )
    allowed_hosts: Words = variable(
        "PUMPFLIX_ALLOWED_HOSTS",
        [],
        "Further host names the site answers to, separated by commas. The public and the local address always work.",
    )
    trusted_proxies: int = variable(
        "PUMPFLIX_TRUSTED_PROXIES", 0, "How many reverse proxies stand in front and set `X-Forwarded-For`.", ge=0, le=10
    )
    outbound_allow: str = variable(
        "PUMPFLIX_OUTBOUND_ALLOW",
        "",
        "Private networks that workflows may reach, such as `10.0.0.0/8, 192.168.1.7/32:8080`. With a port, only that "
        "port, and then also one that is otherwise refused. Default: the public internet only.",
    )
    ca_file: str = variable(
        "PUMPFLIX_CA_FILE", "", "Certificates that outgoing calls trust, in PEM form, instead of the bundled ones."
    )

    metrics_token: str = variable(
        "PUMPFLIX_METRICS_TOKEN",
        "",
        "Whoever sends it as `Authorization: Bearer …` may read `/metrics`. Default: administrators alone.",
    )

    database_url: str = variable(
        "DATABASE_URL",
        "",
        "PostgreSQL 15 or newer, `postgresql://user:password@host:5432/name`. Default: the embedded server.",
        aliases=("PUMPFLIX_DATABASE_URL",),
    )
    database_pool_min: int = variable(
        "PUMPFLIX_DATABASE_POOL_MIN",
        0,
        "Connections each process keeps open.",
        aliases=("DATABASE_POOL_MIN",),
        ge=0,
        le=100,
    )
    database_pool_max: int = variable(
        "PUMPFLIX_DATABASE_POOL_MAX",
        10,
        "Most connections a process opens.",
        aliases=("DATABASE_POOL_MAX",),
        ge=1,
        le=500,
    )
    database_timeout_ms: int = variable(
        "PUMPFLIX_DATABASE_TIMEOUT_MS",
        30_000,
        "How long a query of a page or an API call may take, and how long one waits for a free connection.",
        aliases=("DATABASE_TIMEOUT",),
        ge=100,
    )
    redis_url: str = variable(
        "REDIS_URL",
        "",
        "Redis 7 or Valkey 8 or newer, `redis://:password@host:6379/0`. Default: the embedded server.",
        aliases=("PUMPFLIX_REDIS_URL",),
    )

    workers: int = variable(
        "PUMPFLIX_WORKERS", 0, "Worker processes that `make run` starts. 0 means one per core.", ge=0, le=256
    )
    worker_threads: int = variable("PUMPFLIX_WORKER_THREADS", 4, "Task threads in each worker process.", ge=1, le=256)
    grace_s: int = variable(
        "PUMPFLIX_GRACE_S",
        30,
        "Seconds a worker may take to end or park its runs when it is told to stop.",
        ge=0,
        le=3600,
    )
    run_slots: int = variable(
        "PUMPFLIX_RUN_SLOTS",
        32,
        "Executions that one worker process runs side by side, and an eighth more of teams that run less than "
        "their share.",
        ge=1,
        le=1000,
    )
    lease_s: float = variable(
        "PUMPFLIX_LEASE_S",
        10.0,
        "Seconds after which the runs of a worker that fell silent are taken over by another. "
        "A worker that cannot reach the database for 0.6 of this ends itself.",
        ge=1,
        le=600,
    )
    run_time_limit_s: int = variable(
        "PUMPFLIX_RUN_TIME_LIMIT_S",
        3600,
        "Most seconds that an execution may run, from its start or the end of a wait to its next wait or its end. A "
        "workflow's own time limit counts if it is shorter. 0 means no limit.",
        ge=0,
    )
    worker_memory_mb: int = variable(
        "PUMPFLIX_WORKER_MEMORY_MB",
        1024,
        "A worker process grown beyond this ends its runs, hands on the rest and is started anew. 0 means never.",
        ge=0,
    )

    keep_runs_days: int = variable(
        "PUMPFLIX_KEEP_RUNS_DAYS",
        30,
        "Days after which executions that are over are removed, with their outputs, logs and files; daily figures "
        "stay. 0 keeps them for ever. Sample runs go after an hour in any case.",
        ge=0,
        le=36_500,
    )
    keep_runs: int = variable(
        "PUMPFLIX_KEEP_RUNS",
        50_000,
        "Executions that a team keeps; the oldest beyond go earlier, but not those of today and yesterday. 0 means any "
        "number.",
        ge=0,
    )

    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = variable(
        "PUMPFLIX_LOG_LEVEL", "INFO", "Least severe log line written."
    )
    log_format: Literal["json", "console"] = variable(
        "PUMPFLIX_LOG_FORMAT", "json", "`json`: one object a line. `console`: for reading while developing."
    )
    time_zone: str = variable(
        "PUMPFLIX_TIME_ZONE",
        "UTC",
        "Zone of dates on pages and of workflows that name none.",
        aliases=("GENERIC_TIMEZONE",),
    )

    email_url: str = variable(
        "PUMPFLIX_EMAIL_URL",
        "",
        "Where the site's own mail goes: `smtp://user:password@host:587` (STARTTLS) or `smtps://…:465`. "
        "Default: written to the log.",
    )
    email_from: str = variable("PUMPFLIX_EMAIL_FROM", "PumpFlix <noreply@localhost>", "Sender of the site's own mail.")
    email_verification: Literal["none", "optional", "mandatory"] = variable(
        "PUMPFLIX_EMAIL_VERIFICATION", "optional", "Whether an address must be confirmed before its owner can sign in."
    )
    password_rounds: int = variable(
        "PUMPFLIX_PASSWORD_ROUNDS",
        12,
        "Cost of bcrypt, which is accepted for passwords brought along; new ones are Argon2id.",
        aliases=("HASH_SALT_ROUNDS",),
        ge=10,
        le=16,
    )
    google_client_id: str = variable(
        "PUMPFLIX_GOOGLE_CLIENT_ID", "", "Sign-in with Google, with its secret.", aliases=("GOOGLE_CLIENT_ID",)
    )
    google_client_secret: str = variable(
        "PUMPFLIX_GOOGLE_CLIENT_SECRET", "", "Belongs to the Google client id.", aliases=("GOOGLE_CLIENT_SECRET",)
    )
    facebook_client_id: str = variable(
        "PUMPFLIX_FACEBOOK_CLIENT_ID", "", "Sign-in with Facebook, with its secret.", aliases=("FB_CLIENT_ID",)
    )
    facebook_client_secret: str = variable(
        "PUMPFLIX_FACEBOOK_CLIENT_SECRET", "", "Belongs to the Facebook client id.", aliases=("FB_CLIENT_SECRET",)
    )
    openid_url: str = variable(
        "PUMPFLIX_OPENID_URL",
        "",
        "Sign-in with an OpenID provider: the address under which it has `/.well-known/openid-configuration`. Its "
        "callback is `/accounts/oidc/openid/login/callback/` at the public address.",
    )
    openid_client_id: str = variable("PUMPFLIX_OPENID_CLIENT_ID", "", "The name of this instance at that provider.")
    openid_client_secret: str = variable("PUMPFLIX_OPENID_CLIENT_SECRET", "", "Belongs to the OpenID client id.")
    openid_name: str = variable(
        "PUMPFLIX_OPENID_NAME", "OpenID", "What the sign-in page calls that provider: *Continue with …*."
    )

    api_docs: bool = variable(
        "PUMPFLIX_API_DOCS", True, "Show the documentation of the REST API at `/api/docs` to who is signed in."
    )
    limit_api: str = variable(
        "PUMPFLIX_LIMIT_API",
        "100/15 minutes",
        "Most API calls of one user, key or address, as `<number>/<number> <second, minute, hour or day>`.",
    )
    limit_api_curator: str = variable(
        "PUMPFLIX_LIMIT_API_CURATOR", "", "The same for curators. Default: as everybody's."
    )
    limit_api_admin: str = variable(
        "PUMPFLIX_LIMIT_API_ADMIN", "", "The same for administrators. Default: as everybody's."
    )
    limit_team: str = variable(
        "PUMPFLIX_LIMIT_TEAM", "2000/15 minutes", "Most API calls of all keys of one team together."
    )
    limit_browser: str = variable(
        "PUMPFLIX_LIMIT_BROWSER",
        "3000/15 minutes",
        "The same for people who are signed in on the pages: the builder asks more often than a program should.",
    )
    limit_auth: str = variable(
        "PUMPFLIX_LIMIT_AUTH",
        "5/15 minutes",
        "Most failed sign-ins of one account from one place, on the pages and by API; the other limits of guessing are "
        "multiples of it.",
    )
    limit_auth_address: str = variable(
        "PUMPFLIX_LIMIT_AUTH_ADDRESS", "20/1 hour", "Most sign-ins and registrations by API from one address."
    )
    limit_export: str = variable("PUMPFLIX_LIMIT_EXPORT", "10/1 hour", "Most exports of one user or key.")

    limit_webhook: str = variable(
        "PUMPFLIX_LIMIT_WEBHOOK",
        "60/1 minute",
        "Most calls of one webhook, form or chat. `0` means any number; the health page then says so.",
    )
    webhook_body_mb: int = variable(
        "PUMPFLIX_WEBHOOK_BODY_MB",
        16,
        "Largest body of a call of a webhook or form, unpacked, in megabytes.",
        aliases=("N8N_PAYLOAD_SIZE_MAX",),
        ge=1,
        le=1024,
    )
    disk_free_percent: int = variable(
        "PUMPFLIX_DISK_FREE_PERCENT",
        5,
        "While the disk of the data folder has less room than this, no new run is taken in: calls are answered 503 and "
        "come again from their senders. 0 means never.",
        ge=0,
        le=50,
    )

    team_storage_mb: int = variable(
        "PUMPFLIX_TEAM_STORAGE_MB",
        20_480,
        "Most that one team may keep in files and large outputs, in megabytes. What does not fit any more is refused "
        "with `storage_full`; other teams are not affected. 0 means any amount.",
        ge=0,
    )

    sandbox_accept_reduced: bool = variable(
        "PUMPFLIX_SANDBOX_ACCEPT_REDUCED",
        False,
        "Run code even where this machine cannot build every wall of the sandbox. For development only.",
    )

    risky_nodes: Words = variable(
        "PUMPFLIX_RISKY_NODES",
        [],
        "Node types to switch on that reach further than a workflow's author usually may, separated by commas: "
        "`executeCommand` (the shell of this machine, as the user of the workers), `ssh`, `ftp`. Whoever may edit a "
        "workflow then can do what that user can. Default: all off.",
    )

    chromium: str = variable(
        "PUMPFLIX_CHROMIUM", "/usr/bin/chromium", "The browser of the end-to-end tests; used by `make test` alone."
    )

    @field_validator("database_url")
    @classmethod
    def _is_postgresql(cls, value: str) -> str:
        return _address(value, schemes=("postgres", "postgresql"), needs_path=True)

    @field_validator("redis_url")
    @classmethod
    def _is_redis(cls, value: str) -> str:
        return _address(value, schemes=("redis", "rediss", "unix"))

    @field_validator("public_url", "openid_url")
    @classmethod
    def _is_public_url(cls, value: str) -> str:
        return _address(value, schemes=("http", "https")).rstrip("/")

    @field_validator("email_url")
    @classmethod
    def _is_mail_server(cls, value: str) -> str:
        return _address(value, schemes=("smtp", "smtps"))

    @field_validator("secret_key")
    @classmethod
    def _is_long_enough(cls, value: str) -> str:
        if len(value) < 32:
            raise ValueError("needs at least 32 characters")
        return value

    @field_validator("encryption_key")
    @classmethod
    def _is_keyring(cls, value: str) -> str:
        try:
            Keyring.from_text(value)
        except CryptoError as error:
            raise ValueError(error.message) from None
        return value

    @field_validator("data_dir")
    @classmethod
    def _is_absolute(cls, value: Path) -> Path:
        return value if value.is_absolute() else (ROOT / value).resolve()

    @field_validator("outbound_allow")
    @classmethod
    def _is_list_of_networks(cls, value: str) -> str:
        from pumpflix.lib.safe_http import parse_open_networks  # noqa: PLC0415 - 0.1 s that the default never needs

        parse_open_networks(value)
        return value

    @field_validator("risky_nodes")
    @classmethod
    def _are_risky_nodes(cls, value: list[str]) -> list[str]:
        unknown = sorted(set(value) - set(RISKY_NODES))
        if unknown:
            raise ValueError(f"knows {', '.join(RISKY_NODES)}, not {', '.join(unknown)}")
        return value

    @field_validator(
        "limit_api",
        "limit_api_curator",
        "limit_api_admin",
        "limit_team",
        "limit_browser",
        "limit_auth",
        "limit_auth_address",
        "limit_export",
        "limit_webhook",
    )
    @classmethod
    def _is_rate(cls, value: str, info: ValidationInfo) -> str:
        from pumpflix.lib.rate_limits import OFF, parsed  # noqa: PLC0415 - only where a limit is given

        try:
            parsed(value) if value != OFF or info.field_name != "limit_webhook" else None
        except ValueError:
            raise ValueError("is not a rate, such as 100/15 minutes") from None
        return value

    @field_validator("time_zone")
    @classmethod
    def _is_known_zone(cls, value: str) -> str:
        if value not in available_timezones():
            raise ValueError("is not a time zone, such as Europe/Berlin")
        return value


def _address(value: str, *, schemes: tuple[str, ...], needs_path: bool = False) -> str:
    parts = urlsplit(value)
    if parts.scheme not in schemes:
        raise ValueError(f"must start with {' or '.join(f'{scheme}://' for scheme in schemes)}")
    if needs_path and not parts.path.strip("/"):
        raise ValueError("names no database")
    return value


def names_of(field: str) -> tuple[str, ...]:
    """The variable's name, then its older names."""
    alias = Env.model_fields[field].validation_alias
    assert isinstance(alias, AliasChoices)
    return tuple(str(choice) for choice in alias.choices)


def known_names() -> set[str]:
    return {name for field in Env.model_fields for name in names_of(field)}


def load(environ: Mapping[str, str]) -> Env:
    """Read the settings; an empty value counts as not given. Raises `SettingsInvalid` naming all that are wrong."""
    given = {name: value.strip() for name, value in environ.items() if value.strip()}
    problems = [_unknown(name) for name in sorted(given) if name.startswith(PREFIX) and name not in known_names()]
    try:
        env = Env.model_validate(given)
    except ValidationError as error:
        raise SettingsInvalid(problems + [_wrong(detail, given) for detail in error.errors()]) from None
    problems += _halves(env)
    if problems:
        raise SettingsInvalid(problems)
    return env


def from_process() -> Env:
    """The settings of this process: its environment, then the `.env` file beside `manage.py`."""
    return load(read_file(ROOT / ".env") | os.environ)


def read_file(path: Path) -> dict[str, str]:
    """`NAME=value` lines; `#` starts a comment line, quotes around a value are dropped. A missing file is empty."""
    if not path.is_file():
        return {}
    values = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        name, separator, value = line.strip().removeprefix("export ").partition("=")
        if separator and not name.startswith("#"):
            values[name.strip()] = _unquoted(value.strip())
    return values


def _unquoted(value: str) -> str:
    is_quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "\"'"
    return value[1:-1] if is_quoted else value


def _unknown(name: str) -> str:
    close = difflib.get_close_matches(name, known_names(), n=1)
    return f"{name}: no such setting" + (f"; did you mean {close[0]}?" if close else "")


def _wrong(detail: Any, given: Mapping[str, str]) -> str:
    """A line that names the variable as the reader spelled it, and never shows a value: it may be a secret."""
    location = str(detail["loc"][0])
    names = next(names_of(field) for field in Env.model_fields if location in (field, *names_of(field)))
    spelled = next((name for name in names if name in given), names[0])
    return f"{spelled}: {detail['msg'].removeprefix('Value error, ')}"


def _halves(env: Env) -> list[str]:
    pairs = (
        ("google_client_id", "google_client_secret"),
        ("facebook_client_id", "facebook_client_secret"),
        ("openid_url", "openid_client_id"),
        ("openid_client_id", "openid_client_secret"),
    )
    problems = [
        f"{names_of(missing)[0]}: is needed with {names_of(given)[0]}"
        for pair in pairs
        for given, missing in (pair, pair[::-1])
        if getattr(env, given) and not getattr(env, missing)
    ]
    if env.database_pool_min > env.database_pool_max:
        problems.append("PUMPFLIX_DATABASE_POOL_MIN: is larger than PUMPFLIX_DATABASE_POOL_MAX")
    return problems


def reference() -> str:
    """The page `docs/reference/settings.md`."""
    lines = [
        "# Settings",
        "",
        "Read from the environment, then from a file `.env` beside `manage.py`. A laptop needs none. Start fails and",
        "names every wrong setting at once. Generated from `pumpflix/env.py` by `make schemas`.",
        "",
    ]
    for field, info in Env.model_fields.items():
        name, *aliases = names_of(field)
        lines += [f"## `{name}`", "", str(info.description), "", f"Default: {_shown_default(info.default)}."]
        if aliases:
            lines += ["", "Also read as " + ", ".join(f"`{alias}`" for alias in aliases) + "."]
        lines.append("")
    return "\n".join(lines)


def _shown_default(value: object) -> str:
    if isinstance(value, Path):
        return f"`{value.relative_to(ROOT)}` beside `manage.py`"
    return f"`{value}`" if value not in ("", []) else "none"
