"""What teams, members and invitations look like outside."""

from rest_framework import serializers

from accounts.selectors.roles import ROLES
from pumpflix.lib.rest.serializers import ApiSerializer, LineField

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
