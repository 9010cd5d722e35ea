"""Tokens: what the server told, an estimate where it did not, a cost by the learner's prices."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tutor.scripted_model import serving, stream
from tutor.events import TokensUsed, TurnFinished
from tutor.settings import Settings
from tutor.speaker.usage import Meter, Usage, cost_of, read_usage

pytestmark = pytest.mark.anyio
PRICES = {"price_input": 2.0, "price_cached": 0.5, "price_output": 8.0, "currency": "EUR"}
TOLD = {"prompt_tokens": 1000, "completion_tokens": 100, "total_tokens": 1100,
        "prompt_tokens_details": {"cached_tokens": 400}}  # fmt: skip


def settings_in(home: Path, **chosen: object) -> Settings:
    return Settings.model_validate(
        {"home": home, "model": "m", "endpoint": "http://127.0.0.1:1/v1", **chosen}
    )


def test_cached_tokens_cost_their_own_price(tmp_path: Path) -> None:
    used = Usage(1, 1_000_000, 400_000, 100_000)
    assert cost_of(used, settings_in(tmp_path, **PRICES)) == pytest.approx(1.2 + 0.2 + 0.8)
    assert cost_of(used, settings_in(tmp_path)) is None


def test_sums_go_on_over_sessions_and_a_broken_file_is_kept(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, **PRICES)
    for _ in range(2):
        Meter(settings).add(Usage(1, 1_000_000, 0, 0, estimated=1))
    sums = read_usage(tmp_path, "default")["m at 127.0.0.1"]
    assert sums["requests"] == sums["estimated"] == 2 and sums["cost"] == pytest.approx(4.0)
    (tmp_path / "usage.json").write_text("{", encoding="utf-8")
    Meter(settings).add(Usage(1, 5, 0, 5))
    assert read_usage(tmp_path, "default")["m at 127.0.0.1"]["prompt"] == 5
    assert (tmp_path / "usage.broken.json").read_text(encoding="utf-8") == "{"


async def test_a_turn_tells_its_tokens_and_the_command_their_sum(opened) -> None:  # type: ignore[no-untyped-def]
    with serving() as model:
        said = "The bias slides the line along the arrow [perceptron › Idea]."
        model.script = [stream(said, usage=TOLD), stream(said)]
        async with opened(model="m", endpoint=model.endpoint, **PRICES) as tutor:
            events = [[event async for event in tutor.turn("what is the bias of a neuron?")] for _ in "12"]
            last = [e async for e in tutor.turn("/usage")][-1]
    told, guessed = ([event for event in turn if isinstance(event, TokensUsed)] for turn in events)
    assert (told[0].prompt, told[0].cached, told[0].completion, told[0].estimated) == (1000, 400, 100, 0)
    assert told[0].cost == pytest.approx((600 * 2 + 400 * 0.5 + 100 * 8) / 1e6)
    assert guessed[0].estimated == 1 and guessed[0].prompt > 100
    assert isinstance(last, TurnFinished) and "2 requests" in last.answer and "EUR" in last.answer
    assert "1 of the requests are estimated" in last.answer
