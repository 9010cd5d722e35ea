"""A PostgreSQL server of the tests' own, in a temporary folder and on a socket there alone."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Generator, Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

SERVER = "MLTUTOR_TEST_POSTGRES"
"""The URL of a database on a server that runs already, instead."""


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """The URL of a database whose user may create others. Skips where PostgreSQL or its driver is missing."""
    if SERVER in os.environ:
        yield os.environ[SERVER]
        return
    programs = _programs()
    if programs is None or find_spec("psycopg") is None:
        pytest.skip(f"postgresql: no initdb, or no psycopg, and {SERVER} names no server")
    with _running(programs) as url:
        yield url


@pytest.fixture
def postgresql(postgresql_server: str) -> Iterator[str]:
    """The URL of an empty database."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    engine = create_engine(postgresql_server, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
        url = make_url(postgresql_server).set(database=name)
        yield url.render_as_string(hide_password=False)
        with engine.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    finally:
        engine.dispose()


def _programs() -> Path | None:
    """The folder of initdb and pg_ctl; Debian keeps them off the path."""
    found = shutil.which("initdb")
    if found is not None:
        return Path(found).resolve().parent
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return folders[-1].parent if folders else None


@contextlib.contextmanager
def _running(programs: Path) -> Generator[str]:
    """PostgreSQL refuses to run as root, which becomes the user that its package made."""
    user = pwd.getpwnam("postgres") if os.geteuid() == 0 else None
    who = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}
    with tempfile.TemporaryDirectory(prefix="pg-", ignore_cleanup_errors=True) as folder:
        if user:
            os.chown(folder, user.pw_uid, user.pw_gid)
        data = f"{folder}/data"

        def control(*arguments: str) -> None:
            subprocess.run(
                arguments, cwd=folder, check=True, timeout=120, stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, **who,
            )  # fmt: skip

        control(str(programs / "initdb"), "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "-N")
        options = f"-k {folder} -c listen_addresses='' -c fsync=off"
        pg_ctl = str(programs / "pg_ctl")
        control(pg_ctl, "-D", data, "-l", f"{folder}/log", "-w", "-o", options, "start")
        try:
            yield f"postgresql+psycopg://postgres@/postgres?host={folder}"
        finally:
            control(pg_ctl, "-D", data, "-m", "immediate", "-w", "stop")
