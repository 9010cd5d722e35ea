"""What the official conformance suite asks a server under test to offer, beside the product's own tools.

Each name and meaning is that of a scenario's text in `@modelcontextprotocol/conformance`. They are
registered on the product's server object, so its transports, middleware and wire are what is judged.
"""

from __future__ import annotations

import base64
import io
import json
import struct
import wave
import zlib
from typing import Annotated, Any

import anyio
from asking import register_asking
from mcp.server import MCPServer
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.mcpserver.prompts.base import UserMessage
from mcp.types import (
    AudioContent,
    CallToolResult,
    Completion,
    EmbeddedResource,
    EmptyResult,
    ImageContent,
    SetLevelRequestParams,
    SubscribeRequestParams,
    TextContent,
    TextResourceContents,
    UnsubscribeRequestParams,
)
from pydantic import Field

_PAUSE = 0.05
"""Seconds between two notices, as the scenarios ask."""
_SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "$defs": {
        "address": {
            "$anchor": "addressDef",
            "type": "object",
            "properties": {"street": {"type": "string"}, "city": {"type": "string"}},
        }
    },
    "properties": {
        "name": {"type": "string"},
        "address": {"$ref": "#/$defs/address"},
        "contactMethod": {"type": "string", "enum": ["phone", "email"]},
        "phone": {"type": "string"},
        "email": {"type": "string"},
    },
    "allOf": [{"anyOf": [{"required": ["phone"]}, {"required": ["email"]}]}],
    "if": {"properties": {"contactMethod": {"const": "phone"}}, "required": ["contactMethod"]},
    "then": {"required": ["phone"]},
    "else": {"required": ["email"]},
    "additionalProperties": False,
}


def register_fixtures(server: MCPServer[Any]) -> None:
    """Add the suite's tools, resources, prompts and the methods that the product does not serve."""
    _register_content(server)
    _register_behaviour(server)
    _register_changes(server)
    _register_schemas(server)
    _register_resources(server)
    _register_prompts(server)
    _register_methods(server)
    register_asking(server)


def red_pixel() -> bytes:
    """A PNG of one red pixel."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    drawn = zlib.compress(b"\x00\xff\x00\x00")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", drawn) + chunk(b"IEND", b"")


def silence() -> bytes:
    """A WAV of eight silent samples."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(b"\x00\x00" * 8)
    return buffer.getvalue()


def _image() -> ImageContent:
    return ImageContent(type="image", data=base64.b64encode(red_pixel()).decode(), mime_type="image/png")


def _embedded(uri: str, mime: str, text: str) -> EmbeddedResource:
    return EmbeddedResource(
        type="resource", resource=TextResourceContents(uri=uri, mime_type=mime, text=text)
    )


def _register_content(server: MCPServer[Any]) -> None:
    @server.tool(description="Answers with text.", structured_output=False)
    def test_simple_text() -> str:
        return "This is a simple text response for testing."

    @server.tool(description="Answers with an image.", structured_output=False)
    def test_image_content() -> ImageContent:
        return _image()

    @server.tool(description="Answers with a sound.", structured_output=False)
    def test_audio_content() -> AudioContent:
        return AudioContent(type="audio", data=base64.b64encode(silence()).decode(), mime_type="audio/wav")

    @server.tool(description="Answers with a resource inside.", structured_output=False)
    def test_embedded_resource() -> EmbeddedResource:
        return _embedded("test://embedded-resource", "text/plain", "This is an embedded resource content.")

    @server.tool(description="Answers with text, an image and a resource.", structured_output=False)
    def test_multiple_content_types() -> CallToolResult:
        mixed = json.dumps({"test": "data", "value": 123})
        return CallToolResult(
            content=[
                TextContent(type="text", text="Multiple content types test:"),
                _image(),
                _embedded("test://mixed-content-resource", "application/json", mixed),
            ]
        )

    @server.tool(description="Fails always.")
    def test_error_handling() -> str:
        raise ToolError("This tool intentionally returns an error for testing")


def _register_behaviour(server: MCPServer[Any]) -> None:
    @server.tool(description="Sends three log messages.", structured_output=False)
    async def test_tool_with_logging(ctx: Context) -> str:
        for number, told in enumerate(
            ("Tool execution started", "Tool processing data", "Tool execution completed")
        ):
            await anyio.sleep(_PAUSE if number else 0)
            await ctx.info(told)
        return "Three messages were logged."

    @server.tool(description="Sends a log message to a client that asked for them.", structured_output=False)
    async def test_logging_tool(ctx: Context) -> str:
        await ctx.info("A message for those who asked.")
        return "A message was logged."

    @server.tool(description="Reports progress three times.", structured_output=False)
    async def test_tool_with_progress(ctx: Context) -> str:
        for done in (0, 50, 100):
            await anyio.sleep(_PAUSE if done else 0)
            await ctx.report_progress(done, 100, f"Completed step {done} of 100")
        return "Progress was reported."

    @server.tool(description="Closes the stream that would bring its answer.", structured_output=False)
    async def test_reconnection(ctx: Context) -> str:
        await ctx.close_sse_stream()
        return "Reconnected."


def _register_changes(server: MCPServer[Any]) -> None:
    added: set[str] = set()

    @server.tool(description="Changes the list of tools.", structured_output=False)
    async def test_trigger_tool_change(ctx: Context) -> str:
        if "tool" in added:
            server.remove_tool("test_added_tool")
        else:
            server.add_tool(
                lambda: "I was added.", name="test_added_tool", description="Comes and goes with the tests."
            )
        added.symmetric_difference_update({"tool"})
        await ctx.notify_tools_changed()
        return "The tools changed."

    @server.tool(description="Changes the list of prompts.", structured_output=False)
    async def test_trigger_prompt_change(ctx: Context) -> str:
        if "prompt" in added:
            server.remove_prompt("test_added_prompt")
        else:

            @server.prompt(name="test_added_prompt", description="Comes and goes with the tests.")
            def test_added_prompt() -> str:
                return "I was added."

        added.symmetric_difference_update({"prompt"})
        await ctx.notify_prompts_changed()
        return "The prompts changed."


def _register_schemas(server: MCPServer[Any]) -> None:
    @server.tool(description="Takes an argument that a header repeats.", structured_output=False)
    def test_x_mcp_header(
        region: Annotated[str, Field(json_schema_extra={"x-mcp-header": "Region"})],
    ) -> str:
        return f"The region is {region}."

    @server.tool(description="Tool with JSON Schema 2020-12 features", structured_output=False)
    def json_schema_2020_12_tool() -> str:
        return "The schema is what counts."

    # A function's signature cannot say all that JSON Schema can, so the schema is put in whole.
    known = server._tool_manager.get_tool("json_schema_2020_12_tool")
    assert known is not None
    known.parameters = _SCHEMA


def _register_resources(server: MCPServer[Any]) -> None:
    @server.resource("test://static-text", description="A text.", mime_type="text/plain")
    def static_text() -> str:
        return "This is the content of the static text resource."

    @server.resource("test://static-binary", description="An image.", mime_type="image/png")
    def static_binary() -> bytes:
        return red_pixel()

    @server.resource("test://template/{id}/data", description="Data by id.", mime_type="application/json")
    def template(id: str) -> str:
        return json.dumps({"id": id, "templateTest": True, "data": f"Data for ID: {id}"})

    @server.resource("test://watched-resource", description="Can be watched.", mime_type="text/plain")
    def watched() -> str:
        return "Watched resource content"


def _register_prompts(server: MCPServer[Any]) -> None:
    @server.prompt(description="A prompt without arguments.")
    def test_simple_prompt() -> str:
        return "This is a simple prompt for testing."

    @server.prompt(description="A prompt with two arguments.")
    def test_prompt_with_arguments(
        arg1: Annotated[str, Field(description="First test argument")],
        arg2: Annotated[str, Field(description="Second test argument")],
    ) -> str:
        return f"Prompt with arguments: arg1='{arg1}', arg2='{arg2}'"

    @server.prompt(description="A prompt with a resource inside.")
    def test_prompt_with_embedded_resource(
        resourceUri: Annotated[str, Field(description="URI of the resource to embed")],
    ) -> list[UserMessage]:
        inside = _embedded(resourceUri, "text/plain", "Embedded resource content for testing.")
        return [
            UserMessage(content=inside),
            UserMessage(content="Please process the embedded resource above."),
        ]

    @server.prompt(description="A prompt with an image inside.")
    def test_prompt_with_image() -> list[UserMessage]:
        return [UserMessage(content=_image()), UserMessage(content="Please analyze the image above.")]


def _register_methods(server: MCPServer[Any]) -> None:
    """Methods that the suite requires and a server need not have; the product's own are left as they are."""
    wire = server._lowlevel_server

    async def accept(ctx: Any, params: Any) -> EmptyResult:
        return EmptyResult()

    for method, shape in (
        ("logging/setLevel", SetLevelRequestParams),
        ("resources/subscribe", SubscribeRequestParams),
        ("resources/unsubscribe", UnsubscribeRequestParams),
    ):
        if wire.get_request_handler(method) is None:
            wire.add_request_handler(method, shape, accept)
    if wire.get_request_handler("completion/complete") is None:

        @server.completion()
        async def complete(ref: Any, argument: Any, context: Any) -> Completion:
            known = [name for name in ("paris", "park", "party") if name.startswith(argument.value)]
            return Completion(values=known, total=len(known), has_more=False)
