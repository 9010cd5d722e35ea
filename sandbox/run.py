"""Runs what a user wrote: a file or a piece of code, in a kernel of its own.

It owns one rule: a run always gives a report, also when this machine may not run it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from sandbox.execution import Execution
from sandbox.gpu import usable_gpus
from sandbox.harvest import OnStream
from sandbox.kernel import Kernel, open_kernel
from sandbox.limits import Limits
from sandbox.notebook import read_cells, with_outputs
from sandbox.program import read_program
from sandbox.report import RunError, RunReport
from tutor_error import TutorError

CODE = "<code>"


def run_file(
    path: Path,
    *,
    limits: Limits | None = None,
    figures_dir: Path | None = None,
    save: Path | None = None,
    on_stream: OnStream | None = None,
    cancel: threading.Event | None = None,
    gpus: tuple[int, ...] | None = None,
    allow_unisolated: bool = False,
) -> RunReport:
    """Run a .py or .ipynb file with what lies beside it; figures are written to `figures_dir`.

    save: where the notebook goes with its new outputs. gpus: the leased cards (`open_kernel`).
    Raises TutorError for a file that cannot be run (`program.read_program`).
    """
    program = read_program(path)
    if path.suffix == ".ipynb":
        read_cells(program.files[program.name], program.name)

    def start(kernel: Kernel) -> Execution:
        done = kernel.run_file(program.name, on_stream=on_stream, cancel=cancel)
        if save is not None:
            save.write_bytes(with_outputs(program.files[program.name], done))
        return done

    return _run(str(path), program.files, start, limits, figures_dir, gpus, allow_unisolated)


def run_code(
    code: str,
    *,
    limits: Limits | None = None,
    figures_dir: Path | None = None,
    on_stream: OnStream | None = None,
    cancel: threading.Event | None = None,
    gpus: tuple[int, ...] | None = None,
    allow_unisolated: bool = False,
) -> RunReport:
    """Run `code` as one cell; the value of a last expression is part of stdout."""

    def start(kernel: Kernel) -> Execution:
        return kernel.execute(code, on_stream=on_stream, cancel=cancel)

    return _run(CODE, {}, start, limits, figures_dir, gpus, allow_unisolated)


def device() -> str:
    """Where a kernel of this machine can compute, with a lease: `cuda:0` or `cpu`."""
    return "cuda:0" if usable_gpus().gpus else "cpu"


def report_execution(
    file: str, execution: Execution, isolation: str, figures: Sequence[Path] = (), device: str = "cpu"
) -> RunReport:
    return RunReport(
        file=file,
        outcome=execution.outcome,
        seconds=round(execution.seconds, 3),
        device=device,
        stdout=execution.stdout,
        stderr=execution.stderr,
        truncated=execution.truncated,
        error=execution.error,
        figures=tuple(str(figure) for figure in figures),
        metrics=execution.metrics,
        isolation=isolation,
    )


def report_refusal(file: str, error: TutorError) -> RunReport:
    """The report of a run that this machine may not do."""
    why = RunError("Refused", str(error), None)
    return RunReport(file, "refused", 0.0, "cpu", "", "", False, why, (), (), "none")


def write_figures(figures: Sequence[bytes], folder: Path | None, stem: str = "figure") -> list[Path]:
    """Write PNG files `figure-1.png`, ... to `folder`; nothing without a folder."""
    if folder is None or not figures:
        return []
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{stem}-{number}.png" for number in range(1, len(figures) + 1)]
    for path, figure in zip(paths, figures, strict=True):
        path.write_bytes(figure)
    return paths


def _run(
    file: str,
    files: dict[str, bytes],
    start: Callable[[Kernel], Execution],
    limits: Limits | None,
    figures_dir: Path | None,
    gpus: tuple[int, ...] | None,
    allow_unisolated: bool,
) -> RunReport:
    try:
        kernel = open_kernel(files, limits=limits, gpus=gpus, allow_unisolated=allow_unisolated)
    except TutorError as error:
        if error.code != "unisolated":
            raise
        return report_refusal(file, error)
    with kernel:
        execution = start(kernel)
    paths = write_figures(execution.figures, figures_dir)
    return report_execution(file, execution, kernel.isolation, paths, kernel.device)
