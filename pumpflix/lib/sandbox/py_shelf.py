"""The standard library in memory, so that a process whose file system is gone can still import it.

Everything is read before the walls go up; afterwards no file is opened, so the system call filter needs no exception.
C extensions are loaded beforehand too, for the same reason.
"""

import contextlib
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import io
import marshal
import os
import sys
import sysconfig
import types
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

_LOOP = "pumpflix.lib.sandbox.py_loop"
_MAGIC = importlib.util.MAGIC_NUMBER
_SUFFIX = f".{sys.implementation.cache_tag}.pyc"
# Test suites, windows, installers and compilers of other formats: large, and of no use to a Code node.
_LEFT_OUT = frozenset({
    "__pycache__", "dist-packages", "distutils", "ensurepip", "idlelib", "lib-dynload", "lib2to3", "msilib",
    "site-packages", "test", "tests", "tkinter", "turtledemo", "venv",
})  # fmt: skip
# Terminals, windows, test helpers, system databases; _asyncio would drag all of asyncio into every start.
_LEFT_OUT_EXTENSIONS = (
    "_asyncio", "_crypt", "_ctypes_test", "_curses", "_dbm", "_gdbm", "_test", "_tkinter", "_xx", "nis", "ossaudiodev",
    "readline", "spwd", "syslog", "xx",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Module:
    """One Python file: a marshalled code object, or the source where nothing compiled was found."""

    path: str
    is_package: bool
    compiled: bytes
    source: bytes


@dataclass
class Shelf:
    """Modules by dotted name and data files by (package, file name). ``after`` holds what to do once one is loaded."""

    modules: dict[str, Module] = field(default_factory=dict)
    files: dict[tuple[str, str], bytes] = field(default_factory=dict)
    after: dict[str, Callable[[types.ModuleType], None]] = field(default_factory=dict)

    def add_folder(self, folder: str, package: str = "", *, with_files: bool = False) -> None:
        """Put every Python file below ``folder`` on the shelf; its other files only if asked."""
        with os.scandir(folder) as entries:
            for entry in sorted(entries, key=lambda entry: entry.name):
                if entry.is_dir():
                    if entry.name.isidentifier() and entry.name not in _LEFT_OUT:
                        self.add_folder(entry.path, f"{package}{entry.name}.", with_files=with_files)
                elif entry.name.endswith(".py"):
                    self._add_module(entry, package)
                elif with_files:
                    self.files[package.removesuffix("."), entry.name] = _bytes_of(entry.path)

    def add_file(self, path: str, name: str) -> None:
        """One module under a name of its own."""
        self.modules[name] = Module(path, False, b"", _bytes_of(path))

    def _add_module(self, entry: "os.DirEntry[str]", package: str) -> None:
        is_package = entry.name == "__init__.py"
        name = package.removesuffix(".") if is_package else package + entry.name.removesuffix(".py")
        folder, file_name = os.path.split(entry.path)
        compiled = b""
        with contextlib.suppress(OSError):
            compiled = _bytes_of(f"{folder}/__pycache__/{file_name.removesuffix('.py')}{_SUFFIX}")
        if not _is_current(compiled, entry):
            compiled = b""
        source = b"" if compiled else _bytes_of(entry.path)
        self.modules[name] = Module(entry.path, is_package, compiled[16:], source)

    def install(self) -> None:
        """From here on imports look here, after the built-in and frozen modules, and never on a disk."""
        sys.meta_path[:] = [importlib.machinery.BuiltinImporter, importlib.machinery.FrozenImporter, Finder(self)]
        sys.path[:] = []
        sys.path_hooks[:] = []
        sys.path_importer_cache.clear()


class Finder(importlib.abc.MetaPathFinder):
    """Finds what is on the shelf."""

    def __init__(self, shelf: Shelf) -> None:
        self._loader = Loader(shelf)
        self._shelf = shelf

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,  # noqa: ARG002 - a name is found wherever its package claims to be
        target: types.ModuleType | None = None,  # noqa: ARG002 - as above
    ) -> importlib.machinery.ModuleSpec | None:
        module = self._shelf.modules.get(fullname)
        if module is None:
            return None
        spec = importlib.machinery.ModuleSpec(fullname, self._loader, origin=module.path, is_package=module.is_package)
        if module.is_package:
            spec.submodule_search_locations = [os.path.dirname(module.path)]
        return spec


class Loader(importlib.abc.InspectLoader):
    """Runs a module from the shelf; also hands out the data files of its package."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf

    def exec_module(self, module: types.ModuleType) -> None:
        name = module.__name__
        module.__file__ = self._shelf.modules[name].path
        exec(self.get_code(name), module.__dict__)  # noqa: S102 - this is what a loader is for
        follow = self._shelf.after.get(name)
        if follow is not None:
            follow(module)

    def get_code(self, fullname: str) -> types.CodeType:
        module = self._shelf.modules[fullname]
        if not module.compiled:
            return compile(module.source, module.path, "exec", dont_inherit=True)
        code = marshal.loads(module.compiled)  # noqa: S302 - the interpreter's own cache, as the import system reads it
        assert isinstance(code, types.CodeType)
        return code

    def get_source(self, fullname: str) -> str | None:  # noqa: ARG002 - the same for all
        """Left out: a traceback through the standard library shows places, not lines."""
        return None

    def is_package(self, fullname: str) -> bool:
        return self._shelf.modules[fullname].is_package

    def get_resource_reader(self, fullname: str) -> "Files":
        return Files(self._shelf, fullname)


class Files:
    """``importlib.resources`` over the shelf, by which ``zoneinfo`` finds its zones."""

    def __init__(self, shelf: Shelf, package: str) -> None:
        self._shelf = shelf
        self._package = package

    def open_resource(self, resource: str) -> io.BytesIO:
        try:
            return io.BytesIO(self._shelf.files[self._package, resource])
        except KeyError:
            raise FileNotFoundError(resource) from None

    def resource_path(self, resource: str) -> str:
        raise FileNotFoundError(resource)

    def is_resource(self, path: str) -> bool:
        return (self._package, path) in self._shelf.files

    def contents(self) -> Iterator[str]:
        return (name for package, name in self._shelf.files if package == self._package)


def standard_library(packages: Sequence[str]) -> Shelf:
    """The interpreter's library, and further packages by folder with their data files."""
    shelf = Shelf(after={"asyncio": _use_loop_without_files})
    shelf.add_file(os.path.join(os.path.dirname(__file__), "py_loop.py"), _LOOP)
    shelf.add_folder(sysconfig.get_path("stdlib"))
    for folder in packages:
        shelf.add_folder(folder, f"{os.path.basename(folder)}.", with_files=True)
    return shelf


def _use_loop_without_files(_asyncio: types.ModuleType) -> None:
    importlib.import_module(_LOOP).install()


def load_extensions() -> list[str]:
    """Import every C extension of the standard library that can be of use; the names that were loaded."""
    loaded = []
    for folder in [path for path in sys.path if path.endswith("lib-dynload")]:
        for name in sorted({file.partition(".")[0] for file in os.listdir(folder)}):
            if name.isidentifier() and not name.startswith(_LEFT_OUT_EXTENSIONS):
                # An extension may lack its library on this machine, or warn that a later Python drops it.
                with contextlib.suppress(ImportError), warnings.catch_warnings(action="ignore"):
                    importlib.import_module(name)
                    loaded.append(name)
    return loaded


def _bytes_of(path: str) -> bytes:
    with open(path, "rb", 0) as file:
        return file.read()


def _is_current(compiled: bytes, entry: "os.DirEntry[str]") -> bool:
    """Whether a cache belongs to this interpreter and to this very source."""
    if compiled[:4] != _MAGIC:
        return False
    if int.from_bytes(compiled[4:8], "little"):
        return True
    changed_at = int(entry.stat().st_mtime) & 0xFFFFFFFF
    return int.from_bytes(compiled[8:12], "little") == changed_at
