"""Text that is generated into pages between two markers, and the check that it still is.

A page holds ``<!-- NAME: begin (by scripts/SCRIPT) -->`` and ``<!-- NAME: end -->``; what lies
between them belongs to the script.
"""

from __future__ import annotations

import difflib
import re
from pathlib import Path

from _stages import ROOT, say


def between(page: Path, name: str) -> str:
    """Give the generated text that ``page`` holds now."""
    return _parts(page, name)[1].strip()


def put(page: Path, name: str, text: str) -> None:
    """Write ``text`` between the markers called ``name``."""
    head, _, tail = _parts(page, name)
    page.write_text(f"{head}\n{text.strip()}\n{tail}", encoding="utf-8")


def keep_in_step(page: Path, name: str, text: str, *, check: bool) -> int:
    """Write the text, or only say how the page differs from it; give the exit status."""
    if not check:
        put(page, name, text)
        return 0
    there, wanted = between(page, name).splitlines(), text.strip().splitlines()
    where = str(page.relative_to(ROOT))
    drift = list(difflib.unified_diff(there, wanted, where, "as it should be", lineterm="", n=1))
    if drift:
        say("\n".join(drift))
        say(f"{where}: '{name}' is out of step; run the script without --check and commit.")
    return 1 if drift else 0


def _parts(page: Path, name: str) -> tuple[str, str, str]:
    text = page.read_text(encoding="utf-8")
    begin = re.search(rf"<!-- {re.escape(name)}: begin[^\n]*-->", text)
    end = re.search(rf"<!-- {re.escape(name)}: end -->", text)
    if not begin or not end:
        raise SystemExit(f"{page}: has no markers for '{name}'.")
    return text[: begin.end()], text[begin.end() : end.start()], text[end.start() :]
