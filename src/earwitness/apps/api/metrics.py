"""Counts of what a server does, as Prometheus reads them (text format 0.0.4). Nothing is sent."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
BUCKETS_S = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)

_HELP = {
    "requests_total": ("counter", "Requests that were answered, by route and status."),
    "request_seconds": ("histogram", "How long answers took, by route."),
    "problems_total": ("counter", "Requests that were refused or failed, by code."),
    "verdicts_total": ("counter", "Recordings that were answered, by answer."),
    "audio_seconds_total": ("counter", "Seconds of sound that were listened to."),
    "readers_lost_total": ("counter", "Processes that decode and were lost on a recording."),
    "listening": ("gauge", "Recordings that are listened to, or wait for it."),
    "jobs": ("gauge", "Jobs that run or wait."),
    "streams": ("gauge", "Live streams that are open."),
    "resident_bytes": ("gauge", "Memory of the server's process."),
}
_Labels = tuple[tuple[str, str], ...]


class Metrics:
    """Counts, safe to share by threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: dict[str, dict[_Labels, float]] = defaultdict(lambda: defaultdict(float))
        self._gauges: dict[str, Callable[[], float]] = {"resident_bytes": resident_bytes}

    def count(self, name: str, amount: float = 1, **labels: str) -> None:
        """Add to a counter."""
        with self._lock:
            self._counts[name][tuple(labels.items())] += amount

    def time(self, name: str, seconds: float, **labels: str) -> None:
        """Put a time into a histogram."""
        pairs = tuple(labels.items())
        fitting = [("le", f"{most:g}") for most in BUCKETS_S if seconds <= most]
        with self._lock:
            for bucket in [*fitting, ("le", "+Inf")]:
                self._counts[f"{name}_bucket"][(*pairs, bucket)] += 1
            self._counts[f"{name}_sum"][pairs] += seconds
            self._counts[f"{name}_count"][pairs] += 1

    def watch(self, name: str, gauge: Callable[[], float]) -> None:
        """Ask for this value whenever the counts are asked for."""
        self._gauges[name] = gauge

    def text(self) -> str:
        """Write all of them down."""
        with self._lock:
            counts = {name: dict(table) for name, table in self._counts.items()}
        return "".join(f"{line}\n" for line in self._lines(counts))

    def _lines(self, counts: Mapping[str, Mapping[_Labels, float]]) -> Iterator[str]:
        for name, (kind, told) in _HELP.items():
            yield f"# HELP earwitness_{name} {told}"
            yield f"# TYPE earwitness_{name} {kind}"
            if kind == "gauge" and name in self._gauges:
                yield f"earwitness_{name} {self._gauges[name]():g}"
            for tail in ("_bucket", "_sum", "_count") if kind == "histogram" else ("",):
                for labels, value in counts.get(name + tail, {}).items():
                    yield f"earwitness_{name}{tail}{_braced(labels)} {value:.10g}"


def _braced(labels: _Labels) -> str:
    if not labels:
        return ""
    return "{" + ",".join(f'{name}="{_escaped(value)}"' for name, value in labels) + "}"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def resident_bytes() -> float:
    """Give the memory of this process, where the system tells it; else 0."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            pages = int(file.read().split()[1])
    except (OSError, ValueError, IndexError):
        return 0.0
    import resource

    return float(pages * resource.getpagesize())
