"""What a judge says, read by a host that does not trust it: its checks, its files, its verdicts.

It owns one rule: a project's code may have written the frame, so its form is checked before a
field of it is used.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any, cast

from sandbox.frame import Frame
from sandbox.judge_process import JudgeFailed
from sandbox.report import CheckReport, CheckStatus

PROTOCOL = "the judge broke the protocol"
_STATUSES = frozenset({"passed", "failed", "blocked", "error"})


def read_check(told: Mapping[str, Any]) -> CheckReport:
    return CheckReport(
        id=str(told["id"]),
        title=str(told["title"]),
        task=str(told["task"]),
        status="blocked",
        points=0.0,
        max_points=float(told["points"]),
        evidence=tuple(str(unit) for unit in told["evidence"]),
        visible=bool(told["visible"]),
        required=bool(told["required"]),
        asks_for_work=bool(told["asks_for_work"]),
    )


def read_verdict(check: CheckReport, header: Mapping[str, Any]) -> CheckReport:
    """The verdict of a report frame; a project's code may have forged it, so its form is checked."""
    try:
        report = header["report"]
        status, misconception = str(report["status"]), report["misconception"]
        if status not in _STATUSES or report["id"] != check.id:
            raise ValueError("another check, or no verdict")
        fraction = min(1.0, max(0.0, float(report["fraction"])))
        seen, expected, message = (str(report[key]) for key in ("seen", "expected", "message"))
    except (KeyError, TypeError, ValueError) as error:
        raise JudgeFailed(PROTOCOL) from error
    return replace(
        check,
        status=cast("CheckStatus", status),
        points=round(fraction * check.max_points, 4),
        seen=seen[:400],
        expected=expected[:400],
        message=message[:800],
        misconception=None if misconception is None else str(misconception),
    )


def read_files(frame: Frame) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    start = 0
    for name, size in frame.header["files"]:
        path = PurePosixPath(str(name))
        if path.is_absolute() or ".." in path.parts or not path.parts:
            raise ValueError(f"{name!r} is no path inside a workspace")
        files[str(name)] = frame.payload[start : start + int(size)]
        start += int(size)
    return files
