"""Mermaid diagrams as text: the picture itself, what is refused, and that nothing hostile gets through."""

from __future__ import annotations

import random

import pytest

from knowledge.diagram import MOST_COLUMNS, FenceStream, Undrawable, draw, draw_fences, mermaid_fences

CHAIN = """\
┌───┐
│ a │
└─┬─┘
  │
  ▼
┌───┐
│ b │
└───┘"""

ROW = """\
┌───┐    ╭─────╮
│ a ├───►│ two │
└───┘    ╰─────╯"""


def test_two_boxes_and_an_arrow_downwards() -> None:
    assert draw("flowchart TD\n a --> b") == CHAIN


def test_two_boxes_and_an_arrow_to_the_right() -> None:
    assert draw("graph LR\n a --> b(two)") == ROW


@pytest.mark.parametrize(("direction", "first", "second"), [("TD", "one", "two"), ("BT", "two", "one")])
def test_upwards_is_downwards_turned_over(direction: str, first: str, second: str) -> None:
    drawn = draw(f"flowchart {direction}\n a[one] --> b[two]")
    assert drawn.index(first) < drawn.index(second)
    assert ("▼" in drawn) == (direction == "TD")


def test_each_arrow_arrives_at_a_port_of_its_own() -> None:
    drawn = draw("flowchart TD\n a & b & c --> sum[a longer box]")
    assert drawn.count("▼") == 3


def test_the_text_of_an_arrow_stands_on_it() -> None:
    for source in ("a -->|yes| b", "a -- yes --> b"):
        assert " yes " in draw(f"flowchart LR\n {source}")


def test_a_cycle_is_drawn_with_its_head_where_it_leads() -> None:
    drawn = draw("flowchart TD\n a --> b\n b --> c\n c --> a")
    assert drawn.count("▼") == 2
    assert drawn.count("▲") == 1
    assert "↻" in draw("flowchart TD\n a --> a")


def test_long_arrows_go_around_what_they_pass() -> None:
    drawn = draw("flowchart TD\n a[start] --> b[middle] --> c[end]\n a --> c")
    assert all(text in drawn for text in ("start", "middle", "end"))
    assert drawn.count("▼") == 3


def test_labels_are_read_with_quotes_breaks_and_entities() -> None:
    drawn = draw('flowchart TD\n a["p = w·x (a product)<br/>x &lt; 3"]:::big\n classDef big fill:#f00')
    assert "p = w·x (a product)" in drawn
    assert "x < 3" in drawn


def test_wide_characters_keep_the_frame_straight() -> None:
    lines = draw("flowchart TD\n a[損失]").splitlines()
    assert lines[1] == "│ 損失  │"
    assert lines[0] == "┌───────┐"


def test_a_sequence_is_drawn_from_top_to_bottom() -> None:
    drawn = draw(
        "sequenceDiagram\n participant H as Host\n H->>Judge: order\n Judge-->>H: verdict\n"
        " Judge->>Judge: think\n Note over H: keeps the clock\n loop each check\n H-xJudge: stop\n end"
    )
    places = [drawn.index(text) for text in ("Host", "order", "verdict", "think", "keeps", "each check")]
    assert places == sorted(places)
    assert "►│" in drawn
    assert "◄" in drawn


def test_what_is_not_known_is_refused_with_the_place() -> None:
    for source, reason in (
        ("pie\n a: 3", "first line"),
        ("flowchart TD\n a --> b[open", "not closed"),
        ("flowchart TD\n subgraph one\n a\n end", "subgraphs"),
        ("flowchart TD\n a ~~ b", "not understood"),
        ("flowchart TD", "no nodes"),
        ("", "first line"),
        ("sequenceDiagram\n a says b", "not understood"),
    ):
        with pytest.raises(Undrawable, match=reason):
            draw(source)


def test_a_drawing_that_is_too_wide_is_refused() -> None:
    row = " --> ".join(f"n{at}[a box that is wide]" for at in range(12))
    with pytest.raises(Undrawable, match="columns wide"):
        draw(f"flowchart LR\n {row}")


@pytest.mark.parametrize(
    "source",
    [
        "flowchart TD\n" + "\n".join(f"n{at} --> n{at + 1}" for at in range(10_000)),
        "flowchart TD\n" + " & ".join(f"n{at}" for at in range(50)) + " --> z & y & x & w",
        "flowchart TD\n a" + "[" * 5_000,
        "flowchart TD\n a" + "((" * 5_000 + "x" + "))" * 5_000,
        "flowchart TD\n a -- " + " ".join("b" * 9_000),
        "flowchart TD\n a -- " + " " * 19_000 + "x",
        "flowchart TD\n" + "\n".join(f"n{a} --> n{b}" for a in range(12) for b in range(12)),
        "sequenceDiagram\n" + "\n".join(f"p{at}->>p{at + 1}: x" for at in range(900)),
        "flowchart TD\n a[" + "損" * 9_000 + "]",
        "flowchart TD\n a[\x1b[31mred\x07]",
    ],
)
def test_hostile_diagrams_are_drawn_or_refused_and_nothing_else(source: str) -> None:
    try:
        drawn = draw(source)
    except Undrawable:
        return
    assert max(map(len, drawn.splitlines())) <= MOST_COLUMNS
    assert "\x1b" not in drawn
    assert "\x07" not in drawn


def test_random_graphs_are_drawn_whole_or_refused() -> None:
    dice = random.Random(7)
    drawn_ones = 0
    for _ in range(150):
        size = dice.randint(2, 9)
        arrows = [f"n{dice.randrange(size)} --> n{dice.randrange(size)}" for _ in range(dice.randint(1, 10))]
        direction = dice.choice(["TD", "BT", "LR", "RL"])
        try:
            drawn = draw(f"flowchart {direction}\n" + "\n".join(arrows), width=200)
        except Undrawable:
            continue
        drawn_ones += 1
        ends = [arrow.split(" --> ") for arrow in arrows]
        assert sum(map(drawn.count, "▼▲►◄")) == sum(1 for tail, head in ends if tail != head)
    assert drawn_ones > 130


def test_a_fence_is_drawn_in_its_place_and_other_fences_stay() -> None:
    page = "Look:\n\n```mermaid\nflowchart TD\n a --> b\n```\n\n```python\n```\nafter"
    assert draw_fences(page) == f"Look:\n\n```text\n{CHAIN}\n```\n\n```python\n```\nafter"
    assert [fence.line for fence in mermaid_fences(page)] == [4]


def test_what_cannot_be_drawn_shows_its_source_and_says_why() -> None:
    shown = draw_fences("```mermaid\npie title `x`\n```\n")
    assert "cannot be drawn here: its first line" in shown
    assert "pie title `x`" in shown


def test_a_mermaid_fence_inside_another_fence_is_text() -> None:
    page = "````text\n```mermaid\nflowchart TD\n a --> b\n```\n````\n"
    assert draw_fences(page) == page
    assert mermaid_fences(page) == []


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_a_stream_in_pieces_gives_what_the_whole_gives(size: int) -> None:
    page = (
        "One `code` line\n\n```mermaid\nflowchart TD\n a --> b\n```\nthen\n```python\nx = '```'\n```\n"
        "~~~mermaid\nflowchart LR\n a --> b(two)\n~~~\n`end` ``` of it"
    )
    stream = FenceStream()
    pieces = [stream.feed(page[at : at + size]) for at in range(0, len(page), size)]
    assert "".join(pieces) + stream.end() == draw_fences(page)


def test_prose_streams_at_once_and_a_diagram_when_it_is_whole() -> None:
    stream = FenceStream()
    assert stream.feed("half a sen") == "half a sen"
    assert stream.feed("tence\n```mer") == "tence\n"
    assert stream.feed("maid\nflowchart TD\n a --> b\n") == ""
    assert "┌───┐" in stream.feed("```\n")


def test_a_fence_that_never_closes_comes_out_as_it_came() -> None:
    assert draw_fences("```mermaid\nflowchart TD\n a") == "```mermaid\nflowchart TD\n a"
