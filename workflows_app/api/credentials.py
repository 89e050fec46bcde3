"""`/api/credentials`: stored secrets, which are written, used and tried, but never answered."""

from dataclasses import replace
from uuid import UUID

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.services import roles
from accounts.services.teams import team_for
from pumpflix.lib.rest.errors import found
from pumpflix.lib.rest.operations import Sample, operation, page_serializer
from pumpflix.lib.rest.paging import PageQuery, page_of
from pumpflix.lib.rest.samples import CREDENTIAL, TEAM
from pumpflix.lib.rest.serializers import ApiSerializer, LineField, ObjectField
from pumpflix.lib.rest.views import ApiView, repeatable
from workflows_app import credential_types
from workflows_app.models import Credential
from workflows_app.selectors.credentials import CredentialView as Shown
from workflows_app.selectors.credentials import credential_view, used_by, view
from workflows_app.selectors.lists import credentials_for
from workflows_app.services import credentials, handover, oauth2

TAG = "Credentials"
HERE = {"credential_id": CREDENTIAL}
NEEDS = {"GET": "credentials", "POST": "credentials", "PATCH": "credentials", "DELETE": "credentials"}
HOSTS_HELP = "Hosts it may be sent to, such as `api.example.com` or `*.example.com`; those of its type without any."


class CredentialSerializer(ApiSerializer):
    """Without its secrets: of those only whether they are set, and how a long one ends."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    type = serializers.CharField()
    type_label = serializers.CharField()
    team_id = serializers.UUIDField()
    team_name = serializers.CharField()
    is_shared_in = serializers.BooleanField(help_text="It is another team's, which lets yours use it.")
    secret_version = serializers.IntegerField(help_text="Grows with every change of a secret; name it when you write.")
    fields_ = ObjectField(help_text='Values; of secrets `{"isSet", "hint"}`.')
    allowed_hosts = serializers.ListField(child=serializers.CharField())
    expires_at = serializers.DateTimeField(allow_null=True)
    last_used_at = serializers.DateTimeField(allow_null=True)
    failing_since = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class UsedBySerializer(ApiSerializer):
    id = serializers.UUIDField()
    name = serializers.CharField()


class CredentialDetailSerializer(CredentialSerializer):
    used_by = UsedBySerializer(many=True, help_text="Workflows of yours that name it.")


class CredentialCreateSerializer(ApiSerializer):
    name = LineField(max_length=120)
    type = serializers.CharField(max_length=120, help_text="One of `credentialTypesList`.")
    fields_ = ObjectField(help_text="Values by name, as the type's schema has them.")
    allowed_hosts = serializers.ListField(
        child=serializers.CharField(max_length=253), max_length=50, required=False, default=list, help_text=HOSTS_HELP
    )
    expires_at = serializers.DateTimeField(required=False, allow_null=True, default=None)
    team_id = serializers.UUIDField(required=False)


class CredentialChangeSerializer(ApiSerializer):
    name = LineField(max_length=120, required=False)
    fields_ = ObjectField(required=False, help_text="Merged; a secret that is left out stays.")
    allowed_hosts = serializers.ListField(
        child=serializers.CharField(max_length=253), max_length=50, required=False, help_text=HOSTS_HELP
    )
    expires_at = serializers.DateTimeField(required=False, allow_null=True)
    secret_version = serializers.IntegerField(min_value=1, help_text="That of the credential you changed.")


class CredentialQuery(PageQuery):
    type = serializers.CharField(max_length=120, required=False, default="", allow_blank=True)


class TransferSerializer(ApiSerializer):
    team_id = serializers.UUIDField(help_text="One of your teams, in which you may edit.")
    keep_use = serializers.BooleanField(
        required=False, default=True, help_text="Workflows of the team it leaves may go on using it."
    )


class ShareSerializer(ApiSerializer):
    team_id = serializers.UUIDField(help_text="A team you are in.")


class TestedSerializer(ApiSerializer):
    ok = serializers.BooleanField()
    message = serializers.CharField(help_text="The service's own answer, in a sentence.")
    status = serializers.IntegerField(allow_null=True, help_text="Its HTTP status, where it gave one.")


class ConnectSerializer(ApiSerializer):
    url = serializers.CharField(help_text="Send the browser there; the service sends it back.")


class CredentialTypeSerializer(ApiSerializer):
    name = serializers.CharField()
    label = serializers.CharField()
    description = serializers.CharField()
    where = serializers.CharField(help_text="Where its owner finds the values.")
    hosts = serializers.ListField(child=serializers.CharField())
    fields_ = ObjectField(help_text="JSON Schema; secrets have `writeOnly`.")


class CredentialTypeListSerializer(ApiSerializer):
    items = CredentialTypeSerializer(many=True)


CredentialPage = page_serializer("CredentialPage", CredentialSerializer)


def usable(request: Request, credential_id: UUID) -> Credential:
    """One that the caller's teams may use; else 404."""
    return found(credentials_for(request.user).filter(pk=credential_id).first())


def own(request: Request, credential_id: UUID) -> Credential:
    """One of the caller's teams, which the caller may change; else 404 or 403."""
    row = found(Credential.objects.visible_to(request.user).filter(pk=credential_id).select_related("team").first())
    roles.require(request.user, row.team_id, "editor")
    return row


def detail(row: Credential, request: Request) -> "Detail":
    return Detail(credential_view(row, request.user), used_by(row, request.user))


class Detail:
    """A credential as it is shown, with the workflows that name it."""

    def __init__(self, shown: Shown, workflows: list[dict[str, str]]) -> None:
        self.shown = shown
        self.used_by = workflows

    def __getattr__(self, name: str) -> object:
        return getattr(self.shown, name)


class CredentialsView(ApiView):
    scopes = NEEDS

    @operation(
        "credentialsList",
        "List credentials",
        tag=TAG,
        query=CredentialQuery,
        answers={200: CredentialPage},
        errors=[403],
        description="Those of your teams and those shared with them, without their secrets.",
        samples=[Sample("Of one type", query={"type": "httpHeaderAuth"})],
    )
    def get(self, request: Request) -> Response:
        query = self.query(CredentialQuery)
        rows = credentials_for(request.user, type=query.validated_data["type"])
        page = page_of(rows, query.wanted(), by="created_at")
        shown = [view(row, is_shared_in=not row.is_own, is_seen=row.is_seen) for row in page.items]
        return self.answer(CredentialPage, replace(page, items=shown))

    @operation(
        "credentialsCreate",
        "Store a credential",
        tag=TAG,
        body=CredentialCreateSerializer,
        answers={201: CredentialDetailSerializer},
        errors=[403, 404, 413, 415, 422],
        is_repeatable=True,
        description="Its secrets are encrypted and never answered again.",
        samples=[
            Sample(
                "A header",
                {
                    "name": "Billing API",
                    "type": "httpHeaderAuth",
                    "fields": {"name": "X-Token", "value": "example-token-of-nobody"},
                    "allowedHosts": ["api.example.com"],
                },
                status=201,
            )
        ],
    )
    @repeatable
    def post(self, request: Request) -> Response:
        given = self.body(CredentialCreateSerializer)
        team = team_for(request.user, given.pop("team_id", None))
        roles.require(request.user, team.pk, "editor")
        row = credentials.create(team=team, by=request.user, **given)
        return self.answer(CredentialDetailSerializer, detail(row, request), status=201)


class CredentialView(ApiView):
    scopes = NEEDS

    @operation(
        "credentialsGet",
        "Get a credential",
        tag=TAG,
        answers={200: CredentialDetailSerializer},
        errors=[403, 404],
        samples=[Sample("One of yours", path=HERE)],
    )
    def get(self, request: Request, credential_id: UUID) -> Response:
        return self.answer(CredentialDetailSerializer, detail(usable(request, credential_id), request))

    @operation(
        "credentialsUpdate",
        "Change a credential",
        tag=TAG,
        body=CredentialChangeSerializer,
        answers={200: CredentialDetailSerializer},
        errors=[403, 404, 409, 413, 415, 422],
        samples=[
            Sample("Another secret", {"fields": {"value": "another-token"}, "secretVersion": 1}, path=HERE),
            Sample("Another name", {"name": "Billing", "secretVersion": 1}, path=HERE),
        ],
    )
    def patch(self, request: Request, credential_id: UUID) -> Response:
        given = self.body(CredentialChangeSerializer)
        version = given.pop("secret_version")
        row = own(request, credential_id)
        changed = credentials.update(
            row, credentials.CredentialChange(**given), by=request.user, secret_version=version
        )
        return self.answer(CredentialDetailSerializer, detail(changed, request))

    @operation(
        "credentialsDelete",
        "Delete a credential",
        tag=TAG,
        answers={204: None},
        errors=[403, 404],
        description="Workflows that name it fail from now on when they need it; `usedBy` tells which do.",
        samples=[Sample("Delete", path=HERE, status=204)],
    )
    def delete(self, request: Request, credential_id: UUID) -> Response:
        credentials.delete(own(request, credential_id), by=request.user)
        return Response(status=204)


class CredentialTestView(ApiView):
    scopes = NEEDS

    @operation(
        "credentialsTest",
        "Try a credential",
        tag=TAG,
        answers={200: TestedSerializer},
        errors=[403, 404, 422],
        description="Asks the service it is for. 422 for a type that says nothing about where it is used.",
        samples=[Sample("One without a service of its own", path=HERE, status=422)],
    )
    def post(self, request: Request, credential_id: UUID) -> Response:
        return self.answer(TestedSerializer, credentials.test(own(request, credential_id), by=request.user))


class CredentialShareView(ApiView):
    scopes = NEEDS

    @operation(
        "credentialsShare",
        "Let another team use a credential",
        tag=TAG,
        body=ShareSerializer,
        answers={200: CredentialDetailSerializer},
        errors=[403, 404, 422],
        description="Its workflows may use it from now on; its members do not see what is in it.",
        samples=[Sample("Share", {"teamId": TEAM}, path=HERE)],
    )
    def post(self, request: Request, credential_id: UUID) -> Response:
        row = own(request, credential_id)
        team = team_for(request.user, self.body(ShareSerializer)["team_id"], role="viewer")
        credentials.share(row, team=team, by=request.user)
        return self.answer(CredentialDetailSerializer, detail(row, request))


class CredentialTransferView(ApiView):
    scopes = {"POST": None}

    @operation(
        "credentialsTransfer",
        "Move a credential to another team",
        tag=TAG,
        body=TransferSerializer,
        answers={200: CredentialDetailSerializer},
        errors=[403, 404, 422],
        description="Nobody sees what is in it on the way. Shares with other teams stay.",
        samples=[Sample("Move", {"teamId": TEAM}, path=HERE)],
    )
    def post(self, request: Request, credential_id: UUID) -> Response:
        row = own(request, credential_id)
        given = self.body(TransferSerializer)
        team = team_for(request.user, given["team_id"])
        moved = handover.transfer(row, team=team, by=request.user, keep_use=given["keep_use"])
        return self.answer(CredentialDetailSerializer, detail(moved, request))


class CredentialUnshareView(ApiView):
    scopes = NEEDS

    @operation(
        "credentialsUnshare",
        "Take a credential back from another team",
        tag=TAG,
        answers={204: None},
        errors=[403, 404],
        samples=[Sample("Take back", path={**HERE, "team_id": TEAM}, status=204)],
    )
    def delete(self, request: Request, credential_id: UUID, team_id: UUID) -> Response:
        row = own(request, credential_id)
        shared = found(row.shares.filter(team_id=team_id).select_related("team").first())
        credentials.unshare(row, team=shared.team, by=request.user)
        return Response(status=204)


class CredentialConnectView(ApiView):
    scopes = {"POST": None}

    @operation(
        "credentialsConnect",
        "Begin to connect an OAuth credential",
        tag=TAG,
        answers={200: ConnectSerializer},
        errors=[403, 404, 422],
        samples=[Sample("One that is not OAuth", path=HERE, status=422)],
    )
    def post(self, request: Request, credential_id: UUID) -> Response:
        url = oauth2.begin(own(request, credential_id), by=request.user)
        return self.answer(ConnectSerializer, {"url": url})


class CredentialTypesView(ApiView):
    @operation(
        "credentialTypesList",
        "List credential types",
        tag=TAG,
        answers={200: CredentialTypeListSerializer},
        errors=[403],
    )
    def get(self, request: Request) -> Response:
        kinds = [{"name": name, **said} for name, said in credential_types.schemas().items()]
        return self.answer(CredentialTypeListSerializer, {"items": kinds})
