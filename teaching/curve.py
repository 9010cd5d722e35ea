"""A learning curve as SVG or as a line of text, drawn from the numbers that `track` recorded."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

from sandbox.metrics import series_of, sparkline

WIDTH, HEIGHT, MARGIN = 520, 220, 44
COLOURS = ("#2563eb", "#dc2626", "#059669", "#9333ea", "#d97706", "#0891b2")


def loss_curve(metrics: Sequence[dict[str, Any]]) -> str:
    """An SVG image with one line a series, or an empty text without numbers."""
    series = series_of(metrics)
    points = [point for line in series.values() for point in line]
    if not points:
        return ""
    left, right = min(x for x, _ in points), max(x for x, _ in points)
    low, high = min(y for _, y in points), max(y for _, y in points)

    def place(x: float, y: float) -> str:
        across = (x - left) / ((right - left) or 1.0)
        up = (y - low) / ((high - low) or 1.0)
        return (
            f"{MARGIN + across * (WIDTH - 2 * MARGIN):.1f},{HEIGHT - MARGIN - up * (HEIGHT - 2 * MARGIN):.1f}"
        )

    parts = [
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" xmlns="http://www.w3.org/2000/svg">',
        f"<title>{escape(', '.join(series))} by step</title>",
        f'<path d="M{MARGIN},{MARGIN / 2} V{HEIGHT - MARGIN} H{WIDTH - MARGIN / 2}" '
        'fill="none" stroke="gray"/>',
        _label(MARGIN - 4, MARGIN, f"{high:.3g}", "end"),
        _label(MARGIN - 4, HEIGHT - MARGIN, f"{low:.3g}", "end"),
        _label(MARGIN, HEIGHT - MARGIN + 16, f"{left:g}", "start"),
        _label(WIDTH - MARGIN, HEIGHT - MARGIN + 16, f"step {right:g}", "end"),
    ]
    for number, (name, line) in enumerate(series.items()):
        path = " ".join(place(x, y) for x, y in line)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{COLOURS[number]}" stroke-width="2"/>')
        parts.append(
            _label(WIDTH - MARGIN, 14 + 14 * number, f"{name} {line[-1][1]:.4g}", "end", COLOURS[number])
        )
    return "".join([*parts, "</svg>"])


def curve_lines(metrics: Sequence[dict[str, Any]]) -> list[str]:
    """The same as text, a line a series: `loss  █▅▃▂▁  2.3 to 0.041, step 0 to 99`."""
    series = {name: line for name, line in series_of(metrics).items() if len(line) > 1}
    wide = max(map(len, series), default=0)
    return [
        f"{name:<{wide}}  {sparkline([y for _, y in line])}  "
        f"{line[0][1]:.4g} to {line[-1][1]:.4g}, step {line[0][0]:g} to {line[-1][0]:g}"
        for name, line in series.items()
    ]


def _label(x: float, y: float, text: str, anchor: str, colour: str = "currentColor") -> str:
    style = f'text-anchor="{anchor}" font-size="11" fill="{colour}"'
    return f'<text x="{x}" y="{y}" {style}>{escape(text)}</text>'
