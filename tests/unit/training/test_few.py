from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from earwitness.calibration.affine import AffineCalibration
from earwitness.errors import ProtocolError
from earwitness.records import Label, Trial
from earwitness.training.few import FEWEST_EPOCHS, MOST_EPOCHS, fitted_recipe, part
from earwitness.training.few_calibration import fit_few
from earwitness.training.keeping import adapt, remedies
from earwitness.training.recipes import find_recipe, read_recipe

pytestmark = pytest.mark.train


def clips(bona_fide: int, spoof: int, *, sources: int = 0) -> list[Trial]:
    made = []
    for label, count in ((Label.BONA_FIDE, bona_fide), (Label.SPOOF, spoof)):
        for at in range(count):
            meta = {"source": f"voice {at % sources}"} if sources else {}
            made.append(Trial(f"{label}/{at}.wav", Path(f"{at}.wav"), label, "eval", meta))
    return made


def sources_of(trials) -> set[str]:
    return {trial.meta["source"] for trial in trials}


@given(st.integers(10, 60), st.integers(10, 60), st.integers(4, 12), st.integers(0, 5))
def test_no_source_is_on_both_sides_and_no_clip_is_lost(bona_fide, spoof, sources, seed):
    given_clips = clips(bona_fide, spoof, sources=sources)

    parted = part(given_clips, ["speaker", "source"], seed=seed)

    both = [trial.id for trial in (*parted.learned, *parted.held)]
    assert sorted(both) == sorted(trial.id for trial in given_clips)
    for side in (parted.learned, parted.held):
        assert min(Counter(trial.label for trial in side)[label] for label in Label) >= 3
    if parted.column is not None:
        assert parted.column == "source"
        assert not sources_of(parted.learned) & sources_of(parted.held)
        assert parted.groups == (
            len(sources_of(parted.learned)), len(sources_of(parted.held)),
        )  # fmt: skip


def test_about_a_third_is_held_out_of_each_label():
    parted = part(clips(40, 40, sources=10), ["source"])

    held = Counter(trial.label for trial in parted.held)
    assert all(8 <= held[label] <= 16 for label in Label)
    assert parted.told().startswith("Split by source: ")
    assert "10" not in parted.told().split("source")[0]


def test_without_sources_it_is_split_clip_by_clip_and_said_so():
    parted = part(clips(20, 20), ["source"])

    assert parted.column is None
    assert parted.told().startswith("Split clip by clip: 28 clips are learned from, 12 are held")
    assert "figures then look too good" in parted.told()


def test_sources_that_would_leave_a_side_without_a_label_are_not_split_by():
    labelled = [
        Trial(t.id, t.path, t.label, "eval", {"source": str(t.label)}) for t in clips(15, 15)
    ]

    assert part(labelled, ["source"]).column is None


def test_a_single_source_is_none():
    assert part(clips(12, 12, sources=1), ["source"]).column is None


def test_the_same_seed_splits_alike_and_another_may_not():
    given_clips = clips(40, 40, sources=12)

    assert part(given_clips, ["source"], seed=3) == part(given_clips, ["source"], seed=3)
    held = {tuple(t.id for t in part(given_clips, ["source"], seed=s).held) for s in range(5)}
    assert len(held) > 1


@pytest.mark.parametrize(
    ("bona_fide", "spoof", "said"),
    [
        (9, 9, "for 20 to 500 clips, but there are 18: record some more"),
        (300, 300, "but there are 600: leave --few out"),
        (5, 30, "There are 5 bona fide and 30 spoof clips; --few needs at least 6 of each"),
    ],
)
def test_too_few_and_too_many_clips_are_refused_with_their_numbers(bona_fide, spoof, said):
    with pytest.raises(ProtocolError, match=said):
        part(clips(bona_fide, spoof), [])


def test_the_recipe_trains_adapters_and_head_for_about_as_many_steps_whatever_there_is(
    keeping_nets,
):
    recipe = read_recipe(find_recipe("few"))

    few, many = (fitted_recipe(recipe, keeping_nets.branches(), n) for n in (56, 350))

    assert FEWEST_EPOCHS <= many.epochs < few.epochs <= MOST_EPOCHS
    assert [table["name"] for table in few.keep] == ["lora"]
    assert fitted_recipe(recipe, keeping_nets.branches(), 10).data.batch == 5
    network = keeping_nets.branches()
    adapt(network, remedies(few.keep))
    trained = {name for name, weight in network.named_parameters() if weight.requires_grad}
    assert any("lora_" in name for name in trained)
    assert any(name.endswith("head.0.1.weight") or ".1.head" in name for name in trained)
    assert not any(name.endswith("base_layer.weight") for name in trained)


def test_a_network_without_layers_for_adapters_learns_in_its_head_alone(keeping_nets):
    recipe = fitted_recipe(read_recipe(find_recipe("few")), keeping_nets.aasist(), 56)

    assert recipe.keep == ({"name": "layers", "trained": ["head"]},)


@pytest.fixture(scope="module")
def keeping_nets():
    import importlib.util

    place = Path(__file__).parent / "keeping" / "made_remedied.py"
    spec = importlib.util.spec_from_file_location("made_remedied_of_few", place)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def scores(n: int, *, apart: float = 2.0, seed: int = 1):
    key = np.arange(n) % 2 == 0
    drawn = np.random.default_rng(seed).standard_normal(n) + apart * (key - 0.5)
    return drawn, key, [str(at) for at in range(n)]


def test_clips_that_do_not_overlap_get_no_endless_slope():
    raw, key = np.array([-2.0, -1.0, -1.5, 1.0, 2.0, 1.5]), np.array([False] * 3 + [True] * 3)

    few = fit_few(raw, key, list("abcdef"))

    assert 0.3 < few.line.scale < 6.0
    assert abs(few.line.llr(0.0)) < 0.5


def test_many_clips_find_the_true_line():
    # Normal piles of one deviation, two apart, have LLRs of twice the score.
    lines = [fit_few(*scores(500, seed=seed)) for seed in range(8)]
    few = lines[0]

    assert np.mean([one.line.scale for one in lines]) == pytest.approx(2.0, rel=0.1)
    assert few.line.offset == pytest.approx(0.0, abs=0.25)
    assert few.half_width(0.0) < 0.4


def test_the_fewer_the_clips_the_nearer_to_what_was_known_and_the_less_sure():
    known = AffineCalibration(0.5, 1.0)
    lines = {n: fit_few(*scores(n, seed=4), known=known) for n in (12, 500)}

    assert abs(lines[12].line.scale - 0.5) < abs(lines[500].line.scale - 0.5)
    assert lines[12].half_width(2.0) > 2 * lines[500].half_width(2.0)


def test_clips_of_one_voice_count_little_more_than_one():
    raw, key, apart = scores(60, seed=2)
    together = [f"voice {at // 10}" for at in range(60)]

    alone, kin = fit_few(raw, key, apart), fit_few(raw, key, together)

    assert kin.independent == 6
    assert kin.half_width(0.0) > 1.5 * alone.half_width(0.0)


@pytest.mark.slow
def test_intervals_of_llrs_hold_the_truth_about_as_often_as_they_say():
    held = 0
    for seed in range(100):
        few = fit_few(*scores(40, seed=seed))
        truth = 2.0 * 0.5  # at a score of 0.5
        held += abs(float(few.line.llr(0.5)) - truth) <= few.half_width(float(few.line.llr(0.5)))

    assert 0.88 <= held / 100 <= 1.0


def test_scores_that_speak_for_the_wrong_side_get_no_line():
    raw, key, names = scores(60)

    with pytest.raises(ProtocolError, match="score no higher where they are bona fide"):
        fit_few(-raw, key, names)


def test_the_sentence_says_how_many_clips_and_how_sure():
    told = fit_few(*scores(24)).told()

    assert told.startswith("Calibrated on 12 bona fide and 12 spoof clips that were held out.")
    assert "an LLR of 0 is known to ±" in told
    assert "bits, each clip by a line drawn without it." in told
