"""What a model is sent: rules and authored material first, what changes last, within a budget.

The order is the one that servers' prompt caches like: a turn's prefix is that of the turn before.
The rule owned here: however long its parts, a request keeps within the budget of tokens, and the
move, its facts and the learner's words are the last to be shortened.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

from tutor.speaker.prompts import fill_prompt
from tutor.speaker.quoting import as_data
from tutor.speaker.speaker import Passage, SpeakRequest
from tutor.speaker.usage import estimate_tokens

if TYPE_CHECKING:
    from openai.types.chat import ChatCompletionMessageParam

_ANSWER_TOKENS = 800
"""Kept free for what the model says."""
_FRAME_TOKENS = 4
_MARK_TOKENS = 20
"""The marks around a text of others."""
_CUT = " […]"
_SHARES = {
    "facts": 0.2, "asked": 0.15, "belief": 0.05, "passages": 0.4, "code": 0.2, "report": 0.1, "material": 0.2,
}  # fmt: skip
"""Of the budget, at most; what is not needed of them goes to nobody but the history."""
_FIRST = ("facts", "asked", "belief")
"""Parts that get their share before the others divide what is left."""


def compose_messages(request: SpeakRequest, budget: int = 8000) -> list[ChatCompletionMessageParam]:
    """The request as messages of at most `budget` tokens, by estimate, the answer's included.

    One system message, then earlier turns in turns, then one of the user with the move: the form
    that the strictest chat templates take.
    """
    room = budget - _ANSWER_TOKENS
    parts = _parts(request, room)
    opening = fill_prompt("system")
    if "material" in parts:
        opening += "\n\n" + fill_prompt("material", material=as_data(parts["material"], "material"))
    learner = as_data(parts["asked"], "learner")
    closing = fill_prompt("turn", task=_task(request, parts), learner=learner)
    left = room - estimate_tokens(opening) - estimate_tokens(closing) - 2 * _FRAME_TOKENS
    if request.summary and (cost := estimate_tokens(request.summary) + 40) < left:
        opening += "\n\n" + fill_prompt("earlier", summary=as_data(request.summary, "earlier"))
        left -= cost
    messages: list[dict[str, str]] = [{"role": "system", "content": opening}]
    for role, text in _recent(request.history, left):
        _say(messages, "assistant" if role == "tutor" else "user", text)
    _say(messages, "user", closing)
    return cast("list[ChatCompletionMessageParam]", messages)


def shorten(text: str, tokens: int) -> str:
    """The beginning of a text, in at most `tokens` tokens by estimate, with a mark where it was cut."""
    if estimate_tokens(text) <= tokens:
        return text
    kept = text.encode("utf-8", "replace")[: max(4 * tokens - len(_CUT.encode()), 0)]
    return kept.decode("utf-8", "ignore").rstrip() + _CUT


def _recent(history: tuple[tuple[str, str], ...], tokens: int) -> list[tuple[str, str]]:
    """The newest messages that fit, oldest first; they begin with one of the learner's."""
    kept: list[tuple[str, str]] = []
    for role, text in reversed(history):
        tokens -= estimate_tokens(text) + _FRAME_TOKENS
        if tokens < 0:
            break
        kept.append((role, text))
    while kept and kept[-1][0] == "tutor":
        kept.pop()
    return kept[::-1]


def _say(messages: list[dict[str, str]], role: str, text: str) -> None:
    """Add a message; two of one role in a row become one."""
    if messages[-1]["role"] == role:
        messages[-1]["content"] += f"\n\n{text}"
    else:
        messages.append({"role": role, "content": text})


def _parts(request: SpeakRequest, room: int) -> dict[str, str]:
    """The texts of a request by their share's name, each cut to its place in `room` tokens."""
    listed = "" if _answers(request) else "\n".join(f"- {fact}" for fact in request.facts)
    told = {
        "facts": listed or request.text, "asked": request.asked or "Go on.", "belief": request.misconception,
        "passages": "\n\n".join(map(_whole, request.passages)) if _answers(request) else "",
        "code": request.code, "report": request.report, "material": request.material,
    }  # fmt: skip
    told = {name: text for name, text in told.items() if text}
    most = {name: int(room * _SHARES[name]) for name in told}
    takes = {name: min(estimate_tokens(text) + _MARK_TOKENS, most[name]) for name, text in told.items()}
    left = max(room - _frame(request) - sum(takes.get(name, 0) for name in _FIRST), 0)
    rest = sum(taken for name, taken in takes.items() if name not in _FIRST)
    for name in takes:
        if name not in _FIRST and rest > left:
            takes[name] = takes[name] * left // rest
    fitting = {name: shorten(told[name], takes[name] - _MARK_TOKENS) for name in told if name != "passages"}
    if "passages" in told:
        fitting["passages"] = "\n\n".join(_fitting(request.passages, takes["passages"]))
    return fitting


def _frame(request: SpeakRequest) -> int:
    """Tokens of the prompts around the texts."""
    names = ["system", "turn", _move_prompt(request)]
    names += ["material"] * bool(request.material) + ["misconception"] * bool(request.misconception)
    names += ["report"] * bool(request.report) + ["code"] * bool(request.code)
    names += ["rewrite"] * bool(request.objection)
    frames = estimate_tokens(request.objection) + (2 + len(names)) * _FRAME_TOKENS
    return frames + sum(estimate_tokens(fill_prompt(name)) for name in names)


def _answers(request: SpeakRequest) -> bool:
    return request.move == "answer"


def _move_prompt(request: SpeakRequest) -> str:
    if not _answers(request):
        return "move"
    return "open" if request.may_look_up else "answer"


def _task(request: SpeakRequest, parts: dict[str, str]) -> str:
    facts = parts.get("facts", "")
    told = {"opening": facts} if _answers(request) else {"facts": as_data(facts, "facts")}
    values = {"move": request.move, "passages": parts.get("passages", "")} | told
    task = [fill_prompt(_move_prompt(request), **values)]
    if request.objection:
        task.append(fill_prompt("rewrite", objection=request.objection))
    if "belief" in parts:
        task.append(fill_prompt("misconception", belief=parts["belief"]))
    if "report" in parts:
        task.append(fill_prompt("report", report=as_data(parts["report"], "report")))
    if "code" in parts:
        task.append(fill_prompt("code", code=as_data(parts["code"], "code")))
    return "\n\n".join(task)


def _whole(passage: Passage) -> str:
    return f"{passage.citation}\n{as_data(passage.text, 'passage')}"


def _fitting(passages: tuple[Passage, ...], tokens: int) -> list[str]:
    """Passages in their order while they fit; of the first, its beginning in any case."""
    kept: list[str] = []
    for passage in passages:
        marks = estimate_tokens(passage.citation) + _MARK_TOKENS
        cost = estimate_tokens(passage.text) + marks
        if cost > tokens and kept:
            break
        kept.append(_whole(replace(passage, text=shorten(passage.text, tokens - marks))))
        tokens -= cost
    return kept
