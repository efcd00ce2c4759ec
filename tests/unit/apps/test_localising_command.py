"""``earwitness evaluate --segments`` as a person runs it."""

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
from click.testing import CliRunner, Result

from earwitness.apps.cli.main import main

RATE = 16_000
SOFT = (9.0, 15.0)  # where the recordings in Fake/ are soft: "spoof", to a detector of loudness


@pytest.fixture(scope="module")
def data(examples: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Speech of 24 s, three times loud throughout and three times soft in between."""
    root = tmp_path_factory.mktemp("partial spoofs")
    speech, rate = soundfile.read(examples / "bonafide_asterisk_ru_2.wav", dtype="float32")
    assert rate == RATE
    speech = np.resize(speech[: 3 * RATE] / np.abs(speech[: 3 * RATE]).max(), 24 * RATE)
    time_s = np.arange(len(speech)) / RATE
    rng = np.random.default_rng(3)
    lines = []
    for folder in ("Real", "Fake"):
        (root / folder).mkdir()
        for number in range(3):
            gain = np.full(len(speech), 0.7 + 0.1 * rng.random())
            if folder == "Fake":
                gain[(time_s >= SOFT[0]) & (time_s < SOFT[1])] *= 0.02
                lines.append(f"SPEAKER F{number} 1 {SOFT[0]} 6 <NA> <NA> fake <NA> <NA>")
            soundfile.write(root / folder / f"{folder[0]}{number}.wav", speech * gain, RATE)
    (root / "REF.rttm").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return root


@pytest.fixture(scope="module")
def tiny(root: Path) -> Path:
    return root / "tests" / "data" / "tiny_detector"


def run(data: Path, tiny: Path, *words: object) -> Result:
    told = ["evaluate", str(data), "--model", str(tiny), *map(str, words)]
    return CliRunner().invoke(main, told)


def localised(done: Result) -> dict[str, object]:
    assert done.exit_code == 0, done.output
    table: dict[str, object] = json.loads(done.stdout)["localisation"]
    return table


def test_the_terminal_tells_where_the_spoof_is_below_the_rest(data: Path, tiny: Path) -> None:
    done = run(data, tiny, "--segments", data / "REF.rttm")
    assert done.exit_code == 0, done.output
    first, _, second = done.stdout.partition("Where the spoof is, by ")
    assert "EER (equal error rate)" in first
    flat = " ".join(second.split())
    assert "6 recordings, 3 of them with spoof in them: 3 spoofed regions of 6.0 s" in flat
    assert "Range-based EER" in flat
    assert "Segment EER, 160 ms frames" in flat


def test_json_holds_it_in_the_same_object(data: Path, tiny: Path) -> None:
    table = localised(run(data, tiny, "--segments", data / "REF.rttm", "--json", "--quiet"))
    measures = table["measures"]
    assert isinstance(measures, dict)
    assert set(measures) == {
        "segment_eer_20ms", "segment_eer_160ms", "range_eer", "found_regions",
        "false_stretches_an_hour", "spoofed_suspicion",
    }  # fmt: skip
    # Windows of 4 s, 2 s apart: at the edges of the soft part they are loud and soft in parts.
    assert measures["range_eer"]["value"] < 0.2
    assert measures["segment_eer_20ms"]["value"] == pytest.approx(
        measures["range_eer"]["value"], abs=0.01
    )
    assert "localisation" not in json.loads(run(data, tiny, "--json").stdout)


@pytest.mark.slow
def test_a_folder_gets_page_text_figure_and_numbers(data: Path, tiny: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    done = run(data, tiny, "--segments", data / "REF.rttm", "--out", out)
    assert done.exit_code == 0, done.output
    assert f"Where the spoof is: {out / 'localisation.html'}" in done.stderr
    assert "scores beside the reference" in (out / "localisation.html").read_text("utf-8")
    assert "| Range-based EER |" in (out / "localisation.md").read_text("utf-8")
    kept = json.loads((out / "localisation.json").read_text("utf-8"))
    assert kept["setup"]["command"].endswith(f"--segments '{data / 'REF.rttm'}'")
    assert (out / "figures" / "localisation.png").read_bytes().startswith(b"\x89PNG")
    assert (out / "figures" / "localisation.svg").exists()
    assert not list(out.rglob("*.part"))


@pytest.mark.slow
def test_what_was_scored_before_is_listened_to_again_for_its_timeline(
    data: Path, tiny: Path, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    assert run(data, tiny, "--out", out).exit_code == 0
    again = run(data, tiny, "--out", out, "--segments", data / "REF.rttm", "--json", "--quiet")
    fresh = run(data, tiny, "--segments", data / "REF.rttm", "--json", "--quiet")
    assert localised(again) == localised(fresh)


def test_stretches_are_told_apart_by_a_column(data: Path, tiny: Path, tmp_path: Path) -> None:
    rows = [
        f"{path.relative_to(data)},{path.parent.name},{'odd' if path.stem[1] == '1' else 'even'}"
        for path in sorted(data.rglob("*.wav"))
    ]
    listed = data / "list.csv"
    listed.write_text("\n".join(["path,label,kind", *rows]) + "\n", encoding="utf-8")
    table = localised(run(listed, tiny, "--segments", data / "REF.rttm", "--json", "--quiet"))
    kinds = table["kinds"]
    assert isinstance(kinds, list)
    assert {kind["value"]: kind["recordings"] for kind in kinds} == {"even": 4, "odd": 2}


def test_a_recording_that_cannot_be_read_is_counted(data: Path, tiny: Path, tmp_path: Path) -> None:
    for folder in ("Real", "Fake"):
        (tmp_path / folder).mkdir()
        for path in (data / folder).iterdir():
            (tmp_path / folder / path.name).write_bytes(path.read_bytes())
    (tmp_path / "Fake" / "F1.wav").write_bytes(b"no sound at all")
    done = run(tmp_path, tiny, "--segments", data / "REF.rttm", "--json", "--quiet")
    assert done.exit_code == 3, done.output
    table = json.loads(done.stdout)["localisation"]
    assert [one["id"] for one in table["unread"]] == ["Fake/F1.wav"]
    assert table["recordings"] == 5


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("SPEAKER F0 1 1 2 <NA> <NA> maybe <NA> <NA>", "bad.rttm, line 1: label 'maybe' is neith"),
        ("SPEAKER R0 1 1 2 <NA> <NA> fake <NA> <NA>", "there is spoof in 'Real/R0.wav', whose key"),
        ("SPEAKER F0 1 1 2 <NA> <NA> fake <NA> <NA>", "there is no spoof in 'Fake/F1.wav'"),
    ],
)
def test_a_reference_that_does_not_fit_ends_in_one_line_before_anyone_listens(
    data: Path, tiny: Path, tmp_path: Path, line: str, message: str
) -> None:
    (tmp_path / "bad.rttm").write_text(f"{line}\n", encoding="utf-8")
    out = tmp_path / "run"
    done = run(data, tiny, "--segments", tmp_path / "bad.rttm", "--out", out)
    assert (done.exit_code, done.stdout) == (6, "")
    (told,) = done.stderr.splitlines()
    assert message in told
    assert not out.exists()


def test_a_region_behind_the_end_is_refused_at_that_recording(
    data: Path, tiny: Path, tmp_path: Path
) -> None:
    text = (data / "REF.rttm").read_text("utf-8").replace(" 9.0 ", " 90 ")
    (tmp_path / "late.rttm").write_text(text, encoding="utf-8")
    done = run(data, tiny, "--segments", tmp_path / "late.rttm", "--quiet")
    assert (done.exit_code, done.stdout) == (6, "")
    assert "spoof in 'Fake/F0.wav' from 90 s on, but the recording ends at 24 s" in done.stderr


def test_segments_belong_to_a_data_set(data: Path) -> None:
    words = ["evaluate", "--scores", data / "REF.rttm", "--key", data / "REF.rttm"]
    done = CliRunner().invoke(main, [*map(str, words), "--segments", str(data / "REF.rttm")])
    assert done.exit_code == 2
    assert "--segments cannot be given together with --scores" in done.stderr


@pytest.mark.slow
def test_a_folder_that_cannot_be_written_is_told(data: Path, tiny: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    (out / "localisation.html").mkdir(parents=True)
    (out / "journal.jsonl").touch()
    done = run(data, tiny, "--segments", data / "REF.rttm", "--out", out, "--quiet")
    assert done.exit_code == 5
    assert f"earwitness: {out}: cannot be written" in done.stderr
