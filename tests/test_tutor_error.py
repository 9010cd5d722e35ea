import ast
import pickle
import sys
from pathlib import Path

import tutor_error
from tutor_error import TutorError, did_you_mean, nearest


def test_error_carries_message_and_remedy() -> None:
    error = TutorError("unknown-unit", "There is no unit `x`.", "Did you mean `y`?")
    assert error.as_json() == {
        "error": {"code": "unknown-unit", "message": "There is no unit `x`.", "remedy": "Did you mean `y`?"}
    }
    assert str(error) == "There is no unit `x`. Did you mean `y`?"


def test_error_crosses_processes_whole() -> None:
    copy = pickle.loads(pickle.dumps(TutorError("a", "b", "c")))  # noqa: S301
    assert (copy.code, copy.message, copy.remedy) == ("a", "b", "c")


def test_nearest_words_come_best_first() -> None:
    assert nearest("perceptrn", ["perception", "perceptron", "zebra"])[0] == "perceptron"
    assert did_you_mean("difficulty", ["zzz"]) == ""
    assert did_you_mean("dificulty", ["difficulty"]) == "Did you mean `difficulty`?"


def test_tutor_error_imports_the_standard_library_alone() -> None:
    tree = ast.parse(Path(tutor_error.__file__).read_text(encoding="utf-8"))
    imported = {
        (node.module or "").split(".")[0]
        if isinstance(node, ast.ImportFrom)
        else node.names[0].name.split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    assert imported <= set(sys.stdlib_module_names)
