"""The name of a file is the name of the thing in it; nothing is imported before it is asked for."""

import importlib
import sys
from itertools import count

import pytest

from earwitness.errors import SettingsError, UnknownName
from earwitness.registry import Registry

_numbers = count()

HEAD = "from earwitness.registry import Registry\nTHINGS = Registry('gadget', package=__name__)\n"
ADD = "from {package} import THINGS\n@THINGS.add\ndef build(): return {word!r}\n"


@pytest.fixture
def house(tmp_path, monkeypatch):
    """A package with a registry, and a way to put files into it."""
    monkeypatch.syspath_prepend(tmp_path)
    name = f"house_{next(_numbers)}"
    folder = tmp_path / name
    folder.mkdir()
    (folder / "__init__.py").write_text(HEAD)

    class House:
        package = name

        def write(self, file: str, text: str | None = None) -> None:
            word = file.removesuffix(".py")
            (folder / file).write_text(text or ADD.format(package=name, word=word))
            importlib.invalidate_caches()

        def registry(self, **options) -> Registry:
            found = __import__(name).THINGS
            found.aliases.update(options.get("aliases", {}))
            return found

        def install(self, project: str, entry: str) -> None:
            info = tmp_path / f"{project}-1.0.dist-info"
            info.mkdir()
            (info / "METADATA").write_text(
                f"Metadata-Version: 2.1\nName: {project}\nVersion: 1.0\n"
            )
            (info / "entry_points.txt").write_text(f"[{name}]\n{entry}\n")
            importlib.invalidate_caches()

    yield House()
    for module in [module for module in sys.modules if module.split(".")[0] == name]:
        del sys.modules[module]


def test_a_file_is_listed_by_its_name_and_not_imported(house):
    house.write("lamp.py")
    house.write("chair.py", "raise RuntimeError('imported')")
    assert house.registry().names() == ["chair", "lamp"]
    assert f"{house.package}.lamp" not in sys.modules


def test_a_file_is_imported_when_its_name_is_asked_for(house):
    house.write("lamp.py")
    house.write("chair.py", "raise RuntimeError('imported')")
    assert house.registry().get("lamp")() == "lamp"
    assert f"{house.package}.chair" not in sys.modules


def test_a_thing_that_was_found_once_is_the_same_ever_after(house):
    house.write("lamp.py")
    assert house.registry().get("lamp") is house.registry().get("lamp")


def test_shared_blocks_are_not_listed(house):
    house.write("_screws.py")
    house.write("lamp.py")
    assert house.registry().names() == ["lamp"]
    with pytest.raises(UnknownName, match="There is no gadget called '_screws'"):
        house.registry().get("_screws")


@pytest.mark.parametrize("asked", ["desk_lamp", "desk-lamp"])
def test_dashes_and_underscores_are_the_same(house, asked):
    house.write("desk_lamp.py")
    assert house.registry().get(asked)() == "desk_lamp"


def test_an_old_name_leads_to_the_new_one_but_is_not_listed(house):
    house.write("lamp.py")
    registry = house.registry(aliases={"old_lantern": "lamp"})
    assert registry.get("old-lantern")() == "lamp"
    assert registry.names() == ["lamp"]


def test_a_near_name_is_offered(house):
    for name in ("lamp.py", "lamps.py", "chair.py"):
        house.write(name)
    with pytest.raises(
        UnknownName, match=r"no gadget called 'lamb'\. Did you mean lamp or lamps\?"
    ):
        house.registry().get("lamb")


def test_where_no_name_is_near_all_are_listed(house):
    house.write("lamp.py")
    house.write("chair.py")
    with pytest.raises(UnknownName, match=r"called 'xyz'\. There are: chair, lamp\."):
        house.registry().get("xyz")


def test_a_file_that_registers_nothing_is_refused(house):
    house.write("lamp.py", "def build(): pass")
    with pytest.raises(SettingsError, match="gadget 'lamp': its file registers nothing"):
        house.registry().get("lamp")


def test_a_file_that_registers_two_things_is_refused(house):
    two = ADD + "@THINGS.add\ndef other(): pass\n"
    house.write("lamp.py", two.format(package=house.package, word="lamp"))
    with pytest.raises(SettingsError, match="gadget 'lamp': one file may register one thing only"):
        house.registry().get("lamp")


def test_the_same_thing_may_be_registered_twice(house):
    house.write("lamp.py", ADD.format(package=house.package, word="x") + "THINGS.add(build)\n")
    assert house.registry().get("lamp")() == "x"


def test_a_thing_stays_what_it_was(house):
    def build():
        return 5

    build.__module__ = f"{house.package}.lamp"
    assert house.registry().add(build) is build
    assert house.registry().get("lamp") is build


def test_another_package_may_add_a_thing(house, tmp_path):
    (tmp_path / f"guest_of_{house.package}.py").write_text("def build(): return 'guest'\n")
    house.install("guest", f"sofa = guest_of_{house.package}:build")
    house.write("lamp.py")
    assert house.registry().names() == ["lamp", "sofa"]
    assert house.registry().get("sofa")() == "guest"


def test_a_file_of_the_house_goes_before_a_guest_of_the_same_name(house):
    house.install("guest", "lamp = nowhere_at_all:build")
    house.write("lamp.py")
    assert house.registry().names() == ["lamp"]
    assert house.registry().get("lamp")() == "lamp"


def test_a_package_that_is_not_there_has_no_names():
    registry = Registry("gadget", package="no_such_package_at_all")
    assert registry.names() == []
    with pytest.raises(UnknownName, match=r"There is no gadget called 'lamp'\. There are: none\."):
        registry.get("lamp")


def test_a_module_that_is_no_package_has_no_names():
    assert Registry("gadget", package="json.decoder").names() == []
