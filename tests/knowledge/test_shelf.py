"""The catalogue with packs: what is taught follows the proofs on record and the files as they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from knowledge.catalog import load_catalog
from knowledge.coverage import coverage
from knowledge.index import corpus_hash
from knowledge.material import add_material, material_passages
from knowledge.pack_proof import read_pack_proofs
from knowledge.search import open_search
from knowledge.shelf import add_pack, open_catalog, pack_places, remove_pack
from tests.knowledge.packs import LESSON, PAGE, PROJECT, copy_example, record_proof, replace
from tutor_error import TutorError


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def example(tmp_path: Path) -> Path:
    return copy_example(tmp_path / "pack")


def test_without_packs_it_is_the_curriculum(home: Path) -> None:
    assert open_catalog(home) is load_catalog()


def test_a_pack_that_was_added_is_listed_and_not_taught_before_its_proof(home: Path, example: Path) -> None:
    add_pack(home, example)
    catalog = open_catalog(home)
    assert {unit: one.state for unit, one in catalog.unproved.items()} == {
        LESSON: "unproved",
        PROJECT: "unproved",
    }
    assert LESSON not in catalog.units and set(catalog.units) == set(load_catalog().units)
    for act in (catalog.unit, catalog.lesson, catalog.path_of):
        with pytest.raises(TutorError) as refused:
            act(LESSON)
        assert refused.value.code == "unproved-unit"
        assert refused.value.remedy == f"mltutor verify {LESSON}"
    with pytest.raises(TutorError, match="has not been proved"):
        catalog.question(f"{LESSON}/q1")


def test_a_proved_unit_is_taught_searched_and_cited(home: Path, example: Path) -> None:
    pack = add_pack(home, example)
    before = corpus_hash(open_catalog(home), home)
    assert before == corpus_hash(load_catalog(), home)
    record_proof(home, pack.root, LESSON, PROJECT)
    catalog = open_catalog(home)
    assert catalog.unit(LESSON).status == "verified" and not catalog.unproved
    assert catalog.question(f"{LESSON}/q1")[1].id == "q1"
    assert catalog.project(PROJECT).folder.is_relative_to(home)
    assert catalog.dependents_of(LESSON) == [catalog.unit(PROJECT)]
    beliefs = catalog.misconceptions_of(LESSON)
    assert "mean-of-the-slopes" in beliefs and "bias-does-not-matter" in beliefs
    assert "mean-of-the-slopes" not in catalog.misconceptions
    assert coverage(catalog).rows_by_seed() == coverage(load_catalog()).rows_by_seed()
    with open_search(home, catalog, embedder="none") as found:
        assert found.search("median of the slopes of all pairs, breakdown point")[0].unit == LESSON


def test_a_failed_proof_is_told_and_blocks_what_builds_on_it(home: Path, example: Path) -> None:
    pack = add_pack(home, example)
    record_proof(home, pack.root, LESSON, problems=("page: the block raised ValueError",))
    record_proof(home, pack.root, PROJECT)
    unproved = open_catalog(home).unproved
    assert (unproved[LESSON].state, unproved[PROJECT].state) == ("failed", "blocked")
    assert "raised ValueError" in unproved[LESSON].reason and LESSON in unproved[PROJECT].reason


def test_a_changed_file_takes_its_unit_out_of_a_catalogue_that_is_open(home: Path, example: Path) -> None:
    paths = (str(example),)
    record_proof(home, example, LESSON, PROJECT)
    first = open_catalog(home, paths)
    assert first.unit(LESSON).status == "verified" and open_catalog(home, paths) is first
    replace(example / PAGE, "A float in a lake reports", "A float on a lake reports")
    assert open_catalog(home, paths).unproved[LESSON].state == "stale"


def test_a_broken_pack_leaves_the_rest_as_it_was(home: Path, example: Path) -> None:
    (example / "pack.yaml").write_text("format: 1\n", encoding="utf-8")
    catalog = open_catalog(home, (str(example), str(example.parent / "missing")))
    assert len(catalog.broken_packs) == 2 and not catalog.packs
    assert catalog.unit("perceptron").status in ("authored", "verified")


def test_two_packs_of_one_name_do_not_shadow_each_other(home: Path, example: Path, tmp_path: Path) -> None:
    add_pack(home, example)
    second = copy_example(tmp_path / "second")
    with pytest.raises(TutorError) as refused:
        add_pack(home, second)
    assert refused.value.code == "known-pack" and "content remove robust" in refused.value.remedy
    catalog = open_catalog(home, (str(second),))
    assert catalog.packs["robust"].root.is_relative_to(home) and second in catalog.broken_packs


def test_a_copy_is_independent_and_holds_nothing_but_the_pack(home: Path, example: Path) -> None:
    (example / ".git").mkdir()
    (example / ".git" / "config").write_text("secret", encoding="utf-8")
    (example / "elsewhere").symlink_to("/etc")
    (example / "projects" / "theil-sen-line" / "reference.py").chmod(0o777)
    pack = add_pack(home, example)
    names = {path.name for path in pack.root.iterdir()}
    assert names == {"pack.yaml", "misconceptions.yaml", "lessons", "projects"}
    copied = pack.root / "projects" / "theil-sen-line" / "reference.py"
    assert copied.stat().st_mode & 0o111 == 0
    replace(example / PAGE, "A float in a lake", "A boat in a lake")
    assert "A float in a lake" in (pack.root / PAGE).read_text(encoding="utf-8")


def test_a_refused_pack_leaves_nothing_behind(home: Path, example: Path) -> None:
    replace(example / "projects/theil-sen-line/hints.yaml", '"Among four', '"\\x1b[2JAmong four')
    with pytest.raises(TutorError, match="control character"):
        add_pack(home, example)
    assert list(home.rglob("*.md")) == [] and pack_places(home) == []


def test_material_and_packs_share_no_name(home: Path, example: Path, tmp_path: Path) -> None:
    notes = tmp_path / "robust"
    notes.mkdir()
    (notes / "a.md").write_text("# A\n\ntext", encoding="utf-8")
    add_material(home, notes, None, lambda _: [])
    with pytest.raises(TutorError, match="material of yours"):
        add_pack(home, example)
    assert len(material_passages(home)) == 1


def test_removing_forgets_the_pack_and_its_proofs(home: Path, example: Path) -> None:
    pack = add_pack(home, example)
    record_proof(home, pack.root, LESSON)
    (home / "records.db").write_bytes(b"kept")
    assert remove_pack(home, "robust")
    assert not remove_pack(home, "robust") and not remove_pack(home, "../home")
    assert open_catalog(home) is load_catalog() and read_pack_proofs(home, "robust") == {}
    assert (home / "records.db").read_bytes() == b"kept" and example.exists()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"format": 2, "proofs": {}}', '{"format": 1, "proofs": 3}'])
def test_a_broken_record_proves_nothing(home: Path, example: Path, text: str) -> None:
    pack = add_pack(home, example)
    record_proof(home, pack.root, LESSON, PROJECT)
    (home / "packs" / "robust" / "proofs.json").write_text(text, encoding="utf-8")
    assert set(open_catalog(home).unproved) == {LESSON, PROJECT}
