"""Django's PostgreSQL backend with a pool that outlives its server. Settings name this package as the engine."""

from typing import Any

from django.db.backends.base.base import NO_DB_ALIAS
from django.db.backends.postgresql import base

from pumpflix.lib.postgresql.pool import LastingPool


class DatabaseWrapper(base.DatabaseWrapper):
    """As Django's, which makes its pool in the same way but knows one class of them."""

    # What the parent has and its types do not say.
    _connection_pools: dict[str, LastingPool[Any]]
    _configure_connection: Any

    @property
    def pool(self) -> LastingPool[Any] | None:
        options = self.settings_dict["OPTIONS"].get("pool")
        if self.alias == NO_DB_ALIAS or not options:
            return None
        if self.alias not in self._connection_pools:
            kwargs = {**self.get_connection_params(), "autocommit": True}
            made = LastingPool(kwargs=kwargs, open=False, configure=self._configure_connection, **options)
            # Two threads may make one at a time; the first to store it wins, and neither is open yet.
            self._connection_pools.setdefault(self.alias, made)
        return self._connection_pools[self.alias]
