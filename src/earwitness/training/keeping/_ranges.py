"""Ranges of a network by name: "head", "early", "frontend.layers.0-3", in any of our networks.

Names are those of the glossary, not those of a network's attributes: ``frontend`` and ``backend``
(of every branch, where there are several), and ``layers`` for the transformer layers of a front
end, whether a Whisper or a self-supervised encoder holds them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from torch import nn

from earwitness.errors import SettingsError

ALL, EARLY, HEAD = "all", "early", "head"
_STEM = ("norm", "encoder")  # of a back end that has an encoder of its own
_ADAPTER = "lora_"
_RENAMED = (
    (re.compile(r"^branches\.\d+\.0\."), "frontend."),
    (re.compile(r"^branches\.\d+\.1\."), "backend."),
    (re.compile(r"^frontend\.encoder\.encoder\.layers\."), "frontend.layers."),
    (re.compile(r"^frontend\.b\."), "frontend.layers."),
    (re.compile(r"\.base_layer\b"), ""),
)
_SPAN = re.compile(r"(\d+)-(\d+)")

Inside = Callable[[str], bool]


def name_in_ranges(name: str) -> str:
    """Give the name that ranges know a weight or a module by.

    Example:
        >>> name_in_ranges("branches.0.0.b.2.qkv.weight")
        'frontend.layers.2.qkv.weight'
        >>> name_in_ranges("frontend.encoder.encoder.layers.7.attention.q_proj.weight")
        'frontend.layers.7.attention.q_proj.weight'
    """
    for found, known_as in _RENAMED:
        name = found.sub(known_as, name)
    return name


def inside(network: nn.Module, ranges: Sequence[str]) -> Inside:
    """Give a test for names of this network: does a weight or module lie in one of the ranges?

    Args:
        network: whose names are meant.
        ranges: "all", "early" (the front end's stem and the first half of its layers; without a
            front end to train, the first half of what there is), "head" (the back end; without a
            front end to train, what follows the back end's encoder), or the beginning of a name,
            in which "0-3" stands for 0, 1, 2 and 3.

    Raises:
        SettingsError: a range holds nothing of this network; what there is, is listed.
    """
    weights = [name_in_ranges(name) for name, _ in network.named_parameters()]
    patterns = [one for name in ranges for one in _patterns(name, weights)]
    return lambda name: any(_begins(name_in_ranges(name), pattern) for pattern in patterns)


def is_adapter(name: str) -> bool:
    """Say whether a weight was put in by LoRA."""
    return _ADAPTER in name


def parts_of(network: nn.Module) -> tuple[str, ...]:
    """List what ranges can name in a network, coarsely: parts, and the numbers of layers."""
    return tuple(_parts([name_in_ranges(name) for name, _ in network.named_parameters()]))


def _patterns(name: str, weights: Sequence[str]) -> Sequence[str]:
    if name == ALL:
        return ("",)
    if name == EARLY:
        return _early(weights)
    if name == HEAD:
        return _head(weights)
    if not any(_begins(weight, name) for weight in weights):
        listed = ", ".join([ALL, EARLY, HEAD, *_parts(weights)])
        raise SettingsError(f"This network has no range '{name}'. There are: {listed}.")
    return (name,)


def _begins(name: str, pattern: str) -> bool:
    if not pattern:
        return True
    parts, wanted = name.split("."), pattern.split(".")
    return len(wanted) <= len(parts) and all(map(_is_meant, parts, wanted))


def _is_meant(part: str, wanted: str) -> bool:
    span = _SPAN.fullmatch(wanted)
    if span is None:
        return part == wanted
    return part.isdigit() and int(span[1]) <= int(part) <= int(span[2])


def _early(weights: Sequence[str]) -> list[str]:
    front = _beneath(weights, "frontend")
    if not front:
        return _first_half(weights)
    layers = [name for name in front if name == "layers"]
    stem = [f"frontend.{name}" for name in front if name != "layers"]
    if not layers:
        return stem
    last = max(int(name) for name in _beneath(weights, "frontend.layers"))
    return [*stem, f"frontend.layers.0-{last // 2}"]


def _head(weights: Sequence[str]) -> list[str]:
    if _beneath(weights, "frontend"):
        return ["backend"]
    root, names = _trunk(weights)
    chosen = [name for name in names if name not in _STEM] if "encoder" in names else names[-1:]
    return [f"{root}{name}" for name in chosen]


def _first_half(weights: Sequence[str]) -> list[str]:
    root, names = _trunk(weights)
    if "encoder" in names:
        last = max(int(name) for name in _beneath(weights, f"{root}encoder"))
        stem = [f"{root}norm"] if "norm" in names else []
        return [*stem, f"{root}encoder.0-{last // 2}"]
    return [f"{root}{name}" for name in names[: max(1, len(names) // 2)]]


def _trunk(weights: Sequence[str]) -> tuple[str, list[str]]:
    """Find what to divide: the back end's parts, or the network's own, in their order."""
    root = "backend." if _beneath(weights, "backend") else ""
    return root, _beneath(weights, root.rstrip("."))


def _beneath(weights: Sequence[str], root: str) -> list[str]:
    """List the parts directly beneath one, in the order of the network."""
    depth = len(root.split(".")) if root else 0
    inner = [name.split(".") for name in weights if _begins(name, root)]
    return list(dict.fromkeys(parts[depth] for parts in inner if len(parts) > depth))


def _parts(weights: Sequence[str]) -> Iterator[str]:
    for root in dict.fromkeys(name.split(".")[0] for name in weights):
        yield root
        for part in _beneath(weights, root):
            numbers = [n for n in _beneath(weights, f"{root}.{part}") if n.isdigit()]
            is_weight = part in {"weight", "bias"}
            if numbers:
                yield f"{root}.{part}.{numbers[0]}-{numbers[-1]}"
            elif not is_weight:
                yield f"{root}.{part}"
