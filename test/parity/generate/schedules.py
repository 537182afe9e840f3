"""Writes test/parity/data/schedules.json: learning rates of torch.optim.lr_scheduler, step by step or epoch by epoch.

Run in a virtual environment outside the project with torch:
    python test/parity/generate/schedules.py
The version used is written into the file.
"""

import json
import warnings
from pathlib import Path

import torch
from torch.optim import lr_scheduler

warnings.filterwarnings("ignore", message=".*optimizer.step.*")
RATE = 0.01
EPOCHS = 24
STEPS_PER_EPOCH = 5


def rates(make, count, *observed):
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=RATE)
    scheduler = make(optimizer)
    values = []
    for index in range(count):
        values.append(optimizer.param_groups[0]["lr"])
        if index < count - 1:
            scheduler.step(*[losses[index] for losses in observed])
    return values


def case(name, schedule, every, make):
    count = EPOCHS * (STEPS_PER_EPOCH if every == "step" else 1)
    return {"name": name, "schedule": schedule, "every": every, "rates": rates(make, count)}


def cosine(period, minimum, every):
    scale = STEPS_PER_EPOCH if every == "step" else 1
    return case(
        f"cosine, half period {period}, by {every}",
        {"name": "cosine", "halfPeriodEpochs": period, "minimum": minimum, "updated": every},
        every,
        lambda optimizer: lr_scheduler.CosineAnnealingLR(optimizer, period * scale, minimum),
    )


def restarts(first, growth, minimum, every):
    scale = STEPS_PER_EPOCH if every == "step" else 1
    return case(
        f"restarts, first {first}, growth {growth}, by {every}",
        {"name": "cosine-restarts", "firstEpochs": first, "growth": growth, "minimum": minimum, "updated": every},
        every,
        lambda optimizer: lr_scheduler.CosineAnnealingWarmRestarts(optimizer, first * scale, growth, minimum),
    )


def one_cycle(rise, start, end):
    return case(
        f"one cycle, rise {rise}",
        {"name": "one-cycle", "rise": rise, "startDivisor": start, "endDivisor": end},
        "step",
        lambda optimizer: lr_scheduler.OneCycleLR(
            optimizer,
            RATE,
            total_steps=EPOCHS * STEPS_PER_EPOCH,
            pct_start=rise,
            div_factor=start,
            final_div_factor=end,
            cycle_momentum=False,
        ),
    )


LOSSES = [2, 1.5, 1.6, 1.4, 1.39995, 1.4, 1.41, 1.3, 1.3, 1.3, 1.3, 1.3, 1.3, 1.3, 1.2, 1.25, 1.3, 1.3, 1.3, 1.3, 1.3, 1.3, 1.3, 1.3]


def plateau(factor, patience, minimum):
    make = lambda optimizer: lr_scheduler.ReduceLROnPlateau(  # noqa: E731
        optimizer, factor=factor, patience=patience, min_lr=minimum
    )
    return {
        "name": f"plateau, factor {factor}, patience {patience}",
        "schedule": {
            "name": "plateau",
            "factor": factor,
            "patienceEpochs": patience,
            "watch": "training",
            "minimum": minimum,
        },
        "every": "epoch",
        "losses": LOSSES,
        "rates": rates(make, EPOCHS, LOSSES),
    }


result = {
    "versions": {"torch": torch.__version__},
    "learningRate": RATE,
    "epochs": EPOCHS,
    "stepsPerEpoch": STEPS_PER_EPOCH,
    "cases": [
        case(
            "step",
            {"name": "step", "everyEpochs": 7, "factor": 0.3},
            "epoch",
            lambda optimizer: lr_scheduler.StepLR(optimizer, 7, 0.3),
        ),
        # The published system's own: it rises again after ten epochs.
        cosine(10, 1e-5, "epoch"),
        cosine(24, 0, "epoch"),
        cosine(7, 1e-4, "step"),
        restarts(5, 1, 1e-5, "epoch"),
        restarts(2, 2, 0, "epoch"),
        restarts(3, 2, 1e-4, "step"),
        one_cycle(0.3, 25, 10_000),
        one_cycle(0.5, 4, 100),
        one_cycle(0.0, 10, 10),
        plateau(0.1, 2, 0),
        plateau(0.5, 0, 1e-3),
    ],
}
target = Path(__file__).parent.parent / "data" / "schedules.json"
target.write_text(json.dumps(result) + "\n")
