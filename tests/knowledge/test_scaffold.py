import shutil
from pathlib import Path

import pytest

from knowledge.catalog import PACKAGED, Catalog
from knowledge.scaffold import scaffold
from tutor_error import TutorError


@pytest.fixture
def content(tmp_path: Path) -> Path:
    """The curriculum's tables with nothing written."""
    for name in ("units.csv", "inventory.csv", "misconceptions.yaml"):
        shutil.copy(PACKAGED / name, tmp_path / name)
    return tmp_path


@pytest.mark.parametrize(
    ("kind", "unit"),
    [
        ("lesson", "gradient-descent"),
        ("project", "ml-01-house-price-regression"),
        ("case_study", "case-rossmann-store-sales"),
    ],
)
def test_scaffold_can_be_read_and_asks_for_its_gaps(content: Path, kind: str, unit: str) -> None:
    written = scaffold(Catalog(content), kind, unit)  # pyright: ignore[reportArgumentType]
    catalog = Catalog(content)
    assert catalog.unit(unit).status == "authored"
    if kind != "project":
        page = catalog.lesson(unit) if kind == "lesson" else catalog.case(unit)
        assert set(page.front.covers) == set(catalog.unit(unit).covers)
        assert page.front.title == catalog.unit(unit).title
    if kind != "lesson":
        assert catalog.project(unit).file.title == catalog.unit(unit).title
    assert all("TODO" in path.read_text(encoding="utf-8") for path in written if path.suffix == ".md")


def test_nothing_is_overwritten(content: Path) -> None:
    scaffold(Catalog(content), "lesson", "gradient-descent")
    with pytest.raises(TutorError, match="is there already"):
        scaffold(Catalog(content), "lesson", "gradient-descent")


def test_wrong_kind_says_which_one_it_is(content: Path) -> None:
    with pytest.raises(TutorError) as caught:
        scaffold(Catalog(content), "project", "gradient-descent")
    assert caught.value.remedy == "mltutor new lesson gradient-descent"
