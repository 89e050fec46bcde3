"""What services about people and teams refuse."""


class TeamUnknown(Exception):
    """No such team, or not one of the user's."""


class RoleTooLow(Exception):
    """The user is in the team, but may not do that. `needed` is the least role that may."""

    def __init__(self, needed: str) -> None:
        super().__init__(f"This needs the role '{needed}' in the team.")
        self.needed = needed
