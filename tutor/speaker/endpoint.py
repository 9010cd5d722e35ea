"""One endpoint that speaks OpenAI's chat completions: a request out, a whole reply back.

The rule owned here: every request ends, in a reply or in a TutorError that never holds the key,
and its tokens are counted either way.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, cast

from tutor.settings import Settings
from tutor.speaker.endpoint_errors import broken_stream, cut_off, explain_failure, not_an_api, too_long
from tutor.speaker.reply import CallsSoFar, Reply, Speech, reply_of_message
from tutor.speaker.usage import Meter, Usage, estimate_tokens, told_usage

if TYPE_CHECKING:
    from openai import AsyncOpenAI, AsyncStream
    from openai.types.chat import ChatCompletionChunk, ChatCompletionMessageParam

_LONGEST = 12_000
"""Characters of an answer; an endpoint that sends more is stopped."""
_LONGEST_THOUGHT = 80_000
_LONGEST_CALLS = 60_000
_CONNECT_SECONDS = 5.0
_WHOLE = 5
"""A whole reply may take this many times what the model may stay silent."""
_FRAME_TOKENS = 4


class ChatEndpoint:
    """Keeps a connection pool; close it. Not for two requests at once."""

    def __init__(self, settings: Settings, http_client: Any | None = None) -> None:
        """http_client: an httpx2.AsyncClient to use in place of the SDK's own."""
        self.settings = settings
        self.meter = Meter(settings)
        self._http_client = http_client
        self._client: AsyncOpenAI | None = None
        self._asks_usage = True

    async def complete(
        self,
        messages: Sequence[ChatCompletionMessageParam],
        emit: Callable[[str], None],
        tools: Sequence[dict[str, Any]] = (),
        tool_choice: str = "",
    ) -> Reply:
        """Stream one completion; `emit` gets its words. TutorError: see `endpoint_errors`."""
        # Imported late: the SDK costs 0.6 s, and without a model it is never loaded.
        import httpx2
        from openai import APIConnectionError, APIError, APITimeoutError

        asked: dict[str, Any] = {"model": self.settings.model, "messages": list(messages), "stream": True}
        if tools:  # an empty list is refused by some servers
            asked["tools"] = list(tools)
            asked |= {"tool_choice": tool_choice} if tool_choice else {}
        heard = _Heard(emit)
        accepted = False
        try:
            async with asyncio.timeout(_WHOLE * self.settings.model_seconds):
                stream = await self._begin(asked)
                accepted = True
                async with stream:
                    reply = await self._read(stream, heard)
        except APIError as error:
            if accepted and isinstance(error, APIConnectionError) and not isinstance(error, APITimeoutError):
                raise cut_off(self.settings) from None
            raise explain_failure(error, self.settings) from None
        except httpx2.HTTPError as error:  # amid a stream some versions of the SDK let these through
            raise broken_stream(error, self.settings) from None
        except TimeoutError:
            raise too_long(self.settings) from None
        finally:
            if accepted:
                self._count(asked, heard)
        return reply

    async def close(self) -> None:
        if self._client is not None:
            await self._client.close()
            self._client = None

    async def _begin(self, asked: dict[str, Any]) -> AsyncStream[ChatCompletionChunk]:
        from openai import BadRequestError, UnprocessableEntityError

        create = cast("Any", self._open().chat.completions.create)
        if not self._asks_usage:
            return await create(**asked)
        try:
            return await create(**asked, stream_options={"include_usage": True})
        except (BadRequestError, UnprocessableEntityError):
            # Some servers refuse an option that they do not know; another fault shows in the second try.
            stream = await create(**asked)
            self._asks_usage = False
            return stream

    async def _read(self, stream: AsyncStream[ChatCompletionChunk], heard: _Heard) -> Reply:
        kind = stream.response.headers.get("content-type", "")
        if "json" in kind:
            return await self._read_whole(stream, heard)
        if "html" in kind:
            raise not_an_api(self.settings)
        try:
            async for chunk in stream:
                heard.add(chunk)
                if heard.is_endless:
                    raise too_long(self.settings)
        except (ValueError, TypeError, AttributeError):
            # The SDK builds a chunk of whatever JSON came, so that a stranger's shows only when it is read.
            raise not_an_api(self.settings) from None
        heard.speech.finish()
        if heard.finish is None:
            raise cut_off(self.settings)
        return Reply(heard.speech.text.strip(), heard.calls.whole(), heard.finish, heard.usage)

    async def _read_whole(self, stream: AsyncStream[ChatCompletionChunk], heard: _Heard) -> Reply:
        """The reply of a server that does not stream: one JSON document."""
        from openai.types.chat import ChatCompletion

        try:
            told = ChatCompletion.model_validate(json.loads(await stream.response.aread()))
            choice = told.choices[0]
        except (ValueError, IndexError, TypeError):
            raise not_an_api(self.settings) from None
        heard.usage = told_usage(told.usage)
        reply = reply_of_message(choice.message, choice.finish_reason, heard.usage)
        heard.speech.add(reply.text)
        heard.speech.finish()
        return reply

    def _count(self, asked: dict[str, Any], heard: _Heard) -> None:
        usage = heard.usage
        if usage is None:
            sent = json.dumps([asked["messages"], asked.get("tools", [])], ensure_ascii=False)
            usage = Usage(1, estimate_tokens(sent), 0, heard.estimated_tokens, estimated=1)
        self.meter.add(usage)

    def _open(self) -> AsyncOpenAI:
        from openai import AsyncOpenAI, Timeout

        if self._client is None:
            seconds = self.settings.model_seconds
            self._client = AsyncOpenAI(
                base_url=self.settings.endpoint,
                api_key=self.settings.secret() or "none",
                timeout=Timeout(seconds, connect=min(seconds, _CONNECT_SECONDS)),
                max_retries=1,
                http_client=self._http_client,
            )
        return self._client


class _Heard:
    """What has come of a streamed reply so far."""

    def __init__(self, emit: Callable[[str], None]) -> None:
        self.speech = Speech(emit)
        self.calls = CallsSoFar()
        self.finish: str | None = None
        self.usage: Usage | None = None
        self._call_characters = 0

    @property
    def is_endless(self) -> bool:
        heard = self.speech.heard
        long = len(self.speech.text) > _LONGEST if heard > _LONGEST else False
        return long or heard > _LONGEST_THOUGHT or self._call_characters > _LONGEST_CALLS

    @property
    def estimated_tokens(self) -> int:
        return (self.speech.heard + self._call_characters) // _FRAME_TOKENS + 1

    def add(self, chunk: ChatCompletionChunk) -> None:
        self.usage = told_usage(chunk.usage) or self.usage
        if not chunk.choices:  # the usage alone, or a sign of life
            return
        choice = chunk.choices[0]
        self.finish = choice.finish_reason or self.finish
        if choice.delta.content:
            self.speech.add(choice.delta.content)
        for piece in choice.delta.tool_calls or ():
            arguments = (piece.function and piece.function.arguments) or ""
            self._call_characters += len(arguments) + 1
            self.calls.add(piece)
