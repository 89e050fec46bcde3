"""What services about people and teams refuse."""


class TeamUnknown(Exception):
    """No such team, or not one of the user's."""


class RoleTooLow(Exception):
    """The user is in the team, but may not do that. `needed` is the least role that may."""

    def __init__(self, needed: str) -> None:
        super().__init__(f"This needs the role '{needed}' in the team.")
        self.needed = needed


class TeamRefused(Exception):
    """It makes sense, but not for this team, person or invitation. `code` is stable; `message` and `hint` are for
    people. With `retry_after_s` it may be tried again later."""

    def __init__(self, code: str, message: str, *, hint: str = "", retry_after_s: int = 0) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint
        self.retry_after_s = retry_after_s

    @property
    def said(self) -> str:
        """Both sentences."""
        return f"{self.message} {self.hint}".strip()
