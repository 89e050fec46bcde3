"""A run that a person deletes is hidden at once and pruned an hour later, so that it can be brought back."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("executions_app", "0013_keep_files_of_jobs_and_reports")]

    operations = [
        migrations.AddField(
            model_name="execution", name="deleted_at", field=models.DateTimeField(blank=True, null=True)
        ),
    ]
