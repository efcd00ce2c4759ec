"""Splicing: where a sound is cut, how pieces are made alike, and the set that the script builds."""

import csv
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from earwitness.audio.read import open_recording
from earwitness.corpus.splicing import FADE_S, between_pauses, levelled, pauses, spliced
from earwitness.errors import SettingsError
from earwitness.evaluation.rttm import mark, read_rttm
from earwitness.protocols.pages import trials
from earwitness.records import Label, Samples

RATE = 16_000
SPEECH = ("bonafide_asterisk_it_2.flac", "bonafide_asterisk_ru_2.wav")


def rng() -> np.random.Generator:
    return np.random.default_rng(1)


def talk(*parts: float) -> Samples:
    """Make noise like speech: seconds of sound, of pause, of sound …"""
    made = [
        rng().normal(0, 0.0 if at % 2 else 0.1, round(seconds * RATE))
        for at, seconds in enumerate(parts)
    ]
    return np.concatenate(made).astype(np.float32)


def heard(path: Path) -> Samples:
    with open_recording(path, sample_rate=RATE) as recording:
        return np.concatenate(list(recording.blocks()))


def level_db(sound: Samples) -> float:
    return 20 * np.log10(np.sqrt(np.mean(np.square(sound, dtype=np.float64))))


def test_a_sound_is_cut_in_its_pauses_only() -> None:
    found = pauses(talk(1.0, 0.2, 1.0, 0.2, 1.0), RATE) / RATE
    assert len(found) >= 2
    assert all(1.0 <= at <= 1.2 or 2.2 <= at <= 2.4 for at in found)


def test_steady_sound_and_next_to_nothing_have_no_pause() -> None:
    assert len(pauses(talk(2.0), RATE)) == 0
    assert len(pauses(talk(0.01), RATE)) == 0
    assert between_pauses(talk(0.01), RATE, least_s=0.0, most_s=9.0) == []


def test_stretches_lie_between_pauses_and_are_speech_for_the_most_part() -> None:
    sound = talk(0.5, 0.1, 1.5, 0.1, 2.0, 0.1, 0.3)
    found = between_pauses(sound, RATE, least_s=1.0, most_s=4.0)
    lengths = [(end - start) / RATE for start, end in found]
    assert lengths == sorted(lengths, reverse=True)
    assert lengths[0] == pytest.approx(3.7, abs=0.11)
    assert all(1.0 <= length <= 4.0 for length in lengths)
    silent = talk(0.3, 3.0, 0.3)
    assert between_pauses(silent, RATE, least_s=1.0, most_s=4.0) == []


def test_pieces_come_out_at_one_level_in_one_band(examples: Path) -> None:
    speech = heard(examples / SPEECH[0])[: 3 * RATE]
    loud, soft = levelled(speech, RATE), levelled(speech * 0.01, RATE)
    np.testing.assert_allclose(loud, soft, atol=1e-5)
    hiss = levelled(talk(2.0), RATE)
    spectrum = np.abs(np.fft.rfft(hiss)) ** 2
    hertz = np.fft.rfftfreq(len(hiss), 1 / RATE)
    inside = spectrum[(hertz > 200) & (hertz < 6900)].mean()
    assert spectrum[hertz > 7701].max() < 1e-9 * inside
    assert spectrum[hertz < 71].max() < 1e-9 * inside
    assert level_db(hiss) == pytest.approx(-26, abs=1)
    assert np.abs(loud).max() <= 0.95


@pytest.mark.parametrize("piece", [np.zeros(RATE, np.float32), np.zeros(10, np.float32)])
def test_a_silent_piece_is_refused(piece: Samples) -> None:
    with pytest.raises(SettingsError, match="A silent piece cannot be spliced"):
        levelled(piece, RATE)


def test_pieces_overlap_by_a_cross_fade_and_spans_meet_in_its_middle() -> None:
    pieces = [talk(1.0), talk(0.5), talk(0.25)]
    whole = spliced(pieces, RATE, rng=rng())
    fade = round(FADE_S * RATE)
    assert len(whole.samples) == sum(map(len, pieces)) - 2 * fade
    spans = [(span.start_s, span.end_s) for span in whole.spans]
    end_s = len(whole.samples) / RATE
    np.testing.assert_allclose(spans, [(0.0, 0.99), (0.99, 1.47), (1.47, end_s)])
    # Away from the joins a piece is as it was, but for the floor of noise at -60 dB.
    rest = whole.samples[RATE : RATE + 4000] - pieces[1][fade : fade + 4000]
    assert level_db(rest) == pytest.approx(-60, abs=1)


def test_a_join_of_one_sound_with_itself_is_no_louder_than_the_sound() -> None:
    tone = np.full(RATE, 0.1, np.float32)
    whole = spliced([tone, tone], RATE, rng=rng())
    inside = whole.samples[1000:-1000]
    assert inside.max() < 0.105
    assert inside.min() > 0.095


def test_a_piece_that_is_all_fade_is_refused() -> None:
    with pytest.raises(SettingsError, match=r"longer than two cross-fades of 0\.02 s"):
        spliced([talk(1.0), talk(0.04)], RATE, rng=rng())


# --- the set that scripts/make_partial_spoofs builds ---


@pytest.fixture(scope="module")
def corpus(examples: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One page with eight clips of speech, three spoofs, and a dev clip that is not there."""
    root = tmp_path_factory.mktemp("corpus")
    (root / "audio").mkdir()
    rows = ["path\tsplit\tlabel\tattack_type\tsystem\tpage\tsource_corpus\tlanguage"]
    rows.append("audio/gone.wav\tdev\tbonafide\t-\t-\tann/demo\tX\tit")
    sound = np.concatenate([heard(examples / name) for name in SPEECH])
    for number in range(11):
        label = "spoof" if number > 7 else "bonafide"
        clip = np.roll(sound, -number * 2 * RATE)[: 4 * RATE]
        clip = np.repeat(clip[::4], 4) if label == "spoof" else clip
        soundfile.write(root / f"audio/{number}.wav", clip, RATE)
        kind = "vocoded\tHold" if label == "spoof" else "-\t-"
        rows.append(f"audio/{number}.wav\ttrain\t{label}\t{kind}\tann/demo\tX\tit")
    (root / "manifest.tsv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return root


def build(root: Path, out: Path, corpus: Path, *words: str) -> subprocess.CompletedProcess[str]:
    script = root / "scripts" / "make_partial_spoofs"
    command = [sys.executable, str(script), str(out), "--corpus", str(corpus), "--clips", "4"]
    return subprocess.run(
        [*command, *words],
        capture_output=True, text=True, check=False, env={**os.environ, "OMP_NUM_THREADS": "1"},
    )  # fmt: skip


@pytest.fixture(scope="module")
def made(root: Path, corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("made") / "set"
    done = build(root, out, corpus)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("3 recordings, bases: 1, pages: 1")
    return out


def rows(made: Path) -> list[dict[str, str]]:
    with (made / "manifest.tsv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def test_each_base_is_there_untouched_with_bona_fide_and_with_spoof_put_in(made: Path) -> None:
    untouched, bona_fide, spoof = rows(made)
    assert [row["kind"] for row in (untouched, bona_fide, spoof)] == [
        "untouched", "bonafide_stretch", "spoof_stretch",
    ]  # fmt: skip
    assert [row["label"] for row in (untouched, bona_fide, spoof)] == [*["bonafide"] * 2, "spoof"]
    assert untouched["base_from"] == bona_fide["base_from"] == spoof["base_from"]
    assert bona_fide["edit"] == spoof["edit"] != "-"
    assert bona_fide["stretch_start_s"] == spoof["stretch_start_s"]
    assert (spoof["attack_type"], spoof["system"]) == ("vocoded", "Hold")
    assert bona_fide["stretch_from"] not in bona_fide["base_from"].split()


def test_the_reference_fits_the_trials_and_the_sound(made: Path) -> None:
    asked = list(trials(made, "train"))
    marked = mark(read_rttm(made / "REF.rttm"), asked)
    assert marked.others == ()
    for trial in asked:
        length_s = soundfile.info(trial.path).duration
        if trial.label is Label.SPOOF:
            (region,) = marked.spoof[trial.id]
            assert 0 < region.start_s < region.end_s < length_s
            assert 0.9 < region.end_s - region.start_s < 4.1
        else:
            assert marked.spoof[trial.id] == ()


def test_what_was_put_in_makes_the_only_difference(made: Path) -> None:
    bona_fide, spoof = (row for row in rows(made) if row["kind"] != "untouched")
    sounds = [soundfile.read(made / row["path"], dtype="float32")[0] for row in (bona_fide, spoof)]
    start = round(float(spoof["stretch_start_s"]) * RATE)
    before = [sound[: start - RATE // 10] for sound in sounds]
    # The same pieces below the same kind of noise, sent through the same codec.
    assert np.corrcoef(before)[0, 1] > 0.98
    assert abs(level_db(before[0]) - level_db(before[1])) < 0.2


@pytest.mark.slow
def test_the_same_seed_gives_the_same_files_and_another_one_others(
    root: Path, corpus: Path, made: Path, tmp_path: Path
) -> None:
    assert build(root, tmp_path / "again", corpus).returncode == 0
    for path in sorted(made.rglob("*")):
        other = tmp_path / "again" / path.relative_to(made)
        assert path.is_dir() or other.read_bytes() == path.read_bytes()
    assert build(root, tmp_path / "other", corpus, "--seed", "2").returncode == 0
    assert (tmp_path / "other" / "REF.rttm").read_bytes() != (made / "REF.rttm").read_bytes()


@pytest.mark.slow
def test_clips_never_get_into_the_repository_or_over_something_else(
    root: Path, corpus: Path, made: Path, tmp_path: Path
) -> None:
    inside = build(root, root / "partial_spoofs", corpus)
    assert inside.returncode == 1
    assert "lies in the repository" in inside.stderr
    assert not (root / "partial_spoofs").exists()
    over = build(root, made, corpus)
    assert (over.returncode, "is there already" in over.stderr) == (1, True)
    few = build(root, tmp_path / "few", corpus, "--clips", "20")
    assert (few.returncode, "no page has 21 bona fide clips" in few.stderr) == (1, True)
    assert not list(tmp_path.iterdir())
