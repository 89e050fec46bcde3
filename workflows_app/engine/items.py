"""Items: what flows on a connection. One item is a JSON object with named binaries and its ancestry."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

JsonObject = dict[str, Any]


@dataclass(frozen=True, slots=True)
class PairedItem:
    """Where an item came from: item number `item` of input number `input` of the node that put it out."""

    item: int
    input: int = 0


@dataclass(frozen=True, slots=True)
class Binary:
    """A file by reference. `ref` is the key the `Payloads` port stored the bytes under; the bytes never travel here."""

    ref: str
    mime_type: str
    size_bytes: int
    file_name: str = ""
    file_extension: str = ""

    def to_json(self) -> JsonObject:
        """n8n's metadata names, without the bytes: `id` is the reference."""
        return {
            "id": self.ref,
            "mimeType": self.mime_type,
            "fileName": self.file_name,
            "fileExtension": self.file_extension,
            "fileSize": self.size_bytes,
        }

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> "Binary":
        return cls(
            ref=str(raw["id"]),
            mime_type=str(raw.get("mimeType") or "application/octet-stream"),
            size_bytes=int(raw.get("fileSize") or 0),
            file_name=str(raw.get("fileName") or ""),
            file_extension=str(raw.get("fileExtension") or ""),
        )


@dataclass(slots=True)
class Item:
    """One `{json, binary}`. `paired` is None until a node or the engine fills it in; `error` marks a failed item."""

    json: JsonObject
    binary: dict[str, Binary] = field(default_factory=dict)
    paired: tuple[PairedItem, ...] | None = None
    error: JsonObject | None = None

    def with_pair(self, *pairs: PairedItem) -> "Item":
        return Item(self.json, self.binary, pairs, self.error)

    def to_json(self) -> JsonObject:
        """The stored form, close to n8n's: `{json, binary?, pairedItem?, error?}`."""
        out: JsonObject = {"json": self.json}
        if self.binary:
            out["binary"] = {name: binary.to_json() for name, binary in self.binary.items()}
        if self.paired is not None:
            pairs = self.paired
            out["pairedItem"] = pair_to_json(pairs[0]) if len(pairs) == 1 else [pair_to_json(pair) for pair in pairs]
        if self.error is not None:
            out["error"] = self.error
        return out

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> "Item":
        """Accepts every form n8n writes: a number, an object or a list as `pairedItem`."""
        binary = {name: Binary.from_json(meta) for name, meta in (raw.get("binary") or {}).items()}
        return cls(
            json=raw.get("json") or {}, binary=binary, paired=read_pairs(raw.get("pairedItem")), error=raw.get("error")
        )


def pair_to_json(pair: PairedItem) -> JsonObject:
    return {"item": pair.item, "input": pair.input} if pair.input else {"item": pair.item}


Items = list[Item]
Outputs = list[Items]
"""One list of items per output, in the order of the node type's outputs."""


def read_pairs(raw: Any) -> tuple[PairedItem, ...] | None:
    """n8n's `pairedItem` (number, object, list of either) as a tuple; None where there is none."""
    if raw is None:
        return None
    if isinstance(raw, list):
        return tuple(pair for entry in raw for pair in (read_pairs(entry) or ()))
    if isinstance(raw, Mapping):
        return (PairedItem(item=int(raw.get("item", 0)), input=int(raw.get("input") or 0)),)
    return (PairedItem(item=int(raw)),)


def items_to_json(items: Iterable[Item]) -> list[JsonObject]:
    return [item.to_json() for item in items]


def items_from_json(raw: Iterable[Mapping[str, Any]]) -> Items:
    return [Item.from_json(entry) for entry in raw]


def outputs_to_json(outputs: Outputs | None) -> list[list[JsonObject]] | None:
    return None if outputs is None else [items_to_json(items) for items in outputs]


def outputs_from_json(raw: list[list[Mapping[str, Any]]] | None) -> Outputs | None:
    return None if raw is None else [items_from_json(items) for items in raw]
