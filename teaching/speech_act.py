"""What a learner's line does: answers, asks, gives up, asks for help, steers, strays.

The one rule owned here: when in doubt a line is an answer, because judging an answer is
safe and refusing one is not. A rule speaks of the whole line, never of one word inside a
long sentence.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from teaching import wording

ActKind = Literal["answer", "dont_know", "help", "question", "objection", "meta", "off_topic", "greeting"]
Command = Literal["stop", "next", "repeat"]


@dataclass(frozen=True)
class Act:
    """`command` is set for meta alone."""

    kind: ActKind
    command: Command | None = None


def _one_of(*patterns: str, before: str = "", after: str = "") -> re.Pattern[str]:
    """A whole line that is one of the patterns, with optional repeated words before and after."""
    lead = rf"(?:(?:{before})[, ]+)*" if before else ""
    trail = rf"(?:[, ]+(?:{after}))*" if after else ""
    return re.compile(rf"{lead}(?:{'|'.join(patterns)}){trail}")


_COMMANDS: tuple[tuple[Command, re.Pattern[str]], ...] = (
    ("stop", _one_of(
        "stop", "quit", "exit", "bye", "goodbye", "end", "enough", "pause", "that'?s enough",
        "i'?m done", "done for today",
        before="please|ok|let'?s", after="here|now|please|for now|for today|the lesson",
    )),
    ("next", _one_of(
        "next", "skip", "move on", "go on", "continue", "proceed",
        before="please|ok|can we|let'?s|i want to",
        after="please|it|this|that|question|one|topic|ahead",
    )),
    ("repeat", _one_of(
        "repeat", "again", "come again", "pardon", "say (?:that|it) again", "what was the question",
        "repeat the question", "what did you (?:ask|say)",
        before="please|can you|could you", after="please|again|that|it",
    )),
)  # fmt: skip
_DONT_KNOW = _one_of(
    "(?:do not|don'?t|did not|didn'?t) (?:know|understand|get|remember|have (?:a|any) (?:clue|idea))",
    "(?:have )?(?:no|not a) (?:idea|clue)", "not (?:sure|certain)", "lost", "stuck", "give up", "forgot",
    "(?:can ?not|can'?t) (?:say|tell|remember|answer)", "dunno", "idk", "beats me",
    before="sorry|hm+|uh+|um+|well|honestly|ok|okay|no|oh|i|i'?m|am|really|still|just|have",
    after="it|this|that|at all|really|yet|why|how|the answer|anything|sorry|what to say|to be honest|"
    "about (?:it|this|that)|what (?:this|that) (?:is|means)|how to (?:answer|start)|where to start",
)  # fmt: skip
_HELP = _one_of(
    "help", "hint", "clue", "tip", "help me", "(?:a|another|one more|any) (?:hint|clue|tip|help)s?",
    "(?:need|want|would like|'d like) (?:a |some |another )?(?:hint|help|clue|tip)",
    "(?:give|show|tell) me (?:a |another |the )?(?:hint|clue|tip|answer|solution)", "tell me",
    "(?:can|could|may) (?:you|i|we) (?:please )?(?:give me|get|have|help me|help)(?: (?:a|another|the|some))?"
    "(?: (?:hint|help|clue|tip|answer))?",
    "explain(?: (?:it|this|that))?(?: to me)?",
    before="please|ok|i|just|so", after="please|again|now|me|with (?:this|that|it)",
)  # fmt: skip
_GREETING = _one_of(
    "hi", "hello", "hey", "hiya", "howdy", "good (?:morning|afternoon|evening|day)", "greetings", "hallo",
    "thanks", "thank you", "thx", "cheers",
    after="there|tutor|again|everyone|a lot|so much|very much|you",
)  # fmt: skip
_OBJECTION = _one_of(
    "(?:that'?s what )?i (?:just |already |did )?(?:said|wrote|told you|say|answered)",
    "that'?s (?:what i meant|not fair|not what i (?:said|meant))", "(?:you'?re|you are) wrong",
    "i (?:do not|don'?t) agree", "i disagree", "my answer (?:is|was) (?:right|correct)",
    "(?:that|this|it) (?:is|was) (?:right|correct|wrong)",
    "why (?:is|was) (?:that|this|it|my answer) (?:wrong|not (?:right|correct))",
    before="no|but|hey|well", after="that|so|it|this|exactly that|already",
)  # fmt: skip
_ASKS_BACK = re.compile(
    r"(?:can|could|would) you (?:please )?(?:explain|tell|show|clarify)|"
    r"what do you mean|what does .{1,40} mean"
)
_ASKING_WORD = re.compile(
    r"(?:(?:but|and|so|wait|sorry|ok|okay)[, ]+)*(?:what|why|how|when|where|which|who|whose|is|are|was|"
    r"were|do|does|did|can|could|should|would|will|may|what's|isn't|aren't|doesn't|don't)\b"
)
_SEEKS_ASSENT = re.compile(r"\b(?:right|correct|no|yes|or)\s*\?$")
_OFF_TOPIC = re.compile(
    r"\b(?:weather|football|soccer|basketball|movie|netflix|recipe|pizza|lunch|dinner|breakfast|joke|"
    r"girlfriend|boyfriend|dating|horoscope|bitcoin|lottery|election|president|vacation|holiday|tiktok|instagram|poem|"
    r"system prompt|are you (?:human|a robot|real|chatgpt|an ai)|who (?:made|built) you|how old are you|"
    r"ignore (?:all|your|previous))\b"
)


def classify(line: str, *, asked: str = "") -> Act:
    """The act of one line. `asked` is the open question: words shared with it keep a line on topic."""
    text = " ".join(line[: wording.LONGEST_ANSWER].strip().lower().replace("’", "'").split())
    bare = text.strip(" .!?…,:;'\"()")
    for command, pattern in _COMMANDS:
        if pattern.fullmatch(bare):
            return Act("meta", command)
    if not bare or _DONT_KNOW.fullmatch(bare):
        return Act("dont_know")
    if _OBJECTION.fullmatch(bare):
        return Act("objection")
    if _HELP.fullmatch(bare):
        return Act("help")
    if _GREETING.fullmatch(bare):
        return Act("greeting")
    if _OFF_TOPIC.search(bare) and not _shares_words(bare, asked):
        return Act("off_topic")
    return Act("question") if _is_question(text, bare) else Act("answer")


def _is_question(text: str, bare: str) -> bool:
    """Whether it asks something. "It goes downhill, right?" and "0.5?" are answers in doubt."""
    if _ASKS_BACK.match(bare):
        return True
    if not text.endswith("?") or _SEEKS_ASSENT.search(text):
        return False
    return bool(_ASKING_WORD.match(bare))


def _shares_words(line: str, asked: str) -> bool:
    return bool(set(wording.content(line)) & set(wording.content(asked)))
