"""The keys of this instance that seal what is stored, and who keeps what they sealed.

Whoever stores something sealed registers a keeper for it, in the module `keepers` of its app. A rotation asks every
keeper to put its secrets under the first key, and a start asks every one which keys it cannot do without, so that
neither forgets a table.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Protocol

from django.conf import settings
from django.db.models import BinaryField, Model, Q, QuerySet, Value
from django.db.models.functions import Substr
from django.db.models.lookups import Exact
from django.utils.module_loading import autodiscover_modules

from pumpflix.lib.crypto import CryptoError, Keyring, RecordId, head_of, kid_of, rewrap, unseal

BATCH = 500
TRIED = 20


@lru_cache(maxsize=4)
def _keyring(text: str) -> Keyring:
    return Keyring.from_text(text)


def keyring() -> Keyring:
    """The first key seals; the others open what they sealed."""
    return _keyring(settings.ENCRYPTION_KEY)


@dataclass(frozen=True, slots=True)
class Rewrapped:
    """How many secrets changed their key, and which did not open."""

    done: int = 0
    failed: tuple[str, ...] = ()


class Keeper(Protocol):
    """One kind of sealed secrets. `name` says in an error what they are."""

    @property
    def name(self) -> str: ...

    def rewrap(self, batch: int) -> Rewrapped:
        """Put them all under the first key, `batch` rows at a time. Safe to interrupt, to repeat and to run beside
        writers; nothing is decrypted but data keys."""

    def missing_keys(self) -> set[str]:
        """Ids of keys they need and the keyring lacks, or has under the name of another key."""


_keepers: dict[str, Keeper] = {}


def register(keeper: Keeper) -> None:
    _keepers[keeper.name] = keeper


def keepers() -> list[Keeper]:
    """Those of every installed app."""
    autodiscover_modules("keepers")
    return [_keepers[name] for name in sorted(_keepers)]


def rewrap_all(batch: int = BATCH) -> Rewrapped:
    """Put every stored secret of the instance under the first key."""
    reports = [keeper.rewrap(batch) for keeper in keepers()]
    return Rewrapped(sum(one.done for one in reports), tuple(text for one in reports for text in one.failed))


def missing_keys() -> list[str]:
    """Ids of keys that stored secrets need and the keyring lacks, or has under the name of another key."""
    return sorted({key_id for keeper in keepers() for key_id in keeper.missing_keys()})


@dataclass(frozen=True)
class SealedColumn:
    """The keeper of a binary column that holds one sealed record a row. `rows` are those to look at, with what
    `record_of` reads; `key_column` also notes the key's id, where the table has such a column."""

    name: str
    rows: Callable[[], QuerySet[Any]] = field(repr=False)
    column: str
    record_of: Callable[[Any], RecordId] = field(repr=False)
    key_column: str = ""

    def rewrap(self, batch: int) -> Rewrapped:
        done, failed = 0, []
        for row in self._sealed_with_others(batch):
            try:
                done += self._rewrapped(row)
            except CryptoError as error:
                failed.append(f"{self.name} {row.pk}: {error.message}")
        return Rewrapped(done, tuple(failed))

    def missing_keys(self) -> set[str]:
        """Tries a few records of each key: one that is damaged says nothing of the key."""
        missing: set[str] = set()
        rows = self._filled()
        while (row := rows.first()) is not None:
            try:
                key_id = kid_of(getattr(row, self.column))
            except CryptoError:
                # No record at all: no key would help it, and the start does not depend on it.
                rows = rows.exclude(pk=row.pk)
                continue
            if not any(self._opens(one) for one in rows.filter(wrapped_with(key_id, self.column))[:TRIED]):
                missing.add(key_id)
            rows = rows.exclude(wrapped_with(key_id, self.column))
        return missing

    def _opens(self, row: Any) -> bool:
        try:
            unseal(keyring(), self.record_of(row), getattr(row, self.column))
        except CryptoError:
            return False
        return True

    def _filled(self) -> QuerySet[Any]:
        return self.rows().exclude(**{f"{self.column}__isnull": True}).order_by("pk")

    def _sealed_with_others(self, batch: int) -> Iterator[Model]:
        """By id, so that one that does not open is passed once and holds nothing up."""
        rows = self._filled().exclude(wrapped_with(keyring().current, self.column))
        some = list(rows[:batch])
        while some:
            yield from some
            some = list(rows.filter(pk__gt=some[-1].pk)[:batch])

    def _rewrapped(self, row: Any) -> int:
        before = bytes(getattr(row, self.column))
        after = rewrap(keyring(), self.record_of(row), before)
        noted = {self.key_column: kid_of(after)} if self.key_column else {}
        # Whoever writes the secret meanwhile wins: what was read here is no longer what is stored.
        same = type(row)._base_manager.filter(pk=row.pk, **{self.column: before})
        return same.update(**{self.column: after}, **noted)


def wrapped_with(key_id: str, column: str) -> Q:
    """Whether a row's record is wrapped with this key."""
    head = head_of(key_id)
    start = Substr(column, 1, len(head), output_field=BinaryField())
    return Q(Exact(start, Value(head, output_field=BinaryField())))
