"""The speaker with a model, against a real HTTP server on this machine that follows a script."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from knowledge.catalog import load_catalog
from knowledge.unit import ExplainQuestion
from tutor.events import NoticeShown, TokenStreamed, TurnFinished
from tutor.settings import Settings
from tutor.speaker.openai_compatible import OpenAICompatibleSpeaker, compose_messages
from tutor.speaker.speaker import Passage, SpeakRequest
from tutor_error import TutorError

pytestmark = pytest.mark.anyio
KEY = "sk-never-shown"
REQUEST = SpeakRequest("hint", "no idea", text="Look at b.", facts=("Look at b.",))


class ScriptedModel(ThreadingHTTPServer):
    """Answers each completion with the next line of its script, and keeps what it was sent."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answers)
        self.script: list[Any] = []
        self.requests: list[dict[str, Any]] = []

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"


class Answers(BaseHTTPRequestHandler):
    server: ScriptedModel

    def do_POST(self) -> None:
        sent = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.requests.append({"key": self.headers["Authorization"], **json.loads(sent)})
        line = self.server.script.pop(0)
        if isinstance(line, int):
            body = json.dumps({"error": {"message": f"bad key {KEY}"}}).encode()
            self._send(line, "application/json", body)
        elif isinstance(line, bytes):
            self._send(200, "text/html", line)
        else:
            self._send(200, "text/event-stream", b"".join(line))

    def _send(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing on stderr."""


def stream(*words: str, finish: str | None = "stop") -> list[bytes]:
    chunks: list[dict[str, Any]] = [{"delta": {"content": word}} for word in words]
    chunks += [{"delta": {}, "finish_reason": finish}] if finish else []
    head = {"id": "c", "object": "chat.completion.chunk", "created": 0, "model": "m"}
    lines = [f"data: {json.dumps({**head, 'choices': [{'index': 0, **chunk}]})}\n\n" for chunk in chunks]
    return [line.encode() for line in (*lines, "data: [DONE]\n\n")]


@pytest.fixture
def model() -> Iterator[ScriptedModel]:
    server = ScriptedModel()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.shutdown()
    thread.join(10)
    server.server_close()


def settings_for(model: ScriptedModel, home: Path) -> Settings:
    return Settings.model_validate(
        {"home": home, "model": "m", "endpoint": model.endpoint, "api_key": KEY, "embedder": "none"}
    )


async def speak(model: ScriptedModel, home: Path) -> tuple[str, list[str]]:
    speaker = OpenAICompatibleSpeaker(settings_for(model, home))
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
    assert sent["messages"][-1] == {"role": "user", "content": "no idea"}


@pytest.mark.parametrize(
    ("line", "code"),
    [(401, "model-refused-key"), (404, "no-such-model"), (400, "model-failed"),
     (stream("Look ", "at", finish=None), "model-cut-off"), (b"<html>Log in</html>", "model-cut-off"),
     (stream(), "model-cut-off")],
    ids=["401", "404", "400", "cut", "html", "empty"],
)  # fmt: skip
async def test_what_goes_wrong_has_a_remedy_and_never_the_key(
    model: ScriptedModel, tmp_path: Path, line: Any, code: str
) -> None:
    model.script = [line]
    with pytest.raises(TutorError) as caught:
        await speak(model, tmp_path)
    assert caught.value.code == code and caught.value.remedy
    assert KEY not in str(caught.value) + repr(caught.value.__cause__)


async def test_nobody_at_the_endpoint_is_told_as_such(model: ScriptedModel, tmp_path: Path) -> None:
    model.server_close()
    with pytest.raises(TutorError, match="cannot be reached"):
        await speak(model, tmp_path)


def test_the_model_gets_the_facts_and_passages_and_nothing_else() -> None:
    passage = Passage("u", "Idea", "A bias is a shift.")
    request = SpeakRequest(
        "answer", "what?", passages=(passage,), history=(("learner", "hi"), ("tutor", "hello"))
    )
    messages = compose_messages(request)
    assert [message["role"] for message in messages] == ["system", "user", "assistant", "system", "user"]
    content = str(messages[3]["content"])
    assert content.index("[u › Idea]\n<data kind=passage") < content.index("\nA bias is a shift.\n</data id=")
    assert "{" not in str(messages[3]["content"])


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
    told = [message["content"] for message in model.requests[1]["messages"] if message["role"] == "system"]
    assert "could not be used" in told[-1] and explain.ideal not in told[-1]


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
    model.script = [401]
    async with opened(model="m", endpoint=model.endpoint, api_key=KEY) as tutor:
        done, notices, shown = await finish(tutor, "what is the bias of a neuron?")
    assert done.speaker == "embedded" and shown == done.answer
    assert "did not accept the key" in notices[0] and KEY not in str(notices)


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
