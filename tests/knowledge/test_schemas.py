from knowledge.schemas import FOLDER, schemas


def test_schemas_in_docs_are_those_of_the_records() -> None:
    for name, text in schemas().items():
        assert (FOLDER / name).read_text(encoding="utf-8") == text, "run `python -m knowledge.schemas`"
