"""Settings: precedence, bad values, the private config file, and what a key alone does not do."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from tutor.settings import accept_endpoint, home, load_settings, save_setting
from tutor_error import TutorError


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("LEARNER", "MODEL", "ENDPOINT", "API_KEY", "EMBEDDER", "DATABASE", "ALLOW_UNISOLATED",
                 "CHROMA_URL"):  # fmt: skip
        monkeypatch.delenv(f"MLTUTOR_{name}", raising=False)
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.setenv("MLTUTOR_HOME", str(tmp_path))


def test_a_flag_wins_over_the_environment_and_that_over_the_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    save_setting("learner", "file")
    assert load_settings().learner == "file"
    monkeypatch.setenv("MLTUTOR_LEARNER", "environment")
    assert load_settings().learner == "environment"
    assert load_settings(learner="flag", model=None).learner == "flag"
    assert home() == tmp_path == load_settings().home


def test_a_key_alone_chooses_no_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    settings = load_settings()
    assert settings.model is None and not settings.needs_consent
    chosen = load_settings(model="gpt-x")
    assert chosen.secret() == "sk-secret" and chosen.needs_consent


def test_an_endpoint_on_this_machine_needs_no_consent_and_another_is_asked_once() -> None:
    here = load_settings(model="m", endpoint="http://127.0.0.1:11434/v1/")
    assert here.stays_here and not here.needs_consent and here.endpoint.endswith("/v1")
    away = load_settings(model="m", endpoint="https://models.example.org/v1")
    assert away.needs_consent
    assert not accept_endpoint(away).needs_consent
    assert not load_settings(model="m", endpoint="https://models.example.org/v1").needs_consent
    assert load_settings(model="m", endpoint="https://other.example.org/v1").needs_consent


def test_the_config_file_is_private_and_keeps_its_comments(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text('# mine\nlearner = "ada"  # that is me\n', encoding="utf-8")
    save_setting("api_key", "sk-1")
    text = path.read_text(encoding="utf-8")
    assert "# mine" in text and "# that is me" in text and load_settings().secret() == "sk-1"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    save_setting("api_key", None)
    assert "sk-1" not in path.read_text(encoding="utf-8")


def test_a_secret_is_never_printed() -> None:
    assert "sk-1" not in repr(load_settings(api_key="sk-1"))


@pytest.mark.parametrize(
    ("text", "told"),
    [('modle = "x"', "`model`"), ("learner = ", "config.toml"), ('learner = ""', "learner"),
     ('chroma_url = "http://me:pw@h:1"', "chroma_url"), ('chroma_url = "localhost:8000"', "chroma_url"),
     ('endpoint = "ftp://x"', "endpoint"), ('endpoint = "https://me:pw@x.org"', "endpoint")],
)  # fmt: skip
def test_a_wrong_value_names_its_file_and_key(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "config.toml").write_text(text, encoding="utf-8")
    with pytest.raises(TutorError) as caught:
        load_settings()
    assert caught.value.code == "bad-setting"
    assert told in str(caught.value) and "config.toml" in str(caught.value) and "pw" not in str(caught.value)


def test_a_wrong_variable_is_named_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLTUTOR_ALLOW_UNISOLATED", "perhaps")
    with pytest.raises(TutorError, match="MLTUTOR_ALLOW_UNISOLATED"):
        load_settings()


def test_a_wrong_value_is_refused_before_it_is_written(tmp_path: Path) -> None:
    with pytest.raises(TutorError):
        save_setting("endpoint", "nowhere")
    with pytest.raises(TutorError, match="learner"):
        save_setting("lerner", "ada")
    assert not (tmp_path / "config.toml").exists()


def test_folders_of_packs_are_a_list_or_one_text_of_whole_paths(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLTUTOR_CONTENT_PATHS", f"/srv/one{os.pathsep}~/two{os.pathsep}/srv/one")
    found = load_settings(home=tmp_path).content_paths
    assert found == ("/srv/one", str(Path("~/two").expanduser()))
    monkeypatch.setenv("MLTUTOR_CONTENT_PATHS", "packs/mine")
    with pytest.raises(TutorError, match="write the whole path"):
        load_settings(home=tmp_path)
