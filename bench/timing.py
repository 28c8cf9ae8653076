"""Times of several ways to do something, taken in turns, so that a machine whose speed drifts favours none."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Mapping, Sequence
from random import Random

Task = Callable[[str], object]
Times = Mapping[str, Sequence[float]]
"""By task: seconds for each subject, in the order of subjects: the least of its rounds, since what else a machine does
only adds."""
WARM_UP = 1


def interleaved(tasks: Mapping[str, Task], subjects: Sequence[str], rounds: int) -> Times:
    """Every task for every subject in every round, the order of tasks drawn anew each time."""
    dice = Random(0)
    order = list(tasks)
    taken: dict[str, list[list[float]]] = {name: [[] for _ in subjects] for name in tasks}
    gc.collect()
    for round_ in range(WARM_UP + rounds):
        for place, subject in enumerate(subjects):
            dice.shuffle(order)
            for name in order:
                start = time.perf_counter()
                tasks[name](subject)
                seconds = time.perf_counter() - start
                if round_ >= WARM_UP:
                    taken[name][place].append(seconds)
    return {name: [min(some) for some in per_subject] for name, per_subject in taken.items()}


def quantile(seconds: Sequence[float], of: float) -> float:
    return sorted(seconds)[min(int(of * len(seconds)), len(seconds) - 1)]
