from rest_framework import serializers

from accounts.api.team_serializers import TeamSerializer
from accounts.services.api_keys import SCOPES
from pumpflix.lib.rest.serializers import ApiSerializer, LineField


class RegisterSerializer(ApiSerializer):
    email = serializers.EmailField(max_length=254)
    password = serializers.CharField(max_length=4_096, trim_whitespace=False, write_only=True)
    name = LineField(max_length=120, required=False, default="", allow_blank=True)


class RegisteredSerializer(ApiSerializer):
    """The same whether the address was free or not: who owns it learns by mail."""

    email = serializers.EmailField()
    name = serializers.CharField()
    email_verification = serializers.ChoiceField(
        choices=["none", "optional", "mandatory"], help_text="Whether the address must be confirmed before signing in."
    )


class LoginSerializer(ApiSerializer):
    email = serializers.CharField(max_length=320)
    password = serializers.CharField(max_length=4_096, trim_whitespace=False, write_only=True)
    code = serializers.CharField(
        max_length=20,
        required=False,
        write_only=True,
        help_text="Of the authenticator app, or a recovery code: where the account has a second factor.",
    )


class RefreshSerializer(ApiSerializer):
    refresh_token = serializers.CharField(max_length=4_096)


class LogoutSerializer(ApiSerializer):
    refresh_token = serializers.CharField(
        max_length=4_096, required=False, help_text="Ends that pair; without it, the pair of the access token."
    )
    everywhere = serializers.BooleanField(required=False, default=False, help_text="Ends all pairs of this account.")


class TokenPairSerializer(ApiSerializer):
    access_token = serializers.CharField(help_text="Send as `Authorization: Bearer …`; good for 15 minutes.")
    refresh_token = serializers.CharField(help_text="Gets the next pair, once; good for 7 days.")
    token_type = serializers.CharField()
    expires_in = serializers.IntegerField(help_text="Seconds the access token is good for.")


class MeSerializer(ApiSerializer):
    id = serializers.UUIDField()
    email = serializers.EmailField()
    name = serializers.CharField()
    role = serializers.ChoiceField(choices=["user", "curator", "admin"])
    theme = serializers.ChoiceField(choices=["system", "dark", "light"])
    locale = serializers.CharField()
    time_zone = serializers.CharField()
    created_at = serializers.DateTimeField()
    teams = TeamSerializer(many=True)


class SignedInSerializer(TokenPairSerializer):
    user = MeSerializer()


class TicketSerializer(ApiSerializer):
    ticket = serializers.CharField(help_text="Send it in the socket's first message.")
    expires_in = serializers.IntegerField(help_text="Seconds it is good for, once.")


class MeChangeSerializer(ApiSerializer):
    name = LineField(max_length=120, required=False, allow_blank=True)
    theme = serializers.ChoiceField(choices=["system", "dark", "light"], required=False)


class ApiKeySerializer(ApiSerializer):
    """A key without its secret part."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    prefix = serializers.CharField(help_text="How the key begins, to tell keys apart.")
    scopes = serializers.ListField(child=serializers.ChoiceField(choices=SCOPES))
    team_id = serializers.UUIDField()
    team_name = serializers.CharField(source="team.name")
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField(allow_null=True)
    last_used_at = serializers.DateTimeField(allow_null=True)
    revoked_at = serializers.DateTimeField(allow_null=True)


class NewApiKeySerializer(ApiKeySerializer):
    key = serializers.CharField(help_text="The key itself. It is shown now and never again.")


class ApiKeyCreateSerializer(ApiSerializer):
    name = LineField(max_length=120)
    scopes = serializers.ListField(
        child=serializers.ChoiceField(choices=SCOPES),
        min_length=1,
        max_length=len(SCOPES),
        help_text="`read` everything but secrets, `run` executions, `write` workflows and templates, `credentials`.",
    )
    team_id = serializers.UUIDField(required=False, help_text="The team it works in; your own without it.")
    expires_at = serializers.DateTimeField(required=False, allow_null=True, default=None)


class NotificationSerializer(ApiSerializer):
    id = serializers.UUIDField()
    kind = serializers.CharField()
    title = serializers.CharField()
    text = serializers.CharField()
    url = serializers.CharField()
    read_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()
