"""The ports of a trigger that looks: the world, and nothing that belongs to a run."""

from executions_app.adapters.builtin import HOST, BuiltinHost
from executions_app.adapters.clock import ClockAdapter
from executions_app.adapters.code import CodeAdapter
from executions_app.adapters.connect import ConnectAdapter, dialer
from executions_app.adapters.credentials import CredentialsAdapter
from executions_app.adapters.http import HttpAdapter, outbound_client
from executions_app.adapters.live import code_pool
from executions_app.adapters.payloads import PayloadsAdapter
from executions_app.runner.polls import Looking, wait
from workflows_app.engine.ports import Ports
from workflows_app.toolkit.redaction import Redactor


def poll_ports(looking: Looking) -> Ports:
    poll, redactor = looking.poll, Redactor()
    workflow = looking.plan.workflow
    return Ports(
        clock=ClockAdapter(lambda seconds: wait(looking, seconds)),
        code=CodeAdapter(code_pool(), str(poll.team_id), looking.is_over),
        payloads=PayloadsAdapter(looking.put_payload, looking.get_payload),
        http=HttpAdapter(
            outbound_client(),
            execution_id=f"{poll.id}-{poll.epoch}",
            barrier=looking.check,
            poll=looking.check,
            builtin={HOST: BuiltinHost()},
        ),
        connect=ConnectAdapter(dialer(), looking.check, looking.check),
        credentials=CredentialsAdapter(lambda node: workflow.node(node).credentials, poll.team_id, redactor),
        is_canceled=looking.is_over,
        team=str(poll.team_id),
        redact=redactor,
    )
