"""Short texts for values, and the one way to see a value as an array of numbers.

One rule: a text shows at most five entries and a line's length, since a failed hidden
check prints it and must not print the hidden data.
"""

from __future__ import annotations

import re
import sys
from typing import Any, cast

ENTRIES = 5
CHARACTERS = 160

_NAMES = {"ndarray": "array", "NoneType": "None", "Tensor": "tensor", "Parameter": "tensor"}
_NUMBER = re.compile(r"-?\d+\.\d+(e[+-]?\d+)?|-?\d+e[+-]?\d+", re.IGNORECASE)
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
_IDENTIFIER = re.compile(r"['\"][A-Za-z_][A-Za-z0-9_.]{0,30}['\"]")


class NotNumbers(ValueError):
    """A value that is no number, array or nested list of numbers."""


def summary(value: Any) -> str:
    """What a person needs to recognise `value`: type, shape, the first entries."""
    text = _of_library(value) or _of_plain(value)
    return text if len(text) <= CHARACTERS else text[: CHARACTERS - 1] + "…"


def redact(text: str) -> str:
    """A message without the numbers and texts that a learner's exception could carry out."""
    line = text.strip().splitlines()[0] if text.strip() else ""
    line = _QUOTED.sub(lambda m: m[0] if _IDENTIFIER.fullmatch(m[0]) else "'…'", line)
    line = _NUMBER.sub("…", line)
    return line if len(line) <= CHARACTERS else line[: CHARACTERS - 1] + "…"


def kind_of(value: object) -> str:
    """The name of the value's type as a learner knows it."""
    return name_of(type(value))


def name_of(kind: type) -> str:
    return _NAMES.get(kind.__name__, kind.__name__)


def is_tensor(value: object) -> bool:
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(value, torch.Tensor)


def as_array(value: Any) -> Any:
    """A NumPy array of the numbers in `value`; NotNumbers when it holds anything else."""
    import numpy as np  # deferred: the host imports this module's siblings at start

    if is_tensor(value):
        plain = value.detach().cpu()
        value = (plain.float() if str(plain.dtype) == "torch.bfloat16" else plain).numpy()
    elif type(value).__name__ in ("Series", "DataFrame"):
        value = value.to_numpy()
    try:
        array = np.asarray(value)
    except ValueError as error:
        raise NotNumbers("rows of different lengths") from error
    if array.dtype.kind == "O" and array.size and all(_is_number(item) for item in array.ravel()):
        array = np.asarray(array.tolist())
    if array.dtype.kind not in "biufc":
        raise NotNumbers(f"{summary(value)}, which is not numeric")
    return array


def _is_number(value: object) -> bool:
    import numpy as np  # deferred: the host imports this module's siblings at start

    return isinstance(value, (bool, int, float, complex, np.number, np.bool_))


def _of_library(value: Any) -> str:
    shape, dtype = getattr(value, "shape", None), getattr(value, "dtype", None)
    if type(value).__name__ == "DataFrame":
        columns = ", ".join(str(name) for name in list(value.columns)[:ENTRIES])
        return f"a DataFrame of shape {tuple(value.shape)}, columns {columns}"
    if shape is None or dtype is None:
        return ""
    if tuple(shape) == () and not is_tensor(value):
        return _of_scalar(value)
    flat = value.detach().reshape(-1) if is_tensor(value) else _flat(value)
    first = ", ".join(_entry(item) for item in flat[:ENTRIES].tolist())
    more = ", …" if len(flat) > ENTRIES else ""
    name = str(dtype).removeprefix("torch.")
    return f"{_article(kind_of(value))} of shape {tuple(shape)}, {name}: [{first}{more}]"


def _flat(value: Any) -> Any:
    array = value.to_numpy() if hasattr(value, "to_numpy") else value
    return array.reshape(-1)


def _of_scalar(value: Any) -> str:
    return f"{_entry(value.item())} ({value.dtype})"


def _of_plain(value: Any) -> str:
    if isinstance(value, (list, tuple, set, frozenset)):
        items = list(cast("list[Any]", value))
        first = ", ".join(_entry(item) for item in items[:ENTRIES])
        more = ", …" if len(items) > ENTRIES else ""
        return f"{_article(kind_of(cast('object', value)))} of {len(items)}: [{first}{more}]"
    if isinstance(value, dict):
        table = cast("dict[Any, Any]", value)
        first = ", ".join(f"{_entry(key)}: {_entry(table[key])}" for key in list(table)[:ENTRIES])
        more = ", …" if len(table) > ENTRIES else ""
        return f"a dict of {len(table)}: {{{first}{more}}}"
    return _entry(value)


def _entry(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.6g}"
    if hasattr(value, "dtype") and getattr(value, "shape", None) == ():
        return _entry(value.item())
    if isinstance(value, (list, tuple, dict, set, frozenset)):
        return f"{kind_of(cast('object', value))} of {len(cast('list[Any]', value))}"
    if hasattr(value, "shape"):
        return f"{kind_of(value)} of shape {tuple(value.shape)}"
    text = repr(value)
    return text if len(text) <= 60 else text[:59] + "…"


def _article(noun: str) -> str:
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"
