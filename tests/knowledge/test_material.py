"""The learner's own material: read once, bounded, no link followed, searched beside the units."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from knowledge.catalog import load_catalog
from knowledge.index import corpus_hash
from knowledge.material import add_material, material_passages, materials, remove_material
from knowledge.search import open_search
from tutor_error import TutorError


def no_pdf(content: bytes) -> list[str]:
    raise TutorError("unreadable-pdf", "no PDF that can be read", "")


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    folder = tmp_path / "My Notes"
    (folder / "deep").mkdir(parents=True)
    (folder / "plumbus.md").write_text(
        "# On plumbuses\n\nAn opening.\n\n## Choosing\n\nTake a plumbus whose grumbo is positive.\n",
        encoding="utf-8",
    )
    cells = [
        {"cell_type": "markdown", "source": ["# Lab\n", "\n", "## Training\n", "\n", "We train a fleeb."]},
        {"cell_type": "code", "source": "fleeb.fit(X)", "outputs": [{"text": "SECRET OUTPUT"}]},
    ]
    (folder / "deep" / "lab.ipynb").write_text(json.dumps({"cells": cells}), encoding="utf-8")
    return folder


def test_documents_become_passages_with_their_headings(notes: Path, tmp_path: Path) -> None:
    added = add_material(tmp_path / "home", notes, None, no_pdf)
    assert (added.name, len(added.documents), added.skipped) == ("my-notes", 2, ())
    passages = {passage.id: passage for passage in material_passages(tmp_path / "home")}
    chosen = passages["own/my-notes/plumbus#choosing"]
    assert chosen.kind == "material" and chosen.title == "On plumbuses"
    assert chosen.text == "Take a plumbus whose grumbo is positive."
    lab = passages["own/my-notes/deep/lab#training"]
    assert "We train a fleeb." in lab.text and "fleeb.fit(X)" in lab.text
    assert not any("SECRET" in passage.text for passage in passages.values())


def test_pages_of_a_pdf_are_sections(tmp_path: Path) -> None:
    (tmp_path / "paper.pdf").write_bytes(b"%PDF")
    add_material(tmp_path / "home", tmp_path / "paper.pdf", None, lambda _: ["First.", " ", "Third."])
    sections = [(p.unit, p.section, p.text) for p in material_passages(tmp_path / "home")]
    assert sections == [("own/paper/paper", "Page 1", "First."), ("own/paper/paper", "Page 3", "Third.")]


def test_what_cannot_be_read_is_named_and_the_rest_is_kept(notes: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside.md"
    outside.write_text("secret", encoding="utf-8")
    (notes / "link.md").symlink_to(outside)
    (notes / "linked").symlink_to(tmp_path)
    (notes / ".hidden.md").write_text("secret", encoding="utf-8")
    (notes / "binary.txt").write_bytes(b"a\0b")
    (notes / "latin.txt").write_bytes("größe".encode("latin-1"))
    (notes / "broken.ipynb").write_text("{", encoding="utf-8")
    (notes / "paper.pdf").write_bytes(b"no pdf")
    os.mkfifo(notes / "pipe.md")
    added = add_material(tmp_path / "home", notes, None, no_pdf)
    assert [document.name for document in added.documents] == ["plumbus", "deep/lab"]
    assert [line.split(":")[0] for line in added.skipped] == [
        "binary.txt", "broken.ipynb", "latin.txt", "paper.pdf",
    ]  # fmt: skip
    assert not any("secret" in passage.text for passage in material_passages(tmp_path / "home"))


def test_two_files_of_one_name_are_told_apart(tmp_path: Path) -> None:
    folder = tmp_path / "n"
    folder.mkdir()
    for name in ("a.md", "a.txt", "A!.md"):
        (folder / name).write_text(f"text of {name}", encoding="utf-8")
    added = add_material(tmp_path / "home", folder, None, no_pdf)
    assert sorted(document.name for document in added.documents) == ["a", "a-2", "a-3"]


@pytest.mark.parametrize(
    ("make", "name", "code"),
    [
        (lambda folder: None, None, "empty-material"),
        (lambda folder: folder.rmdir(), None, "missing-folder"),
        (lambda folder: (folder / "a.md").write_text("x"), "../up", "bad-name"),
        (lambda folder: (folder / "a.md").write_text("x"), "Über", "bad-name"),
    ],
    ids=["empty", "missing", "path", "letters"],
)
def test_bad_input_is_refused_and_nothing_is_written(
    tmp_path: Path, make: object, name: str | None, code: str
) -> None:
    folder = tmp_path / "n"
    folder.mkdir()
    make(folder)  # type: ignore[operator]
    with pytest.raises(TutorError) as refused:
        add_material(tmp_path / "home", folder, name, no_pdf)
    assert refused.value.code == code
    assert not (tmp_path / "home").exists()


def test_too_much_text_is_refused(notes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("knowledge.material.MAX_TEXT", 50)
    with pytest.raises(TutorError) as refused:
        add_material(tmp_path / "home", notes, None, no_pdf)
    assert refused.value.code == "huge-material"


def test_adding_again_replaces_and_removing_forgets(notes: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    add_material(home, notes, "n", no_pdf)
    (notes / "plumbus.md").write_text("# New\n\nEntirely.", encoding="utf-8")
    add_material(home, notes, "n", no_pdf)
    assert [one.name for one in materials(home)] == ["n"]
    assert any("Entirely." in passage.text for passage in material_passages(home))
    remove_material(home, "n")
    assert materials(home) == [] and notes.exists()
    for unknown in ("n", "../../etc/passwd"):
        with pytest.raises(TutorError) as refused:
            remove_material(home, unknown)
        assert refused.value.code == "unknown-material"


def test_a_broken_file_of_ours_names_the_remedy(notes: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    add_material(home, notes, "n", no_pdf)
    (home / "material" / "n.json").write_text("{", encoding="utf-8")
    with pytest.raises(TutorError) as broken:
        materials(home)
    assert broken.value.code == "broken-material" and "add n again" in broken.value.remedy


def test_search_finds_it_at_once_and_only_while_it_is_there(notes: Path, tmp_path: Path) -> None:
    home, catalog = tmp_path / "home", load_catalog()
    before = corpus_hash(catalog, home)
    with open_search(home, catalog, embedder="none") as found:
        assert found.search("a positive grumbo for the plumbus") == []
    add_material(home, notes, "n", no_pdf)
    assert corpus_hash(catalog, home) != before
    with open_search(home, catalog, embedder="none") as found:
        hits = found.search("a positive grumbo for the plumbus")
        assert (hits[0].unit, hits[0].section) == ("own/n/plumbus", "Choosing")
        assert found.search("a positive grumbo for the plumbus", kind="lesson") == []
        assert found.search("bias of a neuron", kind="material") == []
    remove_material(home, "n")
    assert corpus_hash(catalog, home) == before == corpus_hash(catalog)
