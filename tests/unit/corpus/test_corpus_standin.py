"""The stand-in's three domains share nothing; cuts of one recording stay in one part."""

from collections import Counter, defaultdict
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import soundfile

from earwitness.corpus import standin
from earwitness.corpus.standin import COPIES, CUT_S, Domains, cuts, domains
from earwitness.errors import ProtocolError
from earwitness.evaluation.questions import questions
from earwitness.protocols.pages import owner
from earwitness.records import Label, Trial
from earwitness.study.inputs import counted, read_target

EACH = 20
SMALL = {"training": 10, "validation": 4, "testing": 6}


@pytest.fixture(autouse=True)
def _small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(standin, "PARTS", SMALL)


def corpus(owners: int = 24) -> tuple[list[Trial], list[int]]:
    """Half of the owners show copies of recordings, half show speech from text.

    Every copy has the recording that it was made of on the same page; the last owner shows one
    recording of the first, too.
    """
    trials, families = [], []
    for number in range(owners):
        kind = COPIES[number % 2] if number < owners // 2 else "tts"
        for clip in range(6):
            for label in Label:
                spoof = label is Label.SPOOF
                name = f"audio/{number}_{clip}_{label.value}.wav"
                meta = {
                    "attack_type": kind if spoof else "-",
                    "system": f"System {number // 2}" if spoof else "-",
                    "page": f"owner{number}/page",
                    "seconds": "4.20",
                }
                is_copy = kind in COPIES or not spoof
                families.append(10 * number + clip if is_copy else 10_000 + len(trials))
                trials.append(Trial(name, Path(name), label, "train", meta))
    families[-2] = families[0]
    return trials, families


def divided() -> tuple[Domains, dict[str, int]]:
    trials, families = corpus()
    known = {trial.id: family for trial, family in zip(trials, families, strict=True)}
    return domains(trials, families, custom_each=EACH, seed=1), known


def test_no_owner_no_system_and_no_recording_is_in_two_domains() -> None:
    found, family = divided()
    sides = (found.target, found.custom, found.start)
    for one, other in ((0, 1), (0, 2), (1, 2)):
        assert not {owner(t) for t in sides[one]} & {owner(t) for t in sides[other]}
        assert not {family[t.id] for t in sides[one]} & {family[t.id] for t in sides[other]}
    heard = {t.meta["system"] for t in (*found.target, *found.custom)} - {"-"}
    assert not heard & {t.meta["system"] for t in found.start}


def test_the_target_holds_copies_and_recordings_and_the_custom_set_speech_from_text() -> None:
    found, _ = divided()
    assert {t.meta["attack_type"] for t in found.target} <= {"-", *COPIES}
    assert {t.meta["attack_type"] for t in found.custom} == {"-", "tts"}
    assert counted(found.custom) == (EACH, EACH)


def test_every_part_is_full_and_a_family_is_in_one_part_only() -> None:
    found, family = divided()
    made = cuts(found.target, family, seed=1)
    assert Counter((cut.part, cut.trial.label) for cut in made) == {
        (part, label): each for part, each in SMALL.items() for label in Label
    }
    parts = defaultdict(set)
    for cut in made:
        parts[family[cut.trial.id]].add(cut.part)
        assert cut.start_s + CUT_S <= float(cut.trial.meta["seconds"]) + 1e-6
    assert {len(one) for one in parts.values()} == {1}


def test_the_same_seed_divides_alike() -> None:
    assert divided()[0] == divided()[0]


def test_a_corpus_that_is_too_small_is_refused() -> None:
    trials, families = corpus(owners=6)
    with pytest.raises(ProtocolError, match="too few clips for a stand-in of this size"):
        domains(trials, families, custom_each=200, seed=1)
    with pytest.raises(ProtocolError, match=r"too few clips: .* are missing"):
        cuts(trials[:2], dict(zip([t.id for t in trials], families, strict=True)), seed=1)


@pytest.fixture(scope="module")
def script(root: Path) -> ModuleType:
    loader = SourceFileLoader("make_for_standin", str(root / "scripts" / "make_for_standin"))
    spec = spec_from_loader(loader.name, loader)
    assert spec is not None
    module = module_from_spec(spec)
    loader.exec_module(module)
    return module


def test_what_is_written_is_read_as_for_2seconds_and_as_a_custom_set(
    script: ModuleType, tmp_path: Path
) -> None:
    found, family = divided()
    for trial in (*found.target, *found.custom):
        path = tmp_path / trial.id
        path.parent.mkdir(exist_ok=True)
        rng = np.random.default_rng(len(trial.id))
        soundfile.write(path, 0.01 * rng.standard_normal(round(4.2 * 16_000)), 16_000)
    placed = [_placed(trial, tmp_path) for trial in found.target]
    made = cuts(placed, family, seed=1)
    out = tmp_path / "standin"
    rows = script.write_target(made, out / "for-2seconds")
    script.write_custom([_placed(trial, tmp_path) for trial in found.custom], out / "custom")
    (out / "origin.tsv").write_text("path\tclip\tstart_s\n" + "".join(rows), encoding="utf-8")
    read = read_target(out / "for-2seconds", accepts_counts=True)
    assert {name: counted(clips) for name, clips in read.parts.items()} == {
        name: (each, each) for name, each in SMALL.items()
    }
    assert read.kin == ("clip",)
    assert all("clip" in trial.meta for trial in (*read.train, *read.dev, *read.test))
    sound, rate = soundfile.read(read.test[0].path)
    assert (len(sound), rate) == (32_000, 16_000)
    assert np.abs(sound).max() == pytest.approx(0.95, abs=0.01)
    custom = questions(out / "custom")
    assert {t.meta["source"] for t in custom.trials} == {owner(t) for t in found.custom}


def test_what_a_detector_may_hear_is_a_corpus_of_its_own(
    script: ModuleType, tmp_path: Path
) -> None:
    found, _ = divided()
    lines = ["path\tsplit\tlabel\tattack_type\tsystem\tpage"]
    for trial in corpus()[0]:
        meta = trial.meta
        lines.append(
            f"{trial.id}\ttrain\t{trial.label.value}\t{meta['attack_type']}\t{meta['system']}"
            f"\t{meta['page']}"
        )
    (tmp_path / "audio").mkdir()
    (tmp_path / "manifest.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    script.write_start(found.start, tmp_path, tmp_path / "start")
    kept = (tmp_path / "start" / "manifest.tsv").read_text(encoding="utf-8").splitlines()[1:]
    assert [line.partition("\t")[0] for line in kept] == [trial.id for trial in found.start]
    folds = (tmp_path / "start" / "folds.tsv").read_text(encoding="utf-8").splitlines()[1:]
    assert len(folds) == len(kept)
    assert (tmp_path / "start" / "audio").resolve() == (tmp_path / "audio").resolve()


def _placed(trial: Trial, root: Path) -> Trial:
    return Trial(trial.id, root / trial.id, trial.label, trial.partition, trial.meta)
