"""What a check may claim about a value, each claim failing with seen, expected and why.

One rule: nothing passes by accident. NaN is close to nothing, shapes must be equal
rather than broadcast, and a value of the wrong kind of type fails before its numbers
are looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NoReturn, Self, cast

from sandbox.sameness import is_exactly, kind_of_numbers, same
from sandbox.summary import NotNumbers, as_array, kind_of, name_of, summary


class CheckFailed(Exception):
    """A verdict on the learner's work, with what was seen and what was expected."""

    def __init__(self, message: str, seen: str = "", expected: str = "") -> None:
        super().__init__(message)
        self.message, self.seen, self.expected = message, seen, expected


def fail(message: str, seen: object = "", expected: object = "") -> NoReturn:
    """Fail the check; `seen` and `expected` may be texts or values (which are shortened)."""
    raise CheckFailed(message, _text(seen), _text(expected))


def expect(value: object, what: str = "the value") -> Expectation:
    """Claims about `value`, which a failure calls `what` ("the similarity matrix")."""
    return Expectation(value, what)


class Expectation:
    """Claims in a chain; the first that does not hold ends the check."""

    def __init__(self, value: Any, what: str, why: str = "") -> None:
        self.value, self._what, self._why = value, what, why

    def because(self, why: str) -> Self:
        """Why the claims after this one matter; put it before them."""
        self._why = why
        return self

    def item(self, key: Any) -> Expectation:
        """Claims about one entry of a dict, list, array or table."""
        if isinstance(self.value, dict) and key not in self.value:
            self._fail(f"{self._what} has no entry {key!r}", expected=f"an entry {key!r}")
        try:
            part = self.value[key]
        except (KeyError, IndexError, TypeError):
            self._fail(f"{self._what} has no entry {key!r}", expected=f"an entry {key!r}")
        return Expectation(part, f"{self._what}[{key!r}]", self._why)

    def true(self, message: str) -> Self:
        """`message` says what is wrong when the value is not true."""
        if type(self.value).__name__ not in ("bool", "bool_") or not bool(self.value):
            self._fail(message, seen="" if self.value is False else summary(self.value))
        return self

    def type(self, *types: type) -> Self:
        """Exactly one of the types; float, int, bool and str include NumPy's scalars of the kind."""
        if not any(is_exactly(self.value, kind) for kind in types):
            wanted = " or ".join(name_of(kind) for kind in types)
            self._fail(f"{self._what} has the wrong type", seen=kind_of(self.value), expected=wanted)
        return self

    def shape(self, *shape: int | None) -> Self:
        """The shape, None standing for any length."""
        seen: Any = getattr(self.value, "shape", None)
        dims = ", ".join("any" if n is None else str(n) for n in shape) + ("," if len(shape) == 1 else "")
        wanted = f"shape ({dims})"
        if seen is None:
            self._fail(f"{self._what} has no shape", seen=summary(self.value), expected=wanted)
        if len(seen) != len(shape) or any(n is not None and n != m for n, m in zip(shape, seen, strict=True)):
            self._fail(f"{self._what} has the wrong shape", seen=f"shape {tuple(seen)}", expected=wanted)
        return self

    def dtype(self, wanted: str) -> Self:
        """A kind ("float", "int", "bool", "complex") or an exact dtype ("float32")."""
        dtype = getattr(self.value, "dtype", None)
        name = str(dtype).removeprefix("torch.")
        kind = kind_of_numbers(self._numbers()) if dtype is not None else ""
        if wanted not in (name, kind):
            seen = name if dtype is not None else kind_of(self.value)
            self._fail(f"{self._what} has the wrong dtype", seen=seen, expected=wanted)
        return self

    def length(self, count: int) -> Self:
        try:
            seen = len(self.value)
        except TypeError:
            self._fail(f"{self._what} has no length", expected=f"{count} items")
        if seen != count:
            self._fail(f"{self._what} has the wrong length", seen=f"{seen} items", expected=f"{count} items")
        return self

    def keys(self, *names: object) -> Self:
        """A dict with exactly these keys, in any order."""
        if not isinstance(self.value, dict) or set(cast("dict[Any, Any]", self.value)) != set(names):
            self._fail(
                f"{self._what} has other keys than asked for", expected=f"a dict with {summary(list(names))}"
            )
        return self

    def finite(self) -> Self:
        import numpy as np  # deferred with the other numeric claims: see sandbox.summary

        if not np.isfinite(self._numbers()).all():
            self._fail(f"{self._what} contains NaN or infinity", expected="finite numbers")
        return self

    def equals(self, wanted: Any) -> Self:
        """The same kind of value with the same content; list and tuple count as one kind."""
        if not same(self.value, wanted):
            self._fail(f"{self._what} is not what was expected", expected=summary(wanted))
        return self

    def differs_from(self, other: Any, message: str = "") -> Self:
        if same(self.value, other):
            self._fail(message or f"{self._what} should have changed", expected="a different value")
        return self

    def close(self, wanted: Any, rtol: float = 1e-6, atol: float = 1e-8) -> Self:
        """Numbers of the same shape and kind, |seen - wanted| <= atol + rtol |wanted| in each."""
        import numpy as np  # deferred with the other numeric claims: see sandbox.summary

        self._same_container(wanted)
        seen, goal = self._numbers(), as_array(wanted)
        self._same_form(seen, goal, wanted)
        with np.errstate(invalid="ignore", over="ignore"):
            off = np.abs(seen.astype(goal.dtype if goal.dtype.kind == "c" else float) - goal)
            good = (off <= atol + rtol * np.abs(goal)) | (seen == goal)
        if not good.all():
            where = np.unravel_index(int(np.argmin(good)), good.shape)
            self._fail_at(seen, goal, tuple(int(i) for i in where), int((~good).sum()))
        return self

    def between(self, low: float, high: float) -> Self:
        """Every number in [low, high]."""
        return self._all(lambda x: (x >= low) & (x <= high), f"between {low:g} and {high:g}")

    def at_least(self, low: float) -> Self:
        return self._all(lambda x: x >= low, f"at least {low:g}")

    def at_most(self, high: float) -> Self:
        return self._all(lambda x: x <= high, f"at most {high:g}")

    def increasing(self, strictly: bool = False) -> Self:
        return self._steps(lambda d: d > 0 if strictly else d >= 0, "increasing")

    def decreasing(self, strictly: bool = False) -> Self:
        return self._steps(lambda d: d < 0 if strictly else d <= 0, "decreasing")

    def monotone(self) -> Self:
        rising = len(self._numbers()) < 2 or self._numbers()[-1] >= self._numbers()[0]
        return self.increasing() if rising else self.decreasing()

    def symmetric(self, atol: float = 1e-8) -> Self:
        import numpy as np  # deferred with the other numeric claims: see sandbox.summary

        matrix = self._square()
        if not np.allclose(matrix, matrix.T, rtol=0.0, atol=atol):
            self._fail(f"{self._what} is not symmetric", expected="entry [i, j] equal to entry [j, i]")
        return self

    def diagonal(self, wanted: float, atol: float = 1e-8) -> Self:
        matrix = self._square()
        if not (abs(matrix.diagonal() - wanted) <= atol).all():
            seen = summary(matrix.diagonal())
            self._fail(
                f"{self._what} has the wrong diagonal", seen=seen, expected=f"{wanted:g} on the diagonal"
            )
        return self

    def sums_to(self, wanted: float, axis: int | None = None, atol: float = 1e-6) -> Self:
        numbers = self._numbers()
        if axis is not None and axis >= numbers.ndim:
            self._fail(f"{self._what} has too few axes", expected=f"an axis {axis} that sums to {wanted:g}")
        sums = numbers.sum(axis=axis)
        if not (abs(sums - wanted) <= atol).all():
            along = "" if axis is None else f" along axis {axis}"
            self._fail(
                f"{self._what} has the wrong sum{along}", seen=summary(sums), expected=f"{wanted:g}{along}"
            )
        return self

    def contains(self, part: Any) -> Self:
        found = part in self.value if isinstance(self.value, str | dict) else self._has(part)
        if not found:
            self._fail(f"{self._what} lacks an entry", expected=f"to contain {summary(part)}")
        return self

    def one_of(self, options: Sequence[Any]) -> Self:
        if not any(same(self.value, option) for option in options):
            self._fail(f"{self._what} is none of the choices", expected=f"one of {summary(list(options))}")
        return self

    def _has(self, part: Any) -> bool:
        items: Any = self.value.tolist() if hasattr(self.value, "tolist") else self.value
        return isinstance(items, list | tuple | set | frozenset) and any(
            same(item, part) for item in cast("list[Any]", items)
        )

    def _numbers(self) -> Any:
        try:
            return as_array(self.value)
        except NotNumbers as error:
            raise CheckFailed(
                self._sentence(f"{self._what} is {error}"), summary(self.value), "numbers"
            ) from error

    def _square(self) -> Any:
        matrix = self._numbers()
        if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1]:
            self._fail(f"{self._what} is not a square matrix", expected="shape (n, n)")
        return matrix

    def _same_container(self, wanted: Any) -> None:
        plain = isinstance(self.value, list | tuple)
        if plain and (hasattr(wanted, "shape") or not isinstance(wanted, list | tuple)):
            self._fail(f"{self._what} has the wrong type", seen=kind_of(self.value), expected=summary(wanted))

    def _same_form(self, seen: Any, goal: Any, wanted: Any) -> None:
        if seen.shape != goal.shape:
            expected = f"shape {goal.shape}" if goal.shape else f"a single number, {summary(wanted)}"
            self._fail(f"{self._what} has the wrong shape", seen=f"shape {seen.shape}", expected=expected)
        kinds = {"bool": "bool", "int": "int float", "float": "float", "complex": "complex float"}
        scalar = seen.shape == () and type(self.value) is int
        if kind_of_numbers(seen) not in kinds[kind_of_numbers(goal)] and not (
            scalar and kind_of_numbers(goal) == "float"
        ):
            self._fail(
                f"{self._what} has the wrong dtype", seen=str(seen.dtype), expected=kind_of_numbers(goal)
            )

    def _all(self, holds: Callable[[Any], Any], claim: str) -> Self:
        numbers = self._numbers()
        if numbers.dtype.kind == "c":
            self._fail(f"{self._what} is complex", expected=claim)
        bad = ~holds(numbers)
        if bad.any():
            self._fail(
                f"{self._what} is out of bounds",
                seen=summary(numbers[bad] if numbers.shape else self.value),
                expected=claim,
            )
        return self

    def _steps(self, holds: Callable[[Any], Any], claim: str) -> Self:
        import numpy as np  # deferred with the other numeric claims: see sandbox.summary

        numbers = self._numbers()
        if numbers.ndim != 1:
            self._fail(f"{self._what} is not a sequence of numbers", expected=claim)
        if not holds(np.diff(numbers)).all() or np.isnan(numbers).any():
            self._fail(f"{self._what} is not {claim}", expected=f"{claim} values")
        return self

    def _fail_at(self, seen: Any, goal: Any, where: tuple[int, ...], count: int) -> NoReturn:
        if not where:
            self._fail(f"{self._what} is wrong", seen=summary(seen[()]), expected=summary(goal[()]))
        place = f" at {list(where)}"
        message = f"{self._what} differs in {count} of {seen.size} entries"
        self._fail(message, seen=summary(seen[where]) + place, expected=summary(goal[where]) + place)

    def _fail(self, message: str, seen: str = "", expected: str = "") -> NoReturn:
        raise CheckFailed(self._sentence(message), seen or summary(self.value), expected)

    def _sentence(self, message: str) -> str:
        return f"{message}: {self._why}" if self._why else message


def _text(value: object) -> str:
    return value if isinstance(value, str) else summary(value)
