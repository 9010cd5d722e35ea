"""Progress as the conversation tells it: each number with the attempts behind it."""

from __future__ import annotations

from typing import Any


def history_text(found: dict[str, Any]) -> str:
    """One unit: the estimate, every attempt and what it moved, what other units say."""
    lines = [f"**{found['title']}**. {found['explanation']}"]
    for step in found["steps"]:
        helped = ", with help" if step["assisted"] else ""
        noted = f" ({step['note']})" if step["note"] else ""
        moved = f"{step['before']:.2f} to {step['after']:.2f}, weight {step['weight']:.2f}"
        moved += f", learning {step['learn']:.2f}" if step["learn"] else ""
        when = step["at"][:16].replace("T", " ")
        lines.append(
            f"- {when} `{step['item']}`: {step['verdict']}{helped}; {moved}{noted} [`{step['attempt']}`]"
        )
    if found["start_from"]:
        behind = ", ".join(f"`{attempt}`" for attempt in found["start_from"][:8])
        lines.append(f"- It began at {found['start']:.2f}, by first answers in other units: {behind}")
    if found["learn_from"]:
        counted = len(found["learn_from"])
        lines.append(
            f"- An attempt now counts for {found['learn']:.0%} of what is missing, by {counted} answers that "
            "followed another in their unit on the same day"
        )
    if found["signs"]:
        told = ", ".join(f"`{sign['unit']}` ({sign['ratio']:+.1f})" for sign in found["signs"][:5])
        lines.append(f"- With attempts at other units, believed known at {found['believed']:.2f}: {told}")
    return "\n".join(lines)


def calibration_text(found: dict[str, Any] | None) -> str:
    """How well the learner's confidence fits, or nothing when none was said."""
    if found is None:
        return ""
    bands = "; ".join(
        f"“{band['saying']}” {band['answers']} times, {band['right']:.0%} right" for band in found["bands"]
    )
    return f"\n\nHow well you know what you know: Brier score {found['brier']:.2f} (0 is best). {bands}."
