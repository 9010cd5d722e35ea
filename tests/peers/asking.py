"""The conformance suite's fixtures that ask the client: its user, its model, its folders.

On the wire of 2025-11-25 a server asks by a request of its own in mid-call; on that of 2026-07-28
it ends the call with what it needs, and the client calls again with the answers.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

from mcp.server import MCPServer
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.prompts.base import UserMessage
from mcp.server.mcpserver.resolve import Resolve, Sample
from mcp.types import (
    CallToolResult,
    CreateMessageRequest,
    CreateMessageRequestParams,
    CreateMessageResult,
    ElicitRequest,
    ElicitRequestFormParams,
    ElicitResult,
    InputRequest,
    InputRequiredResult,
    ListRootsRequest,
    ListRootsResult,
    SamplingMessage,
    TextContent,
)
from pydantic import BaseModel, Field

Answer = CallToolResult | InputRequiredResult


class Contact(BaseModel):
    username: str = Field(description="User's response")
    email: str = Field(description="User's email address")


class Status(StrEnum):
    ACTIVE = "active"
    INACTIVE = "inactive"
    PENDING = "pending"


_DEFAULTS: dict[str, Any] = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "default": "John Doe"},
        "age": {"type": "integer", "default": 30},
        "score": {"type": "number", "default": 95.5},
        "status": {"type": "string", "enum": [one.value for one in Status], "default": "active"},
        "verified": {"type": "boolean", "default": True},
    },
}
_CHOICES: dict[str, Any] = {
    "type": "object",
    "properties": {
        "untitledSingle": {"type": "string", "enum": ["option1", "option2", "option3"]},
        "titledSingle": {
            "type": "string",
            "oneOf": [
                {"const": f"value{number}", "title": f"{word} Option"}
                for number, word in enumerate(("First", "Second", "Third"), 1)
            ],
        },
        "legacyEnum": {
            "type": "string",
            "enum": ["opt1", "opt2", "opt3"],
            "enumNames": ["Option One", "Option Two", "Option Three"],
        },
        "untitledMulti": {
            "type": "array",
            "items": {"type": "string", "enum": ["option1", "option2", "option3"]},
        },
        "titledMulti": {
            "type": "array",
            "items": {
                "anyOf": [
                    {"const": f"value{number}", "title": f"{word} Choice"}
                    for number, word in enumerate(("First", "Second", "Third"), 1)
                ]
            },
        },
    },
}


def register_asking(server: MCPServer[Any]) -> None:
    _register_requests(server)
    _register_single_questions(server)
    _register_states(server)
    _register_many(server)


def _said(text: str) -> CallToolResult:
    return CallToolResult(content=[TextContent(type="text", text=text)])


def _form(message: str, **fields: str) -> ElicitRequest:
    """A form whose fields are all required; fields: name and JSON type."""
    schema = {
        "type": "object",
        "properties": {name: {"type": kind} for name, kind in fields.items()},
        "required": list(fields),
    }
    return ElicitRequest(params=ElicitRequestFormParams(message=message, requested_schema=schema))


def _sampling(text: str, tokens: int) -> CreateMessageRequest:
    asked = SamplingMessage(role="user", content=TextContent(type="text", text=text))
    return CreateMessageRequest(params=CreateMessageRequestParams(messages=[asked], max_tokens=tokens))


def _greet() -> Sample:
    asked = SamplingMessage(role="user", content=TextContent(type="text", text="Hello"))
    return Sample([asked], max_tokens=10)


def _filled(ctx: Context, key: str, field: str) -> Any:
    """What the user put into `field` of the form `key`, or None while that is missing."""
    answer = (ctx.input_responses or {}).get(key)
    if not isinstance(answer, ElicitResult) or answer.action != "accept":
        return None
    return (answer.content or {}).get(field)


def _register_requests(server: MCPServer[Any]) -> None:
    """2025-11-25: the server asks in mid-call."""

    @server.tool(description="Asks the client's model.", structured_output=False)
    async def test_sampling(prompt: str, ctx: Context) -> str:
        asked = SamplingMessage(role="user", content=TextContent(type="text", text=prompt))
        told = await ctx.session.create_message(
            messages=[asked], max_tokens=100, related_request_id=ctx.request_id
        )
        return f"LLM response: {told.content.text if isinstance(told.content, TextContent) else ''}"

    @server.tool(description="Asks the client's user.", structured_output=False)
    async def test_elicitation(message: str, ctx: Context) -> str:
        told = await ctx.elicit(message, Contact)
        return f"User response: action: {told.action}, content: {getattr(told, 'data', None)}"

    async def ask(ctx: Context, schema: dict[str, Any]) -> str:
        told = await ctx.session.elicit_form(
            message="Please fill in the form", requested_schema=schema, related_request_id=ctx.request_id
        )
        return f"Elicitation completed: action={told.action}, content={told.content}"

    @server.tool(description="Asks with defaults of each kind.", structured_output=False)
    async def test_elicitation_sep1034_defaults(ctx: Context) -> str:
        return await ask(ctx, _DEFAULTS)

    @server.tool(description="Asks with choices of each kind.", structured_output=False)
    async def test_elicitation_sep1330_enums(ctx: Context) -> str:
        return await ask(ctx, _CHOICES)

    @server.tool(description="Needs a client that offers its model.", structured_output=False)
    async def test_missing_capability(
        told: Annotated[CreateMessageResult, Resolve(_greet)],
    ) -> str:
        return f"The model said: {told.content}"


def _register_single_questions(server: MCPServer[Any]) -> None:
    """2026-07-28: the call ends with a question and is made again with the answer."""

    @server.tool(description="Asks for a name.", structured_output=False)
    async def test_input_required_result_elicitation(ctx: Context) -> Answer:
        name = _filled(ctx, "user_name", "name")
        if not isinstance(name, str):
            return InputRequiredResult(
                input_requests={"user_name": _form("What is your name?", name="string")}
            )
        return _said(f"Hello, {name}!")

    @server.tool(description="Asks before it goes on.", structured_output=False)
    async def test_streaming_elicitation(ctx: Context) -> Answer:
        await ctx.report_progress(1, 2)
        if _filled(ctx, "go_on", "ok") is None:
            return InputRequiredResult(input_requests={"go_on": _form("Shall I go on?", ok="boolean")})
        return _said("It went on.")

    @server.tool(description="Asks the client's model for a capital.", structured_output=False)
    async def test_input_required_result_sampling(ctx: Context) -> Answer:
        answer = (ctx.input_responses or {}).get("capital_question")
        if not isinstance(answer, CreateMessageResult):
            asked = _sampling("What is the capital of France?", 100)
            return InputRequiredResult(input_requests={"capital_question": asked})
        return _said(answer.content.text if isinstance(answer.content, TextContent) else "")

    @server.tool(description="Asks for the client's folders.", structured_output=False)
    async def test_input_required_result_list_roots(ctx: Context) -> Answer:
        answer = (ctx.input_responses or {}).get("client_roots")
        if not isinstance(answer, ListRootsResult):
            return InputRequiredResult(input_requests={"client_roots": ListRootsRequest()})
        return _said(", ".join(str(root.uri) for root in answer.roots))

    @server.prompt(description="A prompt that asks for its context.")
    async def test_input_required_result_prompt(ctx: Context) -> list[UserMessage] | InputRequiredResult:
        given = _filled(ctx, "user_context", "context")
        if given is None:
            asked = _form("What context should the prompt use?", context="string")
            return InputRequiredResult(input_requests={"user_context": asked})
        return [UserMessage(content=f"Use this context: {given}")]


def _register_states(server: MCPServer[Any]) -> None:
    """Questions whose state the client carries; the server's wire seals it and refuses a forged one."""

    @server.tool(description="Asks for a confirmation, with a state.", structured_output=False)
    async def test_input_required_result_request_state(ctx: Context) -> Answer:
        return _confirmed(ctx)

    @server.tool(description="Refuses a forged state.", structured_output=False)
    async def test_input_required_result_tampered_state(ctx: Context) -> Answer:
        return _confirmed(ctx)

    def _confirmed(ctx: Context) -> Answer:
        if ctx.request_state != "asked" or _filled(ctx, "confirm", "ok") is None:
            asked = {"confirm": _form("Please confirm", ok="boolean")}
            return InputRequiredResult(input_requests=asked, request_state="asked")
        return _said("state-ok")

    @server.tool(description="Asks twice.", structured_output=False)
    async def test_input_required_result_multi_round(ctx: Context) -> Answer:
        name, color = _filled(ctx, "step1", "name"), _filled(ctx, "step2", "color")
        if ctx.request_state is None or (ctx.request_state == "name" and name is None):
            asked = {"step1": _form("Step 1: What is your name?", name="string")}
            return InputRequiredResult(input_requests=asked, request_state="name")
        if color is None:
            asked = {"step2": _form("Step 2: What is your favorite color?", color="string")}
            return InputRequiredResult(input_requests=asked, request_state=f"color of {name}")
        return _said(f"{ctx.request_state}: {color}")


def _register_many(server: MCPServer[Any]) -> None:
    @server.tool(description="Asks user, model and folders at once.", structured_output=False)
    async def test_input_required_result_multiple_inputs(ctx: Context) -> Answer:
        asked: dict[str, InputRequest] = {
            "user_name": _form("What is your name?", name="string"),
            "greeting": _sampling("Generate a greeting", 50),
            "client_roots": ListRootsRequest(),
        }
        if set(ctx.input_responses or {}) < set(asked):
            return InputRequiredResult(input_requests=asked, request_state="all of them")
        return _said(f"Hello, {_filled(ctx, 'user_name', 'name')}!")

    @server.tool(description="Asks only what the client can answer.", structured_output=False)
    async def test_input_required_result_capabilities(ctx: Context) -> Answer:
        offered = ctx.client_capabilities
        asked: dict[str, InputRequest] = {}
        if offered is not None and offered.sampling is not None:
            asked["greeting"] = _sampling("Generate a greeting", 50)
        if offered is not None and offered.elicitation is not None:
            asked["user_name"] = _form("What is your name?", name="string")
        if not asked or ctx.input_responses:
            return _said("Nothing is left to ask.")
        return InputRequiredResult(input_requests=asked)
