"""Paths of a client lead below the allowed folders and nowhere else, whatever links lie on the way."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from mcp import Client

from knowledge.catalog import PACKAGED
from mcp_server.context import ServerContext
from mcp_server.roots import allowed_path, default_roots
from mcp_server.server import build_server
from mcp_server.snapshot import snapshot
from tests.knowledge.packs import copy_example
from tutor_error import TutorError

pytestmark = pytest.mark.anyio
PROJECT = "iris-knn-classifier"


@pytest.fixture
def root(context: ServerContext, tmp_path: Path) -> Path:
    folder = tmp_path / "work"
    folder.mkdir()
    context.roots = (folder,)
    return folder


async def code_of(client: Client, tool: str, **arguments: Any) -> str:
    outcome = await client.call_tool(tool, arguments)
    return (outcome.structured_content or {}).get("error", {}).get("code", "")


async def test_what_leads_out_is_refused_by_every_tool_that_takes_a_path(
    context: ServerContext, root: Path, tmp_path: Path
) -> None:
    secret = tmp_path / "secret.py"
    secret.write_text("print('secret')", encoding="utf-8")
    (root / "link.py").symlink_to(secret)
    (root / "folder").symlink_to(tmp_path)
    (root / "loop").symlink_to(root / "loop")
    os.mkfifo(root / "pipe.py")
    (root / "inner").mkdir()
    paths = [
        str(secret), str(root / "link.py"), str(root / "folder" / "secret.py"),
        str(root / ".." / "secret.py"), "/etc/passwd", "/dev/zero", "/proc/self/environ",
        str(PACKAGED / "projects" / PROJECT / "reference.py"),
        str(context.home / "config.toml"), str(root / "loop"), str(root / "pipe.py"), str(root / "none.py"),
        "~/.ssh/id_rsa", "~nobody-is-called-so/x.py", str(root / ("x" * 300)),
    ]  # fmt: skip
    refusals = {"outside-roots", "closed-path", "bad-path", "missing-file", "unreadable-file"}
    async with Client(build_server(context)) as client:
        for path in paths:
            assert await code_of(client, "run_code", path=path) in refusals, path
            assert await code_of(client, "check_project", project=PROJECT, path=path) in refusals, path
        for path in paths[:9]:
            assert await code_of(client, "start_run", path=path) in refusals, path
            assert await code_of(client, "start_project", id=PROJECT, folder=f"{path}/new") in refusals, path


async def test_a_refusal_names_the_allowed_folders_and_what_to_type(
    context: ServerContext, root: Path
) -> None:
    async with Client(build_server(context)) as client:
        outcome = await client.call_tool("run_code", {"path": "/etc/hosts.py"})
    told = (outcome.structured_content or {})["error"]
    assert str(root) in told["message"] and "--root" in told["remedy"]


async def test_files_inside_run_with_what_lies_beside_them_and_links_out_stay_behind(
    context: ServerContext, root: Path, tmp_path: Path
) -> None:
    (tmp_path / "secret.txt").write_text("secret", encoding="utf-8")
    (root / "beside.py").write_text("value = 41", encoding="utf-8")
    (root / "leak.txt").symlink_to(tmp_path / "secret.txt")
    (root / "main.py").write_text(
        "import os, beside\nprint(beside.value + 1, os.path.exists('leak.txt'))", encoding="utf-8"
    )
    async with Client(build_server(context)) as client:
        outcome = await client.call_tool("run_code", {"path": str(root / "main.py")})
    fields = outcome.structured_content or {}
    assert fields["stdout"] == "42 False\n" and fields["file"] == str(root / "main.py")


async def test_a_workspace_below_a_root_is_checked_and_one_of_another_project_refused(
    context: ServerContext, root: Path
) -> None:
    async with Client(build_server(context)) as client:
        made = await client.call_tool("start_project", {"id": PROJECT, "folder": str(root / "mine")})
        folder = (made.structured_content or {})["folder"]
        assert Path(folder) == root / "mine"
        report = await client.call_tool("check_project", {"project": PROJECT, "path": folder})
        assert (report.structured_content or {})["project"] == PROJECT
        assert await code_of(client, "check_project", project="xor-network", path=folder) == "other-workspace"


def test_a_link_put_in_place_after_the_check_is_not_followed(
    context: ServerContext, root: Path, tmp_path: Path
) -> None:
    secret = tmp_path / "secret.py"
    secret.write_text("secret", encoding="utf-8")
    (root / "main.py").write_text("x = 1", encoding="utf-8")
    place = allowed_path(context, str(root / "main.py"))
    (root / "main.py").unlink()
    (root / "main.py").symlink_to(secret)
    with pytest.raises(TutorError) as caught, snapshot(context, place):
        pass
    assert caught.value.code == "unreadable-file"


def test_a_folder_that_became_a_link_after_the_check_is_not_followed(
    context: ServerContext, root: Path, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "main.py").write_text("secret", encoding="utf-8")
    (root / "inner").mkdir()
    (root / "inner" / "main.py").write_text("x = 1", encoding="utf-8")
    place = allowed_path(context, str(root / "inner" / "main.py"))
    (root / "inner" / "main.py").unlink()
    (root / "inner").rmdir()
    (root / "inner").symlink_to(outside)
    with pytest.raises(TutorError), snapshot(context, place):
        pass


def test_the_content_and_the_state_are_closed_inside_an_allowed_folder(
    context: ServerContext, tmp_path: Path
) -> None:
    pack = copy_example(tmp_path / "pack")
    context.roots, context.content_paths = (tmp_path, PACKAGED.parent), (str(pack),)
    for path in (PACKAGED / "units.csv", pack / "pack.yaml", context.home / "records.db"):
        with pytest.raises(TutorError) as caught:
            allowed_path(context, str(path))
        assert caught.value.code == "closed-path"
    inside = context.workspaces / PROJECT / "solution.py"
    assert allowed_path(context, str(inside)) == inside.resolve()


def test_a_huge_file_is_refused_and_not_read(context: ServerContext, root: Path) -> None:
    with (root / "huge.py").open("wb") as file:
        file.truncate(2**33)
    with pytest.raises(TutorError) as caught, snapshot(context, root / "huge.py"):
        pass
    assert caught.value.code == "huge-file"


def test_a_front_end_of_ours_reads_what_its_user_typed(context: ServerContext, tmp_path: Path) -> None:
    assert context.roots is None
    place = allowed_path(context, str(tmp_path / "anywhere.py"))
    with snapshot(context, place) as read:
        assert read == place


def test_the_working_directory_is_a_root_unless_it_is_a_home_or_more(tmp_path: Path) -> None:
    home = tmp_path / "home" / "me"
    project = home / "project"
    project.mkdir(parents=True)
    assert default_roots((), project, home) == (project.resolve(),)
    assert default_roots((), home, home) == default_roots((), home.parent, home) == ()
    assert default_roots((), Path("/"), home) == ()
    assert default_roots((str(project),), home, home) == (project.resolve(),)
    with pytest.raises(TutorError) as caught:
        default_roots((tmp_path / "none",), home, home)
    assert caught.value.code == "bad-root"
