"""Data tables and the file store, which workflows read and write."""

from typing import Any
from uuid import UUID

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from pumpflix.lib.rest.errors import found
from pumpflix.lib.rest.operations import Sample, operation, page_serializer
from pumpflix.lib.rest.paging import PageQuery, page_of
from pumpflix.lib.rest.samples import DATA_TABLE
from pumpflix.lib.rest.serializers import ApiSerializer, ObjectField, QuerySerializer
from pumpflix.lib.rest.views import ApiView
from workflows_app.models import DataTable
from workflows_app.selectors import lists

TAG = "Built-in services"


class TableSerializer(ApiSerializer):
    id = serializers.UUIDField()
    name = serializers.CharField()
    team_id = serializers.UUIDField()
    columns = serializers.ListField(child=ObjectField(), help_text="`{name, type}` each.")
    rows = serializers.IntegerField(source="row_count")
    created_at = serializers.DateTimeField()


class RowSerializer(ApiSerializer):
    id = serializers.IntegerField(source="pk")
    values = ObjectField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class RowsQuery(QuerySerializer):
    after = serializers.IntegerField(
        min_value=0, max_value=2**62, default=0, help_text="`id` of the last row you have."
    )
    limit = serializers.IntegerField(min_value=1, max_value=100, default=50)


class RowsSerializer(ApiSerializer):
    items = RowSerializer(many=True)
    last = serializers.IntegerField(help_text="Ask again with this as `after`.")


class FileSerializer(ApiSerializer):
    id = serializers.UUIDField()
    path = serializers.CharField()
    mime_type = serializers.CharField()
    size_bytes = serializers.IntegerField()
    updated_at = serializers.DateTimeField()


class FileQuery(PageQuery):
    prefix = serializers.CharField(
        max_length=500, required=False, default="", allow_blank=True, help_text="What the path begins with."
    )


TablePage = page_serializer("DataTablePage", TableSerializer)
FilePage = page_serializer("FilePage", FileSerializer)


class TablesView(ApiView):
    @operation("dataTablesList", "List data tables", tag=TAG, query=PageQuery, answers={200: TablePage}, errors=[403])
    def get(self, request: Request) -> Response:
        rows = lists.tables_for(request.user)
        return self.answer(TablePage, page_of(rows, self.query(PageQuery).wanted(), by="created_at"))


class RowsView(ApiView):
    @operation(
        "dataTablesRows",
        "Read the rows of a data table",
        tag=TAG,
        query=RowsQuery,
        answers={200: RowsSerializer},
        errors=[403, 404],
        samples=[Sample("From the start", path={"table_id": DATA_TABLE})],
    )
    def get(self, request: Request, table_id: UUID) -> Response:
        table: DataTable = found(lists.tables_for(request.user).filter(pk=table_id).first())
        asked: dict[str, Any] = self.query(RowsQuery).validated_data
        rows = list(lists.rows_of(table).filter(pk__gt=asked["after"])[: asked["limit"]])
        return self.answer(RowsSerializer, {"items": rows, "last": rows[-1].pk if rows else asked["after"]})


class FilesView(ApiView):
    @operation(
        "filesList",
        "List files of the store",
        tag=TAG,
        query=FileQuery,
        answers={200: FilePage},
        errors=[403],
        samples=[Sample("Below a folder", query={"prefix": "reports/"})],
    )
    def get(self, request: Request) -> Response:
        query = self.query(FileQuery)
        rows = lists.files_for(request.user, prefix=query.validated_data["prefix"])
        return self.answer(FilePage, page_of(rows, query.wanted(), by="updated_at"))
