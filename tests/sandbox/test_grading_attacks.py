"""Learner code that tries to take points it has not earned, or to learn what the judge knows.

Everything is asserted from the host. The project asks for twelve functions that double
an array; an attack in one of them may cost that function its point and no other's.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sandbox.grading import grade
from sandbox.limits import Limits
from sandbox.report import GradeReport, grade_as_json
from sandbox.submission import submission_from_files

SENTINEL = "sentinel_8f2c41"
CHECKS = f'''
import numpy as np
from sandbox.judge import check, expect

SECRET = "{SENTINEL}"


def make(number):
    def body(submission, data):
        given = data["x"]
        seen = submission.call(f"f{{number}}", given)
        expect(seen, "the doubled array").close(2.0 * data["copy"])
    body.__name__ = f"f{{number}}"
    check(f"function {{number}}", visible=number < 100)(body)


for number in [*range(12), 100, 101]:
    make(number)
'''
DATA = f'''
import numpy as np

SECRET = "{SENTINEL}"


def hidden(seed, scale):
    x = np.random.default_rng(seed).normal(size=4)
    return {{"x": x, "copy": x.copy(), "secret": SECRET}}
'''
HONEST = "import numpy as np\n" + "".join(
    f"def f{number}(x):\n    return 2.0 * np.asarray(x)\n" for number in [*range(12), 100, 101]
)


@pytest.fixture(scope="module")
def arena(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("arena")
    (folder / "checks.py").write_text(CHECKS, encoding="utf-8")
    (folder / "data.py").write_text(DATA, encoding="utf-8")
    (folder / "reference.py").write_text(f"# {SENTINEL}\n{HONEST}", encoding="utf-8")
    return folder


def attacked(arena: Path, attack: str, **limits: object) -> GradeReport:
    source = HONEST + attack
    bounds = Limits(**{"seconds": 10, **limits})  # type: ignore[arg-type]
    report = grade(arena, submission_from_files({"work.py": source}, "work.py"), limits=bounds)
    assert SENTINEL not in json.dumps(grade_as_json(report, "arena", "a"))
    return report


def failed(report: GradeReport) -> dict[str, str]:
    return {check.id: check.message for check in report.checks if check.status != "passed"}


def test_values_that_pretend_are_refused_one_by_one(arena: Path) -> None:
    report = attacked(
        arena,
        """
import collections, pickle

class AlwaysEqual(float):
    __eq__ = lambda self, other: True
    __ne__ = lambda self, other: False
    __lt__ = __le__ = __gt__ = __ge__ = __eq__
    __hash__ = float.__hash__
    __array__ = lambda self, *a, **k: np.ones(4)
    shape, dtype = (4,), np.dtype(float)

class Subclass(np.ndarray):
    def __array_finalize__(self, other): pass
    def __sub__(self, other): return np.zeros(4)
    __rsub__ = __sub__

class Reduced:
    def __reduce__(self):
        import os
        return (os.system, ("touch /tmp/canary",))

Forged = type("ndarray", (np.ndarray,), {"__module__": "numpy"})

def f0(x): return AlwaysEqual(1)
def f1(x): return (2 * x).view(Subclass)
def f2(x): return (2 * x).view(Forged)
def f3(x): return pickle.dumps(Reduced())
def f4(x): return np.array([Reduced()] * 4)
def f5(x): return np.full(4, np.nan)
def f6(x): return 2 * x[0]
def f7(x): return (2 * x).reshape(1, 4)
def f8(x): return (2 * x).astype(str)
def f9(x): return (2 * x).astype(complex)
def f10(x): return list(2 * x)
def f11(x): return None
""",
    )
    told = failed(report)
    assert list(told) == [f"f{number}" for number in range(12)]
    for number, kind in enumerate(["AlwaysEqual", "Subclass", "ndarray"]):
        assert told[f"f{number}"] == f"`f{number}` gives a value of type {kind}, which cannot cross"
    assert "not numeric" in told["f3"]
    assert "a value of type Reduced, which cannot cross" in told["f4"]
    assert "differs in 4 of 4 entries" in told["f5"]
    assert [told[f"f{n}"].split()[-1] for n in (6, 7, 8, 9, 10)] == [
        "shape",
        "shape",
        "numeric",
        "dtype",
        "type",
    ]
    assert report.score == 2.0


def test_code_that_dies_hangs_or_floods_costs_only_its_own_check(arena: Path) -> None:
    report = attacked(
        arena,
        """
import ctypes, os, signal, sys, threading

def f0(x): os._exit(0)
def f2(x): sys.exit(0)
def f3(x):
    while True: pass
def f5(x): os.kill(os.getpid(), signal.SIGKILL)
def f6(x): raise KeyError("no such thing")
def f8(x): return f8(x)
def f9(x): return np.ones(10**12)
""",
        seconds=2,
    )
    told = failed(report)
    assert list(told) == ["f0", "f2", "f3", "f5", "f6", "f8", "f9"]
    assert told["f0"].startswith("`f0` ended its process")
    assert told["f2"].startswith("`f2` raises SystemExit: 0 on line")
    assert told["f3"] == "`f3` took more than 2 s"
    assert told["f5"].startswith("`f5` ended its process")
    assert told["f6"].startswith("`f6` raises KeyError: 'no such thing' on line")
    assert "RecursionError" in told["f8"]
    assert "MemoryError" in told["f9"] or "memory" in told["f9"]


def test_printing_without_end_stops_the_check_and_not_the_host(arena: Path) -> None:
    report = attacked(
        arena,
        """
def f0(x):
    for _ in range(1000):
        print("x" * 1_000_000)
    return 2 * x
""",
    )
    assert list(failed(report)) == ["f0"]
    assert "printed without end" in failed(report)["f0"]
    assert len(report.stdout) <= 1_000_000


def test_scores_and_frames_of_the_learners_own_making_change_nothing(arena: Path) -> None:
    report = attacked(
        arena,
        """
import json, os, socket, struct, sys

verdict = {"op": "report", "report": {"id": "f0", "status": "passed", "fraction": 1.0}, "score": 14}
for stream in (sys.stdout, sys.stderr):
    print(json.dumps(verdict), file=stream)
with open("results.json", "w") as file:
    json.dump(verdict, file)

def forge(header, payload=b"", magic=b"MLT1"):
    channel = socket.socket(fileno=os.dup(int(os.environ["MLTUTOR_CHANNEL"])))
    body = json.dumps(header).encode()
    channel.sendall(struct.pack("!4sIQ", magic, len(body), len(payload)) + body + payload)
    return np.zeros(4)

def f0(x): return forge(verdict)
def f1(x): return forge({"n": 10**9, "kind": "value"})
def f2(x): return forge({"n": "2", "kind": ["value"]})
def f3(x): return forge({}, magic=b"HTTP")
def f4(x):
    channel = socket.socket(fileno=os.dup(int(os.environ["MLTUTOR_CHANNEL"])))
    channel.sendall(struct.pack("!4sIQ", b"MLT1", 2**32 - 1, 2**63))
    return np.zeros(4)
def f5(x):
    os.close(int(os.environ["MLTUTOR_CHANNEL"]))
    return np.zeros(4)
""",
    )
    assert list(failed(report)) == [f"f{number}" for number in range(6)]
    assert {message.split("` ")[1] for message in failed(report).values()} == {
        "broke the exchange with the grader"
    }


def test_a_thread_cannot_rewrite_a_result_after_it_was_given(arena: Path) -> None:
    report = attacked(
        arena,
        """
import gc, json, os, socket, struct, threading

kept = []
wake = threading.Event()

def later():
    wake.wait(5)
    for array in kept:
        array *= 100.0
    for thing in gc.get_objects():
        if type(thing) is np.ndarray and thing.dtype == float and thing.flags.writeable:
            thing.fill(0.0)

threading.Thread(target=later, daemon=True).start()

def f0(x):
    answer = 3.0 * x
    kept.append(x); kept.append(answer)
    wake.set()
    return answer

def f1(x): return 2.0 * x
""",
    )
    assert list(failed(report)) == ["f0"]


def test_patched_libraries_do_not_reach_the_judge(arena: Path) -> None:
    report = attacked(
        arena,
        """
import random, sys, time, types

np.allclose = np.array_equal = np.isclose = lambda *a, **k: True
np.ndarray.__class__
time.time = time.monotonic = lambda: 0.0
random.seed = np.random.seed = lambda *a: None
np.random.default_rng = lambda *a: None
for name in list(sys.modules):
    if name.startswith("sandbox.") or name == "mltutor_agent":
        module = sys.modules[name]
        for attribute in ("_is_exactly", "Refused", "check", "expect"):
            if hasattr(module, attribute):
                setattr(module, attribute, lambda *a, **k: True)
fake = types.ModuleType("sandbox.judge")
fake.expect = fake.check = lambda *a, **k: (lambda f: f)
sys.modules["sandbox.judge"] = fake

def f0(x): return 3 * x
def f1(x): return np.ones(4)
""",
    )
    assert list(failed(report)) == ["f0", "f1"]


def test_changing_an_input_in_place_changes_only_a_copy(arena: Path) -> None:
    report = attacked(arena, "\ndef f0(x):\n    x *= 0.0\n    return x\n")
    assert list(failed(report)) == ["f0"]


def test_the_judges_files_environment_and_memory_are_out_of_reach(arena: Path) -> None:
    report = attacked(
        arena,
        f"""
import gc, glob, os

found = []
needle = "{SENTINEL[:8]}" + "_" + "{SENTINEL[9:]}"

def search(path):
    try:
        with open(path, "rb") as file:
            if needle.encode() in file.read(200_000):
                found.append(path)
    except OSError:
        pass

def f0(x):
    places = ("opt", "home", "tmp", "var/tmp", "dev/shm", "mnt", "srv", "run")
    roots = ["/", *glob.glob("/proc/[0-9]*/root"), "/proc/1/root/"]
    folders = [os.path.join(root, place) for root in roots for place in places]
    for top in [os.getcwd(), "/proc/1/cwd", "/work", "/root", *folders]:
        for folder, names, files in os.walk(top):
            names[:] = [name for name in names if name not in ("site-packages", "lib", ".pyenv", ".git")]
            for name in files:
                if name != "work.py":
                    search(os.path.join(folder, name))
    for path in glob.glob("/proc/*/environ") + glob.glob("/proc/*/cmdline"):
        search(path)
    for thing in gc.get_objects():
        held = thing if type(thing) is dict else getattr(thing, "__dict__", {{}})
        if held.get("secret") == needle or "SECRET" in held:
            found.append("memory")
    return found or "nothing"
""",
        seconds=60,
    )
    check = report.check("f0")
    assert check is not None
    assert check.seen == "'nothing'", (check.seen, check.message)


def test_a_hidden_check_does_not_print_its_input_through_an_exception_or_value(arena: Path) -> None:
    seed = "5" * 32
    honest = HONEST + "\ndef f100(x):\n    raise ValueError(repr(x.tolist()) + ' and ' + repr(str(x)))\n"
    honest += "def f101(x):\n    print('leak', x.tolist())\n    return str(x.tolist()) * 20\n"
    report = grade(
        arena, submission_from_files({"work.py": honest}, "work.py"), limits=Limits(seconds=10), seed=seed
    )
    raised, given = report.check("f100"), report.check("f101")
    assert raised is not None and given is not None
    assert raised.message.startswith("`f100` raises ValueError: […, …, …, …] and '…'")
    assert len(given.seen) <= 160
    assert "leak" not in report.stdout


def test_an_answer_learned_from_one_grade_is_wrong_in_the_next(arena: Path) -> None:
    report = attacked(
        arena, "\nstolen = {}\ndef f0(x):\n    return stolen.setdefault('x', np.array([1., 2, 3, 4]))\n"
    )
    assert list(failed(report)) == ["f0"]


def test_an_honest_zero_stays_zero(arena: Path) -> None:
    nothing = "".join(f"def f{n}(x):\n    raise NotImplementedError\n" for n in [*range(12), 100, 101])
    report = grade(arena, submission_from_files({"work.py": nothing}, "work.py"), limits=Limits(seconds=10))
    assert report.score == 0.0
    assert not report.passed
    assert report.checks[0].message == "`f0` is not written yet on line 2 of work.py"
