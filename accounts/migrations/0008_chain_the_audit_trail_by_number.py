import hashlib
import hmac
from datetime import UTC

import orjson
from django.conf import settings
from django.db import migrations


def chained(apps, _):
    """Entries so far were chained in the order of their moments, which two writers at once could swap."""
    entries, heads = apps.get_model("accounts", "AuditEntry"), apps.get_model("accounts", "AuditHead")
    number, chain = 0, ""
    for entry in entries.objects.order_by("at", "id").iterator(chunk_size=2000):
        number += 1
        said = [
            chain, number, entry.at.astimezone(UTC).isoformat(), entry.actor_id, entry.team_id, entry.action,
            entry.object_type, entry.object_id, entry.result, entry.details, entry.ip_address, entry.user_agent,
            entry.request_id,
        ]
        chain = hashlib.sha256(orjson.dumps(said, option=orjson.OPT_SORT_KEYS)).hexdigest()
        entries.objects.filter(pk=entry.pk).update(number=number, chain=chain)
    if number:
        key = hmac.digest(settings.SECRET_KEY.encode("utf-8"), b"pumpflix.audit.seal", "sha256")
        seal = hmac.new(key, f"{number}:{chain}".encode(), "sha256").hexdigest()
        heads.objects.update_or_create(pk=1, defaults={"number": number, "chain": chain, "seal": seal})


class Migration(migrations.Migration):
    dependencies = [("accounts", "0007_number_the_audit_trail")]

    operations = [migrations.RunPython(chained, migrations.RunPython.noop)]
