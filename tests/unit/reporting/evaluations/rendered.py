"""Evaluations of several kinds with their curves and figures, made once for all tests."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache
from html.parser import HTMLParser

import evaluated

from earwitness.evaluation.curves import Curves, trace
from earwitness.evaluation.records import Evaluation, Remark
from earwitness.reporting.evaluations._drawn import drawings
from earwitness.reporting.evaluations._figures import Drawing

KINDS = ("calibrated", "uncalibrated", "inverted", "tiny")
OVERLAP = Remark(
    "overlap", {"trained_on": "pages/train", "protocol": "pages", "partition": "train"}
)


@dataclass(frozen=True)
class Rendered:
    evaluation: Evaluation
    curves: Curves
    drawings: tuple[Drawing, ...]


@cache
def rendered(kind: str) -> Rendered:
    found = _evaluated(kind)
    curves = trace(found, rounds=30)
    return Rendered(found, curves, drawings(found, curves))


def _evaluated(kind: str) -> Evaluation:
    if kind == "uncalibrated":
        return evaluated.evaluated(is_calibrated=False)
    if kind == "inverted":
        return evaluated.evaluated(sign=-1.0)
    if kind == "tiny":
        return evaluated.evaluated(7, 9)
    found = evaluated.evaluated()
    return replace(found, remarks=(*found.remarks, OVERLAP))


class Reader(HTMLParser):
    """What a browser would see of a page: tags with attributes, and the text that is shown."""

    VOID = frozenset({"meta", "link", "br", "img", "hr", "input"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.open: list[str] = []
        self.unbalanced: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        if self.open and self.open[-1] == tag:
            self.open.pop()
        else:
            self.unbalanced.append(tag)

    def handle_data(self, data):
        if not {"style", "title"} & set(self.open[-1:]):
            self.texts.append(data)

    @property
    def shown(self) -> str:
        return re.sub(r"\s+", " ", " ".join(self.texts).replace("\u00a0", " "))
