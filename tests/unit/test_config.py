"""Settings are strict: what does not fit is refused with the file, the key and the value."""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Optional

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earwitness.config import digest, load, plain, read_toml, settings
from earwitness.errors import SettingsError


@dataclass(frozen=True)
class Noise:
    snr_db: float = 20.0
    kind: Literal["white", "pink"] = "white"

    def __post_init__(self) -> None:
        if self.snr_db < -10:
            raise SettingsError(f"snr_db must be -10 or more, but got {self.snr_db}.")


@dataclass(frozen=True)
class Run:
    name: str
    epochs: int = 1
    is_quick: bool = False
    noise: Noise = Noise()
    folds: tuple[int, ...] = ()
    band: tuple[float, float] = (0.0, 1.0)
    weights: dict[str, float] = field(default_factory=dict)
    points: dict[str, Noise] = field(default_factory=dict)
    parts: tuple[Noise, ...] = ()
    seed: int | None = None
    prior: Optional[float] = None  # noqa: UP045 (the older spelling has to work as well)
    anything: Any = None


def run(**table: Any) -> Run:
    return settings(Run, {"name": "x", **table}, where="run.toml")


@pytest.fixture
def write(tmp_path):
    def write_toml(text: str, name: str = "run.toml") -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write_toml


def test_a_file_becomes_settings(write):
    path = write("""
        name = "first"
        epochs = 3
        is_quick = true
        folds = [1, 2]
        band = [100, 4000.5]
        weights = { a = 1, b = 0.5 }
        parts = [ { snr_db = 1 }, { kind = "pink" } ]
        seed = 7
        anything = { goes = ["here", 1] }
        [noise]
        snr_db = 5
        kind = "pink"
        [points.loud]
        snr_db = 0
        """)
    assert load(Run, path) == Run(
        name="first",
        epochs=3,
        is_quick=True,
        folds=(1, 2),
        band=(100.0, 4000.5),
        weights={"a": 1.0, "b": 0.5},
        parts=(Noise(1.0), Noise(kind="pink")),
        seed=7,
        anything={"goes": ["here", 1]},
        noise=Noise(5.0, "pink"),
        points={"loud": Noise(0.0)},
    )


def test_what_is_not_said_has_its_default():
    assert run() == Run(name="x")


def test_whole_numbers_are_taken_for_fractions_where_those_are_wanted():
    got = run(noise={"snr_db": 5}, prior=1)
    assert (type(got.noise.snr_db), type(got.prior)) == (float, float)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"epoch": 1}, r"run\.toml: unknown key 'epoch'\. Did you mean 'epochs'\?"),
        ({"xyz": 1}, r"run\.toml: unknown key 'xyz'\. Known keys: name, epochs, is_quick"),
        ({"epochs": 1.5}, r"run\.toml: epochs: expected int, but got 1\.5"),
        ({"epochs": "1"}, r"run\.toml: epochs: expected int, but got '1'"),
        ({"epochs": True}, r"run\.toml: epochs: expected int, but got True"),
        ({"is_quick": 1}, r"run\.toml: is_quick: expected bool, but got 1"),
        ({"name": 5}, r"run\.toml: name: expected str, but got 5"),
        ({"noise": 5}, r"run\.toml: noise: expected Noise, but got 5"),
        ({"noise": {"snr": 5}}, r"run\.toml: noise: unknown key 'snr'\. Did you mean 'snr_db'\?"),
        ({"noise": {"snr_db": True}}, r"run\.toml: noise: snr_db: expected float, but got True"),
        ({"noise": {"kind": "brown"}}, r"noise: kind: 'brown' is none of white, pink"),
        ({"noise": {"snr_db": -20}}, r"run\.toml: noise: snr_db must be -10 or more, but got -20"),
        ({"folds": 1}, r"run\.toml: folds: expected a list, but got 1"),
        ({"folds": [1, "2"]}, r"run\.toml: folds\[1\]: expected int, but got '2'"),
        ({"band": [1.0]}, r"run\.toml: band: expected 2 values, but got 1"),
        ({"band": [1.0, "x"]}, r"run\.toml: band: expected float, but got 'x'"),
        ({"weights": [1]}, r"run\.toml: weights: expected a table, but got \[1\]"),
        ({"weights": {"a": "b"}}, r"run\.toml: weights\.a: expected float, but got 'b'"),
        ({"points": {"a": {"b": 1}}}, r"run\.toml: points\.a: unknown key 'b'"),
        ({"parts": [{}, {"b": 1}]}, r"run\.toml: parts\[1\]: unknown key 'b'"),
        ({"seed": "7"}, r"run\.toml: seed: expected int, but got '7'"),
        ({"epochs": None}, r"run\.toml: epochs: expected int, but got None"),
    ],
    ids=str,
)
def test_what_does_not_fit_is_refused_with_file_key_and_value(table, message):
    with pytest.raises(SettingsError, match=message):
        run(**table)


def test_a_key_that_must_be_there_is_missed():
    with pytest.raises(SettingsError, match=r"^run\.toml: 'name' is missing"):
        settings(Run, {}, where="run.toml")


def test_none_stands_only_where_it_is_allowed():
    assert run(seed=None, prior=None) == Run(name="x")


def test_a_file_that_is_not_there_is_refused_by_its_name(tmp_path):
    with pytest.raises(SettingsError, match=r"gone\.toml: cannot be read \(No such file"):
        read_toml(tmp_path / "gone.toml")


@pytest.mark.parametrize("raw", [b"name = ", b"name = 'x'\nname = 'y'", b"\xff\xfe"])
def test_a_file_that_is_no_toml_is_refused_by_its_name(tmp_path, raw):
    path = tmp_path / "bad.toml"
    path.write_bytes(raw)
    with pytest.raises(SettingsError, match=r"bad\.toml: is not valid TOML"):
        read_toml(path)


def test_a_file_may_build_on_another_one_and_that_on_a_third(write):
    write('epochs = 1\nname = "ground"\n[noise]\nsnr_db = 1\nkind = "pink"\n', "ground.toml")
    write('extends = "ground.toml"\nepochs = 2\n[noise]\nsnr_db = 2\n', "base.toml")
    path = write('extends = "base.toml"\nname = "top"\n')
    assert load(Run, path) == Run(name="top", epochs=2, noise=Noise(2.0, "pink"))


def test_what_a_file_builds_on_lies_beside_it(tmp_path, write, monkeypatch):
    (tmp_path / "deep").mkdir()
    write('name = "base"\n', "base.toml")
    path = write('extends = "../base.toml"\n', "deep/run.toml")
    monkeypatch.chdir("/")
    assert load(Run, path).name == "base"


def test_a_list_is_replaced_not_lengthened(write):
    write('name = "base"\nfolds = [1, 2, 3]\nseed = 1\n', "base.toml")
    assert load(Run, write('extends = "base.toml"\nfolds = [4]\n')).folds == (4,)


def test_a_table_and_a_value_of_the_same_name_replace_each_other(write):
    write("a = 1\n[b]\nx = 1\n", "base.toml")
    assert read_toml(write('extends = "base.toml"\nb = 2\n[a]\ny = 1\n')) == {"a": {"y": 1}, "b": 2}


@pytest.mark.parametrize("base", ["run.toml", "./run.toml", "other.toml"])
def test_files_that_build_on_each_other_in_a_circle_are_refused(write, base):
    write('extends = "run.toml"\n', "other.toml")
    with pytest.raises(SettingsError, match=r"\.toml: 'extends' leads back to this file"):
        read_toml(write(f'extends = "{base}"\n'))


def test_extends_has_to_be_the_name_of_a_file(write):
    with pytest.raises(SettingsError, match=r"run\.toml: extends: expected .*, but got 5"):
        read_toml(write("extends = 5\n"))


def test_settings_become_a_plain_table_that_gives_them_back():
    got = run(noise={"snr_db": 5}, seed=3, folds=[1, 2], points={"a": {"snr_db": 1}})
    table = plain(got)
    assert "prior" not in table
    assert table["noise"] == {"snr_db": 5.0, "kind": "white"}
    assert settings(Run, table, where="again") == got


@given(
    epochs=st.integers(-(2**40), 2**40),
    snr=st.floats(-10, 100),
    folds=st.lists(st.integers()),
    seed=st.none() | st.integers(),
)
def test_any_settings_survive_the_way_to_a_table_and_back(epochs, snr, folds, seed):
    got = Run("x", epochs=epochs, noise=Noise(snr), folds=tuple(folds), seed=seed)
    assert settings(Run, plain(got), where="again") == got


@pytest.mark.parametrize("thing", [5, Run, {"a": 1}])
def test_only_a_dataclass_becomes_a_table(thing):
    with pytest.raises(TypeError, match=r"Expected a dataclass, but got (int|type|dict)"):
        plain(thing)


def test_a_digest_is_short_and_changes_with_every_setting():
    hashes = {digest(run()), digest(run(epochs=2)), digest(run(noise={"snr_db": 5})),
              digest(run(), "model"), digest(run(), {"a": 1})}  # fmt: skip
    assert len(hashes) == 5
    assert {len(one) for one in hashes} == {16}


def test_a_digest_does_not_depend_on_the_order_of_keys():
    assert digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})
    text = '[{"kind": "white", "snr_db": 20.0}]'  # so it is the same on every machine
    assert digest(Noise()) == hashlib.sha256(text.encode()).hexdigest()[:16]
