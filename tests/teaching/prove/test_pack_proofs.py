"""A pack is proved as the curriculum is, in the sandbox, with every outcome on record; or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from knowledge.pack_proof import read_pack_proofs
from knowledge.shelf import add_pack, open_catalog
from sandbox.isolation import Isolation, current_isolation
from teaching.prove.pack_proofs import prove_pack
from tests.knowledge.packs import EXAMPLE, LESSON, PAGE, PROJECT, copy_example, record_proof, replace
from tutor_error import TutorError

WRITES = """\
import pathlib
for place in [{places}]:
    try:
        pathlib.Path(place).mkdir(parents=True, exist_ok=True)
        pathlib.Path(place, "owned").write_text("by a pack")
    except OSError as error:
        print(error)
raise RuntimeError("at import")
"""

isolated = pytest.mark.skipif(current_isolation().tier == "none", reason="code cannot be isolated here")


@isolated
def test_the_example_of_the_documentation_is_proved(tmp_path: Path) -> None:
    proofs = list(prove_pack(tmp_path, EXAMPLE, jobs=2))
    assert {proof.unit: [str(problem) for problem in proof.problems] for proof in proofs} == {
        LESSON: [],
        PROJECT: [],
    }
    catalog = open_catalog(tmp_path, (str(EXAMPLE),))
    assert {catalog.unit(LESSON).status, catalog.unit(PROJECT).status} == {"verified"}


@isolated
def test_code_at_import_writes_nothing_into_the_home_and_its_proof_fails(tmp_path: Path) -> None:
    home = tmp_path / "home"
    source = copy_example(tmp_path / "pack")
    project = source / "projects" / "theil-sen-line"
    attack = WRITES.format(places=", ".join(repr(str(place)) for place in (home, source, project, tmp_path)))
    for name in ("checks.py", "data.py", "reference.py"):
        (project / name).write_text(attack + (project / name).read_text(encoding="utf-8"), encoding="utf-8")
    pack = add_pack(home, source)
    (proof,) = prove_pack(home, pack.root, [PROJECT])
    assert not proof.holds
    assert list(tmp_path.rglob("owned")) == []
    record_proof(home, pack.root, LESSON)
    catalog = open_catalog(home)
    assert catalog.unproved[PROJECT].state == "failed" and LESSON in catalog.units
    assert read_pack_proofs(home, "robust")[PROJECT].problems


@isolated
def test_a_lesson_that_breaks_a_rule_fails_and_a_missing_file_is_named(tmp_path: Path) -> None:
    source = copy_example(tmp_path / "pack")
    replace(source / PAGE, "assert middle(11) == 2.0", "assert middle(11) == 3.0")
    (source / "projects" / "theil-sen-line" / "reference.py").unlink()
    told = {proof.unit: " ".join(map(str, proof.problems)) for proof in prove_pack(tmp_path / "home", source)}
    assert "raised AssertionError" in told[LESSON]
    assert "reference.py" in told[PROJECT]
    unproved = open_catalog(tmp_path / "home", (str(source),)).unproved
    assert unproved[LESSON].state == "failed" and "AssertionError" in unproved[LESSON].reason


def test_a_copy_of_a_curriculum_lesson_fails(tmp_path: Path) -> None:
    from knowledge.catalog import PACKAGED
    from knowledge.shelf import proving_catalog
    from teaching.prove.pack_proofs import copied_units

    source = copy_example(tmp_path / "pack")
    page = (PACKAGED / "lessons/neural-networks/perceptron.md").read_text(encoding="utf-8")
    head = (source / PAGE).read_text(encoding="utf-8").partition("\n---\n")[0]
    (source / PAGE).write_text(head + "\n---\n" + page.partition("\n---\n")[2], encoding="utf-8")
    catalog = proving_catalog(source)
    found = copied_units(catalog, catalog.packs["robust"])
    assert list(found) == [LESSON] and "`perceptron`" in found[LESSON][0].message


def test_a_misconception_of_the_curriculum_is_not_redefined(tmp_path: Path) -> None:
    source = copy_example(tmp_path / "pack")
    replace(source / "misconceptions.yaml", "id: wild-point-averages-out", "id: bias-does-not-matter")
    if current_isolation().tier == "none":
        pytest.skip("code cannot be isolated here")
    with pytest.raises(TutorError, match="misconception of the curriculum"):
        list(prove_pack(tmp_path / "home", source))


def test_without_isolation_nothing_is_proved_whatever_the_learner_consented_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare = Isolation("none", "there is no bubblewrap.", "install it")
    monkeypatch.setattr("teaching.prove.pack_proofs.current_isolation", lambda: bare)
    with pytest.raises(TutorError) as refused:
        list(prove_pack(tmp_path, EXAMPLE))
    assert (refused.value.code, refused.value.remedy) == ("unisolated", "install it")
    assert read_pack_proofs(tmp_path, "robust") == {}
