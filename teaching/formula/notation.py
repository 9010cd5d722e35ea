"""Formulas as people type and paste them, brought into one plain form.

σ², x₁, √2, 2·w×x, e^{-x}, \\frac{1}{n}, |x|, ŷ, w -= lr*g: afterwards there are only names,
numbers, + - * / ^, commas and round brackets. The one rule owned here: only spelling
changes, never meaning; what a sign means is for `tree` to say.
"""

from __future__ import annotations

import re
import unicodedata

_LETTERS = "αβγδεζηθικλμνξοπρστυφχψω"
_NAMES = """alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma tau
upsilon phi chi psi omega"""
_SMALL = dict(zip(_LETTERS, _NAMES.split(), strict=True))
_OTHER = {"ς": "sigma", "ϵ": "epsilon", "ϕ": "phi", "ϑ": "theta", "ϱ": "rho", "µ": "mu"}
GREEK = {**_SMALL, **{letter.upper(): name.capitalize() for letter, name in _SMALL.items()}, **_OTHER}
_SUPER = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺ⁿˣ", "0123456789-+nx", strict=True))
_SUB = dict(zip("₀₁₂₃₄₅₆₇₈₉ᵢⱼₖₙₜ", "0123456789ijknt", strict=True))
_MARKS = {"\u0302": "_hat", "\u0304": "_bar", "\u0305": "_bar", "\u0303": "_tilde"}
_SIGNS = {
    "−": "-", "–": "-", "—": "-", "×": "*", "·": "*", "⋅": "*", "∙": "*", "∗": "*", "÷": "/", "∕": "/",
    "⁄": "/", "½": "(1/2)", "¼": "(1/4)", "¾": "(3/4)", "⅓": "(1/3)", "⅔": "(2/3)", "√": " sqrt ",
    "∑": " sum ", "Σ": " sum ", "[": "(", "]": ")", "′": "'", "’": "'", "←": "=", ":=": "=", "<-": "=",
    "≔": "=", "**": "^",
}  # fmt: skip
_LEAD = re.compile(
    r"^(?:(?:is it|is that|could it be|would it be|i think|i guess|i get|i got|i'd say|it is|it's|its|"
    r"that is|that's|the answer is|answer|my answer is|"
    r"should be|so|maybe|probably|well|hm+)\b[:,]?\s*)+",
    re.IGNORECASE,
)
_TRAIL = re.compile(r"(?:,?\s*(?:i think|i guess|right|maybe|or so|no)\b)?[\s?.!;,]*$", re.IGNORECASE)
_LATEX_SIGNS = re.compile(
    r"\\(?:left|right|,|;|!|quad|big|Big|displaystyle|mathrm|text|operatorname)\b|\\[,;! ]"
)
_GROUP = r"\{((?:[^{}]|\{[^{}]*\})*)\}"


def plain_form(text: str) -> str:
    """The same formula in plain signs; words before and after it ("I think it is ...") are taken off."""
    text = _TRAIL.sub("", _LEAD.sub("", " ".join(text.split()).strip(" `$")).strip(" `$")).strip(" `$")
    return _plain_signs(_plain_letters(_plain_latex(text)))


def symbol_key(name: str) -> str:
    """The spelling under which a symbol is known: `x_1`, `x1` and `x₁` are one, `ŷ` is `y_hat`."""
    return "".join(_plain_letters(name).split()).replace("_", "")


def sides(plain: str) -> list[str]:
    """What stands between the equals signs, without the left-hand side; `w -= a` becomes `w - (a)`."""
    changed = re.fullmatch(r"\s*([A-Za-z]\w*)\s*([-+*/])=\s*([^=]+)", plain)
    if changed:
        return [f"{changed[1]} {changed[2]} ({changed[3]})"]
    pieces = [piece.strip() for piece in plain.split("=")]
    return pieces[1:] if len(pieces) > 1 else pieces


def _plain_latex(text: str) -> str:
    if "\\" not in text and "{" not in text:
        return text
    text = re.sub(r"\\(?:hat|widehat)\s*\{?(\w)\}?", r"\1_hat", text)
    text = re.sub(r"\\(?:bar|overline)\s*\{?(\w)\}?", r"\1_bar", text)
    text = _LATEX_SIGNS.sub(" ", text)
    for _ in range(4):  # fractions nest; deeper ones are left for the reader to refuse
        text = re.sub(rf"\\[dt]?frac\s*{_GROUP}\s*{_GROUP}", r"((\1)/(\2))", text)
        text = re.sub(rf"\\sqrt\s*{_GROUP}", r" sqrt(\1)", text)
    text = re.sub(r"_\{(\w+)\}", r"_\1", text)
    text = re.sub(r"\\(?:cdot|times|ast)\b", "*", text)
    text = text.replace("{", "(").replace("}", ")")
    return re.sub(r"\\([A-Za-z]+)", r" \1 ", text)


def _plain_letters(text: str) -> str:
    """Greek letters by name, accents and small digits as subscripts, small digits above as powers."""
    text = re.sub(f"[{''.join(_SUB)}]+", lambda m: "_" + "".join(_SUB[c] for c in m.group()), text)
    text = re.sub(f"[{''.join(_SUPER)}]+", _power, text)
    spread = unicodedata.normalize("NFD", text)
    for mark, word in _MARKS.items():
        spread = spread.replace(mark, word)
    found: list[str] = []
    for place, letter in enumerate(spread):
        if letter in GREEK and letter != "Σ":
            ends = spread[place + 1 : place + 2] in ("_", "")
            found.append(f" {GREEK[letter]}{'' if ends else ' '}")
        else:
            found.append(letter)
    return "".join(found)


def _power(small: re.Match[str]) -> str:
    plain = "".join(_SUPER[letter] for letter in small.group())
    return f"^{plain}" if len(plain) == 1 else f"^({plain})"


def _plain_signs(text: str) -> str:
    for sign, plain in _SIGNS.items():
        text = text.replace(sign, plain)
    if text.count("|") % 2 == 0:
        for place in range(text.count("|")):
            text = text.replace("|", ")" if place % 2 else " abs(", 1)
    return text.strip()
