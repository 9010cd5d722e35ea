"""How progress is printed: every number with the attempts behind it."""

from __future__ import annotations

from typing import Any

from mltutor.output import table, wrap


def progress_lines(found: dict[str, Any]) -> list[str]:
    """The units met, the goals reached, how well the learner knows what they know, what is due."""
    if not found["units"]:
        return ["Nothing yet. Begin with: mltutor next, or skip what you know: mltutor place"]
    rows = [
        [unit["unit"], unit["level"], f"{unit['mastery']:.2f}", ", ".join(unit["evidence"][-3:])]
        for unit in found["units"]
    ]
    lines = [table(rows, ["unit", "level", "mastery", "latest evidence"])]
    for programme in found["achievements"]:
        lines += ["", *_achievement_lines(programme)]
    if found["calibration"]:
        lines += ["", *_calibration_lines(found["calibration"])]
    if found["forgotten"]:
        lines.append(f"{found['forgotten']} events were forgotten at your wish; nothing above counts them.")
    if found["reviews_due"]:
        lines.append(f"{found['reviews_due']} reviews are due: mltutor review")
    return [*lines, f"Every attempt of one unit: mltutor progress {found['units'][0]['unit']}"]


def history_lines(found: dict[str, Any]) -> list[str]:
    """One unit: the estimate, each attempt and what it did, and what other units say of it."""
    lines = [found["title"], wrap(found["explanation"])]
    if found["steps"]:
        head = ["when (UTC)", "attempt", "item", "verdict", "help", "weight", "estimate", "note"]
        lines += ["", table([_step_row(step) for step in found["steps"]], head)]
    if found["start_from"]:
        lines.append(
            wrap(f"It began at {found['start']:.2f}, by the attempts {', '.join(found['start_from'])}.")
        )
    if found["signs"]:
        lines.append(f"\nWith attempts at other units, believed known at {found['believed']:.2f}:")
        rows = [
            [
                sign["attempt"],
                sign["unit"],
                "for" if sign["ratio"] > 0 else "against",
                f"{sign['ratio']:+.2f}",
            ]
            for sign in found["signs"]
        ]
        lines.append(table(rows, ["attempt", "unit", "speaks", "log-odds"]))
    return lines


def _step_row(step: dict[str, Any]) -> list[str]:
    return [
        step["at"][:16].replace("T", " "),
        step["attempt"],
        step["item"],
        step["verdict"],
        "yes" if step["assisted"] else "no",
        f"{step['weight']:.2f}",
        f"{step['before']:.2f} > {step['after']:.2f}",
        step["note"],
    ]


def _calibration_lines(found: dict[str, Any]) -> list[str]:
    told = f"Brier score {found['brier']:.3f} over {found['answers']} answers given with a confidence"
    lines = [f"{told}; 0 is best, {found['always']:.3f} is saying your average each time."]
    rows = [
        [
            band["saying"],
            str(band["answers"]),
            f"{band['expected']:.0%}",
            f"{band['right']:.0%}",
            ", ".join(band["attempts"][-3:]),
        ]
        for band in found["bands"]
    ]
    return [*lines, table(rows, ["said", "answers", "meant", "right", "latest attempts"])]


def _achievement_lines(programme: dict[str, Any]) -> list[str]:
    """A programme's goals that an attempt stands behind, each with the attempt to look up."""
    counts = f"{programme['reached']} reached, {programme['open']} open, {programme['planned']} not checkable"
    lines = [f"{programme['title']} ({programme['programme']}): {counts} yet"]
    for goal in programme["begun"]:
        lines += [wrap(goal["title"], "  "), wrap(goal["told"], "    ")]
    return lines
