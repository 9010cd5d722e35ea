"""When two values are the same: in kind and in content.

One rule: nothing is converted to find out. True is not 1, NaN equals nothing, and a
list is not an array; only list and tuple, and NumPy's scalars and Python's, are one kind.
"""

from __future__ import annotations

from typing import Any, cast

from sandbox.summary import as_array, is_tensor

_KINDS = {"b": "bool", "i": "int", "u": "int", "f": "float", "c": "complex"}


def same(seen: Any, wanted: Any) -> bool:
    """Equal in kind and content; NaN equals nothing, True is not 1, [1] is not array([1])."""
    if isinstance(wanted, list | tuple):
        items = cast("list[Any]", wanted)
        return (
            isinstance(seen, list | tuple)
            and len(cast("list[Any]", seen)) == len(items)
            and all(same(a, b) for a, b in zip(cast("list[Any]", seen), items, strict=True))
        )
    if isinstance(wanted, dict):
        table = cast("dict[Any, Any]", wanted)
        return (
            isinstance(seen, dict)
            and seen.keys() == table.keys()
            and all(same(seen[k], table[k]) for k in table)
        )
    if type(wanted).__name__ in ("DataFrame", "Series"):
        return type(seen) is type(wanted) and bool(seen.equals(wanted))
    if hasattr(wanted, "shape") or hasattr(seen, "shape"):
        return _same_arrays(seen, wanted)
    return is_exactly(seen, type(wanted)) and bool(seen == wanted)


def _same_arrays(seen: Any, wanted: Any) -> bool:
    import numpy as np  # deferred with the other numeric claims: see sandbox.summary

    scalars = getattr(seen, "shape", ()) == () and getattr(wanted, "shape", ()) == ()
    if not scalars and (not hasattr(seen, "shape") or not hasattr(wanted, "shape")):
        return False
    if isinstance(seen, list | tuple | dict) or isinstance(wanted, list | tuple | dict):
        return False
    if is_tensor(seen) or is_tensor(wanted):
        seen, wanted = as_array(seen), as_array(wanted)
    a, b = np.asarray(seen), np.asarray(wanted)
    return a.shape == b.shape and kind_of_numbers(a) == kind_of_numbers(b) and bool(np.array_equal(a, b))


def kind_of_numbers(array: Any) -> str:
    kind: str = array.dtype.kind
    return _KINDS.get(kind, kind)


def is_exactly(value: object, wanted: type) -> bool:
    import numpy as np  # deferred with the other numeric claims: see sandbox.summary

    groups: dict[type, type] = {float: np.floating, int: np.integer, bool: np.bool_, str: np.str_}
    if type(value) is wanted:
        return True
    return wanted in groups and isinstance(value, groups[wanted])


def alike(seen: Any, other: Any, rtol: float = 1e-6, atol: float = 1e-9) -> bool:
    """Two values of one computation: the same form, numbers equal but for rounding."""
    import numpy as np  # deferred with the other numeric claims: see sandbox.summary

    if type(seen) is not type(other):
        return False
    if isinstance(seen, list | tuple):
        a, b = cast("list[Any]", seen), cast("list[Any]", other)
        return len(a) == len(b) and all(alike(x, y, rtol, atol) for x, y in zip(a, b, strict=True))
    if isinstance(seen, dict):
        a, b = cast("dict[Any, Any]", seen), cast("dict[Any, Any]", other)
        return a.keys() == b.keys() and all(alike(a[key], b[key], rtol, atol) for key in a)
    if type(seen).__name__ in ("DataFrame", "Series"):
        return bool(seen.equals(other))
    if isinstance(seen, float) or hasattr(seen, "shape"):
        a, b = (as_array(x) if is_tensor(x) else np.asarray(x) for x in (seen, other))
        if a.dtype.kind not in "fc" or a.dtype != b.dtype or a.shape != b.shape:
            return a.dtype == b.dtype and bool(np.array_equal(a, b))
        return bool(np.allclose(a, b, rtol=rtol, atol=atol, equal_nan=True))
    return bool(seen == other)
