"""What crosses between processes, what does not, and what junk does."""

from __future__ import annotations

import json
import pickle
import random
import socket
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sandbox.decoder import decode
from sandbox.exchange import ExchangeError, HandleRef, Refused, encode
from sandbox.frame import BrokenFrame, receive_frame, send_frame

PLAIN = [
    None, True, 3, -(2**70), 0.1, float("inf"), "naïve \ud800", b"\x00\xff", 1 + 2j,
    [1, "a", None], [[1], [2, (3,)]], (1, 2.5), {1, 2}, frozenset({"a"}), {"a": [1], 2: {"b": ()}},
    {(1, "x"): 2.0}, HandleRef(7),
]  # fmt: skip
ARRAYS = [
    np.arange(6).reshape(2, 3).T, np.array(3.5), np.zeros((0, 4)), np.array([True, False]),
    np.array(["a", "bcd"]), np.array(["2020-01-01"], "M8[D]"), np.array([1, 2], ">i4"),
    np.array([1 + 2j], "c8"), np.array([1, "a", None], dtype=object), np.array(["", ""]),
]  # fmt: skip


class AlwaysEqual(float):
    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = float.__hash__


class Subclass(np.ndarray):
    pass


@pytest.mark.parametrize("value", PLAIN, ids=lambda value: type(value).__name__)
def test_plain_values_come_back_equal_and_of_their_type(value: object) -> None:
    seen = decode(encode(value))
    assert seen == value
    assert type(seen) is type(value)


def test_nan_comes_back_as_nan() -> None:
    assert np.isnan(decode(encode([1.0, float("nan")]))[1])


@pytest.mark.parametrize("array", ARRAYS, ids=lambda array: str(array.dtype))
def test_arrays_come_back_with_dtype_shape_and_content(array: np.ndarray) -> None:
    seen = decode(encode(array))
    assert type(seen) is np.ndarray
    assert seen.shape == array.shape
    assert seen.dtype.kind == array.dtype.kind
    assert seen.tolist() == array.tolist()


def test_an_array_that_arrives_is_a_copy_that_can_be_changed() -> None:
    sent = np.zeros(3)
    seen = decode(encode(sent))
    seen[:] = 1.0
    assert sent.sum() == 0.0


def test_numpy_scalars_keep_their_type() -> None:
    seen = decode(encode({"a": np.float32(0.1), np.int64(3): np.bool_(True)}))
    assert [type(item) for item in seen.values()] == [np.float32, np.bool_]
    assert list(seen) == ["a", 3]


def test_tables_come_back_with_columns_index_and_dtypes() -> None:
    frame = pd.DataFrame(
        {"n": [1, 2], "s": ["x", None], "c": pd.Categorical(["u", "v"]), "i": pd.array([1, None], "Int64")},
        index=["r", "q"],
    )
    pd.testing.assert_frame_equal(decode(encode(frame)), frame)
    series = pd.Series([1.0, 2.0], name="z")
    pd.testing.assert_series_equal(decode(encode(series)), series)


@pytest.mark.parametrize(
    "value",
    [
        AlwaysEqual(1), np.zeros(2).view(Subclass), lambda: 1, object(), Counter("a"), [AlwaysEqual(1)],
        {AlwaysEqual(1): 1}, np.zeros(2, dtype=[("a", "f4")]), np.array([object()]), range(3), Path("x"),
    ],
    ids=lambda value: type(value).__name__,
)  # fmt: skip
def test_anything_but_plain_data_is_refused(value: object) -> None:
    with pytest.raises(Refused, match="cannot cross"):
        encode(value)


def test_a_refusal_names_the_type_and_the_way_out() -> None:
    with pytest.raises(Refused, match="a value of type Counter, which cannot cross; return a plain dict"):
        encode(Counter("a"))


def test_endless_and_huge_values_are_refused() -> None:
    endless: list[object] = []
    endless.append(endless)
    for value in (endless, [0] * 1_000_001, bytes(70_000_000), 10**5000, np.zeros(9_000_000)):
        with pytest.raises(Refused):
            encode(value)


def test_a_pickle_is_not_loaded(tmp_path: Path) -> None:
    canary = tmp_path / "canary"

    class Evil:
        def __reduce__(self) -> object:
            return (Path.touch, (canary,))

    with pytest.raises(ExchangeError):
        decode(b"cpathlib\nPosixPath\n(S'" + str(canary).encode() + b"'\ntRp0\n.")

    with pytest.raises(Refused):
        encode(Evil())
    raw = pickle.dumps([1, 2])
    text = json.dumps([{"array": ["|O8", [1], 0]}, [len(raw)]]).encode()
    with pytest.raises(ExchangeError):
        decode(len(text).to_bytes(4, "big") + text + raw)
    assert not canary.exists()


@pytest.mark.parametrize(
    "tree",
    [
        {"array": ["<f8", [10**12], 0]}, {"array": ["<f8", [-1], 0]}, {"array": ["<U0", [10**12], 0]},
        {"array": ["<U1", [2], 0]}, {"array": ["<f8", [1], -1]}, {"array": ["|V8", [1], 0]},
        {"scalar": ["<f8", "zz"]}, {"list": 3}, {"dict": [[{"list": []}, 1]]}, {"exec": "1"},
        {"tensor": ["load", ["<f8", [1], 0], False]}, {"complex": ["a", 1]}, {"handle": "x"},
        {"list": [], "b": 1}, [1],
    ],
    ids=str,
)  # fmt: skip
def test_a_forged_tree_is_an_exchange_error(tree: object) -> None:
    text = json.dumps([tree, [8]]).encode()
    with pytest.raises(ExchangeError):
        decode(len(text).to_bytes(4, "big") + text + b"\xff" * 8, tensors=True)


def test_a_forged_bool_is_a_real_bool() -> None:
    text = json.dumps([{"array": ["|b1", [2], 0]}, [2]]).encode()
    seen = decode(len(text).to_bytes(4, "big") + text + b"\x02\x00")
    assert np.array_equal(seen, [True, False])


def test_deep_json_is_an_exchange_error() -> None:
    text = b"[" * 100_000
    with pytest.raises(ExchangeError):
        decode(len(text).to_bytes(4, "big") + text)


def test_damaged_messages_raise_nothing_but_exchange_errors() -> None:
    rng = random.Random(0)
    message = encode({"a": np.arange(3.0), "b": [1, (2, "x")], "c": np.float32(1)})
    for _ in range(2000):
        damaged = bytearray(message)
        for _ in range(rng.randint(1, 4)):
            damaged[rng.randrange(len(damaged))] = rng.randrange(256)
        try:
            decode(bytes(damaged[: rng.randint(0, len(damaged))] if rng.random() < 0.3 else damaged))
        except ExchangeError:
            continue


def test_torch_tensors_arrive_as_tensors_only_when_asked() -> None:
    torch = pytest.importorskip("torch")
    half = torch.tensor([1.5, 2.0], dtype=torch.bfloat16)
    weight = torch.nn.Parameter(torch.ones(2, 3))
    assert decode(encode(weight)).tolist() == [[1.0] * 3] * 2
    assert decode(encode(half)).dtype == np.float32
    seen = decode(encode([half, weight]), tensors=True)
    assert torch.equal(seen[0], half)
    assert seen[0].dtype is torch.bfloat16
    assert seen[1].requires_grad
    with pytest.raises(Refused):
        encode(torch.zeros(2).to_sparse())


def test_a_frame_comes_back_whole() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        send_frame(ours, {"n": 1}, b"body")
        frame = receive_frame(theirs)
    assert (frame.header, frame.payload) == ({"n": 1}, b"body")


@pytest.mark.parametrize(
    "raw",
    [
        b"GET / HTTP/1.1\r\n\r\n", b"MLT1" + b"\xff" * 12, b"MLT1\0\0\0\2" + bytes(8) + b"[]",
        b"MLT1\0\0\0\2" + bytes(8) + b"\xff\xfe", b"MLT1\0\0\1\0" + bytes(8) + b"[" * 256, b"MLT1",
    ],
    ids=["http", "sizes", "list", "bytes", "deep", "short"],
)  # fmt: skip
def test_junk_on_the_channel_is_a_broken_frame_and_no_hang(raw: bytes) -> None:
    ours, theirs = socket.socketpair()
    with theirs:
        theirs.settimeout(5)
        with ours:
            ours.sendall(raw)
        with pytest.raises(BrokenFrame):
            receive_frame(theirs)
