"""What more than one test of training asks for."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from made_corpus import make_corpus


@pytest.fixture(scope="session")
def corpus(examples: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_corpus(tmp_path_factory.mktemp("made") / "corpus", examples)


@pytest.fixture(autouse=True)
def _as_torch_was() -> Iterator[None]:
    """Take back what a run sets for its whole process."""
    torch = pytest.importorskip("torch")
    threads = torch.get_num_threads()
    yield
    torch.use_deterministic_algorithms(False)
    torch.set_num_threads(threads)
