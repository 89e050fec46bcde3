from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("workflows_app", "0007_keep_imports_and_texts")]

    operations = [
        migrations.AddField(
            model_name="credential",
            name="warned_of",
            field=models.CharField(blank=True, db_default="", max_length=60),
        ),
    ]
