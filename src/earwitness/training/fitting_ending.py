"""The end of a run: remedies that choose among weights, or mix them, when all epochs are done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import torch
from torch import Tensor

from earwitness.training import keeping
from earwitness.training.batches import Ranks
from earwitness.training.checkpointing import StoredEpochs, write_weights
from earwitness.training.fitting_folder import Finished
from earwitness.training.fitting_loop import Keeper
from earwitness.training.fitting_module import Fitting


def ended(finished: Finished, fitting: Fitting, keeper: Keeper) -> Finished:
    """Let the remedies say which weights are kept, on the first process alone.

    Args:
        finished: of the chosen epoch.
        fitting: done.
        keeper: of its files; the best weights are written anew where a remedy changed them.
    """
    remedies = fitting.work.remedies
    if not any(one.finish is not None for one in remedies):
        return finished
    work = replace(fitting.work, ranks=Ranks())
    network = fitting.start.to("cuda" if torch.cuda.is_available() else "cpu")
    start = {name: value.detach().cpu().clone() for name, value in network.state_dict().items()}

    def merit(weights: Mapping[str, Tensor]) -> keeping.Merit:
        network.load_state_dict(weights)
        keep = None if work.keep is None else work.measured(network, work.keep).eer
        return keeping.Merit(work.measured(network, work.dev).eer, keep)

    epochs = StoredEpochs(keeper.files, fitting.reached.epoch, keeper.learner.ours)
    now = epochs[finished.chosen_epoch - 1]
    ending = keeping.Ending(start, now, epochs, merit, has_keep=work.keep is not None)
    result = keeping.finish(ending, remedies)
    write_weights(keeper.files.best, keeper.learner.published(result.weights))
    return replace(finished, points=result.points, told=result.told)
