"""Email Trigger (IMAP), versions 1 to 2.1."""

from contextlib import AbstractContextManager

from workflows_app.engine.items import Item, JsonObject
from workflows_app.engine.node_type import NodeRun, NodeType, Outputs, Polled
from workflows_app.engine.registry import register
from workflows_app.nodes.messaging.email_read_imap.params import EmailReadImapParams
from workflows_app.toolkit import mail_read
from workflows_app.toolkit.imap_search import criteria
from workflows_app.toolkit.servers import Talk, talking

MAX_MAILS = 50
"""Of one reading; the next one goes on behind them."""

Run = NodeRun[EmailReadImapParams]


@register
class EmailReadImap(NodeType[EmailReadImapParams]):
    """Start with the new mails of a mailbox, an item each. Run by hand, it reads the mailbox once."""

    name = "n8n-nodes-base.emailReadImap"
    label = "Email trigger (IMAP)"
    group = "trigger"
    icon = "n-mail"
    silhouette = "world"
    versions = (1, 2, 2.1)
    inputs = ()
    credentials = ("imap",)
    trigger = True
    side_effects = "write"
    Params = EmailReadImapParams

    def execute(self, run: Run) -> Outputs:
        polled = self._read(run, {})
        self.settle(run, polled.state)
        return [polled.items]

    def poll(self, run: Run, state: JsonObject) -> Polled:
        """Mails that were not there when `state` was made; the first look only notes the newest one, where the node
        remembers it. What was read but not marked yet stands in the new state under `unmarked`, so that `settle` can
        mark it once the items are stored."""
        if not state and run.params.options.track_last_message_id:
            with conversation(run) as talk:
                ask = {"mailbox": run.params.mailbox, "criteria": words(run.params, {})}
                found = talk.ask("search", ask).value
            newest = max((int(uid) for uid in found["uids"]), default=0)
            return Polled([], {"validity": found["validity"], "lastUid": newest, "unmarked": []})
        return self._read(run, state)

    def _read(self, run: Run, state: JsonObject) -> Polled:
        params = run.params
        with conversation(run) as talk:
            found, state = searched(talk, params, state)
            mark(talk, params, state)
            uids = self._new(found, state, params)
            fetched = talk.ask("fetch", {"mailbox": params.mailbox, "uids": uids}) if uids else None
        mails = zip(fetched.value, fetched.files, strict=True) if fetched else ()
        items = [item_of(run, params, data, int(one["uid"])) for one, data in mails]
        last = max([*uids, int(state.get("lastUid") or 0)], default=0)
        new_state = {"validity": found["validity"], "lastUid": last, "unmarked": uids}
        return Polled(items, new_state, is_more=len(uids) == MAX_MAILS)

    def settle(self, run: Run, state: JsonObject) -> JsonObject:
        """Mark what was read, where the node says so. The state to keep from then on."""
        if state.get("unmarked") and run.params.post_process_action == "read":
            with conversation(run) as talk:
                mark(talk, run.params, state)
        return {**state, "unmarked": []}

    def _new(self, found: JsonObject, state: JsonObject, params: EmailReadImapParams) -> list[int]:
        """Numbers above the last one, where the node remembers it, the oldest first. Not those that were delivered and
        have only now been marked."""
        after = int(state.get("lastUid") or 0) if params.options.track_last_message_id else 0
        delivered = set(state.get("unmarked", ())) if params.post_process_action == "read" else set()
        return [int(uid) for uid in found["uids"] if int(uid) > after and int(uid) not in delivered][:MAX_MAILS]


def conversation(run: Run) -> AbstractContextManager[Talk]:
    options = run.params.options
    more = {"allowUnauthorizedCerts": True} if options.allow_unauthorized_certs else {}
    return talking(run, "imap", "imap", **more)


def mark(talk: Talk, params: EmailReadImapParams, state: JsonObject) -> None:
    if state.get("unmarked") and params.post_process_action == "read":
        talk.ask("mark", {"mailbox": params.mailbox, "uids": state["unmarked"]})


def searched(talk: Talk, params: EmailReadImapParams, state: JsonObject) -> tuple[JsonObject, JsonObject]:
    """What the rules find, and the state as far as it is about this mailbox: numbers of one that was made anew, which
    its validity tells, name other mails, and it is read from the beginning."""
    found = talk.ask("search", {"mailbox": params.mailbox, "criteria": words(params, state)}).value
    if not state or state.get("validity") == found["validity"]:
        return found, state
    return talk.ask("search", {"mailbox": params.mailbox, "criteria": words(params, {})}).value, {}


def words(params: EmailReadImapParams, state: JsonObject) -> list[str]:
    wanted = criteria(params.options.custom_email_config or '["UNSEEN"]')
    if not params.options.track_last_message_id or not state.get("lastUid"):
        return wanted
    return [*wanted, "UID", f"{int(state['lastUid']) + 1}:*"]


def item_of(run: Run, params: EmailReadImapParams, data: bytes, uid: int) -> Item:
    if params.format == "raw":
        return Item(json={"raw": mail_read.raw_text(data)})
    json = mail_read.resolved(data) if params.format == "resolved" else mail_read.simple(data)
    if run.node.type_version >= 2:
        json["attributes"] = {"uid": uid}
    if params.format == "simple" and not params.download_attachments:
        return Item(json=json)
    prefix = params.data_property_attachments_prefix_name or "attachment_"
    found = mail_read.attachments(mail_read.parsed(data))
    return Item(
        json=json,
        binary={
            f"{prefix}{number}": run.put_file(content, mime_type=kind, file_name=name)
            for number, (name, kind, content) in enumerate(found)
        },
    )
