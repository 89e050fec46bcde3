"""Fingers on a screen: the browser makes of these touches what it makes of any."""

from dataclasses import dataclass

from playwright.sync_api import CDPSession, Page

APART = 60
STEPS = 12


@dataclass
class Fingers:
    """One or two of them around a place in the window, in pixels."""

    page: Page
    across: float
    down: float

    def swipe(self, by: float) -> None:
        """One finger, sideways."""
        self.move([[(by * step / STEPS, 0)] for step in range(STEPS + 1)])

    def pan(self, by: float) -> None:
        """Two fingers, both sideways."""
        self.move([[(by * step / STEPS, -APART / 2), (by * step / STEPS, APART / 2)] for step in range(STEPS + 1)])

    def pinch(self, factor: float) -> None:
        """Two fingers, apart or together (for less than 1)."""
        first, last = (APART, APART * factor) if factor > 1 else (APART / factor, APART)
        spread = [(first + (last - first) * step / STEPS) / 2 for step in range(STEPS + 1)]
        self.move([[(0, -half), (0, half)] for half in spread])

    def move(self, path: list[list[tuple[float, float]]]) -> None:
        """Along places of each finger, as seen from the first place."""
        session: CDPSession = self.page.context.new_cdp_session(self.page)
        for step, places in enumerate(path):
            points = [
                {"id": finger, "x": self.across + across, "y": self.down + down}
                for finger, (across, down) in enumerate(places)
            ]
            kind = "touchMove" if step else "touchStart"
            session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
        session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
