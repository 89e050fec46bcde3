"""API keys and notifications of who is calling."""

from uuid import UUID

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.serializers import (
    ApiKeyCreateSerializer,
    ApiKeySerializer,
    NewApiKeySerializer,
    NotificationSerializer,
)
from accounts.selectors.api_keys import keys_for
from accounts.selectors.notifications import notifications_for
from accounts.services import api_keys, notifications
from accounts.services.teams import team_for
from pumpflix.lib.rest.errors import found
from pumpflix.lib.rest.operations import Sample, operation, page_serializer
from pumpflix.lib.rest.paging import PageQuery, page_of
from pumpflix.lib.rest.samples import API_KEY, NOTIFICATION
from pumpflix.lib.rest.views import ApiView

ApiKeyPage = page_serializer("ApiKeyPage", ApiKeySerializer)
NotificationPage = page_serializer("NotificationPage", NotificationSerializer)
OF_A_PERSON: dict[str, str | None] = {"GET": None, "POST": None}
"""Notifications come from all teams of somebody, and an API key works in one."""


class NotificationQuery(PageQuery):
    unread = serializers.BooleanField(
        required=False, allow_null=True, default=None, help_text="Only those not read yet."
    )


class ApiKeysView(ApiView):
    scopes = {"GET": None, "POST": None}

    @operation("apiKeysList", "List API keys", tag="API keys", query=PageQuery, answers={200: ApiKeyPage}, errors=[403])
    def get(self, request: Request) -> Response:
        wanted = self.query(PageQuery).wanted()
        return self.answer(ApiKeyPage, page_of(keys_for(request.user), wanted, by="created_at"))

    @operation(
        "apiKeysCreate",
        "Make an API key",
        tag="API keys",
        body=ApiKeyCreateSerializer,
        answers={201: NewApiKeySerializer},
        errors=[403, 404],
        description="The key is in this answer and nowhere else. It works in one team, with the scopes it was given.",
        samples=[Sample("For a script", {"name": "Nightly report", "scopes": ["read", "run"]}, status=201)],
    )
    def post(self, request: Request) -> Response:
        given = self.body(ApiKeyCreateSerializer)
        team = team_for(request.user, given.pop("team_id", None))
        made = api_keys.create(team=team, by=request.user, **given)
        return self.answer(NewApiKeySerializer, made, status=201)


class ApiKeyView(ApiView):
    scopes = {"DELETE": None}

    @operation(
        "apiKeysRevoke",
        "Revoke an API key",
        tag="API keys",
        answers={200: ApiKeySerializer},
        errors=[403, 404],
        description="It ends at once; the row stays as a record.",
        samples=[Sample("Revoke", path={"key_id": API_KEY})],
    )
    def delete(self, request: Request, key_id: UUID) -> Response:
        key = found(keys_for(request.user).filter(pk=key_id).first())
        api_keys.revoke(key, by=request.user)
        return self.answer(ApiKeySerializer, key)


class NotificationsView(ApiView):
    scopes = OF_A_PERSON

    @operation(
        "notificationsList",
        "List notifications",
        tag="Notifications",
        query=NotificationQuery,
        answers={200: NotificationPage},
        errors=[403],
        samples=[Sample("Unread ones", query={"unread": "true"})],
    )
    def get(self, request: Request) -> Response:
        query = self.query(NotificationQuery)
        rows = notifications_for(request.user, unread=query.validated_data["unread"])
        return self.answer(NotificationPage, page_of(rows, query.wanted(), by="created_at"))


class NotificationReadView(ApiView):
    scopes = OF_A_PERSON

    @operation(
        "notificationsRead",
        "Mark a notification as read",
        tag="Notifications",
        answers={200: NotificationSerializer},
        errors=[403, 404],
        samples=[Sample("Read", path={"notification_id": NOTIFICATION})],
    )
    def post(self, request: Request, notification_id: UUID) -> Response:
        row = found(notifications_for(request.user).filter(pk=notification_id).first())
        return self.answer(NotificationSerializer, notifications.mark_read(row))


class NotificationsReadAllView(ApiView):
    scopes = OF_A_PERSON

    @operation(
        "notificationsReadAll",
        "Mark all notifications as read",
        tag="Notifications",
        answers={204: None},
        errors=[403],
        samples=[Sample("All", status=204)],
    )
    def post(self, request: Request) -> Response:
        notifications.mark_all_read(request.user)
        return Response(status=204)
