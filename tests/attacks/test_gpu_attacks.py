"""U1-U6: a GPU shared in turns, and a toolkit with a way out. U1-U5 run where one is at hand."""

from __future__ import annotations

import pytest

from sandbox.kernel import open_kernel
from sandbox.mounts import gpu_devices

needs_gpu = pytest.mark.skipif(not gpu_devices(), reason="gpu: no NVIDIA device here")


@needs_gpu
def test_u1_a_hog_is_gone_with_its_kernel_and_the_next_may_allocate() -> None:
    hog = "import torch\nx = torch.empty(int(torch.cuda.mem_get_info()[0] * 0.8), dtype=torch.uint8, device='cuda')"
    with open_kernel(gpus=(0,)) as kernel:
        assert kernel.execute(hog).error is None
    with open_kernel(gpus=(0,)) as kernel:
        assert kernel.execute(hog).error is None


@needs_gpu
def test_u2_freed_memory_shows_nothing_of_the_last_kernel() -> None:
    fill = "import torch\nx = torch.full((2 ** 26,), 0x5D1E77A0 - 2 ** 31, dtype=torch.int32, device='cuda')"
    look = "import torch\nx = torch.empty(2 ** 26, dtype=torch.int32, device='cuda')\n"
    look += "print(int((x == 0x5D1E77A0 - 2 ** 31).sum()))"
    with open_kernel(gpus=(0,)) as kernel:
        assert kernel.execute(fill).error is None
    with open_kernel(gpus=(0,)) as kernel:
        assert kernel.execute(look).stdout == "0\n"


@needs_gpu
def test_u3_a_kernel_without_a_lease_cannot_open_a_device() -> None:
    code = (
        "import os\nos.environ['CUDA_VISIBLE_DEVICES'] = '0'\nimport torch\nprint(torch.cuda.is_available())"
    )
    with open_kernel() as kernel:
        assert kernel.execute(code).stdout == "False\n"


@needs_gpu
def test_u4_a_kernel_that_hangs_on_the_device_is_ended_and_the_zygote_lives() -> None:
    code = "import torch\nwhile True: torch.ones(4096, 4096, device='cuda').mm(torch.ones(4096, 4096, device='cuda'))"
    with open_kernel(gpus=(0,)) as kernel:
        assert kernel.execute(code, seconds=3).outcome == "timeout"
    with open_kernel(gpus=(0,)) as kernel:
        assert (
            kernel.execute("import torch; print(torch.ones(2, device='cuda').sum().item())").stdout == "2.0\n"
        )


@needs_gpu
def test_u5_time_is_told_by_the_host_whatever_the_code_does_to_its_clocks() -> None:
    code = "import time, torch\ntime.perf_counter = time.monotonic = lambda: 0.0\n"
    code += "x = torch.ones(8192, 8192, device='cuda')\nfor _ in range(50): x = (x @ x).clamp(0, 1)\nprint(x[0, 0].item())"
    with open_kernel(gpus=(0,)) as kernel:
        assert kernel.execute(code).seconds > 0


def test_u3_where_there_is_no_lease_no_device_can_be_opened() -> None:
    code = """
import glob, os
opened = []
for path in glob.glob('/dev/nvidia[0-9]*'):
    try: opened.append(os.open(path, os.O_RDWR))
    except OSError: pass
print(opened, repr(os.environ.get('CUDA_VISIBLE_DEVICES')))
"""
    with open_kernel() as kernel:
        assert kernel.execute(code).stdout == "[] ''\n"
