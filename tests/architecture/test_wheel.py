"""What is installed is what is in the tree: weights, licences, schemas and all."""

from pathlib import Path

import earwitness

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "earwitness"
CLIPS = "apps/web/examples/"  # a wheel brings some of examples/ for the page


def files(package: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(package)): path.read_bytes()
        for path in package.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_the_installed_package_is_this_tree() -> None:
    installed = Path(earwitness.__file__).parent
    here, there = files(SOURCE), files(installed)
    clips = {name: there.pop(name) for name in list(there) if name.startswith(CLIPS)}
    assert all(
        data == (ROOT / "examples" / Path(name).name).read_bytes() for name, data in clips.items()
    )
    hint = f"{installed} differs from {SOURCE}: install again (pip install -e '.[test]')"
    assert sorted(here) == sorted(there), hint
    assert [name for name in here if here[name] != there[name]] == [], hint


def test_the_notices_name_every_licence_of_a_vendored_file() -> None:
    notice = (ROOT / "NOTICE").read_text(encoding="utf-8").lower()
    vendored = [path for path in SOURCE.rglob("LICENSE*") if path.is_file()]
    unnamed = [str(p.parent.relative_to(ROOT)) for p in vendored if p.parent.name not in notice]
    assert unnamed == []
