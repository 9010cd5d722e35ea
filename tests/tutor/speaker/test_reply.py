"""Tool calls are put together whole, in whatever way a server sends them."""

from __future__ import annotations

import pytest
from openai.types.chat.chat_completion_chunk import ChoiceDeltaToolCall

from tutor.speaker.reply import CallsSoFar, ToolCall

A, B = '{"q": 1}', '{"q": 2}'
WHOLE = [("x", "f", A), ("y", "g", B)]
Piece = tuple[int | None, str | None, str | None, str | None]


def put_together(pieces: list[Piece]) -> tuple[ToolCall, ...]:
    calls = CallsSoFar()
    for index, id, name, arguments in pieces:
        function = {"name": name, "arguments": arguments}
        calls.add(ChoiceDeltaToolCall.construct(index=index, id=id, function=_function(function)))
    return calls.whole()


def _function(given: dict[str, str | None]):
    from openai.types.chat.chat_completion_chunk import ChoiceDeltaToolCallFunction

    return ChoiceDeltaToolCallFunction.construct(**given)


@pytest.mark.parametrize(
    "pieces",
    [
        [(0, "x", "f", A), (1, "y", "g", B)],
        [(0, "x", "f", ""), (1, "y", "g", ""), (0, None, None, A[:3]), (1, None, None, B),
         (0, None, None, A[3:])],
        [(0, "x", "f", A[:4]), (0, None, None, A[4:]), (0, "y", "g", B[:2]), (0, None, None, B[2:])],
        [(None, "x", "f", A), (None, "y", "g", B)],
        [(0, "x", "f", A[:4]), (0, "x", "f", A[4:]), (1, "y", "g", B[:4]), (1, "y", "g", B[4:])],
    ],
    ids=["whole", "interleaved", "all numbered 0", "no numbers", "names repeated"],
)  # fmt: skip
def test_parallel_calls_come_out_whole(pieces: list[Piece]) -> None:
    assert [(c.id, c.name, c.arguments) for c in put_together(pieces)] == WHOLE


@pytest.mark.parametrize(
    "pieces",
    [[(0, None, "f", A), (1, None, "g", B)], [(0, None, "f", A), (0, None, "g", B)],
     [(0, "x", "f", A), (1, "x", "g", B)]],
    ids=["no ids", "no ids, all numbered 0", "one id for all"],
)  # fmt: skip
def test_calls_get_ids_of_their_own(pieces: list[Piece]) -> None:
    made = put_together(pieces)
    assert [(c.name, c.arguments) for c in made] == [("f", A), ("g", B)]
    assert len({c.id for c in made}) == 2 and all(c.id for c in made)


def test_a_name_repeated_with_each_piece_is_one_call() -> None:
    pieces: list[Piece] = [(0, None, "f", '{"q"'), (0, None, "f", ": 1}"), (0, None, "f", "")]
    assert [(c.name, c.arguments) for c in put_together(pieces)] == [("f", A)]
