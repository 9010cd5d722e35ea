"""Values out of the bytes that `exchange.encode` makes, when the sender is not trusted.

One rule: whatever arrives, the value has exact, plain types, or ExchangeError is raised.
Sizes, depth, dtypes and shapes are checked before memory is taken for them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from itertools import pairwise
from math import prod
from typing import Any, ClassVar

from sandbox.exchange import (
    MAX_BYTES,
    MAX_DEPTH,
    MAX_ITEMS,
    MAX_TEXT,
    PANDAS_DTYPES,
    PLAIN,
    ExchangeError,
    HandleRef,
)

_JUNK = (
    ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, RecursionError, MemoryError,
)  # fmt: skip
_DTYPE = re.compile(r"[<|][biufcSUmM]\d{1,4}(\[\d{0,4}[A-Za-z]{1,2}\])?")


def decode(message: bytes, *, tensors: bool = False, handle: Callable[[int], object] | None = None) -> Any:
    """The value of a message. tensors: give torch tensors, else arrays of their numbers
    (bfloat16 as float32). handle: what a HandleRef's number stands for."""
    try:
        return _Reader(message, tensors, handle).value()
    except ExchangeError:
        raise
    except _JUNK as error:
        raise ExchangeError(f"not a message: {type(error).__name__}") from error


class _Reader:
    """Reads one message; whatever its sender did, the values have exact, plain types."""

    def __init__(self, message: bytes, tensors: bool, handle: Callable[[int], object] | None) -> None:
        size = int.from_bytes(message[:4], "big")
        if len(message) < 4 + size or size > MAX_TEXT or len(message) > MAX_BYTES + MAX_TEXT + 4:
            raise ExchangeError("not a message: its sizes are wrong")
        self._tree, sizes = json.loads(message[4 : 4 + size])
        ends, start = [4 + size], 4 + size
        for length in sizes:
            if type(length) is not int or length < 0:
                raise ExchangeError("not a message: a buffer of no size")
            start += length
            ends.append(start)
        if start != len(message):
            raise ExchangeError("not a message: the buffers do not fill it")
        self._buffers = [message[a:b] for a, b in pairwise(ends)]
        self._tensors, self._handle, self._items = tensors, handle, 0

    def value(self) -> Any:
        return self._value(self._tree, 0)

    def _value(self, node: Any, depth: int) -> Any:
        self._items += 1
        if self._items > MAX_ITEMS or depth > MAX_DEPTH:
            raise ExchangeError("not a message: too many items, or too deep")
        if type(node) in PLAIN:
            return node
        ((tag, body),) = node.items()
        return getattr(self, f"_read_{self._TAGS[tag]}")(body, depth)

    _TAGS: ClassVar[dict[str, str]] = {
        name: name
        for name in (
            "list", "tuple", "set", "frozenset", "dict", "bytes", "complex", "handle",
            "array", "scalar", "tensor", "series", "frame",
        )
    }  # fmt: skip

    def _read_list(self, body: list[Any], depth: int) -> list[Any]:
        if set(map(type, body)) <= PLAIN:
            self._items += len(body)
            if self._items > MAX_ITEMS:
                raise ExchangeError("not a message: too many items")
            return body
        return [self._value(item, depth + 1) for item in body]

    def _read_tuple(self, body: list[Any], depth: int) -> tuple[Any, ...]:
        return tuple(self._read_list(body, depth))

    def _read_set(self, body: list[Any], depth: int) -> set[Any]:
        return set(self._read_list(body, depth))

    def _read_frozenset(self, body: list[Any], depth: int) -> frozenset[Any]:
        return frozenset(self._read_list(body, depth))

    def _read_dict(self, body: list[Any], depth: int) -> dict[Any, Any]:
        return {self._value(key, depth + 1): self._value(item, depth + 1) for key, item in body}

    def _read_bytes(self, body: int, depth: int) -> bytes:
        return self._buffer(body)

    def _read_complex(self, body: list[float], depth: int) -> complex:
        real, imaginary = body
        return complex(float(real), float(imaginary))

    def _read_handle(self, body: int, depth: int) -> object:
        if type(body) is not int:
            raise ExchangeError("not a message: a handle is a number")
        return HandleRef(body) if self._handle is None else self._handle(body)

    def _read_scalar(self, body: list[str], depth: int) -> Any:
        dtype, digits = body
        return self._typed(dtype, [], bytes.fromhex(digits))[()]

    def _read_array(self, body: list[Any], depth: int) -> Any:
        dtype, shape, content = body
        if dtype != "object":
            return self._typed(dtype, shape, self._buffer(content))
        import numpy as np  # only a message that holds an array pays for the import

        array = np.empty(len(content), dtype=object)
        array[:] = [self._value(item, depth + 1) for item in content]
        return array.reshape(shape)

    def _typed(self, dtype: str, shape: list[int], raw: bytes) -> Any:
        import numpy as np  # only a message that holds an array pays for the import

        if not _DTYPE.fullmatch(dtype) or any(type(n) is not int or n < 0 for n in shape) or len(shape) > 32:
            raise ExchangeError("not a message: an array of no valid type or shape")
        kind = np.dtype(dtype)
        if kind.itemsize == 0 or prod(shape) * kind.itemsize != len(raw):
            raise ExchangeError("not a message: an array whose bytes do not fill its shape")
        array = np.ndarray(shape, dtype=kind, buffer=bytearray(raw) or None)
        if kind.kind == "b":  # a byte that is neither 0 nor 1 is a bool that equals no other
            return array.view(np.uint8) != 0
        if kind.kind == "U" and array.size and array.reshape(-1).view(np.uint32).max() > 0x10FFFF:
            raise ExchangeError("not a message: an array of text that is not Unicode")
        return array

    def _read_tensor(self, body: list[Any], depth: int) -> Any:
        name, content, requires_grad = body
        array = self._read_array(content, depth)
        if not self._tensors:
            return array
        import torch  # asked for by the reader, who has it imported

        dtype = getattr(torch, name)
        if type(dtype) is not torch.dtype:
            raise ExchangeError("not a message: a tensor of no valid type")
        tensor = torch.from_numpy(array).to(dtype)
        return tensor.requires_grad_() if requires_grad is True else tensor

    def _read_series(self, body: list[Any], depth: int) -> Any:
        name, column, index = body
        series = self._column(column, depth)
        series.index = self._index(index, depth)
        return series.rename(self._value(name, depth + 1))

    def _read_frame(self, body: list[Any], depth: int) -> Any:
        import pandas as pd  # only a message that holds a table pays for the import

        names, columns, index = body
        frame = pd.DataFrame({i: self._column(column, depth) for i, column in enumerate(columns)})
        if not columns:
            frame = pd.DataFrame(index=range(len(self._index(index, depth))))
        frame.index = self._index(index, depth)
        frame.columns = [self._value(name, depth + 1) for name in names]
        return frame

    def _column(self, node: list[Any], depth: int) -> Any:
        import pandas as pd  # only a message that holds a table pays for the import

        tag, content = node
        column = pd.Series(self._read_array(content, depth))
        if not tag:
            return column
        if tag not in PANDAS_DTYPES:
            raise ExchangeError("not a message: a column of no valid type")
        return column.astype(tag)

    def _index(self, node: list[Any], depth: int) -> Any:
        import pandas as pd  # only a message that holds a table pays for the import

        name, body = node
        if all(type(part) is int for part in body):
            return pd.RangeIndex(*body, name=self._value(name, depth + 1))
        return pd.Index(self._column(body, depth), name=self._value(name, depth + 1))

    def _buffer(self, number: int) -> bytes:
        if type(number) is not int or number < 0:
            raise ExchangeError("not a message: a buffer of no number")
        return self._buffers[number]
