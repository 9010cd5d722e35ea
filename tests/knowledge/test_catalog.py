"""The catalogue: units by id, kind, track and status, and their content."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from knowledge.catalog import Catalog, load_catalog, parse_kind
from tutor_error import TutorError


def record_proof(content: Path, unit: str, digest: str) -> None:
    proof = {"content": digest, "engine": "e", "cpu_seconds": 0.1}
    (content / "proofs.json").write_text(json.dumps({"format": 1, "proofs": {unit: proof}}), encoding="utf-8")


def test_the_packaged_catalogue_loads_once() -> None:
    catalog = load_catalog()
    assert catalog is load_catalog()
    assert len(catalog.units) == 493
    assert len(catalog.find("project")) == 188


def test_status_is_planned_until_there_is_a_file(school_content: Path) -> None:
    catalog = Catalog(school_content)
    assert {unit.id: unit.status for unit in catalog.units.values()} == {
        "straight-lines": "authored",
        "slopes": "planned",
        "ruler": "authored",
        "case-crooked-wall": "planned",
    }


@pytest.mark.parametrize("unit", ["straight-lines", "ruler"])
def test_a_proof_of_this_content_makes_a_unit_verified(school_content: Path, unit: str) -> None:
    record_proof(school_content, unit, Catalog(school_content).content_hash(unit))
    assert Catalog(school_content).unit(unit).status == "verified"


@pytest.mark.parametrize(
    ("unit", "file"),
    [
        ("straight-lines", "lessons/math/straight-lines.md"),
        ("straight-lines", "lessons/math/straight-lines/code/checks.py"),
        ("ruler", "projects/ruler/checks.py"),
    ],
)
def test_a_changed_file_takes_the_proof_away(school_content: Path, unit: str, file: str) -> None:
    record_proof(school_content, unit, Catalog(school_content).content_hash(unit))
    with (school_content / file).open("a", encoding="utf-8") as handle:
        handle.write("\n")
    assert Catalog(school_content).unit(unit).status == "authored"


def test_a_renamed_file_changes_the_hash_and_byte_code_does_not(school_content: Path) -> None:
    catalog = Catalog(school_content)
    before = catalog.content_hash("ruler")
    cache = school_content / "projects" / "ruler" / "__pycache__"
    cache.mkdir()
    (cache / "checks.cpython-311.pyc").write_bytes(b"code")
    assert catalog.content_hash("ruler") == before
    (school_content / "projects/ruler/reference.py").rename(school_content / "projects/ruler/referenc.py")
    assert catalog.content_hash("ruler") != before


def test_the_hash_does_not_depend_on_where_the_content_lies(
    school_content: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    before = Catalog(school_content).content_hash("straight-lines")
    moved = school_content.rename(tmp_path_factory.mktemp("elsewhere") / "content")
    assert Catalog(moved).content_hash("straight-lines") == before


@pytest.mark.parametrize(
    "text",
    ["{", "[]", '{"format": 1}', '{"format": 9, "proofs": {}}', '{"format": 1, "proofs": {"ruler": 3}}'],
)
def test_a_broken_record_of_proofs_is_refused(school_content: Path, text: str) -> None:
    (school_content / "proofs.json").write_text(text, encoding="utf-8")
    with pytest.raises(TutorError, match=r"proofs\.json"):
        Catalog(school_content)


def test_an_unknown_unit_offers_the_nearest_id(school_content: Path) -> None:
    with pytest.raises(TutorError) as caught:
        Catalog(school_content).unit("straight-line")
    assert caught.value.code == "unknown-unit"
    assert "`straight-lines`" in caught.value.remedy


def test_a_planned_unit_is_not_opened_and_offers_what_is_near(school_content: Path) -> None:
    catalog = Catalog(school_content)
    for open_unit, unit in (
        (catalog.lesson, "slopes"),
        (catalog.case, "case-crooked-wall"),
        (catalog.project, "case-crooked-wall"),
    ):
        with pytest.raises(TutorError) as caught:
            open_unit(unit)
        assert caught.value.code == "planned-unit"
        assert "`straight-lines`" in caught.value.remedy
        assert "`ruler`" in caught.value.remedy


def test_a_unit_of_another_kind_is_not_opened(school_content: Path) -> None:
    with pytest.raises(TutorError) as caught:
        Catalog(school_content).lesson("ruler")
    assert caught.value.code == "wrong-kind"
    assert caught.value.message == "`ruler` is a project, not a lesson."


def test_a_lesson_and_a_project_are_read_once(school_content: Path) -> None:
    catalog = Catalog(school_content)
    assert catalog.lesson("straight-lines").front.minutes == 37
    assert catalog.lesson("straight-lines") is catalog.lesson("straight-lines")
    assert catalog.project("ruler").file.minutes == 44
    assert catalog.project("ruler") is catalog.project("ruler")


def test_the_id_of_a_case_opens_its_lab(school_content: Path) -> None:
    (school_content / "cases").mkdir()
    (school_content / "cases" / "case-crooked-wall.md").write_text("---\n---\n", encoding="utf-8")
    lab = school_content / "cases" / "case-crooked-wall" / "lab"
    lab.parent.mkdir()
    (school_content / "projects" / "ruler").rename(lab)
    catalog = Catalog(school_content)
    assert catalog.project("case-crooked-wall").folder == lab
    assert lab / "checks.py" in catalog.files_of("case-crooked-wall")
    assert "case-crooked-wall" not in [unit.id for unit in catalog.find("project")]


def test_a_question_is_found_under_its_unit(school_content: Path) -> None:
    unit, question = Catalog(school_content).question("straight-lines/numeric")
    assert (unit.id, question.kind) == ("straight-lines", "numeric")
    with pytest.raises(TutorError, match="no question") as caught:
        Catalog(school_content).question("straight-lines/q9")
    assert "`straight-lines/numeric`" in caught.value.remedy


def test_units_are_found_by_kind_track_and_status(school_content: Path) -> None:
    catalog = Catalog(school_content)
    assert [unit.id for unit in catalog.find("lesson")] == ["straight-lines", "slopes"]
    assert [unit.id for unit in catalog.find(track="case-studies")] == ["case-crooked-wall"]
    assert [unit.id for unit in catalog.find("lesson", "math", "planned")] == ["slopes"]
    with pytest.raises(TutorError, match="no track `maths`"):
        catalog.find(track="maths")


def test_prerequisites_and_dependents_mirror_each_other(school_content: Path) -> None:
    catalog = Catalog(school_content)
    assert [unit.id for unit in catalog.prerequisites_of("case-crooked-wall")] == ["slopes", "ruler"]
    assert [unit.id for unit in catalog.dependents_of("straight-lines")] == ["slopes", "ruler"]
    packaged = load_catalog()
    for unit in packaged.units.values():
        assert all(unit in packaged.dependents_of(before.id) for before in packaged.prerequisites_of(unit.id))


def test_a_misconception_given_twice_is_refused(school_content: Path) -> None:
    entry = (
        "- {id: a, belief: b, cue: [c, d], contrast: e, repair: f, accepted_repairs: [g], units: [slopes]}\n"
    )
    path = school_content / "misconceptions.yaml"
    assert Catalog(school_content).misconceptions == {}
    path.write_text(entry, encoding="utf-8")
    assert list(Catalog(school_content).misconceptions) == ["a"]
    path.write_text(entry * 2, encoding="utf-8")
    with pytest.raises(TutorError, match="given twice"):
        _ = Catalog(school_content).misconceptions


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("lessons", "lesson"),
        ("Project", "project"),
        ("case", "case_study"),
        ("case-studies", "case_study"),
        ("programmes", "programme"),
    ],
)
def test_kinds_are_told_in_the_singular_and_the_plural(word: str, kind: str) -> None:
    assert parse_kind(word) == kind


def test_an_unknown_kind_offers_the_nearest() -> None:
    with pytest.raises(TutorError) as caught:
        parse_kind("lesion")
    assert caught.value.code == "unknown-kind"
    assert "`lesson`" in caught.value.remedy


def test_an_unknown_programme_names_those_there_are(school_content: Path) -> None:
    with pytest.raises(TutorError) as caught:
        Catalog(school_content).programme("shool")
    assert caught.value.code == "unknown-programme"
    assert "`school`" in caught.value.remedy
