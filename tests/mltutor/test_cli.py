import json
import subprocess
import sys

from knowledge.catalog import PACKAGED as CONTENT
from tests.mltutor.conftest import Run, document

HEAVY = ("torch", "sentence_transformers", "chromadb", "langgraph", "mcp", "openai", "textual", "matplotlib")


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys\n"
        "sys.argv = ['mltutor', '--help']\n"
        "from mltutor.cli import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        f"loaded = [name for name in {HEAVY!r} if name in sys.modules]\n"
        "assert not loaded, loaded\n"
        "assert 'mltutor.cli' in sys.modules\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "verify" in done.stdout


def test_list_without_a_kind_is_the_493_units(mltutor: Run) -> None:
    rows = document(mltutor("list", "--json"))
    assert len(rows) == 493
    assert set(rows[0]) == {"id", "kind", "title", "track", "level", "status"}
    assert {row["kind"] for row in rows} == {"lesson", "project", "case_study"}


def test_kinds_are_taken_in_singular_and_plural(mltutor: Run) -> None:
    assert len(document(mltutor("list", "case", "--json"))) == 24
    assert len(document(mltutor("list", "projects", "--json"))) == 188
    programmes = document(mltutor("list", "programme", "--json"))
    assert len(programmes) == 5
    assert {row["kind"] for row in programmes} == {"programme"}


def test_unknown_unit_suggests_the_nearest(mltutor: Run) -> None:
    done = mltutor("show", "perceptrn")
    assert done.returncode == 2
    assert done.stdout == ""
    assert "`perceptron`" in done.stderr
    assert "Traceback" not in done.stderr


def test_proofs_on_more_seeds_are_not_put_on_record(mltutor: Run) -> None:
    error = document(mltutor("verify", "xor-network", "--seeds", "4", "--record", "--json"))["error"]
    assert error["code"] == "bad-seeds" and "--seeds" in error["remedy"]


def test_error_with_json_is_one_document(mltutor: Run) -> None:
    done = mltutor("show", "perceptrn", "--json")
    assert done.returncode == 2
    error = document(done)["error"]
    assert error["code"] == "unknown-unit"
    assert "`perceptron`" in error["remedy"]


def test_unknown_command_suggests_the_nearest(mltutor: Run) -> None:
    done = mltutor("grde", "x")
    assert done.returncode == 2
    assert "`grade`" in done.stderr


def test_show_gives_no_answers(mltutor: Run) -> None:
    view = document(mltutor("show", "perceptron", "--json"))
    text = json.dumps(view, ensure_ascii=False)
    assert "A score of exactly 0 counts" not in text, "a hint"
    assert "the two ones sit on one diagonal" not in text, "a variant"
    assert "## Mathematics" in view["text"]


def test_planned_unit_is_shown_and_not_taught(mltutor: Run) -> None:
    unwritten = document(mltutor("list", "--status", "planned", "--json"))[0]["id"]
    done = mltutor("show", unwritten)
    assert done.returncode == 0
    assert "planned" in done.stdout
    refused = mltutor("learn", unwritten)
    assert refused.returncode == 2
    assert "not written yet" in refused.stderr


def test_plan_of_every_programme_can_be_read(mltutor: Run) -> None:
    for row in document(mltutor("list", "programmes", "--json")):
        text = mltutor("plan", row["id"]).stdout
        assert row["title"] in text
        assert max(len(line) for line in text.splitlines()) <= 100


def test_coverage_counts_every_row(mltutor: Run) -> None:
    assert document(mltutor("coverage", "--json"))["rows"]


def test_setting_is_written_and_read_back(mltutor: Run) -> None:
    assert mltutor("config", "learner", "ada").returncode == 0
    assert document(mltutor("config", "--json"))["learner"] == "ada"
    assert mltutor("config", "lerner", "ada").returncode == 2


def test_host_configuration_is_json_alone(mltutor: Run) -> None:
    entry = json.loads(mltutor("mcp", "--print-config", "vscode").stdout)
    assert entry["servers"]["mltutor"]["args"][-1] == "mcp"


def test_two_queries_or_none_is_a_clear_error(mltutor: Run) -> None:
    assert mltutor("search").returncode == 2


def test_version_is_told(mltutor: Run) -> None:
    assert mltutor("--version").stdout.startswith("mltutor ")


def test_plan_and_progress_name_the_attempt_that_reached_a_goal(mltutor: Run) -> None:
    reference = CONTENT / "projects" / "pca-from-scratch" / "reference.py"
    graded = mltutor("grade", str(reference), "--project", "pca-from-scratch", "--attempt", "try-1", "--json")
    assert document(graded)["passed"] is True
    told = document(mltutor("progress", "--json"))["achievements"]
    (course,) = [entry for entry in told if entry["programme"] == "applied-dl-course"]
    assert course["reached"] == 1
    assert [goal["proofs"][0]["attempt"] for goal in course["begun"]] == ["try-1"]
    assert "attempt try-1" in mltutor("progress").stdout
    assert "pca-from-scratch, attempt try-1" in " ".join(mltutor("plan", "applied-dl-course").stdout.split())
    plan = document(mltutor("plan", "applied-dl-course", "--json"))
    metrics = [metric["achievement"]["state"] for metric in plan["success_metrics"]]
    assert len(metrics) == 13 and {"open", "planned"} == set(metrics)
    stages = document(mltutor("show", "pca-from-scratch", "--json"))["stages"]
    assert [stage["state"] for stage in stages if stage["id"] == "scratch"] == ["done"]


def test_a_case_of_ones_own_is_started_and_reviewed(mltutor: Run) -> None:
    started = document(mltutor("case", "start", "rides", "--capstone", "--json"))
    assert {"case.toml", "case.md", "baseline.py", "model.py"} <= set(started["files"])
    reviewed = mltutor("case", "review", started["folder"], "--json")
    assert reviewed.returncode == 1
    found = document(reviewed)
    assert found["kind"] == "capstone" and found["finished"] is False and found["material"] is None
    assert mltutor("case", "review", started["folder"]).returncode == 1
    assert mltutor("case", "review", "nowhere").returncode == 2
    assert mltutor("case", "start", "rides").returncode == 2


def test_glossary_tells_a_term_with_its_lesson(mltutor: Run) -> None:
    told = document(mltutor("glossary", "linear", "separability", "--json"))
    assert (told["unit"], told["term"]) == ("perceptron", "linear separability")
    assert told["text"]
    assert isinstance(told["used_in"], list)
    rows = document(mltutor("glossary", "--track", "math", "--json"))
    assert {"term", "unit", "title"} == set(rows[0])


def test_glossary_offers_the_nearest_term(mltutor: Run) -> None:
    done = mltutor("glossary", "learning", "rat")
    assert done.returncode == 2
    assert "`learning rate`" in done.stderr


def test_show_tells_terms_with_their_homes_and_draws_diagrams(mltutor: Run) -> None:
    shown = mltutor("show", "computational-graphs").stdout
    assert "introduces: computational graph" in shown
    assert " → " in next(line for line in shown.splitlines() if line.startswith("terms: "))
    assert "flowchart LR" not in shown
    assert "│ f = s·b = 15 │" in shown
    view = document(mltutor("show", "computational-graphs", "--json"))
    assert "flowchart LR" in view["text"]
    assert view["terms"][0].keys() == {"term", "unit"}
