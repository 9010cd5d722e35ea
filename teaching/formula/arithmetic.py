"""Plain formulas written as Python's arithmetic: each token known, each left-out sign put in.

The one rule owned here: every name that is written is a variable `v_<key>`, a function
`f_<name>` or a number `c_e`, `c_pi`; what can be read in two ways is asked about, not guessed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from teaching.formula.notation import symbol_key
from teaching.formula.symbols import FUNCTIONS, FormulaError, Symbol, tell_symbols

_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|\.\d+)|(?P<name>[A-Za-z]+(?:_?[A-Za-z0-9]+)*)|"
    r"(?P<sign>[-+*/^(),]))"
)


def write_arithmetic(plain: str, symbols: Mapping[str, Symbol], up_to: str | None) -> str:
    """The formula as Python would write it. Raises FormulaError for what is not known."""
    return _Writer(symbols, up_to).write(_tokens(plain))


def _tokens(piece: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    piece = re.sub(r"(?<=\d),(?=\d)", ".", piece) if "(" not in piece else piece
    at, end = 0, len(piece.rstrip())
    while at < end:
        matched = _TOKEN.match(piece, at)
        if matched is None:
            sign = piece[at:].strip()[:1]
            raise FormulaError(f"I cannot read `{sign}` in a formula; + - * / ^ and brackets are fine.")
        kind = str(matched.lastgroup)
        if kind == "number" and len(matched[kind]) > 24:
            raise FormulaError("A number in it has too many digits to be meant.")
        found.append((kind, matched[kind]))
        at = matched.end()
    return found


class _Writer:
    """Writes tokens as Python's arithmetic, with the multiplication signs that people leave out."""

    def __init__(self, symbols: Mapping[str, Symbol], up_to: str | None) -> None:
        self.symbols = symbols
        self.up_to = up_to
        self.out: list[str] = []
        self.closing: list[str] = []
        self.over = [False]
        """Per open bracket, whether what stands last is a denominator without brackets."""

    def write(self, tokens: list[tuple[str, str]]) -> str:
        at = 0
        while at < len(tokens):
            kind, text = tokens[at]
            if kind == "sign":
                self._sign(text)
                at += 1
            elif kind == "number":
                self._factor(text)
                at += 1
            else:
                at = self._name(tokens, at)
        if self.closing:
            raise FormulaError("A bracket is opened and not closed.")
        return "".join(self.out)

    def _sign(self, sign: str) -> None:
        if sign == "(":
            self._times("(")
            self.closing.append(")")
            self.over.append(False)
        elif sign == ")":
            if not self.closing:
                raise FormulaError("A bracket is closed that was not opened.")
            self.out.append(self.closing.pop())
            self.over.pop()
        else:
            self.out.append("**" if sign == "^" else sign)
            if sign in "*+-,/" and not (sign in "+-" and self._after_operator()):
                self.over[-1] = sign == "/"

    def _after_operator(self) -> bool:
        return len(self.out) < 2 or self.out[-2] in ("*", "/", "+", "-", "**", "(", ",")

    def _factor(self, text: str) -> None:
        if (
            self.out
            and text[0].isdigit()
            and self.out[-1][-1:].isdigit()
            and not self.out[-1].startswith("v_")
        ):
            raise FormulaError("Two numbers stand side by side; put a sign between them.")
        self._times(text)

    def _times(self, text: str) -> None:
        if self.out and (self.out[-1][-1:].isalnum() or self.out[-1].endswith(")")):
            if self.over[-1] and not self._is_fraction_before(text):
                raise FormulaError(
                    "That can be read in two ways: a/bc may be a/(b*c) or (a/b)*c. Put brackets."
                )
            self.over[-1] = False
            self.out.append("*")
        self.out.append(text)

    def _is_fraction_before(self, text: str) -> bool:
        """Whether all write it so: 1/2 (x - y)^2 and 1/n sum(x) are a fraction of what follows."""
        if text.startswith(("f_sum(", "f_mean(")):
            return True
        last = self.out[-3:]
        numbers = len(last) == 3 and last[0][-1:].isdigit() and last[1] == "/" and last[2][:1].isdigit()
        return numbers and not last[0].startswith("v_") and text.endswith("(")

    def _name(self, tokens: list[tuple[str, str]], at: int) -> int:
        """Writes the name at `at`; the place of the next token."""
        name = tokens[at][1]
        variables = self._variables(name)
        if variables:
            for variable in variables:
                self._times(variable)
            return at + 1
        function = FUNCTIONS.get(name.lower())
        if function is None:
            constant = {"e": "c_e", "pi": "c_pi"}.get(name.lower() if name != "E" else name)
            parts = [constant] if constant else self._split(name)
            if not parts:
                raise FormulaError(f"I do not know `{name}` here. {tell_symbols(self.symbols)}")
            for part in parts:
                self._times(part)
            return at + 1
        return self._function(name, function, tokens, at + 1)

    def _function(self, name: str, function: str, tokens: list[tuple[str, str]], at: int) -> int:
        following = [text for _, text in tokens[at : at + 3]]
        closing = ")"
        if len(following) == 3 and following[0] == "^" and following[1].isdigit() and following[2] == "(":
            closing, at, following = f")**{following[1]}", at + 2, ["("]
        if following[:1] == ["("]:
            self._times(f"f_{function}(")
            self.closing.append(closing)
            self.over.append(False)
            return at + 1
        kind = tokens[at][0] if at < len(tokens) else ""
        alone = at + 1 >= len(tokens) or tokens[at + 1][1] in "+-*/),"
        if kind not in ("name", "number") or not alone:
            raise FormulaError(f"Put brackets after `{name}`, such as {name}(...).")
        self._times(f"f_{function}(")
        self.closing.append(")")
        self.over.append(False)
        end = self._name(tokens, at) if kind == "name" else at + 1
        if kind == "number":
            self.out.append(tokens[at][1])
        self._sign(")")
        return end

    def _variables(self, name: str) -> list[str]:
        """The variable that a name stands for, in a list; empty when it stands for none."""
        key = symbol_key(name)
        candidates = [key]
        candidates += [key[:-1]] if key[-1:] in "ijk" and self._is_each(key[:-1]) else []
        for wanted in candidates:
            if wanted in self.symbols:
                return [f"v_{wanted}"]
            if found := self._known_as(wanted):
                return [f"v_{found}"]
        if self.up_to == "constant" and key in ("C", "c"):
            return ["0"]
        return []

    def _is_each(self, key: str) -> bool:
        return key in self.symbols and self.symbols[key].each

    def _known_as(self, key: str) -> str | None:
        for own, symbol in self.symbols.items():
            if key in {symbol_key(other) for other in symbol.also}:
                return own
        if key.lower() in ("e", "pi") or key.lower() in FUNCTIONS:
            return None
        folded = [own for own in self.symbols if own.lower() == key.lower()]
        return folded[0] if len(folded) == 1 else None

    def _split(self, name: str) -> list[str]:
        """`wx` as w times x where there is but one way to read it so; else nothing."""
        names = {symbol_key(n): own for own, s in self.symbols.items() for n in (own, *s.also)}
        ways: list[list[str]] = []
        open_ways: list[tuple[int, list[str]]] = [(0, [])]
        while open_ways and len(ways) < 2 and len(name) <= 12:
            at, taken = open_ways.pop()
            if at == len(name):
                ways.append(taken)
                continue
            for known, own in names.items():
                if name.startswith(known, at):
                    open_ways.append((at + len(known), [*taken, f"v_{own}"]))
        return ways[0] if len(ways) == 1 else []
