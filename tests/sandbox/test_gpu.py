"""GPUs are found through the driver's library, chosen by a project's need, and missed with a reason."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from nvml_stub import build_stub, device_files, gpu, lab_with_torch

from sandbox import gpu as gpu_module
from sandbox import pool as pool_module
from sandbox.gpu import (
    choose_device,
    find_gpus,
    gpu_findings,
    survey_gpus,
    toolkit_warning,
    usable_gpus,
    visible_devices,
    why_no_gpu,
)
from sandbox.kernel import open_kernel
from sandbox.lab import BASE
from sandbox.mounts import gpu_devices
from sandbox.nvml import Nvml, NvmlError
from sandbox.pool import Pool
from tutor_error import TutorError

needs_gpu = pytest.mark.skipif(not gpu_devices(), reason="gpu: no NVIDIA device here")
HERE = usable_gpus()
needs_usable_gpu = pytest.mark.skipif(not HERE.gpus, reason=f"gpu: {HERE.why_none}")
MISSING = "libnvidia-ml-that-is-nowhere.so"


@pytest.fixture(scope="module")
def stub(tmp_path_factory: pytest.TempPathFactory) -> str:
    return build_stub(tmp_path_factory.mktemp("nvml"))


@pytest.fixture(autouse=True)
def no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    yield
    gpu_module._uuids.cache_clear()


def test_every_gpu_is_told_with_its_numbers_and_memory(stub: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NVML_STUB_GPUS", "2")
    first, second = find_gpus(stub)
    assert (first.index, first.minor, first.uuid) == (0, 1, "GPU-00000000-stub")
    assert (second.index, second.minor, second.uuid) == (1, 0, "GPU-00000001-stub")
    assert (second.name, second.memory_total_mb, second.memory_free_mb) == ("Stub 1", 24576, 21000)
    assert (second.driver, second.mig) == ("570.133.07", "off")
    assert why_no_gpu(stub) == ""


def test_without_a_driver_there_is_no_gpu_and_a_reason() -> None:
    assert find_gpus(MISSING) == []
    assert MISSING in why_no_gpu(MISSING)


def test_a_driver_without_gpus_says_so(stub: str) -> None:
    assert why_no_gpu(stub) == "The NVIDIA driver 570.133.07 is loaded and sees no GPU."


@pytest.mark.parametrize(("code", "name"), [(9, "DRIVER_NOT_LOADED"), (18, "LIB_RM_VERSION_MISMATCH")])
def test_a_failure_is_told_by_nvmls_own_name(
    stub: str, code: int, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NVML_STUB_INIT", str(code))
    with pytest.raises(NvmlError) as caught:
        Nvml(stub)
    assert caught.value.name == name
    assert f"NVML_ERROR_{name}" in why_no_gpu(stub)


def test_a_lost_gpu_does_not_hide_the_others(stub: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NVML_STUB_GPUS", "3")
    monkeypatch.setenv("NVML_STUB_LOST", "1")
    survey = survey_gpus(stub)
    assert [found.index for found in survey.gpus] == [0, 2]
    assert survey.troubles[0].startswith("GPU 1 does not answer: NVML_ERROR_GPU_IS_LOST")


def test_memory_that_is_the_machines_own_is_not_told(stub: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NVML_STUB_GPUS", "1")
    monkeypatch.setenv("NVML_STUB_SHARED", "1")
    (found,) = find_gpus(stub)
    assert (found.memory_total_mb, found.memory_free_mb) == (None, None)


def test_a_driver_older_than_mig_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NVML_STUB_GPUS", "1")
    (found,) = find_gpus(build_stub(tmp_path, "-DBEFORE_MIG"))
    assert found.mig == "unsupported"


def test_only_whole_gpus_with_a_device_file_are_usable(
    stub: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NVML_STUB_GPUS", "3")
    monkeypatch.setenv("NVML_STUB_MIG", "1")
    lab = lab_with_torch(tmp_path / "lab", has_cuda=True)
    survey = usable_gpus(lab, stub, device_files(tmp_path / "dev", 2))
    assert [found.index for found in survey.gpus] == [2]  # its device file is nvidia0
    assert "GPU 0 has no device file" in survey.troubles[0]
    assert "GPU 1 is split into MIG instances" in survey.troubles[1]


@pytest.mark.parametrize(
    ("left", "usable"), [("1", [1]), ("", []), ("GPU-00000000", [0]), ("1, 0", [0, 1]), ("-1", [])]
)
def test_what_the_user_hides_is_not_usable(
    stub: str, left: str, usable: list[int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NVML_STUB_GPUS", "2")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", left)
    lab = lab_with_torch(tmp_path / "lab", has_cuda=True)
    survey = usable_gpus(lab, stub, device_files(tmp_path / "dev", 2))
    assert [found.index for found in survey.gpus] == usable
    assert len(survey.troubles) == 2 - len(usable)


def test_a_torch_for_the_cpu_cannot_use_a_gpu(
    stub: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NVML_STUB_GPUS", "1")
    lab = lab_with_torch(tmp_path / "lab", has_cuda=False)
    survey = usable_gpus(lab, stub, device_files(tmp_path / "dev", 1))
    assert survey.gpus == ()
    assert survey.why_none == "torch 2.13.0 of the lab built is built for the CPU alone."


def test_a_project_gets_the_device_that_it_needs() -> None:
    assert choose_device("none", [gpu(0)]).device == "cpu"
    assert choose_device("none", [gpu(0)]).scale == "small"
    assert choose_device("optional", []).scale == "small"
    assert choose_device("optional", [], "it is lost").reason == "it is lost"
    for need in ("optional", "required"):
        choice = choose_device(need, [gpu(1), gpu(0)])
        assert (choice.device, choice.scale) == ("cuda:1", "full")


def test_a_project_that_needs_a_gpu_is_refused_with_what_is_missing() -> None:
    with pytest.raises(TutorError, match="no small scale") as caught:
        choose_device("required", [], why_no_gpu(MISSING))
    assert caught.value.code == "gpu-required"
    assert MISSING in caught.value.message
    assert "MCP" in caught.value.remedy


def test_a_kernel_sees_its_cards_by_uuid(stub: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NVML_STUB_GPUS", "2")
    assert visible_devices((1,), stub) == "GPU-00000000-stub"
    assert visible_devices((0, 1), stub) == "GPU-00000001-stub,GPU-00000000-stub"
    assert visible_devices((), stub) == visible_devices(None, stub) == ""


@pytest.mark.parametrize(
    ("version", "escapes"),
    [
        ("1.16.1", ["CVE-2024-0132", "CVE-2025-23359", "CVE-2025-23266"]),
        ("1.16.2-1", ["CVE-2025-23359", "CVE-2025-23266"]),
        ("v1.17.4", ["CVE-2025-23266"]),
        ("1.17.7", ["CVE-2025-23266"]),
        ("1.17.8~rc.1", ["CVE-2025-23266"]),
        ("1.17.8-1", []),
        ("1.18.0-rc.1", []),
        ("2.0.0", []),
    ],
)
def test_a_toolkit_is_warned_of_until_its_repair(version: str, escapes: list[str]) -> None:
    warning = toolkit_warning(version)
    assert (warning is None) == (not escapes)
    assert all(name in (warning or "") for name in escapes)
    assert (warning or "").count("CVE-") == len(escapes)


def test_a_version_that_cannot_be_read_is_not_called_safe() -> None:
    assert "cannot be read" in (toolkit_warning("unknown") or "")


def test_findings_name_the_gpus_what_bars_them_and_an_unsafe_toolkit(
    stub: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NVML_STUB_GPUS", "1")
    program = tmp_path / "nvidia-ctk"
    program.write_text("#!/bin/sh\necho NVIDIA Container Toolkit CLI version 1.17.3\n", encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    findings = gpu_findings(lab_with_torch(tmp_path / "lab", has_cuda=False), stub)
    assert findings["found"] == ["0: Stub 0 (/dev/nvidia0, 24576 MiB, 20000 free, MIG off)"]
    assert (findings["usable"], findings["driver"], findings["toolkit"]) == (0, "570.133.07", "1.17.3")
    assert "CPU alone" in findings["reason"]
    assert "CVE-2025-23266" in findings["warning"]


def test_findings_without_a_driver_give_the_reason() -> None:
    findings = gpu_findings(BASE, MISSING)
    assert (findings["usable"], findings["found"], findings["driver"]) == (0, [], None)
    assert MISSING in findings["reason"]


@pytest.fixture
def pool(monkeypatch: pytest.MonkeyPatch) -> Iterator[Pool]:
    made = Pool()
    monkeypatch.setattr(pool_module, "shared_pool", lambda lab=BASE: made)
    monkeypatch.setattr("sandbox.startup.shared_pool", lambda lab=BASE: made)
    yield made
    made.close()


def test_a_zygote_that_imported_torch_has_not_started_cuda(pool: Pool) -> None:
    pool.prepare(["torch"])
    code = (
        "import sys\nassert 'torch' in sys.modules\nimport torch\n"
        "print(torch.cuda.is_initialized(), torch.cuda._is_in_bad_fork())"
    )
    with open_kernel() as kernel:
        done = kernel.execute(code)
        assert (done.error, done.stdout) == (None, "False False\n")
        assert pool.zygote is not None
        process = Path("/proc") / str(pool.zygote.pid)
        opened = [os.readlink(file) for file in (process / "fd").iterdir()]  # noqa: PTH115
        assert not [name for name in opened if name.startswith("/dev/nvidia")]
        assert "libcuda.so" not in (process / "maps").read_text(encoding="utf-8")


def test_a_kernel_without_a_lease_says_that_it_computes_on_the_cpu(pool: Pool) -> None:
    with open_kernel() as kernel:
        assert kernel.device == "cpu"
        assert kernel.execute("import os; print(repr(os.environ['CUDA_VISIBLE_DEVICES']))").stdout == "''\n"


def test_a_kernel_is_told_its_leased_card(pool: Pool) -> None:
    """The number of a card that is not there: what is told does not hang on the device."""
    with open_kernel(gpus=(63,)) as kernel:
        assert kernel.device == "cuda:0"
        assert kernel.execute("import os; print(os.environ['CUDA_VISIBLE_DEVICES'])").stdout == "63\n"
        assert kernel.execute("import resource as r; print(r.getrlimit(r.RLIMIT_DATA)[0])").stdout == "-1\n"


@needs_gpu
def test_nvml_and_the_device_files_agree() -> None:
    cards = {path.name for path in gpu_devices() if path.name.removeprefix("nvidia").isdigit()}
    assert {f"nvidia{found.minor}" for found in find_gpus()} == cards


@needs_usable_gpu
def test_a_leased_gpu_computes_what_numpy_computes(pool: Pool) -> None:
    pool.prepare(["torch"])
    code = (
        "import numpy as np, torch\nx = np.random.default_rng(0).normal(size=(256, 256)).astype('float32')\n"
        "y = (torch.tensor(x, device='cuda') @ torch.tensor(x, device='cuda')).cpu().numpy()\n"
        "print(torch.cuda.device_count(), np.allclose(y, x @ x, atol=1e-2))"
    )
    with open_kernel(gpus=(HERE.gpus[0].minor,)) as kernel:
        done = kernel.execute(code)
        assert (done.error, done.stdout) == (None, "1 True\n")
        assert kernel.device == "cuda:0"
