"""What the processor and its memory can do for networks, found out without a network library."""

from __future__ import annotations

import ctypes
import re
import sys
from pathlib import Path

CPUINFO = Path("/proc/cpuinfo")
_BF16 = re.compile(r"^(flags|Features)\b.*\b(avx512_bf16|amx_bf16|bf16)\b", re.MULTILINE)
_VNNI = re.compile(r"^flags\b.*\b(avx512_vnni|avx_vnni)\b", re.MULTILINE)
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # of mallopt, in malloc.h
_NEVER = 2**31 - 1
_LARGEST_KEPT = 2**30


def has_bf16(cpuinfo: Path = CPUINFO) -> bool:
    """Say whether the CPU multiplies in bfloat16: AVX512-BF16, AMX, or ARM's BF16.

    Where the system does not tell, as outside of Linux, it is taken to have none.
    """
    return _says(_BF16, cpuinfo)


def has_vnni(cpuinfo: Path = CPUINFO) -> bool:
    """Say whether an x86 CPU adds products of bytes in 32 bits, where they do not overflow.

    Where the system does not tell, it is taken not to.
    """
    return _says(_VNNI, cpuinfo)


def _says(pattern: re.Pattern[str], cpuinfo: Path) -> bool:
    return cpuinfo.is_file() and pattern.search(cpuinfo.read_text(encoding="utf-8")) is not None


def keep_memory() -> bool:
    """Have this process keep memory that it frees, for what it allocates next.

    glibc gives large blocks back to the system at once and takes them anew for the next window;
    clearing their pages is up to half of the time that a network takes. This holds for the whole
    process and all that runs in it, so it is for programs: a library must not call it.

    Returns:
        Whether that was possible: with glibc, on Linux.
    """
    if sys.platform != "linux":
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):  # another C library
        return False
    return bool(mallopt(_MMAP_THRESHOLD, _LARGEST_KEPT) and mallopt(_TRIM_THRESHOLD, _NEVER))
