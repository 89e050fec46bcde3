"""Execute Command: a line for the shell of the machine. Off until an administrator switches it on."""

from pydantic import Field

from workflows_app.engine.errors import ParameterError, PumpFlixError, RemoteError
from workflows_app.engine.items import Item, Items, JsonObject
from workflows_app.engine.node_type import NodeRun, NodeType, Outputs, failed_item, paired
from workflows_app.engine.outside import CommandLine
from workflows_app.engine.params import Params, ui
from workflows_app.engine.registry import register
from workflows_app.toolkit.fields import Flag, Text

MAX_SHOWN = 2000


class ExecuteCommandParams(Params):
    execute_once: Flag = Field(
        True, title="Execute once", description="Run the command for the first item only, not for each."
    )
    command: Text = Field(
        "",
        title="Command",
        description="A line for the shell of the machine that runs the workflow.",
        json_schema_extra=ui(rows=5, placeholder="date +%F"),
    )


@register
class ExecuteCommand(NodeType[ExecuteCommandParams]):
    """Run a command on the machine of this instance. An administrator has to switch it on first.

    It runs in a folder of its own with a bare environment, ends after five minutes at the latest, and nothing it
    started outlives it. It may do all that the user of the workers may do.
    """

    name = "n8n-nodes-base.executeCommand"
    label = "Execute command"
    group = "flow"
    icon = "n-code"
    silhouette = "world"
    needs_permission = True
    side_effects = "write"
    Params = ExecuteCommandParams

    def execute(self, run: NodeRun[ExecuteCommandParams]) -> Outputs:
        count = 1 if run.params.execute_once else len(run.items)
        out: Items = []
        for index in range(count):
            try:
                out.extend(paired(result_of(run, run.params_for(index).command, index), index))
            except PumpFlixError as error:
                if not run.continues_on_error:
                    raise
                out.append(failed_item(error, index))
        return [out]


def result_of(run: NodeRun[ExecuteCommandParams], command: str, index: int) -> Item | JsonObject:
    """What the command wrote, without the white space around it. Raises RemoteError where it did not end well."""
    if not command.strip():
        raise ParameterError("There is no command.", hint="Enter one, or check the expression it comes from.")
    result = run.commands.run(run.site(index), CommandLine(command))
    if result.exit_code != 0:
        said = result.stderr.strip()[:MAX_SHOWN]
        raise RemoteError(
            f"Command failed: {command[:MAX_SHOWN]}" + (f"\n{said}" if said else ""),
            hint=f"It ended with code {result.exit_code}.",
            code="command_failed",
            data={"exitCode": result.exit_code},
        )
    return {"exitCode": result.exit_code, "stderr": result.stderr.strip(), "stdout": result.stdout.strip()}
