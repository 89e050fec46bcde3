"""The values this process was given, read once."""

from pumpflix import env
from pumpflix.supervisor.data_folder import DataFolder

ENV = env.from_process()
DATA = DataFolder(ENV.data_dir)
DATABASE_URL = ENV.database_url or DATA.database_url
REDIS_URL = ENV.redis_url or DATA.redis_url
PUBLIC_URL = ENV.public_url or f"http://{'localhost' if ENV.host in ('0.0.0.0', '::') else ENV.host}:{ENV.port}"  # noqa: S104 - compared, not bound
IS_HTTPS = PUBLIC_URL.startswith("https://")
IS_DEVELOPMENT = ENV.environment == "development"
