"""Data tables: small tables of a team that workflows read and write; and what workflows remember between runs."""

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils import timezone

from accounts.models.base import TeamOwnedQuerySet, UUIDModel


class DataTable(UUIDModel):
    """`columns` is a list of `{name, type}` with type string, number, boolean or date."""

    team = models.ForeignKey("accounts.Team", on_delete=models.CASCADE, related_name="data_tables")
    name = models.CharField(max_length=120)
    columns = models.JSONField(default=list)
    created_at = models.DateTimeField(default=timezone.now)

    objects = TeamOwnedQuerySet["DataTable"].as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "name"], name="data_table_name_once")]

    def __str__(self) -> str:
        return self.name


class DataTableRowQuerySet(TeamOwnedQuerySet["DataTableRow"]):
    team_path = "table__team_id"


class DataTableRow(models.Model):
    table = models.ForeignKey(DataTable, on_delete=models.CASCADE, related_name="rows")
    values = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    objects = DataTableRowQuerySet.as_manager()

    class Meta:
        indexes = [GinIndex(fields=["values"], opclasses=["jsonb_path_ops"], name="data_table_row_values")]

    def __str__(self) -> str:
        return f"{self.table_id}#{self.pk}"


class StaticDataQuerySet(TeamOwnedQuerySet["StaticData"]):
    team_path = "workflow__team_id"


class StaticData(UUIDModel):
    """What a workflow keeps between executions: `scope` is `global` or `node:<name>`; `body` is JSON bytes."""

    workflow = models.ForeignKey("workflows_app.Workflow", on_delete=models.CASCADE, related_name="static_data")
    scope = models.CharField(max_length=310)
    body = models.BinaryField()
    updated_at = models.DateTimeField(default=timezone.now)

    objects = StaticDataQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workflow", "scope"], name="static_data_scope_once")]
