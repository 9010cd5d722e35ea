"""What the learner chose: home folder, name, model, endpoint, and what they consented to.

The one rule owned here: a flag wins over an `MLTUTOR_*` variable, which wins over
`<home>/config.toml`; and no model is used before the learner has chosen one. A key
that lies in the environment for other programs changes nothing.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator

from tutor_error import TutorError, did_you_mean

CONFIG = "config.toml"
OPENAI = "https://api.openai.com/v1"
_ON_THIS_MACHINE = ("localhost", "::1")


class Settings(BaseModel):
    """One resolved set of choices. Secrets print as stars."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    home: Path
    learner: str = Field(default="default", min_length=1, max_length=64)
    model: str | None = None
    endpoint: str = OPENAI
    api_key: SecretStr | None = None
    api_key_env: str = "OPENAI_API_KEY"
    context_tokens: int = Field(default=8000, ge=2000, le=2_000_000)
    """What a request to the model may hold, by estimate, its answer included."""
    model_seconds: float = Field(default=60.0, gt=0, le=3600)
    """How long the model may stay silent."""
    price_input: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    price_cached: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    price_output: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    """Prices are of a million tokens; without them no cost is told."""
    currency: str = Field(default="USD", min_length=1, max_length=8)
    embedder: str | None = None
    chroma_url: str | None = None
    database: str | None = None
    allow_unisolated: bool = False
    kernels: int | None = Field(default=None, ge=1, le=1024)
    """How many kernels of this home work at once; None for one a core, and four at least."""
    accepted_endpoints: tuple[str, ...] = ()
    ask_confidence: bool = True
    """Invite the learner to say how sure they are, once a lesson, and read it from their answers."""
    content_paths: tuple[str, ...] = ()
    """Folders of packs in development, read where they lie; as one text, joined as PATH is."""

    roots: tuple[str, ...] = ()
    """Folders below which `mltutor mcp` lets tools read and write files, beside the workspaces."""

    @field_validator("content_paths", "roots", mode="before")
    @classmethod
    def _are_folders(cls, value: Any) -> Any:
        parts: Any = value.split(os.pathsep) if isinstance(value, str) else value
        if not isinstance(parts, list | tuple):
            return parts
        folders = [Path(str(part).strip()).expanduser() for part in parts if str(part).strip()]  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
        for folder in folders:
            if not folder.is_absolute():
                raise ValueError(f"`{folder}` does not begin at the root; write the whole path")
        return tuple(dict.fromkeys(str(folder) for folder in folders))

    @field_validator("endpoint")
    @classmethod
    def _is_a_web_address(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"`{value}` is no web address such as http://127.0.0.1:11434/v1")
        if parts.username or parts.password:
            raise ValueError("an address must not carry a name or a password; use api_key")
        return value.rstrip("/")

    @field_validator("chroma_url")
    @classmethod
    def _is_a_server(cls, value: str | None) -> str | None:
        # Imported late: few have a server.
        from knowledge.chroma_server import checked_address

        return checked_address(value) if value else None

    @property
    def host(self) -> str:
        return urlsplit(self.endpoint).hostname or ""

    @property
    def stays_here(self) -> bool:
        """The endpoint is on this machine."""
        return self.host in _ON_THIS_MACHINE or self.host.startswith("127.")

    @property
    def needs_consent(self) -> bool:
        """A model was chosen on a machine that the learner has not agreed to send text to."""
        return self.model is not None and not self.stays_here and self.host not in self.accepted_endpoints

    def secret(self) -> str | None:
        """The key for the endpoint: `api_key`, else the variable that `api_key_env` names."""
        if self.api_key is not None:
            return self.api_key.get_secret_value()
        return os.environ.get(self.api_key_env) or None


def home() -> Path:
    """`MLTUTOR_HOME`, else the platform's folder for user data. Not created here."""
    # Imported late: the command line reads this module before it knows whether it needs a home.
    import platformdirs

    chosen = os.environ.get("MLTUTOR_HOME")
    folder = Path(chosen) if chosen else Path(platformdirs.user_data_dir("mltutor", appauthor=False))
    return folder.expanduser().absolute()


def load_settings(**flags: Any) -> Settings:
    """The settings in force. A flag that is None was not given.

    TutorError `bad-setting` names the flag, the variable or the file that holds a wrong value.
    """
    given = {name: value for name, value in flags.items() if value is not None}
    folder = Path(given.pop("home")) if "home" in given else home()
    layers = {
        str(folder / CONFIG): read_config(folder),
        "the environment": _from_environment(),
        "the command line": given,
    }
    merged: dict[str, Any] = {"home": folder.expanduser().absolute()}
    for values in layers.values():
        merged.update(values)
    try:
        return Settings.model_validate(merged)
    except ValidationError as error:
        raise _explain(error, layers) from None


def read_config(folder: Path) -> dict[str, Any]:
    """The values of `<folder>/config.toml`; an empty mapping when there is none."""
    path = folder / CONFIG
    if not path.is_file():
        return {}
    # Imported late: most commands run without a config file.
    import tomllib

    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise TutorError("bad-setting", f"{path}: {error}", "Mend that line, or delete the file.") from None
    except OSError as error:
        raise TutorError(
            "bad-setting", f"{path} cannot be read ({error.strerror}).", "Check its permissions."
        ) from None
    for key in values:
        _require_known(key, str(path))
    return values


def save_setting(key: str, value: Any, folder: Path | None = None) -> Path:
    """Write one key of the config file, keeping its comments; None removes the key.

    The file is readable by its owner alone (mode 0600), since it may hold a key.
    """
    # Imported late: only `config` writes.
    import tomlkit

    folder = folder or home()
    path = folder / CONFIG
    _require_known(key, str(path))
    values = read_config(folder)
    values.pop(key, None)
    if value is not None:
        values[key] = value
    _check(values, folder)
    document = tomlkit.parse(path.read_text(encoding="utf-8")) if path.is_file() else tomlkit.document()
    if value is None:
        document.pop(key, None)
    else:
        document[key] = list(value) if isinstance(value, tuple) else value
    _write_private(path, tomlkit.dumps(document))
    return path


def accept_endpoint(settings: Settings) -> Settings:
    """Record the learner's consent to send text to the chosen endpoint's host."""
    hosts = tuple(dict.fromkeys((*settings.accepted_endpoints, settings.host)))
    save_setting("accepted_endpoints", hosts, settings.home)
    return settings.model_copy(update={"accepted_endpoints": hosts})


def setting_names() -> list[str]:
    """Keys that `config.toml` may hold. `home` is not one: the file lies in it."""
    return [name for name in Settings.model_fields if name != "home"]


def _from_environment() -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name in setting_names():
        value = os.environ.get(f"MLTUTOR_{name.upper()}", "").strip()
        if not value:
            continue
        values[name] = _split(value) if name == "accepted_endpoints" else value
    return values


def _split(value: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in value.split(",") if part.strip())


def _require_known(key: str, where: str) -> None:
    if key not in setting_names():
        remedy = did_you_mean(key, setting_names()) or f"Known: {', '.join(setting_names())}."
        raise TutorError("bad-setting", f"{where}: `{key}` is no known setting.", remedy)


def _check(values: dict[str, Any], folder: Path) -> None:
    try:
        Settings.model_validate({**values, "home": folder})
    except ValidationError as error:
        raise _explain(error, {str(folder / CONFIG): values}) from None


def _explain(error: ValidationError, layers: Mapping[str, Mapping[str, Any]]) -> TutorError:
    """The first wrong value, with the place it came from: the last layer that gave it."""
    problem = error.errors(include_input=False, include_url=False)[0]
    key = str(problem["loc"][0])
    givers = [where for where, values in layers.items() if key in values]
    where = givers[-1] if givers else "settings"
    name = f"MLTUTOR_{key.upper()}" if where == "the environment" else key
    message = str(problem["msg"]).removeprefix("Value error, ")
    remedy = did_you_mean(key, setting_names()) if problem["type"] == "extra_forbidden" else ""
    return TutorError("bad-setting", f"{where}: `{name}`: {message}.".replace("..", "."), remedy)


def _write_private(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    fresh.replace(path)
