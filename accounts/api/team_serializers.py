"""What teams, members and invitations look like outside."""

from rest_framework import serializers

from accounts.selectors.audit import RESULTS
from accounts.selectors.roles import ROLES
from pumpflix.lib.rest.serializers import ApiSerializer, LineField, ObjectField, QuerySerializer

ROLE_HELP = "An `owner` manages the team, an `editor` changes things, an `operator` runs them, a `viewer` reads."


class TeamSerializer(ApiSerializer):
    id = serializers.UUIDField(source="team.id")
    name = serializers.CharField(source="team.name")
    kind = serializers.ChoiceField(source="team.kind", choices=["personal", "shared"])
    role = serializers.ChoiceField(choices=ROLES, help_text="Yours.")


class TeamDetailSerializer(TeamSerializer):
    members = serializers.IntegerField(help_text="How many people are in it.")
    created_at = serializers.DateTimeField(source="team.created_at")


class TeamListSerializer(ApiSerializer):
    items = TeamSerializer(many=True)


class TeamNameSerializer(ApiSerializer):
    name = LineField(max_length=120)


class MemberSerializer(ApiSerializer):
    user_id = serializers.UUIDField()
    name = serializers.CharField(source="user.name")
    email = serializers.EmailField(source="user.email")
    role = serializers.ChoiceField(choices=ROLES)
    joined_at = serializers.DateTimeField(source="created_at")


class MemberListSerializer(ApiSerializer):
    items = MemberSerializer(many=True)


class RoleSerializer(ApiSerializer):
    role = serializers.ChoiceField(choices=ROLES, help_text=ROLE_HELP)


class InviteSerializer(RoleSerializer):
    email = serializers.EmailField(max_length=254)


class InvitationSerializer(ApiSerializer):
    """Never its link: that is in the mail alone."""

    id = serializers.UUIDField()
    team_id = serializers.UUIDField()
    team_name = serializers.CharField(source="team.name")
    email = serializers.EmailField()
    role = serializers.ChoiceField(choices=ROLES)
    is_open = serializers.BooleanField(help_text="Its week is not over. One that is over can be sent again.")
    link_until = serializers.DateTimeField(help_text="Until when the link that was mailed last opens it.")
    expires_at = serializers.DateTimeField()
    created_at = serializers.DateTimeField()


class InvitationListSerializer(ApiSerializer):
    items = InvitationSerializer(many=True)


class InvitationMadeSerializer(InvitationSerializer):
    is_mailed = serializers.BooleanField(help_text="False: the mail did not leave; send it again.")


class LinkSerializer(ApiSerializer):
    token = serializers.CharField(max_length=200, help_text="The last part of the link in the mail.")


class AcceptSerializer(ApiSerializer):
    token = serializers.CharField(
        max_length=200, required=False, help_text="Of the link: needed while your address is not confirmed."
    )


class AuditEntrySerializer(ApiSerializer):
    """Who did what, and from where."""

    id = serializers.UUIDField()
    number = serializers.IntegerField(help_text="Counts over the whole instance.")
    at = serializers.DateTimeField()
    actor_id = serializers.UUIDField(allow_null=True)
    actor = serializers.CharField(source="actor.email", default="", help_text="Empty for somebody who is gone.")
    action = serializers.CharField()
    object_type = serializers.CharField()
    object_id = serializers.CharField()
    result = serializers.CharField()
    details = ObjectField()
    ip_address = serializers.CharField(allow_null=True)
    request_id = serializers.CharField()
    chain = serializers.CharField(help_text="SHA-256 over the entry and the one before it.")


class AuditListSerializer(ApiSerializer):
    items = AuditEntrySerializer(many=True)
    next_before = serializers.IntegerField(allow_null=True, help_text="`before` of the next page.")


class AuditQuery(QuerySerializer):
    who = serializers.CharField(
        max_length=120, required=False, default="", allow_blank=True, help_text="Part of an address or a name."
    )
    what = serializers.CharField(
        max_length=60,
        required=False,
        default="",
        allow_blank=True,
        help_text="Such as `team` or `team.rename`.",
    )
    result = serializers.ChoiceField(choices=RESULTS, required=False, default="", allow_blank=True)
    since = serializers.DateTimeField(required=False, allow_null=True, default=None)
    until = serializers.DateTimeField(required=False, allow_null=True, default=None, help_text="Not in it itself.")
    before = serializers.IntegerField(min_value=1, max_value=2**62, required=False, allow_null=True, default=None)
    limit = serializers.IntegerField(min_value=1, max_value=100, default=50)
