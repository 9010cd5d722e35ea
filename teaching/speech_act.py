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
        "i'?m done", "done for today", "(?:i )?(?:need|want) (?:a|to take a) break", "aufhören", "basta",
        "arrête",
        before="please|ok|let'?s|can we|i want to", after="here|now|please|for now|for today|the lesson",
    )),
    ("next", _one_of(
        "next", "skip", "(?:i'?d|i would) rather skip", "i(?:'ll| will) skip", "move on", "go on",
        "go to", "continue", "proceed", "weiter", "siguiente", "suivant",
        before="please|ok|can we|let'?s|i want to",
        after="please|it|this|that|the|to|next|question|one|topic|ahead",
    )),
    ("repeat", _one_of(
        "repeat", "again", "come again", "pardon", "say (?:that|it) again", "what (?:was|is) the question",
        "repeat the question", "i (?:did not|didn'?t) (?:catch|read|hear|see) (?:the question|that|it)",
        "i (?:missed|lost|forgot) the question", "what did you (?:just )?(?:ask|say)",
        "what(?:'s| are you) asking",
        before="please|can you|could you|sorry|wait", after="please|again|that|it|me",
    )),
)  # fmt: skip
_DONT_KNOW = _one_of(
    "(?:do not|don'?t|did not|didn'?t) (?:know|understand|get|remember|have (?:a|any) (?:clue|idea))",
    "(?:have )?(?:no|not a) (?:idea|clue)", "not (?:sure|certain)", "lost", "stuck", "give up", "forgot",
    "(?:can ?not|can'?t|could ?n[o']t|would ?n[o']t) (?:say|tell|remember|answer)", "dunno", "idk",
    "beats me", "pass",
    "(?:have ?n[o']t|have not) (?:got )?(?:a|any|the (?:faintest|foggiest)) (?:clue|idea)",
    "never (?:heard|seen|understood|learne?d|learnt|got)(?: of)?", "nothing,? sorry",
    "would ?n[o']?t know(?: where to (?:start|begin))?", "nothing comes to mind", "drawing a blank",
    "out of ideas",
    "(?:this|it|that)(?: is|'s)? (?:way |much |far )?too (?:hard|difficult|complicated|much)(?: for me)?",
    "too (?:hard|difficult|complicated)(?: for me)?", "clueless", "confused",
    "we (?:did not|didn'?t|have not|haven'?t) (?:have|had|learn|learned|do|done|cover|covered) (?:this|"
    "that|it)",
    "no s[eé]", "ni idea", "je (?:ne )?sais pas", "aucune id[ée]e", "keine ahnung",
    "(?:ich )?wei(?:ß|ss)(?: ich| es)? nicht", "n[ãa]o sei", "non (?:lo )?so", "わかりません", "不知道",
    before="sorry|hm+|uh+|um+|ugh|argh|man|dude|well|honestly|ok|okay|nope|no|oh|i|i'?m|am|really|still|just|have|"
    "completely|"
    "totally|absolutely|my brain hurts|a bit|so|to be honest|tbh|pff+",
    after="it|this|that|at all|here|really|yet|why|how|the answer|the question|anything|sorry|what to say|"
    "to be honest|"
    "for (?:this|that)(?: one)?|this one|that one|tbh|"
    "about (?:it|this|that)|what (?:this|that) (?:is|means)|what you(?: are|'?re) asking|"
    "what you mean|how to (?:answer|start)|where to start",
)  # fmt: skip
_HELP = _one_of(
    "help", "hint", "clue", "tip", "help me", "(?:a|another|one more|any) (?:hint|clue|tip|help)s?",
    "(?:need|want|would like|'d like) (?:a |some |another )?(?:hint|help|clue|tip)",
    "(?:give|show|tell) me (?:a |another |the )?(?:hint|clue|tip|answer|solution)", "tell me",
    "(?:can|could|may) (?:you|i|we) (?:please )?(?:give me|get|have|help me|help)(?: (?:a|another|the|some))?"
    "(?: (?:hint|help|clue|tip|answer))?",
    "(?:(?:can|could|would) you )?(?:please )?explain(?: (?:it|this|that))?(?: to me)?",
    "(?:i )?(?:need|want|would like|'?d like) (?:some |a |another )?(?:hint|help|clue|tip|nudge|pointer)s?",
    "(?:give|show|tell) me (?:a |an |another |the |some )?(?:hint|clue|tip|answer|solution|nudge|pointer|"
    "example)s?",
    "what(?:'s| is) the (?:answer|solution)", "any (?:pointer|idea|advice)s?",
    "where (?:do|should|shall) i (?:start|begin)",
    "(?:can|could) you (?:show|give) me (?:an |the |a )?(?:example|answer|solution)",
    "(?:can|could) you (?:make (?:it|this|that) (?:easier|simpler)|walk me through(?: (?:it|this|that))?)",
    "i'd like (?:a |some |another )?(?:hint|help|clue|tip|nudge|pointer)s?",
    ".{0,60}\\b(?:give|show|tell) me (?:the |your )?(?:full |whole |right |correct )?(?:answer|solution)",
    "could (?:really )?use (?:a |some |another )?(?:little )?(?:hint|help|clue|tip|nudge)s?",
    "(?:can|could|may|would|will) (?:i|you|we) (?:please )?(?:see|have|get|give me|show me|tell me) (?:a |"
    "an |another |the |some |one more )?(?:hint|help|clue|tip|nudge)s?",
    "(?:a|any) (?:little|small|bit of|tiny) (?:hint|help|clue|tip|nudge)", "spoil it(?: for me)?",
    "hilfe", "ayuda", "aide(?:z)?[ -]moi", "socorro", "aiuto", "por favor", "ein tipp", "un indice",
    "una pista",
    before="please|ok|i|just|so|some|hey|well|but",
    after="please|pls|plz|again|now|me|here|por favor|bitte|with (?:this|that|it)(?: one| question)?",
)  # fmt: skip
_GREETING = _one_of(
    "ok", "okay", "alright", "all right", "got it", "i see", "understood", "i understand(?: now| it)?",
    "i get it(?: now)?", "(?:that )?makes sense", "great", "cool", "nice",
    "awesome", "wow", "aha", "interesting",
    "hi", "hello", "hey", "hiya", "howdy", "good (?:morning|afternoon|evening|day)", "greetings", "hallo",
    "thanks", "thank you", "thx", "cheers", "hola", "bonjour", "guten (?:tag|morgen|abend)", "ciao",
    "danke", "merci",
    "gracias", "servus", "moin", "salut", "ol[áa]", "how are you(?: doing)?(?: today)?", "nice to meet you",
    before="hi|hello|hey", after="there|tutor|again|everyone|a lot|so much|very much|you|"
    "how are you(?: doing)?|"
    "for (?:your|the|all your) (?:help|hint|explanation|time|patience)|for that|that (?:really )?helped|"
    "that was (?:very |really )?(?:helpful|clear|useful)",
)  # fmt: skip
_OBJECTION = _one_of(
    "(?:that'?s what )?i (?:just |already |did )?(?:said|wrote|told you|say|answered)",
    "that'?s (?:what i meant|not fair|not what i (?:said|meant)|nonsense)",
    "(?:you'?re|you are) (?:wrong|mistaken)",
    "i (?:just |already |literally )+(?:said|wrote|told you|say|answered|typed)",
    "you (?:just )?(?:repeated|said) (?:what i said|my answer)",
    "you (?:misunderstood|misread|did not read|didn'?t read|did not understand|didn'?t understand|ignored|"
    "are ignoring)"
    "(?: me| my answer| it| what i (?:said|wrote))?",
    "are you (?:really |quite )?sure(?: about (?:that|this|it))?",
    "(?:the|this|that|your) (?:question|answer|hint|verdict|explanation|solution) (?:is|was|makes|made) "
    "(?:wrong|nonsense|no sense|unfair|unclear|a trick|mistaken|incorrect)",
    "(?:that|this|it) makes no sense",
    "(?:how|why) (?:is|was) (?:that|this|it|my answer) (?:wrong|not (?:right|correct)|incorrect)",
    "(?:it|that|this)(?: is|'s) (?:right|correct|wrong)(?: check again)?", "check (?:it )?again",
    "stop (?:asking|saying|repeating) .{1,30}", "das (?:habe ich|hab ich) (?:doch |schon )*gesagt",
    "das stimmt nicht",
    "i (?:do not|don'?t) agree", "i disagree", "i think you(?: are|'?re) (?:wrong|mistaken).{0,20}",
    "i (?:just |already )?(?:said|wrote|told you) (?:exactly |just )?(?:that|this|it|so) .{0,25}"
    "(?:ago|before|above)",
    "my answer (?:is|was) (?:right|correct)",
    "(?:that|this|it) (?:is|was) (?:right|correct|wrong)",
    "why (?:is|was) (?:that|this|it|my answer) (?:wrong|not (?:right|correct))",
    before="no|but|hey|well|wait|sorry|hm+", after="that|so|it|this|exactly that|already|check again|to me|"
    "at all|though",
)  # fmt: skip
_WHOLE_LINES: tuple[tuple[ActKind, re.Pattern[str]], ...] = (
    ("objection", _OBJECTION), ("help", _HELP), ("greeting", _GREETING)
)  # fmt: skip
_ASKS_BACK = re.compile(
    r"(?:(?:sorry|wait|but|and|so)[, ]+)*(?:(?:can|could|would) you (?:please )?(?:explain|tell|show|"
    r"clarify)|"
    r"what do you mean(?: (?:by|with) |$)|what does .{1,40} mean|(?:explain|tell me|"
    r"define) (?:to me )?(?:what|how|why) )"
)
_NAMES_A_THING = re.compile(
    r"(?:(?:and|but|so|wait|sorry)[, ]+)*(?:what(?:'s| is| are)|who is|who are) (?:(?!\b(?:is|are|"
    r"and)\b)[^,;:]){1,30}"
)
"""A short `what is a gradient` asks without a mark; `what happens is that ...` does not."""
_ASKING_WORD = re.compile(
    r"(?:(?:but|and|so|wait|sorry|ok|okay|hm+|oh)[, ]+)*(?:what|why|how|when|where|which|who|whose|"
    r"what's|was (?:ist|sind|bedeutet|hei(?:ß|ss)t|macht|meinst)|wie|warum|wann|wo|"
    r"qu[eé]|por qu[eé]|c[oó]mo|c'est quoi|pourquoi|comment|o que|cos'è|"
    r"perch[eé])\b"
)
_PROPOSES = re.compile(r"(?:(?:but|and|so|or|ok|hm+|oh|well)[, ]+)*how about (?!(?:you|we)\b)|why: ")
_ASKS_OPENLY = re.compile(
    r"(?:(?:but|and|so|wait|sorry|ok|okay|hm+|oh)[, ]+)*(?:"
    r"(?:is|are|was|were) (?:there|a|an|you|i)\b|(?:is|are) .{1,40} (?:used|needed|allowed|required|"
    r"important)\b|"
    r"(?:does|is|are|do|would|will|can|could) .{0,40}\balso\b|"
    r"(?:do|did|does|should|shall|may|must|can|could|would|will|have|am) (?:i|you|people|anyone|"
    r"everyone)\b(?! mean that\b))"
)
"""Yes-or-no questions about the matter or the lesson; one about `it` or `we` offers an answer in doubt."""
_SEEKS_ASSENT = re.compile(
    r"\b(?:right|correct|no|yes|or|is (?:that|this) (?:it|right|correct)|(?:is|does|would|was)n't (?:it|"
    r"that))\s*\?$"
)
_OFF_TOPIC = re.compile(
    r"\b(?:weather|football|soccer|basketball|movie|netflix|recipe|pizza|lunch|dinner|breakfast|joke|"
    r"girlfriend|boyfriend|dating|horoscope|bitcoin|lottery|election|president|vacation|holiday|tiktok|"
    r"instagram|poem|"
    r"song|taxes|homework|wetter|capital of|hungry|tired of you|love me|marry me|"
    r"are you (?:human|a robot|real|chatgpt|an ai|alive)|who (?:made|built|created) you|how old are you)\b"
)
_SMALL_TALK = re.compile(
    r"(?:(?:hey|so|and|but|please|ok|well)[, ]+)*(?:what time is it|what(?:'s| is) the time|"
    r"what day is (?:it|today)(?: today)?|what(?:'s| is) your (?:name|favou?rite .{1,20})|how old are you|"
    r"(?:how|what)(?:'s| is) the weather.{0,30}|who (?:made|built|created|wrote) you|"
    r"(?:tell|sing|write) (?:me |us )?(?:a|an|another) (?:joke|story|song|poem|fairy tale).{0,30}|"
    r"who won (?:the |last )?.{0,20}(?:world cup|super bowl|elections?|league|match|oscars?|olympics).{0,20}|"
    r"are you (?:a |an )?(?:human|robot|real|chatgpt|ai|alive|person|bot)|do you (?:love|like|hate) me|"
    r"what(?:'s| is) the capital of .{1,30})"
)
_CHATS = re.compile(
    r"(?:(?:hey|so|and|but|please|ok|well)[, ]+)*(?:what|who|when|where|why|how|which|is|are|do|does|did|"
    r"can|could|should|"
    r"would|will|tell|write|give|sing|show|make|find|i|i'm|my|let's|wie|was|qu[eé])\b"
)
"""How a line begins that chats or orders; others that name such a thing may well be comparisons."""
_INJECTS = re.compile(
    r"\b(?:ignore|forget|disregard|override|bypass)\b.{0,40}\b(?:instructions?|rules|prompts?|"
    r"you were told)\b|"
    r"system prompt|^\W*(?:system|assistant|developer)\s*[:>]|</?(?:system|instructions?)>|\bjailbreak|"
    r"\byou are now (?:dan|free|my|a different)\b|\b(?:reveal|print|show|output) (?:your|the) "
    r"(?:prompt|instructions|rules|oracle)|\bmastery (?:=|to|of)? ?[\d.]+|\bfull marks\b"
)
_ABUSE = re.compile(
    r"(?:f+u+c+k+|screw|damn|piss|shut)(?: (?:you|this|off|up|it|the tutor|tutor))*|"
    r"(?:you|(?:this|the) (?:tutor|app|bot|lesson|thing))(?: are|'re| is|'s| r)? "
    r"(?:so |really |such |just |an? |the |totally |complete )*"
    r"(?:stupid|dumb|useless|idiot|moron|garbage|trash|sucks?|terrible|awful|worst|shit|crap|boring|annoying)"
    r"(?: (?:tutor|bot|ai|app))?|i hate (?:you|this|it)(?: (?:tutor|so much|app|lesson))*|"
    r"(?:lol|lmao|haha+|rofl|xd)+"
)


def classify(line: str, *, asked: str = "") -> Act:
    """The act of one line. `asked` is the open question: words shared with it keep a line on topic."""
    text = " ".join(line[: wording.LONGEST_ANSWER].strip().lower().replace("’", "'").split())
    bare = text.strip(" .!?¿¡…,:;'\"()")
    flat = re.sub(r"[,.!?:;]+(?=\s)", "", bare)
    for command, pattern in _COMMANDS:
        if pattern.fullmatch(flat):
            return Act("meta", command)
    if not bare or _DONT_KNOW.fullmatch(flat):
        return Act("dont_know")
    for kind, pattern in _WHOLE_LINES:
        if pattern.fullmatch(flat):
            return Act(kind)
    if _strays(bare, flat, text, asked):
        return Act("off_topic")
    return Act("question") if _is_question(text, bare) else Act("answer")


def is_small_talk(line: str) -> bool:
    """A whole line about the time, the weather or the tutor's person, on topic nowhere."""
    flat = re.sub(r"[,.!?:;]+", "", " ".join(line[:200].lower().replace("’", "'").split()))
    return _SMALL_TALK.fullmatch(flat.strip()) is not None


def is_bare_command(line: str) -> bool:
    """A command word or two, without `please` or `let's`: it may be the word that a blank wants."""
    flat = line.strip().lower().strip(" .!?")
    is_command = any(pattern.fullmatch(flat) for _, pattern in _COMMANDS)
    return is_command and not re.search(r"please|let|question|can |could |here|now|for |want", flat)


def _strays(bare: str, flat: str, text: str, asked: str) -> bool:
    if _INJECTS.search(text) or _ABUSE.fullmatch(flat) or _SMALL_TALK.fullmatch(flat):
        return True
    chats = text.endswith("?") or _CHATS.match(bare) is not None
    return chats and _OFF_TOPIC.search(bare) is not None and not _shares_words(bare, asked)


def _is_question(text: str, bare: str) -> bool:
    """Whether it asks something. "It goes downhill, right?", "is it 0.5?" and "0.5?" are answers in doubt."""
    if _PROPOSES.match(bare):
        return False
    if _ASKS_BACK.match(bare) or _NAMES_A_THING.fullmatch(bare):
        return True
    if not text.endswith("?") or _SEEKS_ASSENT.search(text):
        return False
    last = re.split(r"[.!?;]\s+", text.rstrip("? "))[-1].lstrip("¿ ")
    return bool(_ASKING_WORD.match(last) or _ASKS_OPENLY.match(last)) and not _answers_first(text)


def _answers_first(text: str) -> bool:
    """Whether a whole sentence that is no question stands before the one that asks."""
    first = re.split(r"(?<=[.!;])\s+", text)[0]
    return first != text and len(wording.content(first)) >= 4


def _shares_words(line: str, asked: str) -> bool:
    return bool(set(wording.content(line)) & set(wording.content(asked)))
