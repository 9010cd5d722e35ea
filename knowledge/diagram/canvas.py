"""A sheet of characters on which lines meet as box drawing has it.

A cell knows in which directions lines leave it; its character follows from them at the end, so that
crossings, forks and corners need no thought where they are drawn.
"""

from __future__ import annotations

import unicodedata

NORTH, EAST, SOUTH, WEST = 1, 2, 4, 8
_LINES = " ╵╶└╷│┌├╴┘─┴┐┤┬┼"
_ROUND = str.maketrans("└┌┘┐", "╰╭╯╮")


def columns(text: str) -> int:
    """How many columns of a terminal a text takes."""
    return sum(_width(one) for one in text)


def _width(one: str) -> int:
    if unicodedata.combining(one):
        return 0
    return 2 if unicodedata.east_asian_width(one) in "WF" else 1


class Canvas:
    """A sheet of `width` by `height`; what is drawn must lie on it."""

    def __init__(self, width: int, height: int) -> None:
        self._lines = [[0] * width for _ in range(height)]
        self._texts: list[list[str | None]] = [[None] * width for _ in range(height)]

    def line(self, x: int, y: int, to_x: int, to_y: int) -> None:
        """A horizontal or vertical line that joins whatever it meets, both ends included."""
        if y == to_y:
            for at in range(min(x, to_x), max(x, to_x)):
                self._lines[y][at] |= EAST
                self._lines[y][at + 1] |= WEST
        else:
            for at in range(min(y, to_y), max(y, to_y)):
                self._lines[at][x] |= SOUTH
                self._lines[at + 1][x] |= NORTH

    def box(self, x: int, y: int, width: int, height: int, *, is_round: bool = False) -> None:
        """A frame, whatever lies inside it being covered."""
        right, bottom = x + width - 1, y + height - 1
        for row in range(y + 1, bottom):
            self.write(x + 1, row, " " * (width - 2))
        self.line(x, y, right, y)
        self.line(x, bottom, right, bottom)
        self.line(x, y, x, bottom)
        self.line(right, y, right, bottom)
        if is_round:
            for corner_x, corner_y in ((x, y), (right, y), (x, bottom), (right, bottom)):
                corner = _LINES[self._lines[corner_y][corner_x]]
                self._texts[corner_y][corner_x] = corner.translate(_ROUND)

    def write(self, x: int, y: int, text: str) -> None:
        """A text over whatever is there."""
        for one in text:
            width = _width(one)
            if width == 0:
                self._texts[y][x - 1] = (self._texts[y][x - 1] or "") + one
                continue
            self._texts[y][x] = one
            if width == 2:
                self._texts[y][x + 1] = ""
            x += width

    def __str__(self) -> str:
        rows = [
            "".join(_LINES[bits] if text is None else text for bits, text in zip(lines, texts, strict=True))
            for lines, texts in zip(self._lines, self._texts, strict=True)
        ]
        return "\n".join(row.rstrip() for row in rows).strip("\n")
