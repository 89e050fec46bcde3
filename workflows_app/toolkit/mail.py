"""Mail addresses as authors write them: `Ada <ada@mail.example>, bob@mail.example`."""

from email.utils import getaddresses

from workflows_app.engine.errors import ParameterError

MAX_ADDRESSES = 500
MAX_ADDRESS = 320


def addresses(text: str, label: str) -> tuple[str, ...]:
    """Each address with its name, in the order given. Raises ParameterError naming the one that is none, and for line
    breaks, which would begin a header of their own."""
    if any(char in text for char in "\r\n\0"):
        raise ParameterError(f"{label} has a line break.", hint="Write the addresses in one line, parted by commas.")
    pairs = getaddresses([text.replace(";", ",")])
    found = [(name, in_ascii(address)) for name, address in pairs if name or address]
    if len(found) > MAX_ADDRESSES:
        raise ParameterError(f"{label} has {len(found)} addresses.", hint=f"At most {MAX_ADDRESSES} in one mail.")
    bad = next((address or name for name, address in found if not is_address(address)), None)
    if bad is not None or (text.strip() and not found):
        shown = (bad or text)[:80]
        raise ParameterError(f"'{shown}' in {label} is not a mail address.", hint="Write it like ada@mail.example.")
    return tuple(f'"{quoted(name)}" <{address}>' if name else address for name, address in found)


def in_ascii(address: str) -> str:
    """The domain as DNS knows it; what has no such form stays, and is refused as an address."""
    local, at, domain = address.rpartition("@")
    try:
        return f"{local}{at}{domain.encode('idna').decode()}" if not domain.isascii() else address
    except UnicodeError:
        return address


def is_address(text: str) -> bool:
    local, at, domain = text.rpartition("@")
    return (
        bool(at and local and domain)
        and len(text) <= MAX_ADDRESS
        and text.isascii()
        and text.isprintable()
        and not any(char in text for char in ' <>,;"()[]\\')
        and not domain.startswith(".")
        and ".." not in domain
    )


def quoted(name: str) -> str:
    return name.replace("\\", "\\\\").replace('"', '\\"')


def bare(address: str) -> str:
    """The address without its name."""
    return getaddresses([address])[0][1]
