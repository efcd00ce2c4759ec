"""What the machine can do is found out without a network library."""

import sys
from pathlib import Path

import pytest

from earwitness.runtimes import processor


@pytest.mark.parametrize(
    ("line", "has_it"),
    [
        ("flags\t\t: fpu avx512f avx512_bf16 avx512_vnni", True),
        ("flags\t\t: fpu amx_bf16 amx_tile", True),
        ("Features\t: fp asimd bf16 i8mm", True),
        ("flags\t\t: fpu avx2 avx512f", False),
        ("model name\t: an imaginary bf16 processor", False),
    ],
)
def test_bf16_is_read_off_the_flags_of_the_processor(
    line: str, has_it: bool, tmp_path: Path
) -> None:
    cpuinfo = tmp_path / "cpuinfo"
    cpuinfo.write_text(f"processor\t: 0\n{line}\npower management:\n", "utf-8")
    assert processor.has_bf16(cpuinfo) is has_it


@pytest.mark.parametrize(
    ("line", "has_it"),
    [
        ("flags\t\t: fpu avx512f avx512_vnni", True),
        ("flags\t\t: fpu avx2 avx_vnni", True),
        ("flags\t\t: fpu avx2 avx512f avx512_bf16", False),
    ],
)
def test_so_are_sums_of_products_of_bytes(line: str, has_it: bool, tmp_path: Path) -> None:
    cpuinfo = tmp_path / "cpuinfo"
    cpuinfo.write_text(f"{line}\n", "utf-8")
    assert processor.has_vnni(cpuinfo) is has_it


def test_where_the_system_does_not_tell_there_is_none(tmp_path: Path) -> None:
    assert processor.has_bf16(tmp_path / "absent") is False
    assert processor.has_vnni(tmp_path / "absent") is False


def test_memory_is_kept_on_linux_and_nowhere_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    assert processor.keep_memory() is False


def test_another_c_library_keeps_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(processor.ctypes, "CDLL", lambda _: object())
    assert processor.keep_memory() is False


@pytest.mark.skipif(sys.platform != "linux", reason="glibc's own")
def test_a_large_block_that_was_freed_is_not_cleared_again() -> None:
    import subprocess

    script = (
        "import ctypes, resource, sys\n"
        "from earwitness.runtimes.processor import keep_memory\n"
        "print(keep_memory())\n"
        "libc = ctypes.CDLL(None)\n"
        "libc.malloc.restype, libc.malloc.argtypes = ctypes.c_void_p, [ctypes.c_size_t]\n"
        "libc.free.argtypes = [ctypes.c_void_p]\n"
        "def faults():\n"
        "    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt\n"
        "    block = libc.malloc(1 << 26); ctypes.memset(block, 1, 1 << 26); libc.free(block)\n"
        "    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before\n"
        "print(faults(), faults())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    is_kept, first, second = done.stdout.split()
    if is_kept == "False":
        pytest.skip("this C library keeps no memory on demand")
    assert int(second) < int(first) / 10
