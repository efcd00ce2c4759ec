"""What is told of published weights agrees with the networks here and with the files we have."""

import hashlib
import re
from pathlib import Path

import pytest

from earwitness.errors import SettingsError, UnknownName
from earwitness.protocols import PROTOCOLS
from earwitness.weights import publications, store

KNOWN = publications.known()


def test_the_checkpoints_of_the_mission_are_known_with_file_and_place() -> None:
    for name, file in {"la": "LA_model.pth", "df": "Best_LA_model_for_DF.pth"}.items():
        one = publications.publication(f"ssl-aasist-{name}")
        assert one.file == file
        assert one.repository == "TakHemlata/SSL_Anti-spoofing"
        assert one.size_mb == pytest.approx(317_837_834 * 4 / 1e6, rel=0.001)
        assert one.weights_licence == publications.NONE_STATED
        assert f"models add FILE --as {one.name}" in one.what_to_do()


@pytest.mark.parametrize("name", KNOWN)
def test_each_says_where_it_comes_from_and_under_which_terms(name: str) -> None:
    one = KNOWN[name]
    assert re.fullmatch(r"[\w-]+/[\w.-]+", one.repository)
    assert one.place
    assert one.code_licence
    assert one.weights_licence
    assert "://" not in str(one)
    for entry in one.trained_on:
        assert entry.partition("/")[0] in PROTOCOLS.names()
    assert all(0 < figure.percent < 50 for figure in one.figures)


@pytest.mark.torch
@pytest.mark.parametrize("name", [name for name, one in KNOWN.items() if one.is_runnable])
def test_network_and_proof_are_those_of_the_layout(name: str) -> None:
    from earwitness.models.layouts import LAYOUTS

    layout = LAYOUTS.get(KNOWN[name].layout)()
    assert KNOWN[name].network in layout.networks
    assert KNOWN[name].proof == layout.proof


def test_a_hash_is_that_of_the_file(shared: Path) -> None:
    file = shared / "golden" / "rawgat_st" / "RawGAT_ST_mul.pth"
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    one = publications.published_as(digest)
    assert one is not None
    assert one.name == "rawgat_st"
    assert one.size_mb == file.stat().st_size / 1e6
    assert publications.published_as("0" * 64) is None
    assert publications.published_as("") is None  # most have no hash that is known


def test_weights_that_no_network_here_runs_say_why() -> None:
    text = publications.publication("rawgat_st_add").what_to_do()
    assert text.startswith("No network here runs them. Its file cannot be told from")


def test_a_name_that_is_not_known_lists_those_that_are() -> None:
    with pytest.raises(UnknownName, match=r"No published detector is known as 'qqq'.*rawgat_st"):
        publications.publication("qqq")


def test_asking_for_a_known_detector_that_is_not_here_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.delenv(store.VARIABLE, raising=False)
    with pytest.raises(
        store.WeightsMissing, match=r"weights of 'ssl_aasist_df' are not on .* --as ssl_aasist_df"
    ):
        store.find("ssl-aasist-df")


def test_network_layout_and_proof_are_told_together() -> None:
    told = {
        "title": "t", "repository": "a/b", "place": "p", "code_licence": "c",
        "weights_licence": "w", "training_data": "d", "trained_on": (), "network": "AASIST",
    }  # fmt: skip
    with pytest.raises(SettingsError, match="network, layout and proof are told together"):
        publications.Publication(**told)  # type: ignore[arg-type]


def test_a_figure_says_who_measured_it_and_that_we_did_not() -> None:
    figure = publications.Figure("ASVspoof 2021 LA, eval", 0.82, "the authors", 1.0)
    assert str(figure) == (
        "0.82 % (mean 1 %) on ASVspoof 2021 LA, eval, by the authors; not re-measured here"
    )
