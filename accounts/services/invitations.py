"""Invitations into a team: by mail, to one address, good once. Who holds the link shows that the mailbox is theirs."""

import hashlib
import secrets
from datetime import timedelta
from typing import Any

import structlog
from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.mail import send_mail
from django.db import IntegrityError, transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.errors import TeamRefused
from accounts.http import public
from accounts.models import Invitation, Membership, Team, User
from accounts.selectors.roles import is_at_least, role_in
from accounts.services import audit, roles
from accounts.services.notifications import notify
from accounts.services.teams import refuse_personal
from pumpflix.lib.rate_limits import limits_at

LINK_GOOD_FOR = timedelta(minutes=30)
OPEN_FOR = timedelta(days=7)
MOST_OPEN = 100
PER_SENDER = "60/1 hour"
"""Of a person, and of a team: many teams are no way round it."""
PER_ADDRESS = "6/1 hour"

log = structlog.get_logger(__name__)


class MailNotSent(Exception):
    """The invitation stands, but its mail did not leave: send it again."""

    def __init__(self, invitation: Invitation) -> None:
        super().__init__()
        self.invitation = invitation


def invite(team: Team, *, email: str, role: str, by: User) -> Invitation:
    """Mail a link to that address. Raises TeamRefused, RoleTooLow, MailNotSent."""
    roles.require(by, team.pk, "owner")
    refuse_personal(team, "has one member")
    email = email.strip().lower()
    if Membership.objects.filter(team=team, user__email=email).exists():
        raise TeamRefused("member_already", f"{email} is in the team already.", hint="Change the role instead.")
    _count_mail(team, email, by=by)
    token = secrets.token_urlsafe(32)
    with transaction.atomic():
        Team.objects.select_for_update().get(pk=team.pk)
        now = timezone.now()
        rows = Invitation.objects.unanswered().filter(team=team)
        rows.filter(expires_at__lte=now).update(ended_at=now)
        if rows.filter(email=email).exists():
            raise TeamRefused("invited_already", f"{email} is invited already.", hint="Send that invitation again.")
        if rows.count() >= MOST_OPEN:
            raise TeamRefused("invitations_many", f"{MOST_OPEN} invitations are open.", hint="Withdraw some first.")
        made = Invitation.objects.create(
            team=team, email=email, role=role, invited_by=by, token_hash=hash_of(token),
            link_until=now + LINK_GOOD_FOR, expires_at=now + OPEN_FOR,
        )  # fmt: skip
        audit.record("invitation.create", actor=by, team=team, target=made, email=email, role=role)
        _tell_account(made)
    _mail(made, token)
    return made


def resend(invitation: Invitation, *, by: User) -> Invitation:
    """A new link, and a week more; the link of before no longer works. Raises TeamRefused, RoleTooLow, MailNotSent."""
    roles.require(by, invitation.team_id, "owner")
    return _send_again(invitation, by=by, until=timezone.now() + OPEN_FOR)


def send_new_link(invitation: Invitation) -> None:
    """For who holds a link that is too old: to the mailbox it went to before, within the week. Raises as `resend`."""
    _send_again(invitation, by=None, until=invitation.expires_at)


def _send_again(invitation: Invitation, *, by: User | None, until: Any) -> Invitation:
    _count_mail(invitation.team, invitation.email, by=by)
    token = secrets.token_urlsafe(32)
    with transaction.atomic():
        row = _still_open(invitation, even_lapsed=by is not None)
        row.token_hash, row.link_until, row.expires_at = hash_of(token), timezone.now() + LINK_GOOD_FOR, until
        row.save(update_fields=["token_hash", "link_until", "expires_at"])
        audit.record("invitation.resend", actor=by, team=row.team, target=row, email=row.email)
    _mail(row, token)
    return row


def withdraw(invitation: Invitation, *, by: User) -> None:
    """Its link leads nowhere from now on. Raises TeamRefused, RoleTooLow."""
    roles.require(by, invitation.team_id, "owner")
    _close(invitation, by=by, action="invitation.withdraw")


def decline(invitation: Invitation, *, by: User, has_link: bool = False) -> None:
    """By who was invited. Raises TeamRefused."""
    _refuse_others(invitation, by, has_link=has_link)
    _close(invitation, by=by, action="invitation.decline")


def _close(invitation: Invitation, *, by: User, action: str) -> None:
    with transaction.atomic():
        row = _still_open(invitation, even_lapsed=True)
        row.ended_at = timezone.now()
        row.save(update_fields=["ended_at"])
        audit.record(action, actor=by, team=row.team, target=row, email=row.email)


def accept(invitation: Invitation, *, by: User, has_link: bool = False) -> Membership:
    """Join, once. `by` must have shown that the invited address is theirs: it is confirmed, or they came by the link
    (`has_link`), which confirms it. Raises TeamRefused for anybody else."""
    _refuse_others(invitation, by, has_link=has_link)
    with transaction.atomic():
        row = _still_open(invitation)
        row.accepted_at = timezone.now()
        row.save(update_fields=["accepted_at"])
        if has_link:
            _confirm(by, row.email)
        member, is_new = Membership.objects.get_or_create(team=row.team, user=by, defaults={"role": row.role})
        audit.record("invitation.accept", actor=by, team=row.team, target=row, email=row.email, role=member.role)
        inviter = row.invited_by
        if is_new and inviter is not None and is_at_least(role_in(inviter, row.team_id), "owner"):
            title = _("%(who)s joined %(team)s") % {"who": by.name or row.email, "team": row.team.name}
            notify(inviter, kind="team.joined", title=title, url=f"/teams/{row.team_id}")
    return member


def opened(token: str) -> Invitation | None:
    """The invitation that the link leads to, if it can still be accepted; look at `link_until` before it opens it."""
    return Invitation.objects.open().select_related("team", "invited_by").filter(token_hash=hash_of(token)).first()


def is_for(invitation: Invitation, user: User, *, has_link: bool = False) -> bool:
    """Whether the invited address is the user's, and shown to be."""
    if has_link and user.email == invitation.email:
        return True
    return bool(EmailAddress.objects.filter(user_id=user.pk, email=invitation.email, verified=True).exists())


def hash_of(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _still_open(invitation: Invitation, *, even_lapsed: bool = False) -> Invitation:
    """The row, locked: of two who take it one comes first. Raises TeamRefused."""
    # As members and teams do it: first the team, then what is in it.
    Team.objects.select_for_update().filter(pk=invitation.team_id).first()
    rows = Invitation.objects.select_for_update(of=("self",)).select_related("team", "invited_by")
    row = rows.unanswered().filter(pk=invitation.pk).first()
    if row is None or not (row.is_open or even_lapsed):
        hint = "Ask the team for a new one."
        raise TeamRefused("invitation_over", "This invitation is not open any more.", hint=hint)
    return row


def _refuse_others(invitation: Invitation, user: User, *, has_link: bool) -> None:
    if is_for(invitation, user, has_link=has_link):
        return
    if user.email == invitation.email:
        hint = "Open the link in the mail: that shows that the mailbox is yours."
        raise TeamRefused("address_not_confirmed", "Your address is not confirmed yet.", hint=hint)
    hint = f"You are signed in as {user.email}. Sign in with the invited address, or ask for an invitation to yours."
    raise TeamRefused("invitation_for_another", "This invitation went to another address.", hint=hint)


def _confirm(user: User, email: str) -> None:
    try:
        with transaction.atomic():
            EmailAddress.objects.update_or_create(
                user=user, email=email, defaults={"verified": True}, create_defaults={"verified": True, "primary": True}
            )
    except IntegrityError:
        log.info("address_confirmed_elsewhere", user=str(user.pk))


def _count_mail(team: Team, email: str, *, by: User | None) -> None:
    """A mailbox of somebody who wants none of it is not flooded, by one team or by several; nor are many."""
    limits = limits_at(settings.REDIS_URL)
    senders = [(PER_SENDER, str(each.pk)) for each in (team, by) if each is not None]
    for rule, who in (*senders, (PER_ADDRESS, email)):
        refused = limits.refusal(rule, "invitation", who)
        if refused is not None:
            message = "Too many invitations were mailed within an hour."
            raise TeamRefused(
                "invitations_too_fast", message, hint="Wait a while.", retry_after_s=refused.retry_after_s
            )


def _tell_account(invitation: Invitation) -> None:
    """Who has an account sees it there too."""
    user = User.objects.filter(email=invitation.email, is_active=True).first()
    if user is not None:
        title = _("You are invited to %(team)s") % {"team": invitation.team.name}
        notify(user, kind="team.invited", title=title, url="/teams")


def _mail(invitation: Invitation, token: str) -> None:
    """Raises MailNotSent. The address of the link is that of the settings, whatever the request said."""
    context = {
        "team": invitation.team.name,
        "who": invitation.invited_by.email if invitation.invited_by else "",
        "role": invitation.get_role_display().lower(),
        "url": public(reverse("accounts:invitation-follow", args=[token])),
    }
    subject = " ".join(render_to_string("teams/mail/invitation_subject.txt", context).split())
    text = render_to_string("teams/mail/invitation_message.txt", context)
    try:
        send_mail(subject, text.strip() + "\n", None, [invitation.email])
    except OSError as error:
        log.warning("invitation_not_mailed", invitation=str(invitation.pk), error=str(error))
        raise MailNotSent(invitation) from error
