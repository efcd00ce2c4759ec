"""``earwitness protocols`` lists what can be evaluated by name."""

import json

from click.testing import CliRunner

from earwitness.apps.cli.main import main
from earwitness.protocols import PROTOCOLS


def answer(*arguments: str) -> str:
    outcome = CliRunner().invoke(main, ["protocols", *arguments])
    assert outcome.exit_code == 0, outcome.output
    return outcome.stdout


def test_every_data_set_is_listed_with_what_tells_it() -> None:
    cards = answer().split("\n\n")
    assert [card.partition(":")[0] for card in cards] == PROTOCOLS.names()
    plain = [" ".join(card.split()) for card in cards]
    for name, card in zip(PROTOCOLS.names(), plain, strict=True):
        protocol = PROTOCOLS.get(name)()
        assert f"{name}: {protocol.title} looks for {protocol.looks_for}" in card
        assert f"partitions {', '.join(protocol.complete) or 'as the data name them'}" in card
        assert ("kin by" in card) is bool(protocol.kin)


def test_no_line_is_wider_than_a_terminal() -> None:
    assert max(map(len, answer().splitlines())) <= 80


def test_json_is_one_object_a_line() -> None:
    tables = [json.loads(line) for line in answer("--json").splitlines()]
    assert [table["name"] for table in tables] == PROTOCOLS.names()
    (la,) = (table for table in tables if table["name"] == "asvspoof2021_la")
    assert la["partitions"] == ["eval", "progress", "hidden"]
    assert la["kin"] == ["speaker"]
    assert la["groups"][:2] == ["attack", "codec"]
