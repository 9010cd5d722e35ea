"""Whatever bytes arrive, the readers give a value, a refusal, and never anything else."""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sandbox.decoder import decode
from sandbox.exchange import ExchangeError, encode
from sandbox.fork import BrokenFork, Fork
from sandbox.frame import BrokenFrame, Frame, receive_frame, send_frame
from sandbox.wire import Message, Wire

STEADY = settings(
    derandomize=True, deadline=None, max_examples=300, database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=20)
    | st.binary(max_size=20)
)
KEYS = st.text(max_size=8) | st.integers() | st.booleans()
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.lists(inner, max_size=5).map(tuple)
        | st.dictionaries(KEYS, inner, max_size=5)
    ),
    max_leaves=30,
)
DTYPES = ("bool", "int8", "int32", "int64", "uint8", "float16", "float32", "float64", "complex64")


def same(one: Any, other: Any) -> bool:
    """Equal, and of the same types all the way down."""
    if type(one) is not type(other):
        return False
    if type(one) in (list, tuple):
        return len(one) == len(other) and all(map(same, one, other))
    if type(one) is dict:
        return list(map(type, one)) == list(map(type, other)) and all(
            same(one[key], other[key]) for key in one
        )
    return bool(one == other)


@STEADY
@given(VALUES)
def test_plain_values_come_back_as_they_were(value: Any) -> None:
    assert same(decode(encode(value)), value)


@STEADY
@given(st.sampled_from(DTYPES), st.lists(st.integers(0, 4), max_size=3), st.integers(0, 2**32 - 1))
def test_arrays_come_back_with_dtype_and_shape(dtype: str, shape: list[int], seed: int) -> None:
    array = (np.random.default_rng(seed).normal(size=shape) * 10).astype(dtype)
    back = decode(encode(array))
    assert back.dtype == array.dtype and back.shape == array.shape
    assert np.array_equal(back, array)


@STEADY
@given(st.binary(max_size=400))
def test_any_bytes_are_a_value_or_refused(message: bytes) -> None:
    with contextlib.suppress(ExchangeError):
        decode(message)


@STEADY
@given(VALUES, st.data())
def test_a_changed_message_is_a_value_or_refused(value: Any, data: st.DataObject) -> None:
    message = bytearray(encode([value, np.arange(6.0).reshape(2, 3)]))
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(message) - 1))
        message[place] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(message)))
    for variant in (bytes(message), bytes(message[:cut]), bytes(message) + b"x"):
        with contextlib.suppress(ExchangeError):
            decode(variant)


def received(data: bytes) -> Frame | None:
    """The frame that a peer's bytes make, None when they make none."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.settimeout(5)
        writer = threading.Thread(target=_write, args=(theirs, data))
        writer.start()
        try:
            return receive_frame(ours, max_payload=1 << 16)
        except BrokenFrame:
            return None
        finally:
            ours.shutdown(socket.SHUT_RDWR)
            writer.join(5)


def _write(peer: socket.socket, data: bytes) -> None:
    try:
        peer.sendall(data)
        peer.shutdown(socket.SHUT_WR)
    except OSError:  # the reader has seen enough
        pass


@STEADY
@given(st.binary(max_size=200) | st.binary(max_size=100).map(lambda tail: b"MLT1" + tail))
def test_any_stream_is_a_frame_or_broken(data: bytes) -> None:
    frame = received(data)
    assert frame is None or isinstance(frame.header, dict)


@STEADY
@given(
    st.dictionaries(st.text(max_size=8), st.integers() | st.text(max_size=8), max_size=5),
    st.binary(max_size=99),
)
def test_frames_come_through_whole(header: dict[str, Any], payload: bytes) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        send_frame(theirs, header, payload)
        assert receive_frame(ours) == Frame(header, payload)


@pytest.fixture(scope="module")
def wire(tmp_path_factory: pytest.TempPathFactory) -> Any:
    opened = Wire(str(tmp_path_factory.mktemp("w") / "k"), "key", 1 << 16)
    yield opened
    opened.close()


@STEADY
@given(st.lists(st.binary(max_size=60), max_size=9))
def test_any_frames_of_a_kernel_are_a_message_or_nothing(wire: Wire, frames: list[bytes]) -> None:
    for variant in (frames, [b"t", b"<IDS|MSG>", *frames]):
        found = wire._read("iopub", list(variant))
        assert found is None or isinstance(found, Message)


@STEADY
@given(
    st.recursive(
        st.none() | st.text(max_size=5) | st.integers(),
        lambda x: st.lists(x) | st.dictionaries(st.text(max_size=9), x),
        max_leaves=9,
    )
)
def test_signed_messages_of_any_content_are_a_message_or_nothing(wire: Wire, content: Any) -> None:
    session = wire._session
    parts = [session.pack(part) for part in (content, content, {}, content)]
    found = wire._read("iopub", [b"<IDS|MSG>", session.sign(parts), *parts])
    assert found is None or (isinstance(found.type, str) and isinstance(found.content, dict))


@STEADY
@given(st.binary(min_size=1, max_size=200))
def test_a_fork_that_says_anything_else_is_broken_and_let_go(said: bytes) -> None:
    ours, theirs = socket.socketpair()
    with theirs:
        theirs.sendall(said)
        theirs.shutdown(socket.SHUT_WR)
        with pytest.raises(BrokenFork):
            Fork(ours, 5.0)
    assert ours.fileno() == -1
