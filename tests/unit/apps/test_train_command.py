"""``earwitness train`` as a person runs it: what it tells, and how it ends."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner, Result

from earwitness.apps.cli.main import main
from earwitness.weights.cards import read_card
from made_corpus import CLIPS, make_corpus

pytestmark = [pytest.mark.torch, pytest.mark.train]

TINY = """
name = "tiny"
title = "One small spectrum"
seed = 3
epochs = 3
windows = {length_s = 1.0, hop_s = 1.0}
sampling = {batch = 4, shortest_s = 0.5, longest_s = 1.0, augmented_share = 0.0}
warm = {views = 1, epochs = 80, batch = 8, rate = 3e-3}
optimiser = {head_rate = 1e-4}

[[branches]]
frontend = "spectrum"
backend = "statistics"
frontend_settings = {size = 64, hop = 64, cepstra = 4}
backend_settings = {rows = 200, power_rows = 33, hidden = 8}
"""


@pytest.fixture(scope="module")
def corpus(examples: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_corpus(tmp_path_factory.mktemp("made") / "corpus", examples)


@pytest.fixture(autouse=True)
def _as_torch_was() -> Iterator[None]:
    threads = torch.get_num_threads()
    yield
    torch.use_deterministic_algorithms(False)
    torch.set_num_threads(threads)


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    path = tmp_path / "tiny.toml"
    path.write_text(TINY, encoding="utf-8")
    return path


def train(*words: object) -> Result:
    return CliRunner().invoke(main, ["train", *map(str, words)])


def train_on(corpus: Path, recipe: Path, *words: object) -> Result:
    """Train into a folder beside the recipe."""
    place = ("--folds", corpus / "folds.tsv", "--out", recipe.parent / "run", "--threads", 1)
    return train(recipe, "--corpus", corpus, *place, "--workers", 0, *words)


@pytest.mark.slow
def test_one_command_makes_a_folder_and_tells_its_steps(corpus: Path, recipe: Path) -> None:
    done = train_on(corpus, recipe, "--epochs", 2)
    assert done.exit_code == 0, done.output
    folder = recipe.parent / "run" / "detector"
    assert done.stdout == f"{folder}\n"
    assert read_card(folder / "card.toml").name == "tiny"
    told = done.stderr.splitlines()
    assert told[0] == f"reading {CLIPS} clips"
    assert [line for line in told if line.startswith("fitting")] == [
        "fitting: 0", "fitting: 1", "fitting: full",
    ]  # fmt: skip
    steps = [line for line in told if "step" in line]
    assert [line.partition(", loss")[0].strip() for line in steps] == [
        f"epoch {epoch}, step {n} of {n}" for n in (3, 3, 6) for epoch in (1, 2)
    ]
    assert [line for line in told if line.startswith("the floor, a shallow probe: EER")]
    assert told[-1].startswith("out of fold: EER")
    again = train_on(corpus, recipe, "--epochs", 2, "--quiet")
    assert (again.exit_code, again.stdout, again.stderr) == (0, f"{folder}\n", "")


@pytest.mark.slow
def test_a_recipe_without_epochs_fits_heads_alone_and_counts_no_step(
    corpus: Path, recipe: Path
) -> None:
    recipe.write_text(TINY.replace("epochs = 3", "epochs = 0"), encoding="utf-8")
    done = train_on(corpus, recipe)
    run = recipe.parent / "run"
    assert (done.exit_code, done.stdout) == (0, f"{run / 'detector'}\n"), done.output
    assert "step" not in done.stderr
    assert [line for line in done.stderr.splitlines() if line.startswith("the floor")]
    assert {path.name for path in (run / "full").iterdir()} == {"network.safetensors"}


def test_no_epochs_and_no_warm_start_are_told_in_one_line(corpus: Path, recipe: Path) -> None:
    cold = TINY.replace("epochs = 3", "epochs = 0").replace("views = 1", "views = 0")
    recipe.write_text(cold, encoding="utf-8")
    line = told_once(train_on(corpus, recipe, "--quiet"), 5)
    assert "epochs (0) must be at least 1, or 0 where heads have a warm start" in line


def test_a_part_is_fitted_alone_and_a_limit_is_kept(corpus: Path, recipe: Path) -> None:
    done = train_on(corpus, recipe, "--part", "1", "--limit", 16, "--epochs", 1)
    run = recipe.parent / "run"
    assert (done.exit_code, done.stdout) == (0, f"{run}\n"), done.output
    assert done.stderr.splitlines()[0] == "reading 16 clips"
    assert {path.name for path in run.iterdir()} == {"clips", "views", "fold_1", "run.txt"}


def told_once(done: Result, code: int) -> str:
    """Expect one line on standard error and nothing else."""
    assert done.exit_code == code, done.output
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert line.startswith("earwitness: ")
    return line


def test_a_wrong_key_is_named_with_its_file(corpus: Path, recipe: Path) -> None:
    recipe.write_text(TINY.replace("epochs = 3", "epohcs = 3"), encoding="utf-8")
    line = told_once(train_on(corpus, recipe), 5)
    assert f"{recipe}: unknown key 'epohcs'. Did you mean 'epochs'?" in line


def test_a_wrong_key_deep_inside_is_named_with_the_way_to_it(corpus: Path, recipe: Path) -> None:
    recipe.write_text(TINY.replace("batch = 4", "bach = 4"), encoding="utf-8")
    assert f"{recipe}: sampling: unknown key 'bach'" in told_once(train_on(corpus, recipe), 5)


@pytest.mark.parametrize(
    ("wrong", "fault"),
    [
        ("windows = {length_s = 1.0, hop_s = 2.0}", "0 < hop_s <= length_s must hold"),
        ("windows = {lenght_s = 1.0}", "windows: unknown key 'lenght_s'. Did you mean 'length_s'"),
    ],
    ids=["value", "key"],
)
def test_windows_that_do_not_fit_are_told_in_one_line(
    wrong: str, fault: str, corpus: Path, recipe: Path
) -> None:
    text = TINY.replace("windows = {length_s = 1.0, hop_s = 1.0}", wrong)
    recipe.write_text(text, encoding="utf-8")
    assert fault in told_once(train_on(corpus, recipe), 5)


def test_an_augmentation_that_there_is_not_is_told_in_one_line(corpus: Path, recipe: Path) -> None:
    recipe.write_text(f'augmentation = [{{name = "nois"}}]\n{TINY}', encoding="utf-8")
    assert "nois" in told_once(train_on(corpus, recipe, "--quiet"), 5)


def test_a_recipe_that_is_not_there_is_told_in_one_line(corpus: Path, recipe: Path) -> None:
    line = told_once(train_on(corpus, recipe.with_name("gone.toml")), 5)
    assert "gone.toml: there is no such recipe" in line


def test_a_corpus_that_is_not_there_is_named(corpus: Path, recipe: Path) -> None:
    words = ("--folds", corpus / "folds.tsv", "--out", recipe.parent / "run")
    line = told_once(train(recipe, "--corpus", recipe.parent / "gone", *words), 6)
    assert f"{recipe.parent / 'gone' / 'manifest.tsv'}: cannot be read (No such file" in line


def test_a_corpus_without_its_audio_is_told_in_one_line(corpus: Path, recipe: Path) -> None:
    bare = recipe.parent / "bare"
    bare.mkdir()
    for name in ("manifest.tsv", "folds.tsv"):
        (bare / name).write_bytes((corpus / name).read_bytes())
    line = told_once(train_on(bare, recipe, "--quiet"), 6)
    assert f"none of its {CLIPS} recordings is there" in line
    assert str(bare / "audio") in line


def test_without_its_encoder_the_embedded_recipe_says_where_to_get_it(
    corpus: Path, recipe: Path, root: Path
) -> None:
    embedded = root / "recipes" / "embedded.toml"
    words = ("--folds", corpus / "folds.tsv", "--out", recipe.parent / "run")
    line = told_once(train(embedded, "--corpus", corpus, *words), 5)
    assert "scripts/fetch_encoder, and give it with --encoder" in line
    assert not (recipe.parent / "run").exists()


def test_a_malformed_file_of_folds_is_named(corpus: Path, recipe: Path) -> None:
    folds = recipe.parent / "folds.tsv"
    folds.write_text("clip\tfold\na\t1\n", encoding="utf-8")
    words = ("--folds", folds, "--out", recipe.parent / "run", "--quiet")
    line = told_once(train(recipe, "--corpus", corpus, *words), 6)
    assert f"{folds}: expected the columns path and fold" in line


def test_a_part_that_there_is_not_is_told_in_one_line(corpus: Path, recipe: Path) -> None:
    line = told_once(train_on(corpus, recipe, "--part", "fulll", "--quiet"), 5)
    assert "There is no part 'fulll'. There are: 0, 1, full." in line


def test_every_recipe_of_the_repository_is_understood(root: Path) -> None:
    from earwitness.augmentation import chain
    from earwitness.config import load, read_toml
    from earwitness.models.branches import Branches
    from earwitness.training.keeping import remedies
    from earwitness.training.losses import loss
    from earwitness.training.recipes import is_pipeline, read_recipe
    from earwitness.training.settings import TrainingSettings

    recipes = sorted((root / "recipes").rglob("*.toml"))
    assert len(recipes) > 6
    for path in recipes:
        if not is_pipeline(read_toml(path)):
            recipe = read_recipe(path)
            chain(recipe.augmentation, where=path.name)
            remedies(recipe.keep, where=path.name)
            assert loss(recipe.loss, where=path.name)
            continue
        settings = load(TrainingSettings, path)
        chain(settings.augmentation, where=path.name)
        network = Branches(settings.branches).eval()
        with torch.inference_mode():
            assert network(torch.randn(1, 16_000)).shape == (1,)


@pytest.mark.slow
@pytest.mark.parametrize("package", ["lightning", "torch"])
def test_without_the_extra_it_is_named(package: str, recipe: Path) -> None:
    code = (
        f"import sys; sys.modules[{package!r}] = None\n"
        "from earwitness.apps.cli.main import main\n"
        f"main(['train', {str(recipe)!r}, '--corpus', 'c', '--folds', {str(recipe)!r}, "
        f"'--out', 'o'])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 7
    assert done.stdout == ""
    assert done.stderr == (
        "earwitness: Training needs an extra: pip install 'earwitness[train]'.\n"
    )
