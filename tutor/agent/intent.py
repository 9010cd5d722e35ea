"""What the learner wants of the tutor: a command, a lesson, a question, or an answer to ours.

Rules over the whole line, no model. The rule owned here: while a question of ours is open, a
line is about it unless it plainly asks for something else.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

from tutor_error import TutorError, did_you_mean

if TYPE_CHECKING:
    from tutor.agent.state import State

IntentKind = Literal[
    "question", "learn", "start", "check", "grade", "run", "hint", "next", "progress", "review", "help",
    "greeting", "thanks", "stop", "accept", "reply", "off_topic", "example", "fade", "predict", "compare",
    "plan", "summary", "hunt", "solution", "remark", "aside", "place", "usage", "skip",
]  # fmt: skip

COMMANDS: dict[str, IntentKind] = {
    "ask": "question", "learn": "learn", "start": "start", "check": "check", "grade": "grade",
    "run": "run", "hint": "hint", "next": "next", "progress": "progress", "review": "review",
    "help": "help", "stop": "stop", "accept": "accept", "quit": "stop", "exit": "stop", "usage": "usage",
    "example": "example", "fade": "fade", "predict": "predict", "compare": "compare", "plan": "plan",
    "summary": "summary", "hunt": "hunt", "solution": "solution", "place": "place", "skip": "skip",
}  # fmt: skip
_PATH = r"(?P<target>[\"'`]?[\w~./\\ -]*[\w~/\\]\.(?:py|ipynb)[\"'`]?|[\"'`]?(?:[~.]{0,2}/)[\w./ -]*[\"'`]?)"
_POLITE = (
    r"(?:(?:please|can you|could you|would you|i want to|i'd like to|i would like to|let'?s|help me)\s+)*"
)
_MINE = r"(?:\s+(?:my (?:code|solution|work|file)|it|this))?(?:\s+(?:in|at|from))?"
_LEARN = (
    r"(?:teach me|learn|study|resume|give me a lesson on|(?:take|walk) me through(?: the)?(?: lesson| unit)?|"
    r"(?:start|begin)(?: the)? (?:lesson|unit))(?:\s+(?:about|on|the lesson|the unit))*"
)
_RULES: tuple[tuple[IntentKind, str], ...] = (
    ("grade", rf"{_POLITE}(?:grade|submit|mark|assess){_MINE}(?:\s+{_PATH})?"),
    ("check", rf"{_POLITE}(?:check|test){_MINE}(?:\s+{_PATH})?"),
    ("run", rf"{_POLITE}(?:run|execute)\s+{_PATH}"),
    ("start", rf"{_POLITE}(?:start|begin|open|set up|do)\s+(?:the\s+)?(?:project|lab|case(?: study)?)\s+"
              r"(?P<target>.+)"),
    ("learn", rf"{_POLITE}{_LEARN}\s+(?P<target>.+)"),
    ("start", rf"{_POLITE}(?:start|begin)\s+(?P<target>[\w-]+(?:\s+[\w-]+){{0,6}})"),
    ("review", rf"{_POLITE}review{_MINE}\s+{_PATH}|"
               rf"{_POLITE}review my (?:code|solution|work|submission|file)"),
    ("predict", rf"{_POLITE}(?:predict(?: (?:and|then) run)?|guess the output of)\s+{_PATH}"),
    ("example", rf"{_POLITE}(?:show me |give me |see |have )?(?:a |an |the |another |one more )?"
                r"(?:worked )?example(?: please)?(?:\s+(?:of|for|on|about)\s+(?P<target>.+))?"),
    ("fade", rf"{_POLITE}(?:show me |give me )?(?:a |another )?(?:faded example|fill in the (?:code|blank))"
             r"(?:\s+(?:of|for|on|about)\s+(?P<target>.+))?"),
    ("plan", rf"{_POLITE}(?:show me |make |give me )?(?:a |the |my )?(?:study )?plan"
             r"(?:\s+(?:of|for|through)\s+(?P<target>.+))?"),
    ("summary", rf"{_POLITE}(?:give me a )?(?:summary|summari[sz]e|recap|sum up|"
                r"what did we (?:do|cover|talk about))"
                r"(?: (?:this|the|our) (?:conversation|session|talk))?(?: so far)?"),
    ("hunt", rf"{_POLITE}(?:start |do |go on )?(?:a |the )?leak(?:age)? hunt"
             r"(?:\s+(?:in|through|on)\s+(?P<target>.+))?|"
             r"(?:where (?:is|are|was|were)|find) the leak(?:s|age)?"),
    ("solution", rf"{_POLITE}(?:show|see)(?: me)? the (?:worked|author'?s|reference) solution"
                 r"(?:\s+(?:of|for)\s+(?P<target>.+))?"),
    ("hint", r"(?:give me |i need |can i (?:have|get) |please )?"
             r"(?:a |another |one more |the next )?(?:hint|clue)"
             r"(?:\s+(?:please|for (?P<target>[\w-]+)))?"),
    ("next", rf"{_POLITE}(?:tell me )?(?:what(?:'s| is| should i (?:do|learn|study|take))? next|"
             r"what now|next|what (?:should|shall|can|do) i (?:do|learn|study|take)(?: (?:next|now|first))?|"
             r"where (?:do|should|shall) i (?:start|begin)|"
             r"recommend (?:something|a (?:unit|lesson|project)))"),
    ("progress", r"(?:show (?:me )?)?(?:my )?progress|how (?:am i doing|far am i|much have i learned)|"
                 r"what have i (?:learned|done)"),
    ("review", r"what(?:'s| is) due|what should i review|reviews?|due reviews?|anything to review"),
    ("place", rf"{_POLITE}(?:test (?:me|what i know)|take (?:a|the) placement(?: test)?|place me|"
              r"(?:do|start) (?:a|the) placement|skip what i know)"
              r"(?:\s+(?:in|on|for)\s+(?P<target>[\w-]+))?"),
    ("help", r"help|what can (?:you|i) do(?: here)?|how does this work|commands|how do i use (?:this|you)"),
    ("greeting", r"(?:hi|hello|hey|hiya|good (?:morning|afternoon|evening|day)|greetings)"
                 r"(?:\s+(?:there|tutor|again))?"),
    ("thanks", r"(?:thanks|thank you|thx|cheers|great|cool|ok(?:ay)?|nice)"
               r"(?:\s+(?:a lot|so much|very much|you))?"),
    ("stop", r"(?:please )?(?:stop|quit|exit|bye|goodbye|enough|leave (?:the )?lesson|stop the lesson)"
             r"(?:\s+(?:here|now|for now|for today))?"),
)  # fmt: skip
_IN_LESSON = frozenset(
    {
        "grade",
        "check",
        "run",
        "start",
        "learn",
        "progress",
        "predict",
        "example",
        "fade",
        "summary",
        "hunt",
        "review",
        "next",
    }
)
"""What a line may ask for while a question is open; the rest the dialogue itself understands."""
_ASKS = re.compile(
    r"^(?:what|why|how|when|where|which|who|explain|define|describe|tell me|compare|is|are|does|do|can|could|"
    r"should|show me)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Intent:
    """`target`: a unit's name, a path, a check; `text`: the learner's line without the command."""

    kind: IntentKind
    text: str
    target: str = ""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def read_intent(line: str, in_lesson: bool = False) -> Intent:
    """The intent of a line. TutorError `unknown-command` for a slash that is none."""
    text = line.strip()
    if text.startswith("/"):
        return _read_command(text)
    bare = " ".join(text.lower().replace("’", "'").split()).strip(" .!?")
    for kind, pattern in _RULES:
        matched = re.fullmatch(pattern, bare)
        if matched is None or (in_lesson and (kind not in _IN_LESSON or not _insists(kind, matched, text))):
            continue
        return Intent(kind, text, _target(matched, text))
    if in_lesson:
        return Intent("reply", text)
    return Intent("question", text)


def intent_of(state: State) -> Intent:
    """The intent that the turn was given when it began."""
    stored = state.get("intent", {})
    return Intent(stored["kind"], stored["text"], stored["target"])


def is_question(line: str) -> bool:
    """It asks for something to be explained, in form at least."""
    return line.rstrip().endswith("?") or _ASKS.match(line.strip()) is not None


def _insists(kind: IntentKind, matched: re.Match[str], text: str) -> bool:
    """Inside a lesson `check it` is an answer like others; `check solution.py` is not."""
    if kind == "next":
        return len(text.split()) > 1 and not re.match(r"(?:what now|next)\b", text.strip().lower())
    sure = ("progress", "learn", "example", "fade", "summary", "hunt")
    return kind in sure or bool(_target(matched, text))


def _read_command(text: str) -> Intent:
    word, _, rest = text[1:].partition(" ")
    kind = COMMANDS.get(word.lower())
    if kind is None:
        known = did_you_mean(word.lower(), COMMANDS).replace("`", "`/", 1) if word else ""
        raise TutorError("unknown-command", f"There is no command `/{word}`.", known or "`/help` lists them.")
    return Intent(kind, rest.strip() if kind == "question" else text, rest.strip().strip("`'\""))


def _target(matched: re.Match[str], text: str) -> str:
    """The named part in the learner's own capitals: paths are case-sensitive."""
    named = matched.groupdict().get("target")
    if not named:
        return ""
    at = " ".join(text.split()).lower().replace("’", "'").find(named)
    original = " ".join(text.split())[at : at + len(named)] if at >= 0 else named
    return original.strip().strip("`'\"")
