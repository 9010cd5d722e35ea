"""The words around a short answer that are no part of it: "I think it's 0.75, not sure".

The one rule owned here: only doubt, politeness and the frame of a sentence are taken off; a word
that could change what was answered ("not", "or", "less than") stays.
"""

from __future__ import annotations

import re

_LEAD = re.compile(
    r"(?:(?:i (?:think|guess|get|got|choose|chose|pick|take|say|would say|would pick|would go with|go with|"
    r"believe|bet)|"
    r"i'd (?:say|go with|pick|guess)|i'll (?:take|say|go with)|it is|it's|its|it must be|it should be|"
    r"it prints|prints|"
    r"it shows|that is|that's|that would be|is it|is that|could it be|would it be|must be|should be|"
    r"(?:the|my|our) (?:answer|number|result|word|output|order|choice|guess) (?:is|would be|must be)|"
    r"(?:answer|result|output)(?: is|:)|so|hm+|uh+m?|um+|well|ok|okay|maybe|perhaps|probably|definitely|"
    r"surely|"
    r"possibly|then|oh|wait|sorry|clearly|obviously)\b(?:[,:…]+|\.+(?!\d))?\s*)+"
)
_TRAIL = re.compile(
    r"(?:[,;… ]+(?:i (?:think|guess|believe|suppose|would say)|i'?m not sure|not (?:so |quite |"
    r"really )?sure(?: though)?|"
    r"maybe|perhaps|probably|or so|or something|right|please|though|if i'?m not mistaken|no idea why|"
    r"is (?:it|that) right))+$"
)


def bare_answer(text: str) -> str:
    """The answer in lower case without its frame; the text itself, tidied, when nothing would be left."""
    said = " ".join(text.replace("’", "'").lower().split()).strip(" ?!`\"'$").rstrip(".,;:")
    for _ in range(3):
        shorter = _TRAIL.sub("", _LEAD.sub("", said, count=1) if _LEAD.match(said) else said).strip(
            " ?!,;`\"'"
        )
        if not shorter or shorter == said:
            break
        said = shorter
    return said
