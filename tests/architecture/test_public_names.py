"""The front door shows exactly these names, and each of them opens."""

import earwitness

PUBLIC = [
    "Answer",
    "Detector",
    "EarwitnessError",
    "Reason",
    "Verdict",
    "Waveform",
    "__version__",
    "load",
]


def test_the_public_names_are_these_and_no_others() -> None:
    assert sorted(earwitness.__all__) == PUBLIC
    assert len(PUBLIC) <= 12


def test_dir_lists_every_public_name() -> None:
    assert set(PUBLIC) <= set(dir(earwitness))


def test_every_public_name_resolves_to_what_it_says() -> None:
    for name in PUBLIC:
        thing = getattr(earwitness, name)
        assert getattr(thing, "__name__", name) == name


def test_the_version_is_the_one_in_pyproject(root) -> None:
    assert f'version = "{earwitness.__version__}"' in (root / "pyproject.toml").read_text()
