"""``hf:owner/name``: a hub's cache made by hand, and a server that answers as the hub does."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from earwitness.errors import MissingExtra, WeightsMissing
from earwitness.weights import hub, store
from made_hub import COMMIT, cached, folder_as_files, served

TINY = Path(__file__).parents[2] / "data" / "tiny_detector"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("hf:a/b", hub.Address("a/b")),
        ("hf:a/b@v1.0", hub.Address("a/b", revision="v1.0")),
        ("hf:a-x/b.c/weights/best.pth", hub.Address("a-x/b.c", "weights/best.pth")),
        ("hf:a/b/best.pth@refs/pr/1", hub.Address("a/b", "best.pth", "refs/pr/1")),
    ],
)
def test_an_address_is_read_and_written_the_same(text: str, expected: hub.Address) -> None:
    assert hub.address(text) == expected
    assert str(expected) == text


@pytest.mark.parametrize(
    "text", ["hf:", "hf:a", "hf:a/b@", "hf:../b", "hf:a/../b", "hf:a/b c", "a/b"]
)
def test_what_is_no_address_is_refused_with_the_form(text: str) -> None:
    with pytest.raises(WeightsMissing, match=r"nothing in the hub\. Expected hf:owner/name"):
        hub.address(text)


@pytest.mark.parametrize(("value", "is_offline"), [("", False), ("0", False), ("1", True)])
def test_the_switch_forbids_a_network(
    value: str, is_offline: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(hub.OFFLINE, value)
    assert hub.is_offline() is is_offline


def test_without_the_extra_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    with pytest.raises(MissingExtra, match=r"A detector from the hub needs .*earwitness\[hub\]"):
        store.here("hf:some/one")


def test_other_names_and_paths_stay_as_they_are() -> None:
    assert store.here("aasist") == "aasist"
    assert store.here(TINY) == TINY


SAY = """
import sys
from earwitness.errors import EarwitnessError
from earwitness.weights import store
for model in sys.argv[1:]:
    try:
        print(store.here(model))
    except EarwitnessError as error:
        print(f"{type(error).__name__}: {error}")
"""


def found(*models: str, **environment: str) -> list[str]:
    """Look for models in a process of its own: the hub reads its settings when it is imported."""
    told = subprocess.run(
        [sys.executable, "-c", SAY, *models],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stderr == ""
    return told.stdout.splitlines()


FILES: Mapping[str, Mapping[str, bytes]] = {
    "some/tiny": folder_as_files(TINY) | {"optimizer.pth": b"large", "LICENSE": b"MIT"},
    "some/bare": {"weights/best.pth": b"numbers", "README.md": b"words"},
    "some/several": {"a.pth": b"1", "b.safetensors": b"2"},
    "some/nothing": {"README.md": b"words"},
    "some/cardless": {"model.onnx": b"network"},
}


@pytest.mark.hub
def test_what_is_in_the_cache_is_found_without_a_network(tmp_path: Path) -> None:
    tiny, bare, several = (
        cached(tmp_path, f"some/{name}", FILES[f"some/{name}"])
        for name in ("tiny", "bare", "several")
    )
    told = found(
        "hf:some/tiny",
        "hf:some/tiny@main",
        f"hf:some/tiny@{COMMIT}",
        "hf:some/bare",
        "hf:some/several/b.safetensors",
        "hf:some/several",
        "hf:some/other",
        HF_HUB_CACHE=str(tmp_path),
        EARWITNESS_OFFLINE="1",
    )
    assert told[:3] == [str(tiny)] * 3
    assert told[3:5] == [str(bare / "weights/best.pth"), str(several / "b.safetensors")]
    assert "holds several files of weights (a.pth, b.safetensors)" in told[5]
    assert "Name one of them: hf:some/several/a.pth" in told[5]
    assert told[6].startswith("WeightsMissing: hf:some/other: is not in the cache of this machine")
    assert "EARWITNESS_OFFLINE forbids to fetch it" in told[6]
    assert "HF_HUB_CACHE" in told[6]


@pytest.mark.hub
def test_what_is_needed_is_fetched_once_and_nothing_else(tmp_path: Path) -> None:
    with served(FILES) as (address, asked):
        at = {"HF_HUB_CACHE": str(tmp_path), "HF_ENDPOINT": address}
        told = found("hf:some/tiny", **at)
        folder = Path(told[0])
        assert sorted(p.name for p in folder.iterdir()) == ["LICENSE", "card.toml", "network.onnx"]
        assert not any("optimizer" in path for path in asked)
        asked.clear()
        assert found("hf:some/tiny", **at, EARWITNESS_OFFLINE="1") == told
        assert asked == []
    assert store.find(folder).card.name == "tiny"


@pytest.mark.hub
def test_where_no_network_answers_the_cache_does(tmp_path: Path) -> None:
    tiny = cached(tmp_path, "some/tiny", FILES["some/tiny"])
    told = found(
        "hf:some/tiny",
        "hf:some/bare",
        HF_ENDPOINT="http://127.0.0.1:9",
        HF_HUB_CACHE=str(tmp_path),
    )
    assert told[0] == str(tiny)
    assert "is not in the cache of this machine, and the hub cannot be reached" in told[1]


@pytest.mark.hub
def test_where_the_hub_is_down_the_cache_answers(tmp_path: Path) -> None:
    tiny = cached(tmp_path, "some/tiny", FILES["some/tiny"])
    with served({}, is_down=True) as (address, _):
        told = found("hf:some/tiny", HF_ENDPOINT=address, HF_HUB_CACHE=str(tmp_path))
    assert told == [str(tiny)]


@pytest.mark.hub
def test_what_the_hub_does_not_have_ends_in_one_sentence(tmp_path: Path) -> None:
    says = {
        "hf:some/nosuch": "no such repository, or it is private",
        "hf:some/tiny@v9": "has no revision 'v9'",
        "hf:some/nothing": "holds no card.toml and no file of weights (.pth, .pt,",
        "hf:some/cardless": "holds model.onnx and no card.toml, which says how to feed it",
        "hf:some/several/c.pth": "has no such file. Files of weights in it: a.pth, b.safetensors",
    }
    with served(FILES) as (address, _):
        told = found(*says, HF_HUB_CACHE=str(tmp_path), HF_ENDPOINT=address)
    assert len(told) == len(says)
    for line, text in zip(told, says.values(), strict=True):
        assert line.startswith("WeightsMissing: ")
        assert text in line


@pytest.mark.hub
@pytest.mark.torch
@pytest.mark.slow
def test_a_bare_file_of_weights_in_the_hub_answers_under_the_repositorys_name(
    shared: Path, examples: Path, tmp_path: Path
) -> None:
    weights = (shared / "golden" / "aasist" / "AASIST-L.pth").read_bytes()
    cached(tmp_path, "some/light", {"AASIST-L.pth": weights})
    clip = examples / "bonafide_pocketsphinx_numbers.wav"
    command = [sys.executable, "-m", "earwitness", "detect", "--model", "hf:some/light", "--json"]
    at = {"HF_HUB_CACHE": str(tmp_path), "EARWITNESS_OFFLINE": "1"}
    told = subprocess.run(
        [*command, str(clip)], env=os.environ | at, capture_output=True, text=True, check=True
    )
    assert json.loads(told.stdout)["model"] == "light"
