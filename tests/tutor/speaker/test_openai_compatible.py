"""The speaker with a model, against a real HTTP server on this machine that follows a script."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from knowledge.catalog import load_catalog
from knowledge.unit import ExplainQuestion
from tests.tutor.scripted_model import KEY, CutConnection, ScriptedModel, Silence, serving, stream
from tutor.events import NoticeShown, TokenStreamed, TurnFinished
from tutor.settings import Settings
from tutor.speaker.openai_compatible import OpenAICompatibleSpeaker
from tutor.speaker.quoting import as_data
from tutor.speaker.speaker import SpeakRequest
from tutor_error import TutorError

pytestmark = pytest.mark.anyio
REQUEST = SpeakRequest("hint", "no idea", text="Look at b.", facts=("Look at b.",))


@pytest.fixture
def model() -> Iterator[ScriptedModel]:
    with serving() as server:
        yield server


def settings_for(model: ScriptedModel, home: Path, **chosen: Any) -> Settings:
    given = {"home": home, "model": "m", "endpoint": model.endpoint, "api_key": KEY, "embedder": "none"}
    return Settings.model_validate({**given, **chosen})


async def speak(model: ScriptedModel, home: Path, **chosen: Any) -> tuple[str, list[str]]:
    speaker = OpenAICompatibleSpeaker(settings_for(model, home, **chosen))
    pieces: list[str] = []
    try:
        return (await speaker.speak(REQUEST, pieces.append)).text, pieces
    finally:
        await speaker.close()


async def test_words_are_streamed_in_order(model: ScriptedModel, tmp_path: Path) -> None:
    model.script = [stream("Look ", "at ", "b.")]
    text, pieces = await speak(model, tmp_path)
    assert text == "Look at b." and pieces == ["Look ", "at ", "b."]
    sent = model.requests[0]
    assert sent["stream"] is True and sent["key"] == f"Bearer {KEY}" and "tools" not in sent
    assert sent["messages"][-1]["role"] == "user"
    assert as_data("no idea", "learner") in sent["messages"][-1]["content"]


@pytest.mark.parametrize(
    ("script", "code"),
    [([401], "model-refused-key"), ([404], "no-such-model"), ([400, 400], "model-failed"),
     ([429, 429], "model-busy"), ([500, 500], "model-failed"),
     ([stream("Look ", "at", finish=None)], "model-cut-off"),
     ([CutConnection(stream("Look ", "at", finish=None)[:-1])], "model-cut-off"),
     ([b"<html>Log in</html>"], "model-cut-off"), ([{"status": "ok"}], "model-cut-off"),
     ([[b"data: {not json\n\n"]], "model-cut-off"), ([[b'data: "a text"\n\n']], "model-cut-off"),
     ([stream()], "model-cut-off"), ([Silence(), Silence()], "model-silent")],
    ids=["401", "404", "400", "429", "500", "cut", "hung up", "html", "stranger", "garbage", "no object",
         "empty", "silent"],
)  # fmt: skip
async def test_what_goes_wrong_has_a_remedy_and_never_the_key(
    model: ScriptedModel, tmp_path: Path, script: list[Any], code: str
) -> None:
    model.script = list(script)
    with pytest.raises(TutorError) as caught:
        await speak(model, tmp_path, model_seconds=0.4 if code == "model-silent" else 20)
    assert caught.value.code == code and caught.value.remedy
    assert KEY not in str(caught.value) + repr(caught.value.__cause__)


async def test_a_server_that_knows_no_stream_options_is_asked_without(
    model: ScriptedModel, tmp_path: Path
) -> None:
    model.script = [400, stream("Look at b.")]
    assert (await speak(model, tmp_path))[0] == "Look at b."
    assert "stream_options" in model.requests[0] and "stream_options" not in model.requests[1]


async def test_a_server_that_does_not_stream_is_heard_all_the_same(
    model: ScriptedModel, tmp_path: Path
) -> None:
    choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "Look."}}
    model.script = [{"id": "c", "object": "chat.completion", "created": 0, "model": "m", "choices": [choice]}]
    assert await speak(model, tmp_path) == ("Look.", ["Look."])


async def test_thinking_aloud_is_not_shown(model: ScriptedModel, tmp_path: Path) -> None:
    model.script = [stream("<th", "ink>He says b", ".</thi", "nk>\n\nLook ", "at b.")]
    text, pieces = await speak(model, tmp_path)
    assert text == "Look at b." and "".join(pieces) == "Look at b."


async def test_nobody_at_the_endpoint_is_told_as_such(model: ScriptedModel, tmp_path: Path) -> None:
    model.server_close()
    with pytest.raises(TutorError, match="cannot be reached"):
        await speak(model, tmp_path)


async def finish(tutor: Any, line: str) -> tuple[TurnFinished, list[str], str]:
    notices: list[str] = []
    shown = ""
    async for event in tutor.turn(line):
        if isinstance(event, NoticeShown):
            notices.append(event.text)
        if isinstance(event, TokenStreamed):
            shown += event.text
        if isinstance(event, TurnFinished):
            return event, notices, shown
    raise AssertionError("the turn did not finish")


async def test_a_models_answer_is_used_when_it_keeps_to_its_sources(
    model: ScriptedModel, opened: Any
) -> None:
    model.script = [stream("The bias slides the line along the arrow ", "[perceptron › Idea].")]
    async with opened(model="m", endpoint=model.endpoint) as tutor:
        done, notices, shown = await finish(tutor, "what is the bias of a neuron?")
    assert done.speaker == "m" and done.answer.startswith("The bias slides") and shown == done.answer
    assert done.citations == [{"unit": "perceptron", "section": "Idea"}] and notices == []


async def test_a_citation_of_nothing_retrieved_falls_back_to_authored_words(
    model: ScriptedModel, opened: Any
) -> None:
    model.script = [stream("It is a shift. ", "So says [no-such-unit › Idea]. More.")] * 2
    async with opened(model="m", endpoint=model.endpoint) as tutor:
        done, notices, shown = await finish(tutor, "what is the bias of a neuron?")
    assert done.speaker == "embedded" and "no-such-unit" not in done.answer + shown
    assert "held back" in notices[0] and done.citations
    assert len(model.requests) == 2


async def test_an_oracles_words_from_a_model_are_held_back(model: ScriptedModel, opened: Any) -> None:
    page = load_catalog().lesson("perceptron")
    explain = next(q for q in page.front.questions if isinstance(q, ExplainQuestion))
    model.script = [stream(*(f"{word} " for word in explain.ideal.split()))] * 2
    async with opened(model="m", endpoint=model.endpoint) as tutor:
        done, _, shown = await finish(tutor, "what is the bias of a neuron?")
    assert explain.ideal not in done.answer and explain.ideal.split(". ")[1] not in shown
    assert done.speaker == "embedded"
    told = model.requests[1]["messages"][-1]["content"]
    assert "could not be used" in told and explain.ideal not in told


async def test_a_blocked_wording_is_asked_for_again_and_the_second_is_used(
    model: ScriptedModel, opened: Any
) -> None:
    model.script = [
        stream("Your answer is right. ", "A bias shifts the line."),
        stream("A neuron adds a bias to its weighted sum [perceptron › Idea]."),
    ]
    async with opened(model="m", endpoint=model.endpoint) as tutor:
        done, notices, shown = await finish(tutor, "what is the bias of a neuron?")
    assert done.speaker == "m" and done.answer.startswith("A neuron adds a bias") and shown == done.answer
    assert notices == []


async def test_a_verdict_of_a_models_own_never_reaches_the_learner(model: ScriptedModel, opened: Any) -> None:
    model.script = [stream("Well done, that is correct! You have mastered it.")] * 2
    async with opened(model="m", endpoint=model.endpoint) as tutor:
        await finish(tutor, "/learn perceptron")
        before = await tutor.toolbox.progress()
        done, notices, shown = await finish(tutor, "hint")
        assert await tutor.toolbox.progress() == before
    assert done.speaker == "embedded" and "Well done" not in shown + done.answer
    assert "held back" in notices[0]


async def test_a_failing_endpoint_is_told_and_the_tutor_answers_itself(
    model: ScriptedModel, opened: Any
) -> None:
    model.script = [401, 401]
    async with opened(model="m", endpoint=model.endpoint, api_key=KEY) as tutor:
        done, notices, shown = await finish(tutor, "what is the bias of a neuron?")
        again, silent, _ = await finish(tutor, "what is a weight of a neuron?")
        model.script = [stream("The bias slides the line along the arrow ", "[perceptron › Idea].")]
        back, _, _ = await finish(tutor, "what is the bias of a neuron?")
        model.script = [401]
        _, anew, _ = await finish(tutor, "what is the bias of a neuron?")
    assert "did not accept the key" in notices[0] and KEY not in str(notices)
    assert done.speaker == "embedded" and shown == done.answer
    assert again.speaker == "embedded" and silent == [] and back.speaker == "m"
    assert "did not accept the key" in anew[0]


async def test_an_endpoint_elsewhere_is_sent_nothing_before_consent(
    model: ScriptedModel, opened: Any
) -> None:
    async with opened(model="m", endpoint="https://models.example.invalid/v1") as tutor:
        done, notices, _ = await finish(tutor, "what is the bias of a neuron?")
        assert done.speaker == "embedded" and "models.example.invalid" in notices[0]
        _, again, _ = await finish(tutor, "what is a weight?")
        assert again == []
        await finish(tutor, "/accept")
        assert not tutor.settings.needs_consent
    assert "models.example.invalid" in (tutor.settings.home / "config.toml").read_text(encoding="utf-8")


async def test_a_key_reaches_no_file_of_the_home(model: ScriptedModel, opened: Any) -> None:
    model.script = [401, stream("The bias slides the line along the arrow [perceptron › Idea].")]
    async with opened(model="m", endpoint=model.endpoint, api_key=KEY) as tutor:
        await finish(tutor, "what is the bias of a neuron?")
        await finish(tutor, "what is a weight of a neuron?")
    files = [path for path in tutor.settings.home.rglob("*") if path.is_file()]
    assert files and not [path for path in files if KEY.encode() in path.read_bytes()]
