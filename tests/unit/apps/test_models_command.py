"""``models``, ``models add`` and ``convert`` as a person runs them."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from earwitness.apps.cli import _adding
from earwitness.apps.cli.main import main
from earwitness.errors import SettingsError
from earwitness.weights import publications, store


@pytest.fixture(autouse=True)
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where detectors of one's own go."""
    monkeypatch.setenv(store.VARIABLE, str(tmp_path / "own"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return tmp_path / "own"


@pytest.fixture
def light(shared: Path) -> Path:
    return shared / "golden" / "aasist" / "AASIST-L.pth"


@pytest.fixture
def gat(shared: Path) -> Path:
    return shared / "golden" / "rawgat_st" / "RawGAT_ST_mul.pth"


def run(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


def told(done: Result) -> list[dict[str, Any]]:
    assert done.exit_code == 0, done.output
    return [json.loads(line) for line in done.stdout.splitlines()]


def told_once(done: Result, code: int) -> str:
    """Expect one line on standard error and nothing else."""
    assert done.exit_code == code, done.output
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    return line


def test_known_detectors_that_are_not_here_stand_after_those_that_are() -> None:
    text = run("models").stdout
    here, _, absent = text.partition("Known, and not here")
    assert here.startswith("embedded (default): ")
    names = [line.split()[0] for line in absent.splitlines()[1:-1]]
    assert names == list(publications.known())
    assert "earwitness models --known" in absent.splitlines()[-1]
    assert len(told(run("models", "--json"))) == 4


def test_of_each_known_detector_source_licences_figures_and_what_to_do_are_told() -> None:
    text = run("models", "--known").stdout
    _, _, one = text.partition("ssl_aasist_df: ")
    for words in (
        "from          TakHemlata/SSL_Anti-spoofing: the Google Drive folder",
        "file          Best_LA_model_for_DF.pth, 1,271 MB (follows from the number",
        "licence       of the code: MIT; of the weights: none stated",
        "compared      code: the network here was compared with the published code",
        "SHA-256       not known: nobody here has seen the file",
        "published EER 2.85 % (mean 3.69 %) on ASVspoof 2021 DF, eval",
        "what to do    Get Best_LA_model_for_DF.pth from TakHemlata",
    ):
        assert f"\n  {words}" in one
    assert all(len(line) <= 100 for line in text.splitlines())
    listed = told(run("models", "--known", "--json"))
    assert [one["name"] for one in listed] == list(publications.known())
    assert not any(one["installed"] for one in listed)


def test_the_list_and_add_do_not_mix() -> None:
    done = run("models", "--json", "add", "x.pth")
    assert done.exit_code == 2
    assert "--known and --json of the list stand alone." in done.stderr
    done = run("models", "add", "x.pth", "--link", "--convert")
    assert done.exit_code == 2
    assert "Choose one of --link and --convert." in done.stderr


@pytest.mark.torch
def test_a_known_file_is_added_under_its_name_and_found_by_it(gat: Path, own: Path) -> None:
    done = run("models", "add", gat)
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("rawgat_st: RawGAT-ST, its two graphs multiplied")
    assert "all 237 named tensors fit, none is missing or left over; 436,778 param" in done.stdout
    assert "SHA-256 8a91ce8201d42119" in done.stdout
    assert ", as is known of rawgat_st." in done.stdout
    assert f"It lies in {own / 'rawgat_st'}" in done.stdout
    assert store.find("rawgat-st").network.name == "RawGAT_ST_mul.pth"
    listed = run("models").stdout
    assert "compared      scores: the network here was compared with scores" in listed
    assert "rawgat_st " not in listed.partition("Known, and not here")[2].replace("_add", "")
    assert "rawgat_st (is here): " in run("models", "--known").stdout
    assert "is there already" in told_once(run("models", "add", gat), 5)


@pytest.mark.torch
def test_a_file_that_nobody_has_seen_is_taken_at_the_users_word(shared: Path) -> None:
    tiny = shared / "golden" / "ssl_aasist" / "tiny_ssl_aasist.pth"
    done = run("models", "add", tiny, "--as", "ssl-aasist-la", "--name", "mine", "--convert")
    assert done.exit_code == 0, done.output
    assert "all 322 named tensors fit" in done.stdout
    assert "Licence of the weights: none stated." in done.stdout
    assert "Note: nobody here has seen the file of ssl_aasist_la" in done.stdout
    assert "Use it with --model mine." in done.stdout


@pytest.mark.torch
def test_the_same_weights_under_another_name_and_a_lookalike_are_noted(
    light: Path, gat: Path, tmp_path: Path
) -> None:
    done = run("models", "add", light, "--name", "light", "--licence", "MIT")
    assert "Note: the same weights are here as aasist_l." in done.stdout
    assert "Licence of the weights: MIT." in done.stdout
    import torch

    from earwitness.models import checkpoints

    weights = checkpoints.read_weights(gat)
    weights["first_bn.bias"] = weights["first_bn.bias"] + 1
    torch.save(weights, tmp_path / "Best_epoch.pth")
    done = run("models", "add", tmp_path / "Best_epoch.pth")
    assert done.stdout.startswith("best_epoch: RawGAT-ST, from Best_epoch.pth")
    assert "Note: it is not the known file of rawgat_st. RawGAT_ST_add has the same" in done.stdout


@pytest.mark.torch
def test_a_name_like_that_of_a_known_file_is_noted(shared: Path, tmp_path: Path) -> None:
    tiny = shared / "golden" / "ssl_aasist" / "tiny_ssl_aasist.pth"
    (tmp_path / "LA_model.pth").symlink_to(tiny)
    (line,) = told(run("models", "add", tmp_path / "LA_model.pth", "--json"))
    assert (line["name"], line["keys"], line["known_as"]) == ("la_model", 322, None)
    done = run("models", "add", tmp_path / "LA_model.pth", "--name", "again")
    assert "Note: by its name it may be ssl_aasist_la: with --as ssl_aasist_la" in done.stdout


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["no.pth"], 4, "no.pth: there is no such file."),
        (["{clip}"], 4, "is no file of weights by its name. They end in .pth"),
        (["{tiny}"], 4, "is a detector's folder already. Use --model"),
        (["{light}", "--name", "../up"], 5, "'../up' is no name for a detector."),
        (["{light}", "--name", "aasist-l"], 5, "'aasist-l' is a detector of the package"),
        (["{light}", "--as", "qqq"], 5, "No published detector is known as 'qqq'."),
    ],
)
def test_what_cannot_be_added_ends_in_one_sentence(
    words: list[str], code: int, says: str, light: Path, root: Path, examples: Path
) -> None:
    places = {
        "light": light,
        "tiny": root / "tests" / "data" / "tiny_detector",
        "clip": examples / "silence.wav",
    }
    assert says in told_once(run("models", "add", *(w.format(**places) for w in words)), code)


@pytest.mark.torch
@pytest.mark.slow
def test_convert_makes_a_folder_that_detect_loads(
    light: Path, examples: Path, tmp_path: Path
) -> None:
    out = tmp_path / "mine"
    (line,) = told(run("convert", light, "--out", out, "--title", "Mine", "--json"))
    assert (line["name"], line["title"], line["keys"]) == ("mine", "Mine", 229)
    assert sorted(path.name for path in out.iterdir()) == ["card.toml", "weights.safetensors"]
    clip = examples / "bonafide_pocketsphinx_numbers.wav"
    (heard,) = told(run("detect", "--model", out, "--json", "--quiet", clip))
    (before,) = told(run("detect", "--model", light, "--json", "--quiet", clip))
    assert heard["raw_score"] == before["raw_score"]
    text = run("convert", light, "--out", tmp_path / "other").stdout
    assert f"Use it with --model {tmp_path / 'other'}." in text
    assert "is there already" in told_once(run("convert", light, "--out", out), 5)


def test_without_torch_the_extra_is_named(light: Path, tmp_path: Path) -> None:
    for command in (
        ["models", "add", "--name", "mine"],
        ["convert", "--out", str(tmp_path / "mine")],
    ):
        code = (
            "import sys; sys.modules['torch'] = None\n"
            "from earwitness.apps.cli.main import main\n"
            f"main([*{command!r}, {str(light)!r}])"
        )
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=False
        )
        assert done.returncode == 7
        assert "Reading a file of weights needs an extra: pip install 'earwitness[torch]'" in (
            done.stderr
        )
        assert not (tmp_path / "mine").exists()


@pytest.mark.parametrize(
    ("stem", "name"), [("LA_model", "la_model"), ("Best (1)", "best_1"), ("音", "detector")]
)
def test_a_name_is_made_of_the_files_name(stem: str, name: str) -> None:
    assert _adding._plain(stem) == name


def test_a_file_that_cannot_be_hashed_gets_its_own_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "some.pth"
    file.write_bytes(b"")

    def refuse(_: Path) -> str:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(_adding, "sha256_of", refuse)
    assert _adding.name_for(file, None, None) == "some"
    with pytest.raises(SettingsError, match="is no name for a detector"):
        _adding.name_for(file, "a/b", None)
