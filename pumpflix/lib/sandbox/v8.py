"""The engine adapter: V8 through the C interface of the ``mini-racer`` wheel.

The wheel's Python layer is left out on purpose: it needs asyncio and a second thread per isolate, and installs timers
and shared memory into every context. The C functions used here are pinned by the wheel's version and covered by the
tests. An isolate has one thread of its own; calls are synchronous. Deadlines are the business of the parent process.
"""

import ctypes
import queue
from pathlib import Path

_UNDEFINED, _INTEGER, _STRING, _BUFFER = 11, 3, 5, 102
_RAISED, _OUT_OF_MEMORY = 200, 202  # every kind from _RAISED on is an error that carries a message


class ScriptError(Exception):
    """JavaScript threw, or did not parse."""


class OutOfMemory(Exception):
    """The isolate reached its memory limit and must be thrown away."""


class _Payload(ctypes.Union):
    _fields_ = [("text", ctypes.POINTER(ctypes.c_char)), ("number", ctypes.c_int64)]


class _Value(ctypes.Structure):
    _pack_ = 1
    _fields_ = [("payload", _Payload), ("size_bytes", ctypes.c_size_t), ("kind", ctypes.c_uint8)]


_u64, _text, _handle = ctypes.c_uint64, ctypes.c_char_p, ctypes.POINTER(_Value)
_on_done = ctypes.CFUNCTYPE(None, _u64, _handle)
_SIGNATURES: dict[str, tuple[list[object], object]] = {
    "mr_init_v8": ([_text, _text], None),
    "mr_init_context": ([_on_done], _u64),
    "mr_free_context": ([_u64], None),
    "mr_eval": ([_u64, _handle, _u64], _u64),
    "mr_call_function": ([_u64, _handle, _handle, _handle, _u64], _u64),
    "mr_set_object_item": ([_u64, _handle, _handle, _handle], _handle),
    "mr_alloc_string_val": ([_u64, _text, _u64, ctypes.c_uint8], _handle),
    "mr_alloc_int_val": ([_u64, ctypes.c_int64, ctypes.c_uint8], _handle),
    "mr_free_value": ([_u64, _handle], None),
    "mr_set_hard_memory_limit": ([_u64, ctypes.c_size_t], None),
    "mr_hard_memory_limit_reached": ([_u64], ctypes.c_bool),
}


class Engine:
    """V8 in this process. Loads and reads every file it will ever need; starts no thread."""

    def __init__(self, wheel: Path) -> None:
        self.dll = ctypes.CDLL(str(next(iter(sorted(wheel.glob("*mini_racer.[sd]*"))))))
        for name, (arguments, result) in _SIGNATURES.items():
            function = getattr(self.dll, name)
            function.argtypes, function.restype = arguments, result
        self.dll.mr_init_v8(b"--single-threaded", str(wheel / "icudtl.dat").encode())


class Isolate:
    """One V8 isolate with one context: its own heap, its own intrinsics."""

    def __init__(self, engine: Engine) -> None:
        self._dll = engine.dll
        self._done: queue.SimpleQueue[object] = queue.SimpleQueue()
        self._callback = _on_done(lambda _task, value: self._done.put(value))
        self._id = self._dll.mr_init_context(self._callback)
        self._undefined = self._dll.mr_alloc_int_val(self._id, 0, _UNDEFINED)
        self._zero = self._dll.mr_alloc_int_val(self._id, 0, _INTEGER)
        self._arguments = self._evaluate(b"[undefined]")

    def limit_memory(self, limit_bytes: int) -> None:
        """End the running script with ``OutOfMemory`` once the heap is above this many bytes; 0 lifts the limit."""
        self._dll.mr_set_hard_memory_limit(self._id, limit_bytes)

    def run(self, source: bytes) -> bytes | None:
        """Evaluate a script; the text it ends with, or None if it ends with anything else."""
        return self._take(self._evaluate(source))

    def function(self, source: bytes) -> "Function":
        """Evaluate an expression that yields a function of one string."""
        return Function(self, self._evaluate(source))

    def call(self, function: object, argument: bytes) -> bytes | None:
        return self._take(self._called(function, argument))

    def write(self, function: object, data: bytes | memoryview) -> None:
        """Fill the ArrayBuffer that the function makes of a number of bytes."""
        value = self._called(function, str(len(data)).encode())
        found = value.contents  # type: ignore[attr-defined]
        if found.kind != _BUFFER or found.size_bytes != len(data):
            self._dll.mr_free_value(self._id, value)
            raise ScriptError("no buffer of that size")
        if data:
            ctypes.memmove(found.payload.text, bytes(data), len(data))
        self._dll.mr_free_value(self._id, value)

    def read(self, function: object, argument: bytes, max_bytes: int) -> bytes | None:
        """The bytes of the ArrayBuffer that the function returns; None for anything else and for more bytes."""
        value = self._called(function, argument)
        found = value.contents  # type: ignore[attr-defined]
        fits = found.kind == _BUFFER and found.size_bytes <= max_bytes
        data = ctypes.string_at(found.payload.text, found.size_bytes) if fits and found.size_bytes else b""
        self._dll.mr_free_value(self._id, value)
        return data if fits else None

    def _called(self, function: object, argument: bytes) -> object:
        value = self._dll.mr_alloc_string_val(self._id, argument, len(argument), _STRING)
        done = self._dll.mr_set_object_item(self._id, self._arguments, self._zero, value)
        for used in (done, value):
            self._dll.mr_free_value(self._id, used)
        self._dll.mr_call_function(self._id, function, self._undefined, self._arguments, 0)
        return self._checked(self._done.get())

    def close(self) -> None:
        """Free the isolate. Its functions must not be called any more."""
        self._dll.mr_free_context(self._id)

    def _evaluate(self, source: bytes) -> object:
        text = self._dll.mr_alloc_string_val(self._id, source, len(source), _STRING)
        self._dll.mr_eval(self._id, text, 0)
        result = self._done.get()
        self._dll.mr_free_value(self._id, text)
        return self._checked(result)

    def _checked(self, value: object) -> object:
        if self._dll.mr_hard_memory_limit_reached(self._id):
            # Inside a promise the end of the script shows as a value like any other: only this flag is to be trusted.
            raise OutOfMemory("the heap reached its limit")
        kind = value.contents.kind  # type: ignore[attr-defined]
        if kind < _RAISED:
            return value
        message = (self._take(value) or b"").decode("utf-8", "replace")
        if kind == _OUT_OF_MEMORY:
            raise OutOfMemory(message)
        raise ScriptError(message)

    def _take(self, value: object) -> bytes | None:
        found = value.contents  # type: ignore[attr-defined]
        has_text = found.kind == _STRING or found.kind >= _RAISED
        text = ctypes.string_at(found.payload.text, found.size_bytes) if has_text else None
        self._dll.mr_free_value(self._id, value)
        return text


class Function:
    """A function of one string that lives in an isolate, reachable by nobody but the host."""

    def __init__(self, isolate: Isolate, handle: object) -> None:
        self._isolate = isolate
        self._handle = handle

    def __call__(self, argument: bytes) -> bytes | None:
        """The text it returns, None for anything else. Raises ``ScriptError`` and ``OutOfMemory``."""
        return self._isolate.call(self._handle, argument)

    def write(self, data: bytes | memoryview) -> None:
        """Have it make an ArrayBuffer of as many bytes, and fill that."""
        self._isolate.write(self._handle, data)

    def read(self, argument: bytes, max_bytes: int) -> bytes | None:
        """The bytes of the ArrayBuffer it returns; None for anything else, and for more bytes than that."""
        return self._isolate.read(self._handle, argument, max_bytes)
