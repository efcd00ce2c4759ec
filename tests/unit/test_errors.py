"""The errors form one tree, and each says which code it has."""

import inspect

import pytest

from earwitness import errors
from earwitness.errors import EarwitnessError, MissingExtra

KINDS = [
    kind
    for _, kind in inspect.getmembers(errors, inspect.isclass)
    if kind.__module__ == errors.__name__
]

# Programs depend on these: they may grow, but not change.
CODES = {
    "EarwitnessError": "error",
    "AudioError": "audio",
    "UnreadableAudio": "audio.unreadable",
    "EmptyAudio": "audio.empty",
    "ModelError": "model",
    "WeightsMissing": "model.missing",
    "WeightsCorrupt": "model.corrupt",
    "IncompatibleWeights": "model.incompatible",
    "SettingsError": "settings",
    "ProtocolError": "protocol",
    "UnknownName": "name.unknown",
    "ServerError": "server",
    "MissingExtra": "extra.missing",
}


def test_the_codes_are_the_ones_that_are_documented():
    assert {kind.__name__: kind.code for kind in KINDS} == CODES


def test_catching_the_root_catches_every_kind():
    assert len(KINDS) > 10
    assert [kind for kind in KINDS if not issubclass(kind, EarwitnessError)] == []


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_a_code_begins_with_the_code_of_its_family(kind):
    family = kind.__mro__[1]
    if family is not EarwitnessError and issubclass(family, EarwitnessError):
        assert kind.code.startswith(family.code + ".")


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_the_tree_in_the_docstring_names_every_kind(kind):
    assert kind.__name__ in errors.__doc__


def test_a_missing_extra_says_what_to_install_and_is_an_import_error():
    with pytest.raises(ImportError, match=r"^Training needs an extra: pip install 'earwitness\[tr"):
        raise MissingExtra("Training", extra="train")
    assert MissingExtra("Training", extra="train").extra == "train"
