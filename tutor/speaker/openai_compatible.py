"""The speaker with a model: any endpoint that speaks OpenAI's chat completions.

The rule owned here: the model is handed the move and its facts and gives back words; for an
open request it may also ask for tools, which others check and call. It decides nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

from tutor.settings import Settings
from tutor.speaker.endpoint import ChatEndpoint
from tutor.speaker.endpoint_errors import cut_off
from tutor.speaker.messages import compose_messages
from tutor.speaker.reply import Reply
from tutor.speaker.speaker import EmitText, SpeakRequest, Spoken
from tutor.speaker.usage import Usage
from tutor_error import TutorError

if TYPE_CHECKING:
    from openai.types.chat import ChatCompletionMessageParam


class OpenAICompatibleSpeaker:
    """Streams one chat completion a move. Close it to free its connections."""

    def __init__(self, settings: Settings, http_client: Any | None = None) -> None:
        """http_client: an httpx2.AsyncClient to use in place of the SDK's own."""
        if settings.model is None:
            raise TutorError("no-model", "No model was chosen.", "Set MLTUTOR_MODEL, or `mltutor config`.")
        self._settings = settings
        self._endpoint = ChatEndpoint(settings, http_client)

    @property
    def name(self) -> str:
        return str(self._settings.model)

    async def speak(self, request: SpeakRequest, emit: EmitText) -> Spoken:
        """Raises the TutorErrors of `endpoint_errors`, such as `model-refused-key` or `model-cut-off`."""
        messages = compose_messages(request, self._settings.context_tokens)
        reply = await self._endpoint.complete(messages, emit)
        if not reply.text:
            raise cut_off(self._settings)
        notice = "The model's answer met its length limit." if reply.finish == "length" else ""
        return Spoken(reply.text, self.name, notice)

    async def converse(
        self,
        request: SpeakRequest,
        so_far: Sequence[dict[str, Any]],
        tools: Sequence[dict[str, Any]],
        *,
        must_answer: bool = False,
    ) -> Reply:
        """One round of an open request: words, or calls of tools. Nothing of it is shown yet.

        so_far: the rounds before, as messages of the API. tools: in the API's form. must_answer: ask
        for words; a server may ignore that, so the reply may hold calls all the same.
        """
        spent = sum(len(str(message)) for message in so_far) // 4
        budget = max(self._settings.context_tokens - spent, self._settings.context_tokens // 2)
        messages = [*compose_messages(request, budget), *cast("list[ChatCompletionMessageParam]", so_far)]
        choice = "none" if must_answer else "auto"
        return await self._endpoint.complete(messages, _unshown, tools, choice)

    def take_usage(self) -> Usage:
        """The tokens since this was last asked."""
        return self._endpoint.meter.take_turn()

    @property
    def uncounted(self) -> str:
        """Why the tokens are not summed up in the home; empty when they are."""
        return self._endpoint.meter.problem

    async def close(self) -> None:
        await self._endpoint.close()


def _unshown(_: str) -> None:
    """Words of a round that may turn out to be a call: they are shown when the round was the last."""
