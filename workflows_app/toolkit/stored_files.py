"""Reading from and writing to the team's file store, as the file nodes do it."""

from typing import Any

from workflows_app.engine.errors import UserError
from workflows_app.engine.items import Binary, Item
from workflows_app.engine.node_type import NodeRun
from workflows_app.toolkit.store_paths import fixed_folder, is_pattern, matching, normalised

MAX_FILES = 1_000


def selected_files(run: NodeRun[Any], selector: str) -> list[Binary]:
    """The file of that name, or every file that fits a pattern, by path. Raises UserError where a pattern fits more
    than MAX_FILES."""
    pattern = normalised(selector)
    exact = run.files.read(pattern)
    if exact is not None or not is_pattern(pattern):
        return [] if exact is None else [exact]
    paths = matching(list(run.files.list(fixed_folder(pattern))), pattern)
    if len(paths) > MAX_FILES:
        raise UserError(
            f"'{selector}' fits {len(paths)} files.", code="too_many_files", hint=f"At most {MAX_FILES} at a time."
        )
    return [file for path in paths if (file := run.files.read(path)) is not None]


def write_file(run: NodeRun[Any], item: Item, index: int, *, path: str, field: str, append: bool) -> Item:
    """The item with the path it was written to in `fileName`; its files go on with it."""
    binary, data = run.get_file(item, field)
    run.files.write(run.site(index), normalised(path), data, mime_type=binary.mime_type, append=append)
    return Item(json={**item.json, "fileName": path}, binary=dict(item.binary))
