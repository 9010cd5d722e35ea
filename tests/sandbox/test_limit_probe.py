"""The probe of the limits sees each of them hold, and would see one that does not."""

from __future__ import annotations

from typing import get_args

import pytest

from sandbox import limit_probe, supervisor
from sandbox.limit_probe import Limit, LimitFinding, name_mechanisms, probe_limits
from sandbox.limits import Limits


def test_every_limit_has_a_mechanism() -> None:
    mechanisms = name_mechanisms()
    assert set(mechanisms) == set(get_args(Limit))
    assert all(mechanisms.values())


def test_every_limit_is_exceeded_and_holds() -> None:
    findings = probe_limits()
    assert {finding.limit for finding in findings} == set(get_args(Limit)) - {"cores"}
    assert [finding for finding in findings if not finding.holds] == []
    assert all(finding.mechanism == name_mechanisms()[finding.limit] for finding in findings)


def test_limits_that_are_not_set_are_seen_not_to_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limit_probe, "_SMALL", Limits())
    tried = _try_alone({"figures", "files", "disk", "threads"}, monkeypatch)
    assert {limit: finding.holds for limit, finding in tried.items()} == dict.fromkeys(tried, False)


def test_supervisor_that_sees_nothing_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor.Supervisor, "look", _join_alone)
    tried = _try_alone({"disk", "memory", "processes"}, monkeypatch)
    assert tried["disk"].holds
    assert not tried["memory"].holds
    assert not tried["processes"].holds


def _try_alone(limits: set[Limit], monkeypatch: pytest.MonkeyPatch) -> dict[Limit, LimitFinding]:
    chosen = tuple(trial for trial in limit_probe._TRIALS if trial.limit in limits)  # pyright: ignore[reportPrivateUsage]
    assert {trial.limit for trial in chosen} == limits
    monkeypatch.setattr(limit_probe, "_TRIALS", chosen)
    return {finding.limit: finding for finding in probe_limits()}


def _join_alone(watching: supervisor.Supervisor) -> None:
    watching._has_joined.set()  # pyright: ignore[reportPrivateUsage]
