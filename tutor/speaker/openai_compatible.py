"""The speaker with a model: any endpoint that speaks OpenAI's chat completions.

The rule owned here: the model is handed the move and its facts and no tools, and whatever
goes wrong at the endpoint ends in a TutorError with a remedy that never holds the key.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from tutor.settings import Settings
from tutor.speaker.quoting import as_data
from tutor.speaker.speaker import EmitText, SpeakRequest, Spoken
from tutor_error import TutorError

if TYPE_CHECKING:
    from openai import AsyncOpenAI
    from openai.types.chat import ChatCompletionMessageParam

_PROMPTS = Path(__file__).parent.parent / "agent" / "prompts"
_SECONDS = 60.0
_LONGEST = 12_000
"""Characters of an answer; an endpoint that sends more is stopped."""


class OpenAICompatibleSpeaker:
    """Streams one chat completion a move. Close it to free its connections."""

    def __init__(self, settings: Settings, http_client: Any | None = None) -> None:
        """http_client: an httpx2.AsyncClient to use in place of the SDK's own."""
        if settings.model is None:
            raise TutorError("no-model", "No model was chosen.", "Set MLTUTOR_MODEL, or `mltutor config`.")
        self._settings = settings
        self._http_client = http_client
        self._client: AsyncOpenAI | None = None

    @property
    def name(self) -> str:
        return str(self._settings.model)

    async def speak(self, request: SpeakRequest, emit: EmitText) -> Spoken:
        """Raises TutorError `model-failed`, `model-refused-key`, `no-such-model`, `model-cut-off`."""
        # Imported late: the SDK costs 0.6 s, and without a model it is never loaded.
        from openai import APIError

        pieces: list[str] = []
        finished: str | None = None
        try:
            stream = await self._open().chat.completions.create(
                model=self.name, messages=compose_messages(request), stream=True
            )
            async with stream:
                async for chunk in stream:
                    if not chunk.choices:
                        continue
                    finished = chunk.choices[0].finish_reason or finished
                    text = chunk.choices[0].delta.content
                    if text:
                        pieces.append(text)
                        emit(text)
                    if sum(map(len, pieces)) > _LONGEST:
                        break
        except APIError as error:
            raise self._explain(error) from None
        if finished is None or not "".join(pieces).strip():
            raise TutorError(
                "model-cut-off",
                f"{self._settings.host} ended its answer before it was complete.",
                "Ask again; if it happens each time, check the endpoint's address (it usually ends in /v1).",
            )
        return Spoken("".join(pieces).strip(), self.name)

    async def close(self) -> None:
        if self._client is not None:
            await self._client.close()
            self._client = None

    def _open(self) -> AsyncOpenAI:
        from openai import AsyncOpenAI

        if self._client is None:
            self._client = AsyncOpenAI(
                base_url=self._settings.endpoint,
                api_key=self._settings.secret() or "none",
                timeout=_SECONDS,
                max_retries=1,
                http_client=self._http_client,
            )
        return self._client

    def _explain(self, error: Exception) -> TutorError:
        """An endpoint's error in our words. Its own text is left out: it may repeat the key."""
        import openai

        host, model = self._settings.host, self.name
        match error:
            case openai.AuthenticationError() | openai.PermissionDeniedError():
                remedy = f"Set the key in MLTUTOR_API_KEY, or in {self._settings.api_key_env}."
                return TutorError("model-refused-key", f"{host} did not accept the key.", remedy)
            case openai.NotFoundError():
                remedy = (
                    "Check MLTUTOR_MODEL, and that MLTUTOR_ENDPOINT ends as its server asks, often in /v1."
                )
                return TutorError("no-such-model", f"{host} knows no model `{model}`.", remedy)
            case openai.RateLimitError():
                message = f"{host} asks to wait, or the account has no credit left."
                return TutorError("model-failed", message, "Wait a little, or choose another model.")
            case openai.APITimeoutError():
                message = f"{host} did not answer within {_SECONDS:g} s."
                return TutorError("model-failed", message, "Ask again, or choose a smaller model.")
            case openai.APIConnectionError():
                message = f"{host} cannot be reached at {self._settings.endpoint}."
                return TutorError("model-failed", message, "Start the server, or mend MLTUTOR_ENDPOINT.")
            case openai.APIStatusError():
                message = f"{host} answered with the error {error.status_code}."
                return TutorError("model-failed", message, "Ask again, or look into the server's log.")
            case _:
                message = f"{host} broke off with an error."
                return TutorError("model-failed", message, "Ask again, or look into the server's log.")


def compose_messages(request: SpeakRequest) -> list[ChatCompletionMessageParam]:
    """The conversation as the model gets it: rules, earlier turns, and this move with its facts."""
    messages: list[ChatCompletionMessageParam] = [{"role": "system", "content": _prompt("system")}]
    for role, text in request.history:
        if role == "tutor":
            messages.append({"role": "assistant", "content": text})
        else:
            messages.append({"role": "user", "content": text})
    messages.append({"role": "system", "content": _task(request)})
    if request.objection:
        again = _prompt("rewrite").replace("{objection}", request.objection)
        messages.append({"role": "system", "content": again})
    messages.append({"role": "user", "content": request.asked or "Go on."})
    return messages


def _task(request: SpeakRequest) -> str:
    if request.move != "answer":
        facts = "\n".join(f"- {fact}" for fact in request.facts) or request.text
        return _prompt("move").replace("{move}", request.move).replace("{facts}", facts)
    passages = "\n\n".join(
        f"{passage.citation}\n{as_data(passage.text, 'passage')}" for passage in request.passages
    )
    return _prompt("answer").replace("{opening}", request.text).replace("{passages}", passages)


def _prompt(name: str) -> str:
    return (_PROMPTS / f"{name}.md").read_text(encoding="utf-8").strip()
