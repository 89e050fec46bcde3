"""Mail addresses as authors write them, and what never becomes one."""

import pytest

from workflows_app.engine.errors import ParameterError
from workflows_app.toolkit.mail import addresses, bare

pytestmark = pytest.mark.nodes


@pytest.mark.parametrize(
    "text, found",
    [
        ("", ()),
        ("ada@mail.example", ("ada@mail.example",)),
        (" ada@mail.example ;bob@mail.example,", ("ada@mail.example", "bob@mail.example")),
        ("Ada L. <ada@mail.example>", ('"Ada L." <ada@mail.example>',)),
        ('"Shop, Inc" <shop@mail.example>, b@m.example', ('"Shop, Inc" <shop@mail.example>', "b@m.example")),
        ("joerg@müll.example", ("joerg@xn--mll-hoa.example",)),
    ],
)
def test_addresses_are_read(text: str, found: tuple[str, ...]) -> None:
    assert addresses(text, "To") == found


@pytest.mark.parametrize(
    "text",
    [
        "nobody", "@mail.example", "a@", "a b@mail.example", "a@b..c", "a@mail.example\r\nBcc: x@y.example", "<>",
        "a@mail.example\x00", "a@" + "x" * 400, "jörg@mail.example", '"',
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ParameterError):
        addresses(text, "To")


def test_the_name_is_taken_off() -> None:
    assert bare('"Shop, Inc" <shop@mail.example>') == "shop@mail.example"


def test_a_mail_to_everybody_is_refused() -> None:
    with pytest.raises(ParameterError, match="501 addresses"):
        addresses(",".join(f"a{number}@mail.example" for number in range(501)), "To")
