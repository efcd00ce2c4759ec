"""Folds: on six-line miniatures, and on the corpus that the committed folds were made from."""

from collections import Counter, defaultdict
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earwitness.corpus.folds import SHARED_BY_AT_MOST, as_table, assign_folds
from earwitness.errors import SettingsError
from earwitness.protocols.pages import owner, trials
from earwitness.records import Label, Trial


def trial(number: int, page: str, system: str = "-", kind: str = "-") -> Trial:
    label = Label.BONA_FIDE if system == "-" else Label.SPOOF
    meta = {"page": page, "system": system, "attack_type": kind}
    return Trial(f"audio/{number}.flac", Path(f"audio/{number}.flac"), label, "train", meta)


SIX = [
    trial(1, "ann/one"),
    trial(2, "ann/two", "VITS", "tts"),
    trial(3, "bob/one"),
    trial(4, "bob/one", "FreeVC", "vc"),
    trial(5, "cy/one"),
    trial(6, "cy/one", "Bark", "tts"),
]


def test_every_trial_gets_a_fold() -> None:
    folds = assign_folds(SIX, folds=2)
    assert list(folds) == [trial.id for trial in SIX]
    assert set(folds.values()) == {0, 1}


def test_pages_of_one_owner_stay_together() -> None:
    folds = assign_folds(SIX, folds=3)
    for one, other in [(1, 2), (3, 4), (5, 6)]:
        assert folds[f"audio/{one}.flac"] == folds[f"audio/{other}.flac"]
    assert len(set(folds.values())) == 3


def test_owners_that_share_a_rare_system_stay_together() -> None:
    kin = [trial(7, "dee/one", "VITS", "tts"), trial(8, "dee/one", "Bark", "tts")]
    folds = assign_folds([*SIX, *kin], folds=3)
    # ann has VITS, cy has Bark, dee has both: the three are one group.
    assert len({folds[f"audio/{number}.flac"] for number in (1, 2, 5, 6, 7, 8)}) == 1
    assert folds["audio/4.flac"] != folds["audio/1.flac"]


def test_a_system_that_many_owners_have_does_not_tie_them_together() -> None:
    owners = [f"owner{number}" for number in range(SHARED_BY_AT_MOST + 1)]
    many = [trial(number, f"{name}/x", "HiFi-GAN", "vocoded") for number, name in enumerate(owners)]
    assert len(set(assign_folds(many, folds=len(many)).values())) == len(many)
    assert len(set(assign_folds(many[:-1], folds=len(many)).values())) == 1


def test_each_kind_of_attack_is_spread_evenly() -> None:
    kinds = ["-", "tts", "vc"]
    spread = [
        trial(10 * number + k, f"owner{number}/x", "-" if kind == "-" else f"{kind}{number}", kind)
        for number in range(6)
        for k, kind in enumerate(kinds)
    ]
    folds = assign_folds(spread, folds=3)
    counts = Counter((folds[one.id], one.meta["attack_type"]) for one in spread)
    assert set(counts.values()) == {2}
    assert len(counts) == 9


def test_the_table_has_a_header_and_a_line_for_each_trial() -> None:
    assert as_table({"a/1.flac": 0, "b/2.flac": 4}) == "path\tfold\na/1.flac\t0\nb/2.flac\t4\n"


@pytest.mark.parametrize("folds", [1, 0, -3])
def test_fewer_than_two_folds_are_refused(folds: int) -> None:
    with pytest.raises(SettingsError, match=rf"folds \({folds}\) must be at least 2"):
        assign_folds(SIX, folds=folds)


@st.composite
def corpora(draw: st.DrawFn) -> list[Trial]:
    rows = draw(
        st.lists(
            st.tuples(st.integers(0, 8), st.integers(0, 12), st.sampled_from(["tts", "vc"])),
            min_size=1,
            max_size=60,
        )
    )
    return [
        trial(n, f"owner{page}/x", f"system{system}" if system else "-", kind if system else "-")
        for n, (page, system, kind) in enumerate(rows)
    ]


@given(listed=corpora(), folds=st.integers(2, 5), chance=st.randoms(use_true_random=False))
def test_for_any_corpus_owners_and_rare_systems_stay_in_one_fold(
    listed: list[Trial], folds: int, chance
) -> None:
    given_to = assign_folds(listed, folds=folds)
    assert_kept_apart(listed, given_to)
    shuffled = chance.sample(listed, len(listed))
    assert assign_folds(shuffled, folds=folds) == given_to


@pytest.fixture(scope="module")
def train(shared: Path) -> list[Trial]:
    return list(trials(shared / "corpus", "train"))


def test_the_committed_folds_are_what_the_code_makes_of_the_corpus(
    train: list[Trial], root: Path
) -> None:
    assert (root / "recipes/folds.tsv").read_text() == as_table(assign_folds(train))


def test_the_order_of_the_corpus_does_not_matter(train: list[Trial]) -> None:
    assert assign_folds(train[::-1]) == assign_folds(train)


def test_on_the_corpus_owners_and_rare_systems_stay_in_one_fold(train: list[Trial]) -> None:
    folds = assign_folds(train)
    assert list(folds) == [trial.id for trial in train]
    assert_kept_apart(train, folds)


def test_no_fold_of_the_corpus_is_starved_of_either_label(train: list[Trial]) -> None:
    # Rare systems tie one group of owners together, 1,376 clips that nobody can share out: the
    # fold that it lies in has 30 % of the spoofs. Bona fide clips are spread evenly all the same.
    folds = assign_folds(train)
    counts = Counter((folds[trial.id], trial.label) for trial in train)
    totals = Counter(trial.label for trial in train)
    for fold in range(5):
        assert counts[fold, Label.BONA_FIDE] / totals[Label.BONA_FIDE] == pytest.approx(
            0.2, abs=0.02
        )
        assert 0.15 < counts[fold, Label.SPOOF] / totals[Label.SPOOF] < 0.3


def assert_kept_apart(listed: list[Trial], folds: dict[str, int]) -> None:
    of_owner, of_system, showing = defaultdict(set), defaultdict(set), defaultdict(set)
    for one in listed:
        of_owner[owner(one)].add(folds[one.id])
        of_system[one.meta["system"]].add(folds[one.id])
        showing[one.meta["system"]].add(owner(one))
    assert {len(found) for found in of_owner.values()} == {1}
    rare = [name for name in of_system if name != "-" and len(showing[name]) <= SHARED_BY_AT_MOST]
    assert all(len(of_system[name]) == 1 for name in rare)
