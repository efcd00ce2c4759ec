"""A folder belongs to one study, and to one process at a time."""

import subprocess
import sys
from pathlib import Path

import pytest

from earwitness.errors import SettingsError
from earwitness.study.claiming import alone, claim
from earwitness.study.places import Places, read_json, write_json

INPUTS = {"target": "aa", "custom": "bb", "model": "cc", "split_seed": 1}


def test_the_same_inputs_go_on(tmp_path: Path) -> None:
    places = Places(tmp_path / "study")
    claim(places, INPUTS)
    claim(places, INPUTS)
    assert read_json(places.claim)["custom"] == "bb"


@pytest.mark.parametrize(
    ("name", "word"), [("target", "for-2seconds"), ("custom", "custom set"), ("model", "detector")]
)
def test_other_inputs_are_refused_by_name(tmp_path: Path, name: str, word: str) -> None:
    places = Places(tmp_path / "study")
    claim(places, INPUTS)
    with pytest.raises(SettingsError, match=f"a study with another {word} "):
        claim(places, {**INPUTS, name: "other"})


def test_a_folder_with_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.docx").touch()
    with pytest.raises(SettingsError, match=r"holds other things \(thesis\.docx\)"):
        claim(Places(tmp_path), INPUTS)


def test_a_damaged_claim_is_told(tmp_path: Path) -> None:
    places = Places(tmp_path)
    claim(places, INPUTS)
    places.claim.write_text("{", encoding="utf-8")
    with pytest.raises(SettingsError, match="is damaged"):
        claim(places, INPUTS)
    places.claim.write_text("[]", encoding="utf-8")
    with pytest.raises(SettingsError, match="is damaged"):
        claim(places, INPUTS)


def test_two_studies_are_not_at_work_in_one_folder(tmp_path: Path) -> None:
    pytest.importorskip("fcntl")
    told = (
        "import sys; from pathlib import Path; from earwitness.study.claiming import alone\n"
        "with alone(Path(sys.argv[1])): print('in', flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", told, str(tmp_path)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "in\n"
        with pytest.raises(SettingsError, match="another study is at work"), alone(tmp_path):
            pass
        other.kill()
    with alone(tmp_path):  # a killed one leaves nothing that is in the way
        pass


def test_a_file_appears_whole(tmp_path: Path) -> None:
    write_json(tmp_path / "deep" / "a.json", {"a": 1})
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["a.json"]
    with pytest.raises(SettingsError, match=r"nothing.json: cannot be read"):
        read_json(tmp_path / "nothing.json")
