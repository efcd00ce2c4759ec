"""What is installed is what is in the tree: weights, licences, schemas and all."""

from pathlib import Path

import earwitness

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "earwitness"
BROUGHT = {  # a wheel brings along what lies beside the package in the tree
    "apps/web/examples/": ROOT / "examples",
    "recipes/": ROOT / "recipes",
}


def files(package: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(package)): path.read_bytes()
        for path in package.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_the_installed_package_is_this_tree() -> None:
    installed = Path(earwitness.__file__).parent
    here, there = files(SOURCE), files(installed)
    for place, folder in BROUGHT.items():
        for name in [name for name in there if name.startswith(place)]:
            assert there.pop(name) == (folder / name.removeprefix(place)).read_bytes()
    hint = f"{installed} differs from {SOURCE}: install again (pip install -e '.[test]')"
    assert sorted(here) == sorted(there), hint
    assert [name for name in here if here[name] != there[name]] == [], hint


def test_the_notices_name_every_licence_of_a_vendored_file() -> None:
    notice = (ROOT / "NOTICE").read_text(encoding="utf-8").lower()
    vendored = [path for path in SOURCE.rglob("LICENSE*") if path.is_file()]
    unnamed = [str(p.parent.relative_to(ROOT)) for p in vendored if p.parent.name not in notice]
    assert unnamed == []


def test_every_recipe_comes_along() -> None:
    settings = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    recipes = [*(ROOT / "recipes").glob("*.toml"), ROOT / "recipes" / "study"]
    assert len(recipes) > 7
    missing = [
        p.name for p in recipes if f'"recipes/{p.name}" = "earwitness/recipes/' not in settings
    ]
    assert missing == []
