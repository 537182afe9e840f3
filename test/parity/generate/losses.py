"""Writes test/parity/data/losses.json: losses of torch and their gradients by the logits.

Run in a virtual environment outside the project with torch, numpy and scikit-learn:
    python test/parity/generate/losses.py
The versions used are written into the file. Cross-entropy and binary cross-entropy are torch's own; focal loss is the formula
of Lin et al. 2017 in torch's functions, with weights and mean as in cross-entropy. Soft targets are torch's class probabilities.
"""

import json
from pathlib import Path

import numpy as np
import sklearn
import torch
import torch.nn.functional as F
from sklearn.utils.class_weight import compute_class_weight

EXAMPLES, CLASSES = 7, 4
rng = np.random.default_rng(11)
LOGITS = rng.normal(scale=4, size=(EXAMPLES, CLASSES)).astype(np.float32)
LABELS = np.array([0, 0, 0, 1, 1, 2, 3])
SOFT = rng.dirichlet([0.5] * CLASSES, EXAMPLES).astype(np.float32)
SOFT /= SOFT.sum(axis=1, keepdims=True)
BALANCED = compute_class_weight("balanced", classes=np.arange(CLASSES), y=LABELS)


def focal(logits, target, weight, smoothing, gamma):
    hot = F.one_hot(target, CLASSES).double()
    log_p = F.log_softmax(logits, dim=1)
    smooth = hot * (1 - smoothing) + smoothing / CLASSES
    terms = -smooth * weight * (1 - log_p.exp()) ** gamma * log_p
    return terms.sum() / weight[target].sum()


def case(name, loss, target, weights, smoothing):
    logits = torch.tensor(LOGITS, dtype=torch.float64, requires_grad=True)
    weight = torch.tensor(BALANCED if weights else np.ones(CLASSES))
    hard = torch.tensor(LABELS)
    soft = torch.tensor(SOFT, dtype=torch.float64)
    hot = F.one_hot(hard, CLASSES).double()
    targets = hot if target == "hard" else soft
    if loss["name"] == "cross-entropy":
        value = F.cross_entropy(logits, hard if target == "hard" else soft, weight, label_smoothing=smoothing)
    elif loss["name"] == "focal":
        value = focal(logits, hard, weight, smoothing, loss["gamma"])
    else:
        smooth = targets * (1 - smoothing) + smoothing / CLASSES
        value = F.binary_cross_entropy_with_logits(logits, smooth, weight)
    value.backward()
    return {
        "name": f"{name}, {target} targets, weights {weights}, smoothing {smoothing}",
        "loss": loss,
        "targets": targets.tolist(),
        "classWeights": weight.tolist(),
        "labelSmoothing": smoothing,
        "value": value.item(),
        "gradient": logits.grad.tolist(),
    }


BCE = {"name": "binary-cross-entropy"}
sigmoids = torch.sigmoid(torch.tensor(LOGITS, dtype=torch.float64))
result = {
    "versions": {"torch": torch.__version__, "numpy": np.__version__, "scikit-learn": sklearn.__version__},
    "logits": LOGITS.tolist(),
    "labels": LABELS.tolist(),
    "balanced": BALANCED.tolist(),
    "softmax": F.softmax(torch.tensor(LOGITS, dtype=torch.float64), dim=1).tolist(),
    "normalisedSigmoids": (sigmoids / sigmoids.sum(dim=1, keepdim=True)).tolist(),
    "cases": [
        *[
            case("cross-entropy", {"name": "cross-entropy"}, "hard", weights, smoothing)
            for weights in (False, True)
            for smoothing in (0, 0.2)
        ],
        # With class weights torch divides soft targets by the examples, hard ones by their weights; ours always does the latter.
        *[case("cross-entropy", {"name": "cross-entropy"}, "soft", False, smoothing) for smoothing in (0, 0.2)],
        *[
            case(f"focal {gamma}", {"name": "focal", "gamma": gamma}, "hard", weights, smoothing)
            for gamma, weights, smoothing in [(0, False, 0), (2, False, 0), (2, True, 0.1), (0.5, True, 0)]
        ],
        *[
            case("binary", BCE, target, weights, smoothing)
            for target in ("hard", "soft")
            for weights, smoothing in [(False, 0), (True, 0.1)]
        ],
    ],
}
target = Path(__file__).parent.parent / "data" / "losses.json"
target.write_text(json.dumps(result) + "\n")
