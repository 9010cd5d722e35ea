"""The table of stages names projects and checks that are there."""

from pathlib import Path

import pytest

from knowledge.catalog import Catalog, load_catalog
from knowledge.stages import STAGES, check_stages, read_stages
from tutor_error import TutorError


def test_the_table_names_projects_and_checks_that_are_there() -> None:
    catalog = load_catalog()
    assert check_stages(catalog) == []
    table = read_stages(catalog)
    assert all(table.projects(stage) for stage in STAGES[1:])


def test_a_mistake_in_the_table_is_told(school_content: Path) -> None:
    path = school_content / "stages.yaml"
    path.write_text("scratch: {ruler: marks-are-evn}\n", encoding="utf-8")
    assert check_stages(Catalog(school_content)) == [
        "stages.yaml: `ruler` has no check `marks-are-evn`. Did you mean `marks-are-even`?"
    ]
    for text, told in (("real: {rular: }", "Did you mean `ruler`"), ("real: {slopes: }", "is a lesson")):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(TutorError, match=told):
            read_stages(Catalog(school_content))
