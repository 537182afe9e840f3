"""Writes test/parity/data/optimizers.json: parameters after steps of torch.optim and clip_grad_norm_ on seeded gradients.

Run in a virtual environment outside the project with torch and numpy:
    python test/parity/generate/optimizers.py
The versions used are written into the file. Values are computed in float64, so that they are the formulas' own.
"""

import json
from pathlib import Path

import numpy as np
import torch

SHAPES = [[2, 3], [4]]
STEPS = 20
SHOWN = [1, 2, 5, 20]

rng = np.random.default_rng(7)
INITIAL = [rng.normal(size=shape).astype(np.float32) for shape in SHAPES]
# Sizes over several orders of magnitude, so that epsilon and clipping both matter at times; one value is always zero.
GRADIENTS = [
    [(rng.normal(size=shape) * 10 ** rng.uniform(-6, 1)).astype(np.float32) for shape in SHAPES] for _ in range(STEPS)
]
for gradients in GRADIENTS:
    gradients[1][3] = 0

CASES = {
    "sgd": (torch.optim.SGD, {}, {"name": "sgd", "momentum": 0, "nesterov": False}),
    "sgd, momentum": (torch.optim.SGD, {"momentum": 0.9}, {"name": "sgd", "momentum": 0.9, "nesterov": False}),
    "sgd, Nesterov": (
        torch.optim.SGD,
        {"momentum": 0.8, "nesterov": True},
        {"name": "sgd", "momentum": 0.8, "nesterov": True},
    ),
    "adam": (torch.optim.Adam, {}, {"name": "adam", "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8}),
    "adam, large epsilon": (
        torch.optim.Adam,
        {"betas": (0.8, 0.99), "eps": 1e-3},
        {"name": "adam", "beta1": 0.8, "beta2": 0.99, "epsilon": 1e-3},
    ),
    "adamw": (torch.optim.AdamW, {}, {"name": "adamw", "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8}),
    "rmsprop": (
        torch.optim.RMSprop,
        {"eps": 1e-3},
        {"name": "rmsprop", "smoothing": 0.99, "momentum": 0, "epsilon": 1e-3},
    ),
    "rmsprop, momentum": (
        torch.optim.RMSprop,
        {"alpha": 0.9, "momentum": 0.7},
        {"name": "rmsprop", "smoothing": 0.9, "momentum": 0.7, "epsilon": 1e-8},
    ),
}


def case(name, make, options, settings, weight_decay, clip_norm):
    parameters = [torch.nn.Parameter(torch.tensor(values, dtype=torch.float64)) for values in INITIAL]
    optimizer = make(parameters, lr=0.01, weight_decay=weight_decay, **options)
    shown = []
    for step, gradients in enumerate(GRADIENTS, 1):
        # The rate changes from step to step, as under a schedule.
        optimizer.param_groups[0]["lr"] = 0.01 * (1 + step % 3)
        for parameter, gradient in zip(parameters, gradients):
            parameter.grad = torch.tensor(gradient, dtype=torch.float64)
        if clip_norm is not None:
            torch.nn.utils.clip_grad_norm_(parameters, clip_norm)
        optimizer.step()
        if step in SHOWN:
            shown.append([parameter.detach().flatten().tolist() for parameter in parameters])
    suffix = (f", weight decay {weight_decay}" if weight_decay else "") + (f", norm {clip_norm}" if clip_norm else "")
    return {
        "name": name + suffix,
        "optimizer": settings,
        "weightDecay": weight_decay,
        "clipNorm": clip_norm,
        "parameters": shown,
    }


result = {
    "versions": {"torch": torch.__version__, "numpy": np.__version__},
    "shapes": SHAPES,
    "initial": [values.flatten().tolist() for values in INITIAL],
    "gradients": [[values.flatten().tolist() for values in gradients] for gradients in GRADIENTS],
    "learningRates": [0.01 * (1 + step % 3) for step in range(1, STEPS + 1)],
    "shownSteps": SHOWN,
    "cases": [
        case(name, *CASES[name], weight_decay, clip_norm)
        for name in CASES
        for weight_decay, clip_norm in [(0, None), (0.1, None), (0.05, 0.5)]
    ],
}
target = Path(__file__).parent.parent / "data" / "optimizers.json"
target.write_text(json.dumps(result) + "\n")
