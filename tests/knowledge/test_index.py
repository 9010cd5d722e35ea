import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from small_content import LOSSES, CountingEmbedder, write_content, write_page

from knowledge.catalog import Catalog
from knowledge.index import build_index, index_status, open_lexical, open_vectors
from knowledge.passage import passages_of, windows
from knowledge.search import open_search
from knowledge.vectors import PACKAGED, embed_windows, write_packaged


@pytest.fixture
def content(tmp_path: Path) -> Path:
    return write_content(tmp_path / "content")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def test_an_empty_home_is_missing_and_a_build_makes_it_ready(content: Path, home: Path) -> None:
    catalog, embedder = Catalog(content), CountingEmbedder()
    assert index_status(home, catalog, embedder).state == "missing"
    seen: list[tuple[int, int]] = []
    built = build_index(home, catalog, lambda done, total: seen.append((done, total)), embedder)
    assert (built.state, built.embedded) == ("ready", built.windows)
    assert seen[-1] == (built.windows, built.windows)
    assert index_status(home, catalog, embedder).state == "ready"


def test_without_an_embedder_the_index_is_of_words(content: Path, home: Path) -> None:
    built = build_index(home, Catalog(content), embedder="none")
    assert (built.state, built.embedder) == ("lexical", None)
    assert not (home / "vectors.db").exists()


def test_a_second_build_embeds_nothing(content: Path, home: Path) -> None:
    catalog = Catalog(content)
    build_index(home, catalog, embedder=CountingEmbedder())
    again = CountingEmbedder()
    assert build_index(home, catalog, embedder=again).embedded == 0
    assert again.texts == []


def test_a_changed_section_makes_the_index_stale_and_only_its_windows_are_embedded(
    content: Path, home: Path
) -> None:
    build_index(home, Catalog(content), embedder=CountingEmbedder())
    write_page(content, "losses", LOSSES.replace("flattens the gradient", "flattens all gradients"))
    changed, again = Catalog(content), CountingEmbedder()
    assert index_status(home, changed, again).state == "stale"
    assert build_index(home, changed, embedder=again).embedded == 1
    assert len(again.texts) == 1 and "flattens all gradients" in again.texts[0]


def test_a_changed_answer_leaves_the_passages_alone(content: Path, home: Path) -> None:
    build_index(home, Catalog(content), embedder=CountingEmbedder())
    path = content / "projects" / "flowers" / "hints.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("zebrafish", "tetra"), encoding="utf-8")
    assert index_status(home, Catalog(content), CountingEmbedder()).state == "ready"


def test_other_weights_make_vectors_stale_and_never_mix_with_the_old(content: Path, home: Path) -> None:
    catalog = Catalog(content)
    build_index(home, catalog, embedder=CountingEmbedder("old"))
    other = CountingEmbedder("new")
    assert index_status(home, catalog, other).state == "stale"
    assert build_index(home, catalog, embedder=other).embedded == len(other.texts) > 0


@pytest.mark.parametrize("broken", ["current.json", "manifest.json", "lexical.db", "chroma.sqlite3"])
def test_a_broken_file_is_built_again(content: Path, home: Path, broken: str) -> None:
    catalog = Catalog(content)
    build_index(home, catalog, embedder=CountingEmbedder())
    damaged = sorted((home / "index").rglob(broken))
    assert damaged
    for path in damaged:
        path.write_bytes(b"\x00 not what it was \xff" * 50)
    with open_search(home, catalog, embedder=CountingEmbedder(), wait_for_vectors=True) as search:
        assert search.rank("softmax before the loss").hits[0].unit == "losses"
        assert search.has_vectors


def test_a_damaged_store_of_vectors_is_started_anew(content: Path, home: Path) -> None:
    build_index(home, Catalog(content), embedder=CountingEmbedder())
    (home / "vectors.db").write_bytes(b"not a database, and long enough to be looked at" * 40)
    write_page(content, "losses", LOSSES + "\nOne more sentence.\n")
    built = build_index(home, Catalog(content), embedder=CountingEmbedder())
    assert (built.state, built.embedded) == ("ready", built.windows)


def test_a_missing_folder_behind_the_pointer_is_built_again(content: Path, home: Path) -> None:
    catalog = Catalog(content)
    build_index(home, catalog, embedder=CountingEmbedder())
    for number, folder in enumerate(sorted(path for path in (home / "index").iterdir() if path.is_dir())):
        folder.rename(home / f"moved-{number}")
    assert build_index(home, catalog, embedder=CountingEmbedder()).state == "ready"


def test_a_broken_unit_is_left_out_and_named(content: Path, home: Path) -> None:
    path = write_page(content, "losses", LOSSES)
    path.write_text("---\nformat: 1\n---\n## Idea\n", encoding="utf-8")
    built = build_index(home, Catalog(content), embedder="none")
    assert built.skipped == ("losses",)
    with open_search(home, Catalog(content), embedder="none") as search:
        assert search.search("closest flowers vote")[0].unit == "neighbours"


def test_a_failed_build_leaves_the_pointer_and_no_folder(content: Path, home: Path) -> None:
    class EmbedderThatDies(CountingEmbedder):
        def encode(self, texts: list[str]):
            raise RuntimeError("out of memory")

    catalog = Catalog(content)
    open_lexical(home, catalog).close()
    before = (home / "index" / "current.json").read_text(encoding="utf-8")
    with pytest.raises(RuntimeError, match="out of memory"):
        open_vectors(home, catalog, EmbedderThatDies())
    assert (home / "index" / "current.json").read_text(encoding="utf-8") == before
    assert not list((home / "index").glob("vectors-*"))


def test_old_folders_go_and_the_one_before_stays(content: Path, home: Path) -> None:
    for number in range(4):
        write_page(content, "losses", LOSSES + f"\nEdition {number}.\n")
        build_index(home, Catalog(content), embedder=CountingEmbedder())
    folders = [path.name for path in (home / "index").iterdir() if path.is_dir()]
    assert sum(name.startswith("lexical-") for name in folders) == 2
    assert sum(name.startswith("vectors-") for name in folders) == 2


def test_vectors_shipped_with_the_content_are_used(content: Path, home: Path, tmp_path: Path) -> None:
    catalog, author = Catalog(content), CountingEmbedder()
    pieces = [window for passage in passages_of(catalog) for window in windows(passage)]
    vectors, _ = embed_windows(tmp_path / "author.db", pieces, author)
    write_packaged(content / PACKAGED, author.name, pieces, vectors)
    reader = CountingEmbedder()
    assert build_index(home, catalog, embedder=reader).embedded == 0
    assert build_index(home, catalog, embedder=CountingEmbedder("other")).embedded > 0


def test_two_processes_that_build_at_once_leave_one_sound_index(content: Path, home: Path) -> None:
    script = (
        "import sys, json; from pathlib import Path; sys.path[:0] = sys.argv[3:]\n"
        "from small_content import CountingEmbedder\n"
        "from knowledge.catalog import Catalog\nfrom knowledge.index import build_index\n"
        "status = build_index(Path(sys.argv[1]), Catalog(Path(sys.argv[2])), embedder=CountingEmbedder())\n"
        "print(json.dumps([status.state, status.embedded]))"
    )
    here = Path(__file__).parent
    command = [sys.executable, "-c", script, str(home), str(content), str(here), str(here.parents[1])]

    def build(_: int) -> tuple[str, int]:
        done = subprocess.run(command, capture_output=True, text=True, timeout=90, check=True)
        state, embedded = json.loads(done.stdout)
        return state, embedded

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(build, range(2))
    assert first[0] == second[0] == "ready"
    # The second waited for the first, then found its vectors.
    assert min(first[1], second[1]) == 0 < max(first[1], second[1])
    with open_search(home, Catalog(content), embedder=CountingEmbedder(), wait_for_vectors=True) as search:
        assert search.rank("closest flowers").hits[0].ranking == "fused"
