"""What processes of this machine hold and have used, as the kernel counts it (Linux)."""

from __future__ import annotations

import os
import re
from pathlib import Path


def resident(pid: int | None = None) -> float:
    """Megabytes (2**20 bytes) of memory that a process holds; this one's without ``pid``; 0 for one that is gone."""
    try:
        status = Path(f"/proc/{pid or 'self'}/status").read_text(encoding="utf-8")
    except OSError:
        return 0.0
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    return int(found.group(1)) / 1024 if found else 0.0


def kept_waiting() -> float:
    """Seconds that this process's main thread was ready to run while others had all cores."""
    return int(Path("/proc/self/schedstat").read_text(encoding="ascii").split()[1]) / 1e9


def processor(pid: int) -> float:
    """Seconds of CPU that a process has used; 0 for one that is gone."""
    fields = _fields(pid)
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK") if fields else 0.0


def processor_of_family(pid: int) -> float:
    """Seconds of CPU that a process and its children have used, those that ended included."""
    fields = _fields(pid)
    if not fields:
        return 0.0
    own = sum(int(each) for each in fields[11:15]) / os.sysconf("SC_CLK_TCK")
    return own + sum(processor(child) for child in _children(pid))


def _children(pid: int) -> list[int]:
    every = (int(each.name) for each in Path("/proc").iterdir() if each.name.isdecimal())
    return [each for each in every if (fields := _fields(each)) and int(fields[1]) == pid]


def _fields(pid: int) -> list[str]:
    """The fields of /proc/PID/stat after the name, from the state on; none for one that is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return []
