"""What the NVIDIA driver tells of its GPUs: its management library NVML, called through ctypes.

It owns one rule: asking changes nothing. NVML makes no CUDA context and takes no device memory, so
the host may ask at any time; a failure is told by NVML's own name for it.
Source: NVML API reference (`nvml.h`), functions of drivers from 418 on.
"""

from __future__ import annotations

import ctypes
from types import TracebackType
from typing import Any, Literal

LIBRARY = "libnvidia-ml.so.1"
Mig = Literal["on", "off", "unsupported"]

_NAMES = {
    1: "UNINITIALIZED", 2: "INVALID_ARGUMENT", 3: "NOT_SUPPORTED", 4: "NO_PERMISSION", 6: "NOT_FOUND",
    7: "INSUFFICIENT_SIZE", 8: "INSUFFICIENT_POWER", 9: "DRIVER_NOT_LOADED", 10: "TIMEOUT",
    11: "IRQ_ISSUE", 12: "LIBRARY_NOT_FOUND", 13: "FUNCTION_NOT_FOUND", 14: "CORRUPTED_INFOROM",
    15: "GPU_IS_LOST", 16: "RESET_REQUIRED", 17: "OPERATING_SYSTEM", 18: "LIB_RM_VERSION_MISMATCH",
    19: "IN_USE", 20: "MEMORY", 21: "NO_DATA", 23: "INSUFFICIENT_RESOURCES", 27: "NOT_READY",
    28: "GPU_NOT_FOUND", 29: "INVALID_STATE", 999: "UNKNOWN",
}  # fmt: skip
_MEANINGS = {
    "DRIVER_NOT_LOADED": "the kernel module of the driver is not loaded",
    "NO_PERMISSION": "this user may not open the device files",
    "GPU_IS_LOST": "the GPU has fallen off the bus; only a restart brings it back",
    "RESET_REQUIRED": "the GPU must be reset",
    "LIB_RM_VERSION_MISMATCH": "the library and the loaded kernel module are of different versions; "
    "a restart loads the new one",
}
_TEXT_BYTES = 96
_MEBIBYTE = 1024 * 1024


class NvmlError(Exception):
    """An answer of NVML that is not success; `name` is NVML's own, without its prefix."""

    def __init__(self, code: int) -> None:
        self.name = _NAMES.get(code, f"code {code}")
        meaning = _MEANINGS.get(self.name)
        super().__init__(f"NVML_ERROR_{self.name}" + (f": {meaning}" if meaning else ""))


class _Memory(ctypes.Structure):
    """`nvmlMemory_t`, in bytes."""

    _fields_ = (("total", ctypes.c_ulonglong), ("free", ctypes.c_ulonglong), ("used", ctypes.c_ulonglong))


class Nvml:
    """An open library; `with` closes it. Raises OSError without the library, NvmlError on its failures."""

    def __init__(self, library: str = LIBRARY) -> None:
        self._library = ctypes.CDLL(library)
        self._call("nvmlInit_v2")

    def __enter__(self) -> Nvml:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._call("nvmlShutdown")

    def driver(self) -> str:
        """The driver's version, such as `570.133.07`."""
        return self._text("nvmlSystemGetDriverVersion")

    def count(self) -> int:
        """How many GPUs this process may see."""
        return self._number("nvmlDeviceGetCount_v2")

    def device(self, index: int) -> ctypes.c_void_p:
        """The handle of the GPU `index`, in the order of the PCI bus."""
        handle = ctypes.c_void_p()
        self._call("nvmlDeviceGetHandleByIndex_v2", ctypes.c_uint(index), ctypes.byref(handle))
        return handle

    def minor(self, device: ctypes.c_void_p) -> int:
        """The N of its `/dev/nvidiaN`, which need not be its index."""
        return self._number("nvmlDeviceGetMinorNumber", device)

    def uuid(self, device: ctypes.c_void_p) -> str:
        return self._text("nvmlDeviceGetUUID", device)

    def name(self, device: ctypes.c_void_p) -> str:
        return self._text("nvmlDeviceGetName", device)

    def memory_mb(self, device: ctypes.c_void_p) -> tuple[int, int] | None:
        """Total and free memory, MiB; None where the GPU shares the machine's memory."""
        memory = _Memory()
        try:
            self._call("nvmlDeviceGetMemoryInfo", device, ctypes.byref(memory))
        except NvmlError as error:
            if error.name == "NOT_SUPPORTED":
                return None
            raise
        return memory.total // _MEBIBYTE, memory.free // _MEBIBYTE

    def mig(self, device: ctypes.c_void_p) -> Mig:
        """Whether the GPU is split into instances now."""
        current, pending = ctypes.c_uint(), ctypes.c_uint()
        try:
            self._call("nvmlDeviceGetMigMode", device, ctypes.byref(current), ctypes.byref(pending))
        except NvmlError as error:
            if error.name in ("NOT_SUPPORTED", "FUNCTION_NOT_FOUND"):
                return "unsupported"
            raise
        return "on" if current.value else "off"

    def _text(self, function: str, *arguments: Any) -> str:
        buffer = ctypes.create_string_buffer(_TEXT_BYTES)
        self._call(function, *arguments, buffer, ctypes.c_uint(_TEXT_BYTES))
        return buffer.value.decode("utf-8", errors="replace")

    def _number(self, function: str, *arguments: Any) -> int:
        number = ctypes.c_uint()
        self._call(function, *arguments, ctypes.byref(number))
        return number.value

    def _call(self, function: str, *arguments: Any) -> None:
        try:
            entry = getattr(self._library, function)
        except AttributeError:  # an older driver than the function
            raise NvmlError(13) from None
        code = int(entry(*arguments))
        if code != 0:
            raise NvmlError(code)
