"""`mltutor doctor` names what holds each limit; with --probe it shows that it does."""

from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from mltutor import service
from sandbox.limit_probe import name_mechanisms
from tests.mltutor.conftest import Run, document


def test_mechanism_of_each_limit_is_named_without_a_probe(mltutor: Run) -> None:
    done = mltutor("doctor", "--json")
    assert done.returncode == 0
    found = document(done)
    assert found["limits"] == name_mechanisms()
    assert "probe" not in found
    said = mltutor("doctor").stdout
    assert all(f"{limit} " in said and mechanism in said for limit, mechanism in found["limits"].items())


def test_probe_exceeds_each_limit_and_tells_what_it_saw(mltutor: Run) -> None:
    done = mltutor("doctor", "--probe", "--json")
    assert done.returncode == 0, done.stdout
    probe = document(done)["probe"]
    assert {finding["limit"] for finding in probe} == set(name_mechanisms()) - {"cores"}
    assert all(finding["holds"] and finding["mechanism"] and finding["seen"] for finding in probe)


def test_limit_that_does_not_hold_is_a_negative_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = {"limit": "memory", "mechanism": "m", "holds": False, "seen": "it took all"}
    found: dict[str, Any] = {
        "home": "here",
        "limits": {"memory": "m"},
        "isolation": {"tier": "none"},
    }
    monkeypatch.setattr(service, "_findings", lambda _context: dict(found))  # pyright: ignore[reportUnknownLambdaType]
    monkeypatch.setattr(service, "_probe_limits", lambda: [broken])
    app = typer.Typer()
    app.command()(service.doctor)
    done = CliRunner().invoke(app, ["--probe"])
    assert done.exit_code == 1
    assert "DOES NOT HOLD" in done.output
    assert CliRunner().invoke(app, []).exit_code == 0


def test_servers_on_this_machine_are_told_with_the_command_that_chooses_one(
    capsys: pytest.CaptureFixture[str],
) -> None:
    found: dict[str, Any] = {
        "limits": {"memory": "m"},
        "endpoints": [
            {"server": "Ollama", "url": "http://127.0.0.1:11434/v1", "models": ["qwen3:8b"],
             "needs_key": False,
             "choose": ["mltutor config model qwen3:8b"]},
        ],
    }  # fmt: skip
    service._print_findings(found)  # pyright: ignore[reportPrivateUsage]
    said = capsys.readouterr().out
    assert "Ollama at http://127.0.0.1:11434/v1: models qwen3:8b" in said
    assert "choose one: mltutor config model qwen3:8b" in said
