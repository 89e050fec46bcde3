"""How an action of the audit trail reads: `Invitation created` for `invitation.create`."""

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

DONE = {
    "accept": gettext_noop("accepted"),
    "add_member": gettext_noop("member added"),
    "approve": gettext_noop("approved"),
    "cancel": gettext_noop("canceled"),
    "change_role": gettext_noop("role changed"),
    "connect": gettext_noop("connected"),
    "create": gettext_noop("created"),
    "decide": gettext_noop("outcome decided"),
    "decline": gettext_noop("declined"),
    "delete": gettext_noop("deleted"),
    "end": gettext_noop("ended"),
    "end_all": gettext_noop("ended everywhere"),
    "export": gettext_noop("exported"),
    "fork": gettext_noop("forked"),
    "hand_over": gettext_noop("handed over"),
    "leave": gettext_noop("left"),
    "listen": gettext_noop("listened to"),
    "move": gettext_noop("moved"),
    "publish": gettext_noop("published"),
    "reclaim": gettext_noop("space given back"),
    "register": gettext_noop("registered"),
    "remove_member": gettext_noop("member removed"),
    "rename": gettext_noop("renamed"),
    "resend": gettext_noop("sent again"),
    "restore": gettext_noop("restored"),
    "restore_version": gettext_noop("version restored"),
    "retry": gettext_noop("retried"),
    "revoke": gettext_noop("revoked"),
    "save": gettext_noop("saved"),
    "share": gettext_noop("shared"),
    "success": gettext_noop("succeeded"),
    "test": gettext_noop("tested"),
    "undelete": gettext_noop("brought back"),
    "unpublish": gettext_noop("taken off the air"),
    "unshare": gettext_noop("no longer shared"),
    "update": gettext_noop("changed"),
    "withdraw": gettext_noop("withdrawn"),
}
"""What became of the object, by the part of an action behind its dot; other parts are words already."""


def said(action: str) -> str:
    """`Template published` for `template.published`, `Credential handed over` for `credential.hand_over`."""
    noun, _dot, verb = action.partition(".")
    what = "API key" if noun == "api_key" else capfirst(noun.replace("_", " "))
    done = _(DONE[verb]) if verb in DONE else verb.replace("_", " ").replace(".", " ")
    return f"{what} {done}".rstrip()
