"""What a team has here."""

from accounts.services.team_hooks import register_holding
from templates_app.models import Template

register_holding("templates", lambda team: Template.objects.filter(team=team).count())
