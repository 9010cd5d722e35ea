"""The GPUs of this machine: which there are, which a kernel could use, and what a project gets.

It owns one rule: where there is no GPU to be used, there is a reason in words. Nothing here, and
nothing in the host or the zygote, imports torch or starts CUDA to find out.
"""

from __future__ import annotations

import functools
import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import distributions
from pathlib import Path
from typing import Any, Literal

from sandbox.lab import BASE, Lab
from sandbox.nvml import LIBRARY, Mig, Nvml, NvmlError
from tutor_error import TutorError

Need = Literal["none", "optional", "required"]
Scale = Literal["small", "full"]
DEVICES = Path("/dev")
_TOOLKIT = ("nvidia-ctk", "nvidia-container-cli")
_ESCAPES = (
    ((1, 16, 2), "CVE-2024-0132"),
    ((1, 17, 4), "CVE-2025-23359"),  # the first repair could be got round
    ((1, 17, 8), "CVE-2025-23266"),
)
_REPAIRED = "1.17.8"


@dataclass(frozen=True)
class Gpu:
    """One GPU. index: NVML's; minor: the N of `/dev/nvidiaN`; memory in MiB, None where it is shared.

    uuid: what CUDA_VISIBLE_DEVICES names it by: CUDA's own numbers depend on which device files
    can be opened, and equal neither the index nor the minor number.
    """

    index: int
    minor: int
    uuid: str
    name: str
    memory_total_mb: int | None
    memory_free_mb: int | None
    driver: str
    mig: Mig


@dataclass(frozen=True)
class Survey:
    """gpus: those found; troubles: a sentence for each thing that stands in the way of others."""

    gpus: tuple[Gpu, ...]
    troubles: tuple[str, ...] = ()

    @property
    def why_none(self) -> str:
        return "" if self.gpus else " ".join(self.troubles)


@dataclass(frozen=True)
class Choice:
    """device: `cpu`, or `cuda:N` with NVML's index N; scale: of the data that is graded on."""

    device: str
    scale: Scale
    reason: str


def find_gpus(library: str = LIBRARY) -> list[Gpu]:
    """The GPUs that NVML sees; none without NVIDIA's driver (`why_no_gpu` tells why)."""
    return list(survey_gpus(library).gpus)


def why_no_gpu(library: str = LIBRARY) -> str:
    """Why `find_gpus` is empty; an empty text where it is not."""
    return survey_gpus(library).why_none


def survey_gpus(library: str = LIBRARY) -> Survey:
    """All GPUs that answer, and what kept the others from it."""
    try:
        with Nvml(library) as nvml:
            return _read_all(nvml)
    except OSError as error:
        return Survey((), (_explain_missing(library, str(error)),))
    except NvmlError as error:
        return Survey((), (f"The NVIDIA driver does not answer: {error}.",))


def usable_gpus(lab: Lab = BASE, library: str = LIBRARY, devices: Path = DEVICES) -> Survey:
    """The GPUs that a kernel of `lab` can compute on, of those that CUDA_VISIBLE_DEVICES leaves the user."""
    found = survey_gpus(library)
    if not found.gpus:
        return found
    if (why := _why_torch_cannot(lab)) is not None:
        return Survey((), (*found.troubles, why))
    left = os.environ.get("CUDA_VISIBLE_DEVICES")
    barred = {gpu.uuid: why for gpu in found.gpus if (why := _why_barred(gpu, devices, left)) is not None}
    usable = tuple(gpu for gpu in found.gpus if gpu.uuid not in barred)
    return Survey(usable, (*found.troubles, *barred.values()))


def choose_device(need: Need, gpus: Sequence[Gpu], why_none: str = "") -> Choice:
    """Where a project with `budget.gpu: need` is graded, and at which scale.

    Raises TutorError `gpu-required` when it cannot do without and there are no `gpus`.
    """
    if need == "none":
        return Choice("cpu", "small", "the project needs no GPU")
    if gpus:
        return Choice(f"cuda:{gpus[0].index}", "full", f"{gpus[0].name} is free")
    if need == "optional":
        return Choice("cpu", "small", why_none or "no GPU was found")
    raise TutorError(
        "gpu-required",
        "This project needs an NVIDIA GPU and has no small scale for a CPU. "
        + (why_none or "No GPU was found."),
        "Let the tutor run on a machine that has one and reach it from here over MCP (`mltutor mcp` "
        "there); `mltutor doctor` shows what this machine lacks.",
    )


def visible_devices(minors: Sequence[int] | None, library: str = LIBRARY) -> str:
    """The value of CUDA_VISIBLE_DEVICES that shows the cards `/dev/nvidiaN` alone; empty for none."""
    if not minors:
        return ""
    known = _uuids(library)
    return ",".join(known.get(minor, str(minor)) for minor in minors)


def toolkit_warning(version: str) -> str | None:
    """What is wrong with a version of the NVIDIA Container Toolkit: known ways out of a container.

    Source: NVIDIA security bulletins for CVE-2024-0132, CVE-2025-23359 and CVE-2025-23266.
    """
    read = re.match(r"v?(\d+)\.(\d+)\.(\d+)(.*)", version.strip())
    if read is None:
        return f"The version `{version}` of the NVIDIA Container Toolkit cannot be read."
    release = tuple(int(number) for number in read.groups()[:3])
    is_early = re.search(r"rc|alpha|beta|dev", read[4]) is not None
    escapes = [
        name for repaired, name in _ESCAPES if release < repaired or (release == repaired and is_early)
    ]
    if not escapes:
        return None
    return (
        f"NVIDIA Container Toolkit {version.strip()} lets a container escape to its host "
        f"({', '.join(escapes)}); update it to {_REPAIRED} or later."
    )


def gpu_findings(lab: Lab = BASE, library: str = LIBRARY) -> dict[str, Any]:
    """What `doctor` shows: the GPUs, what stands in the way of them, and an unsafe container toolkit."""
    found, usable = survey_gpus(library), usable_gpus(lab, library)
    toolkit = _toolkit_version()
    return {
        "usable": len(usable.gpus),
        "found": [_describe(gpu) for gpu in found.gpus],
        "driver": found.gpus[0].driver if found.gpus else None,
        "reason": " ".join(usable.troubles),
        "torch": _torch_version(lab),
        "toolkit": toolkit,
        "warning": toolkit_warning(toolkit) if toolkit else None,
    }


def _read_all(nvml: Nvml) -> Survey:
    driver, gpus, troubles = nvml.driver(), list[Gpu](), list[str]()
    number = nvml.count()
    for index in range(number):
        try:
            gpus.append(_read(nvml, index, driver))
        except NvmlError as error:
            troubles.append(f"GPU {index} does not answer: {error}.")
    if number == 0:
        troubles.append(f"The NVIDIA driver {driver} is loaded and sees no GPU.")
    return Survey(tuple(gpus), tuple(troubles))


def _read(nvml: Nvml, index: int, driver: str) -> Gpu:
    device = nvml.device(index)
    total, free = nvml.memory_mb(device) or (None, None)
    return Gpu(
        index, nvml.minor(device), nvml.uuid(device), nvml.name(device), total, free, driver, nvml.mig(device)
    )


@functools.lru_cache(maxsize=4)
def _uuids(library: str) -> dict[int, str]:
    """The UUIDs by minor number: neither changes while the driver is loaded."""
    return {gpu.minor: gpu.uuid for gpu in find_gpus(library)}


def _explain_missing(library: str, said: str) -> str:
    if any(DEVICES.glob("nvidia*")):
        return f"NVIDIA device files are there, but the driver's library is not: {said}."
    return f"NVIDIA's driver is not installed: {library} is missing."


def _why_barred(gpu: Gpu, devices: Path, left: str | None) -> str | None:
    file = devices / f"nvidia{gpu.minor}"
    if not file.exists():
        return f"GPU {gpu.index} has no device file {file}."
    if left is not None and not any(_names(word.strip(), gpu) for word in left.split(",")):
        return f"CUDA_VISIBLE_DEVICES={left} leaves GPU {gpu.index} out."
    if gpu.mig == "on":
        return f"GPU {gpu.index} is split into MIG instances, and only whole GPUs are leased."
    return None


def _names(word: str, gpu: Gpu) -> bool:
    """Whether a word of CUDA_VISIBLE_DEVICES means this GPU: its index, or the beginning of its UUID."""
    return word == str(gpu.index) or (word.startswith("GPU-") and gpu.uuid.startswith(word))


def _why_torch_cannot(lab: Lab) -> str | None:
    """A CPU build of torch lacks the library that every CUDA build has."""
    version = _torch_version(lab)
    if version is None:
        return f"The lab {lab.name} has no torch."
    if any((folder / "torch" / "lib" / "libtorch_cuda.so").exists() for folder in lab.site_packages()):
        return None
    return f"torch {version} of the lab {lab.name} is built for the CPU alone."


def _torch_version(lab: Lab) -> str | None:
    found = distributions(name="torch", path=[str(folder) for folder in lab.site_packages()])
    return next((distribution.version for distribution in found), None)


def _toolkit_version() -> str | None:
    """The version of the container toolkit on this machine; inside a container it is not to be seen."""
    program = next((path for name in _TOOLKIT if (path := shutil.which(name))), None)
    if program is None:
        return None
    try:
        done = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"unknown ({error})"
    read = re.search(r"version:?\s+(v?\d+\.\d+\.\d+\S*)", done.stdout)
    return read[1] if read else f"unknown ({program} --version told none)"


def _describe(gpu: Gpu) -> str:
    total, free = gpu.memory_total_mb, gpu.memory_free_mb
    memory = "shared memory" if total is None else f"{total} MiB, {free} free"
    return f"{gpu.index}: {gpu.name} (/dev/nvidia{gpu.minor}, {memory}, MIG {gpu.mig})"
