"""A shared library that answers as NVIDIA's driver does, compiled for the tests that ask it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from sandbox.gpu import Gpu
from sandbox.lab import Lab

SOURCE = Path(__file__).parent / "fixtures" / "nvml_stub.c"


def build_stub(folder: Path, *flags: str) -> str:
    """Compile the stub into `folder`; its path."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    assert compiler, "these tests need a C compiler (apt-get install gcc)"
    library = folder / f"libnvidia-ml-{len(flags)}.so"
    subprocess.run(
        [compiler, "-shared", "-fPIC", "-Wall", "-Werror", *flags, "-o", str(library), str(SOURCE)],
        check=True,
        timeout=60,
    )
    return str(library)


def lab_with_torch(folder: Path, *, has_cuda: bool) -> Lab:
    """The outside of a lab whose torch was built for CUDA, or for the CPU alone."""
    lab = Lab("built", folder, folder / "bin" / "python")
    site = lab.site_packages()[0]
    about = site / "torch-2.13.0.dist-info" / "METADATA"
    about.parent.mkdir(parents=True)
    about.write_text("Metadata-Version: 2.1\nName: torch\nVersion: 2.13.0\n", encoding="utf-8")
    libraries = site / "torch" / "lib"
    libraries.mkdir(parents=True)
    (libraries / "libtorch_cpu.so").touch()
    if has_cuda:
        (libraries / "libtorch_cuda.so").touch()
    return lab


def device_files(folder: Path, number: int) -> Path:
    """A folder like /dev with the files of `number` cards."""
    folder.mkdir()
    for minor in range(number):
        (folder / f"nvidia{minor}").touch()
    return folder


def gpu(index: int, total: int | None = 24576, free: int | None = None) -> Gpu:
    """A GPU as the survey tells of one; its minor number is not its index."""
    return Gpu(index, 7 - index, f"GPU-{index}", f"Stub {index}", total, free, "570.133.07", "off")
