"""What accounts keep sealed: the seeds of second factors and of recovery codes."""

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.db import transaction

from accounts.keys import Rewrapped, keyring, register
from accounts.second_factor import SEED, from_text, to_text
from pumpflix.lib.crypto import CryptoError, kid_of, rewrap

SEALED = ("secret", "seed")


class Seeds:
    """They lie as text in a JSON column of allauth's."""

    name = "second factor"

    def rewrap(self, batch: int) -> Rewrapped:
        done, failed = 0, []
        sealed = Authenticator.objects.exclude(type=Authenticator.Type.WEBAUTHN).order_by("pk")
        for row in sealed.iterator(chunk_size=batch):
            try:
                done += self._rewrapped(row)
            except CryptoError as error:
                failed.append(f"{self.name} of {row.user_id}: {error.message}")
        return Rewrapped(done, tuple(failed))

    def missing_keys(self) -> set[str]:
        found = set()
        for row in Authenticator.objects.exclude(type=Authenticator.Type.WEBAUTHN):
            for text in (row.data[name] for name in SEALED if name in row.data):
                try:
                    get_adapter().decrypt(text)
                except CryptoError:
                    found.add(kid_of(from_text(text)))
        return found

    def _rewrapped(self, row: Authenticator) -> int:
        with transaction.atomic():
            # A recovery code may be used up at this moment.
            locked = Authenticator.objects.select_for_update().get(pk=row.pk)
            old = {name: from_text(locked.data[name]) for name in SEALED if name in locked.data}
            if all(kid_of(blob) == keyring().current for blob in old.values()):
                return 0
            locked.data |= {name: to_text(rewrap(keyring(), SEED, blob)) for name, blob in old.items()}
            locked.save(update_fields=["data"])
        return 1


register(Seeds())
