"""A share of a core for each process, held by the kernel, as a container with a CPU limit is (Linux control groups)."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_PERIOD: Final = 20_000
"""Microseconds in which a process may use its share: short, so that it looks like a slower core, not like pauses."""
_ROOT: Final = Path("/sys/fs/cgroup")


@dataclass(frozen=True, slots=True)
class _Form:
    """How this kernel is told: the file in a group's folder, and what stands in it (``{quota}``, ``{period}``)."""

    above: Path
    limits: tuple[tuple[str, str], ...]


_FIRST: Final = _Form(_ROOT / "cpu", (("cpu.cfs_period_us", "{period}"), ("cpu.cfs_quota_us", "{quota}")))
_SECOND: Final = _Form(_ROOT, (("cpu.max", "{quota} {period}"),))


def possible() -> bool:
    """Whether this process may hold others to a share: mostly root alone may."""
    form = _form()
    return form is not None and os.access(form.above / "cgroup.procs", os.W_OK)


@contextmanager
def held(processes: Sequence[int], share: float) -> Iterator[None]:
    """Each of ``processes`` uses at most ``share`` of one core inside this. Raises OSError where that is not
    :func:`possible`."""
    with ExitStack() as stack:
        for process in processes:
            stack.enter_context(_one(process, share))
        yield


@contextmanager
def _one(process: int, share: float) -> Iterator[None]:
    form = _form()
    if form is None:
        raise OSError("this machine has no control group for the CPU")
    group = form.above / f"raise-bench-{process}"
    group.mkdir()
    try:
        for name, text in form.limits:
            (group / name).write_text(text.format(quota=int(share * _PERIOD), period=_PERIOD), encoding="ascii")
        (group / "cgroup.procs").write_text(str(process), encoding="ascii")
        yield
    finally:
        with suppress(ProcessLookupError):  # it ended
            (form.above / "cgroup.procs").write_text(str(process), encoding="ascii")
        group.rmdir()


def _form() -> _Form | None:
    controlled = _ROOT / "cgroup.subtree_control"
    if controlled.exists() and "cpu" in controlled.read_text(encoding="ascii").split():
        return _SECOND
    return _FIRST if _FIRST.above.is_dir() else None
