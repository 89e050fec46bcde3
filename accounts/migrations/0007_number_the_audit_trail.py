from django.db import migrations, models
from django.db.models import Q, deletion


class Migration(migrations.Migration):
    """Ids of people and teams stay in an entry when those are gone; a number shows what is missing."""

    dependencies = [("accounts", "0006_invite_by_a_link_of_half_an_hour")]

    operations = [
        migrations.CreateModel(
            name="AuditHead",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.BigIntegerField()),
                ("chain", models.CharField(max_length=64)),
                ("seal", models.CharField(max_length=64)),
            ],
            options={"constraints": [models.CheckConstraint(condition=Q(id=1), name="audit_head_one_row")]},
        ),
        migrations.AddField("auditentry", "number", models.BigIntegerField(null=True)),
        migrations.AlterField(
            "auditentry",
            "team",
            models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=deletion.DO_NOTHING,
                related_name="+",
                to="accounts.team",
            ),
        ),
        migrations.AlterField(
            "auditentry",
            "actor",
            models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=deletion.DO_NOTHING,
                related_name="+",
                to="accounts.user",
            ),
        ),
    ]
