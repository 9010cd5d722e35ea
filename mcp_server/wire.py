"""How requests are answered where the SDK's own way would not do.

The rule owned here: a client that asks wrongly is told in words what to type next, on both wires of the
protocol; and changes are told to those who watch, on both.
"""

from __future__ import annotations

from typing import Any

from mcp.server import MCPServer
from mcp.server.connection import Connection
from mcp.server.context import ServerRequestContext
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ResourceNotFoundError, ToolError
from mcp.shared.exceptions import MCPError
from mcp.types import (
    INVALID_PARAMS,
    CallToolResult,
    EmptyResult,
    GetPromptResult,
    InputRequiredResult,
    ListResourcesResult,
    PaginatedRequestParams,
    Resource,
    SubscribeRequestParams,
    UnsubscribeRequestParams,
)
from pydantic import ValidationError

from mcp_server.context import ServerContext
from mcp_server.listing import page_of_resources
from mcp_server.reply import failed_call
from tutor_error import TutorError, did_you_mean

_LONGEST_ADDRESS = 600


class TutorServer(MCPServer[Any]):
    """The SDK's server over a `ServerContext`; options are those of `MCPServer`."""

    def __init__(self, name: str, context: ServerContext, **options: Any) -> None:
        super().__init__(name, subscriptions=context.news, **options)
        self.context = context
        handle = self._lowlevel_server.add_request_handler
        handle("resources/subscribe", SubscribeRequestParams, self._subscribe)
        handle("resources/unsubscribe", UnsubscribeRequestParams, self._unsubscribe)

    def add_tool(self, *args: Any, **options: Any) -> None:
        """As the SDK's; what describes an argument that may be left out stands where clients look for it."""
        super().add_tool(*args, **options)
        made = self._tool_manager.list_tools()[-1]
        for argument in made.parameters.get("properties", {}).values():
            branch = next(iter(argument.get("anyOf", ())), {})
            if "description" in branch:
                argument.setdefault("description", branch.pop("description"))

    async def call_tool(
        self, name: str, arguments: dict[str, Any], context: Context[Any, Any] | None = None
    ) -> CallToolResult | InputRequiredResult:
        """As the SDK's, but an unknown tool or a wrong argument is told as a `TutorError`."""
        self.context.news.attach()
        try:
            self._check_names(name, arguments)
            return await super().call_tool(name, arguments, context)
        except TutorError as error:
            return failed_call(error, name, self.context)
        except ToolError as error:
            cause = error.__cause__
            if isinstance(cause, ValidationError):
                return failed_call(_wrong_arguments(name, cause), name, self.context)
            return failed_call(cause if isinstance(cause, Exception) else error, name, self.context)

    async def get_prompt(
        self, name: str, arguments: dict[str, Any] | None = None, context: Context[Any, Any] | None = None
    ) -> GetPromptResult | InputRequiredResult:
        """As the SDK's, but whatever is wrong with the request is an error that says so."""
        try:
            self._check_prompt(name, arguments or {})
            return await super().get_prompt(name, arguments, context)
        except MCPError:
            raise
        except TutorError as error:
            raise MCPError(INVALID_PARAMS, str(error)) from error
        except ValueError as error:
            raise self._prompt_error(name, error) from error

    async def read_resource(self, uri: Any, context: Context[Any, Any] | None = None) -> Any:
        """As the SDK's, but an unknown address is told with those that there are."""
        address = str(uri)
        if len(address) > _LONGEST_ADDRESS:
            raise ResourceNotFoundError(f"An address has at most {_LONGEST_ADDRESS} characters.")
        try:
            return await super().read_resource(address, context)
        except ResourceNotFoundError as error:
            if not str(error).startswith("Unknown resource"):
                raise
            known = ", ".join(sorted(self._addresses()))
            raise ResourceNotFoundError(f"There is no resource `{address}`. Addresses: {known}.") from error

    async def list_resources(self) -> list[Resource]:
        """Every resource, on one page."""
        return page_of_resources(self.context, None, most=None).resources

    async def _handle_list_resources(
        self, ctx: ServerRequestContext[Any], params: PaginatedRequestParams | None
    ) -> ListResourcesResult:
        try:
            return page_of_resources(self.context, params.cursor if params else None)
        except TutorError as error:
            raise MCPError(INVALID_PARAMS, str(error)) from error

    async def _subscribe(self, ctx: ServerRequestContext[Any], params: SubscribeRequestParams) -> EmptyResult:
        """The 2025-11-25 wire: news go to the connection that asked."""
        self.context.news.attach()
        uri = str(params.uri)
        if len(uri) > _LONGEST_ADDRESS:
            raise MCPError(INVALID_PARAMS, f"An address has at most {_LONGEST_ADDRESS} characters.")
        connection = _connection(ctx)
        if not self.context.news.watch(id(connection), uri, ctx.session.send_resource_updated):
            raise MCPError(INVALID_PARAMS, "This connection watches too much. Unsubscribe from something.")
        connection.exit_stack.callback(self.context.news.unwatch, id(connection), uri)
        return EmptyResult()

    async def _unsubscribe(
        self, ctx: ServerRequestContext[Any], params: UnsubscribeRequestParams
    ) -> EmptyResult:
        self.context.news.unwatch(id(_connection(ctx)), str(params.uri))
        return EmptyResult()

    def _check_names(self, name: str, arguments: dict[str, Any]) -> None:
        tool = self._tool_manager.get_tool(name)
        if tool is None:
            known = [one.name for one in self._tool_manager.list_tools()]
            raise TutorError(
                "unknown-tool",
                f"There is no tool `{name[:100]}`.",
                did_you_mean(name[:100], known) or "See tools/list.",
            )
        takes = list(tool.parameters.get("properties", {}))
        for given in arguments:
            if given not in takes:
                offer = did_you_mean(given[:100], takes) or f"It takes {', '.join(takes) or 'no arguments'}."
                raise TutorError("bad-argument", f"`{given[:100]}` is no argument of {name}.", offer)

    def _check_prompt(self, name: str, arguments: dict[str, Any]) -> None:
        prompt = self._prompt_manager.get_prompt(name)
        known = [one.name for one in self._prompt_manager.list_prompts()]
        if prompt is None:
            offer = did_you_mean(name[:100], known) or f"Prompts: {', '.join(known)}."
            raise TutorError("unknown-prompt", f"There is no prompt `{name[:100]}`.", offer)
        takes = {one.name: one for one in prompt.arguments or ()}
        for given in arguments:
            if given not in takes:
                offer = did_you_mean(given[:100], takes) or f"It takes {', '.join(takes)}."
                raise TutorError("bad-argument", f"`{given[:100]}` is no argument of {name}.", offer)
        for needed in takes.values():
            if needed.required and not str(arguments.get(needed.name) or "").strip():
                raise TutorError(
                    "bad-argument", f"`{needed.name}` is missing.", f"{needed.description or needed.name}"
                )

    def _prompt_error(self, name: str, error: ValueError) -> MCPError:
        cause: BaseException | None = error
        while cause is not None and not isinstance(cause, TutorError | ValidationError):
            cause = cause.__cause__
        if isinstance(cause, TutorError):
            return MCPError(INVALID_PARAMS, str(cause))
        if isinstance(cause, ValidationError):
            return MCPError(INVALID_PARAMS, str(_wrong_arguments(name, cause)))
        failed_call(error, name, self.context)
        return MCPError(
            INVALID_PARAMS, f"The prompt {name} could not be made; the server's log has the details."
        )

    def _addresses(self) -> list[str]:
        listed = [one.uri_template for one in self._resource_manager.list_templates()]
        return [*listed, *(str(one.uri) for one in self._resource_manager.list_resources())]


def _connection(ctx: ServerRequestContext[Any]) -> Connection:
    """What a client's requests share, from its first to its last."""
    return ctx.session._connection  # pyright: ignore[reportPrivateUsage]


def _wrong_arguments(name: str, error: ValidationError) -> TutorError:
    """Each wrong argument once, with what is wrong; never the value, which may be long."""
    told: dict[str, str] = {}
    for problem in error.errors(include_url=False, include_input=False, include_context=False):
        where = ".".join(str(part)[:80] for part in problem["loc"] if not _is_type_name(part))
        message = str(problem["msg"]).removeprefix("Value error, ")
        told.setdefault(where or name, "it is missing" if problem["type"] == "missing" else message)
    text = "; ".join(f"`{where}`: {message}" for where, message in list(told.items())[:5])
    return TutorError("bad-argument", f"{name}: {text}.", "Mend the argument and call it again.")


def _is_type_name(part: str | int) -> bool:
    """pydantic names the branch of a union, such as `dict[...]` or `constrained-str`."""
    return isinstance(part, str) and ("[" in part or part.endswith(("-str", "-float", "-int", "-dict")))
