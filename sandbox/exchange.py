"""Values into bytes, across a border between processes that do not trust each other.

One rule: only plain data crosses, known by the identity of its type. A subclass, however
well it imitates a float or an array, is refused, and nothing that arrives is ever
executed or unpickled (`decoder` reads it). The same file is loaded into the learner's process, so it imports
the standard library alone and meets NumPy, PyTorch and pandas only in values.

A message is the length of a JSON text, the text (a tree of tagged nodes), then raw
buffers. Array bytes go with a dtype and a shape that must account for every byte.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from typing import Any, cast

MAX_BYTES = 64 * 2**20
MAX_TEXT = 16 * 2**20
MAX_ITEMS = 1_000_000
MAX_DEPTH = 40

PLAIN = frozenset({type(None), bool, int, float, str})
PANDAS_DTYPES = frozenset(
    {"str", "string", "category", "boolean", "Float32", "Float64"}
    | {f"{sign}nt{bits}" for sign in ("I", "UI") for bits in (8, 16, 32, 64)}
)
_INSTEAD = {
    "Counter": "return a plain dict", "defaultdict": "return a plain dict",
    "OrderedDict": "return a plain dict", "range": "return a list", "generator": "return a list",
    "map": "return a list", "zip": "return a list", "filter": "return a list",
    "dict_keys": "return a list", "dict_values": "return a list", "dict_items": "return a list",
    "MultiIndex": "call reset_index() first", "csr_matrix": "call toarray() first",
    "csc_matrix": "call toarray() first", "csr_array": "call toarray() first",
    "csc_array": "call toarray() first", "matrix": "return numpy.asarray(...) of it",
    "MaskedArray": "return a plain array",
}  # fmt: skip


class Refused(ValueError):
    """A value that cannot cross; the message names its type and what to give instead."""


class ExchangeError(ValueError):
    """Bytes that are no message of this codec."""


@dataclass(frozen=True)
class HandleRef:
    """Stands for an object that stays in the submission's process."""

    number: int


def encode(value: object) -> bytes:
    """The message for `value`; Refused when a part of it is not plain data or too large."""
    writer = _Writer()
    tree = writer.node(value, 0)
    try:
        text = json.dumps([tree, [len(buffer) for buffer in writer.buffers]]).encode("ascii")
    except ValueError as error:  # an integer of more digits than Python will print
        raise Refused(f"a number too long to cross ({error})") from error
    if len(text) > MAX_TEXT:
        raise Refused(f"a value of {len(text):,} bytes as text; at most {MAX_TEXT:,} may cross")
    return b"".join([len(text).to_bytes(4, "big"), text, *writer.buffers])


def refusal(value: object) -> Refused:
    name = type(value).__name__
    instead = _INSTEAD.get(name)
    return Refused(f"a value of type {name}, which cannot cross" + (f"; {instead}" if instead else ""))


class _Writer:
    """Builds the tree of one message and gathers its buffers, within the limits."""

    def __init__(self) -> None:
        self.buffers: list[bytes] = []
        self._bytes = 0
        self._items = 0

    def node(self, value: Any, depth: int) -> Any:
        kind = type(value)
        self._count(1, depth)
        if kind in PLAIN:
            return value
        if kind is list or kind is tuple or kind is set or kind is frozenset:
            return {kind.__name__: self._sequence(cast("list[Any]", value), depth)}
        if kind is dict:
            return {
                "dict": [[self._key(key, depth), self.node(item, depth + 1)] for key, item in value.items()]
            }
        if kind is bytes:
            return {"bytes": self._buffer(value)}
        if kind is complex:
            return {"complex": [value.real, value.imag]}
        if kind is HandleRef:
            return {"handle": value.number}
        return self._from_library(value, kind, depth)

    def _sequence(self, items: Any, depth: int) -> list[Any]:
        if set(map(type, items)) <= PLAIN:  # long lists of numbers, without a call for each
            self._count(len(items), depth)
            return list(items)
        return [self.node(item, depth + 1) for item in items]

    def _key(self, key: Any, depth: int) -> Any:
        node = self.node(key, depth + 1)
        if type(key) in PLAIN or (type(node) is dict and node.keys() & {"scalar", "tuple"}):
            return node
        raise Refused(f"a dict with a key of type {type(key).__name__}, which cannot cross")

    def _from_library(self, value: Any, kind: type, depth: int) -> Any:
        np, torch, pd = (sys.modules.get(name) for name in ("numpy", "torch", "pandas"))
        if np is not None and kind is np.ndarray:
            return {"array": self._array(np, value, depth)}
        if np is not None and issubclass(kind, np.generic) and kind.__module__ == "numpy":
            return self._scalar(np, value)
        if torch is not None and (kind is torch.Tensor or kind is torch.nn.Parameter):
            return {"tensor": self._tensor(torch, value, depth)}
        if pd is not None and kind is pd.Series:
            name = self.node(value.name, depth + 1)
            return {"series": [name, self._column(value, depth), self._index(value.index, depth)]}
        if pd is not None and kind is pd.DataFrame:
            names = [self.node(name, depth + 1) for name in value.columns.tolist()]
            columns = [self._column(value.iloc[:, i], depth) for i in range(value.shape[1])]
            return {"frame": [names, columns, self._index(value.index, depth)]}
        raise refusal(value)

    def _scalar(self, np: Any, value: Any) -> Any:
        if value.dtype.kind not in "biufcSUmM":
            raise refusal(value)
        dtype, raw = self._typed(np, np.asarray(value))
        return {"scalar": [dtype, raw.hex()]}

    def _array(self, np: Any, array: Any, depth: int) -> list[Any]:
        shape = list(array.shape)
        if array.dtype == object:
            return ["object", shape, [self.node(item, depth + 1) for item in array.ravel().tolist()]]
        if array.dtype.kind not in "biufcSUmM":
            raise Refused(f"an array of dtype {array.dtype}, which cannot cross")
        if array.nbytes > MAX_BYTES:
            raise Refused(f"an array of {array.nbytes:,} bytes; at most {MAX_BYTES:,} may cross")
        dtype, raw = self._typed(np, array)
        return [dtype, shape, self._buffer(raw)]

    def _typed(self, np: Any, array: Any) -> tuple[str, bytes]:
        dtype = array.dtype.newbyteorder("<")
        if dtype.itemsize == 0:  # strings of no length: one that takes space can be counted
            dtype = np.dtype("<U1" if dtype.kind == "U" else "|S1")
        return dtype.str, np.ascontiguousarray(array, dtype=dtype).tobytes()

    def _tensor(self, torch: Any, tensor: Any, depth: int) -> list[Any]:
        plain = tensor.detach()
        if plain.layout is not torch.strided or plain.is_quantized or plain.is_meta:
            raise Refused("a tensor that is sparse, quantized or meta, which cannot cross")
        name = str(plain.dtype).removeprefix("torch.")
        if plain.dtype is torch.bfloat16:  # NumPy has no such type; float32 holds each value
            plain = plain.to(torch.float32)
        array = plain.cpu().resolve_conj().resolve_neg().numpy()
        return [name, self._array(sys.modules["numpy"], array, depth), bool(tensor.requires_grad)]

    def _column(self, series: Any, depth: int) -> list[Any]:
        plain = type(series.dtype).__module__.startswith("numpy")
        array = series.to_numpy() if plain else series.to_numpy(dtype=object, na_value=None)
        tag = "" if plain or str(series.dtype) not in PANDAS_DTYPES else str(series.dtype)
        return [tag, self._array(sys.modules["numpy"], array, depth)]

    def _index(self, index: Any, depth: int) -> list[Any]:
        kind = type(index).__name__
        if kind == "MultiIndex":
            raise refusal(index)
        name = self.node(index.name, depth + 1)
        if kind == "RangeIndex":
            return [name, [index.start, index.stop, index.step]]
        return [name, self._column(index.to_series(), depth)]

    def _buffer(self, raw: bytes) -> int:
        self._bytes += len(raw)
        if self._bytes > MAX_BYTES:
            raise Refused(f"a value of more than {MAX_BYTES:,} bytes; no more may cross at once")
        self.buffers.append(raw)
        return len(self.buffers) - 1

    def _count(self, items: int, depth: int) -> None:
        self._items += items
        if self._items > MAX_ITEMS:
            raise Refused(f"a value of more than {MAX_ITEMS:,} items; no more may cross at once")
        if depth > MAX_DEPTH:
            raise Refused(f"a value nested more than {MAX_DEPTH} deep, which cannot cross")
