"""Writes test/parity/data/label-issues.json: seeded labels and probabilities, and what cleanlab makes of them.

Run in a virtual environment outside the project with cleanlab, scikit-learn and numpy:
    python test/parity/generate/label_issues.py
The versions used are written into the file. Probabilities are float32, as the program keeps them.
"""

import json
from pathlib import Path

import cleanlab
import numpy as np
import sklearn
from cleanlab.count import (
    compute_confident_joint,
    estimate_joint,
    estimate_latent,
    get_confident_thresholds,
    num_label_issues,
)
from cleanlab.filter import find_label_issues
from cleanlab.rank import get_label_quality_ensemble_scores, get_label_quality_scores

METHODS = ["prune_by_noise_rate", "prune_by_class", "both", "confident_learning"]
SCORES = ["self_confidence", "normalized_margin", "confidence_weighted_entropy"]


def probabilities_of(rng, truth, classes, sharpness):
    logits = rng.normal(size=(len(truth), classes))
    logits[np.arange(len(truth)), truth] += sharpness
    scores = np.exp(logits)
    return (scores / scores.sum(axis=1, keepdims=True)).astype(np.float32)


def issues_of(labels, p, method):
    """Rows found in every order of the clips, and in any: which of tied clips are taken depends on it."""
    rng = np.random.default_rng(0)
    found = []
    for attempt in range(25):
        order = np.arange(len(labels)) if attempt == 0 else rng.permutation(len(labels))
        mask = np.zeros(len(labels), dtype=bool)
        mask[order] = find_label_issues(labels[order], p[order], filter_by=method, n_jobs=1)
        found.append(mask)
    return {
        "always": np.flatnonzero(np.all(found, axis=0)).tolist(),
        "ever": np.flatnonzero(np.any(found, axis=0)).tolist(),
    }


def rounding_ties(labels, probabilities):
    """Which of equal entries of the joint are rounded up is up to numpy's sort, which is not stable: such labels are no reference."""
    counts = compute_confident_joint(labels, probabilities.astype(np.float64), calibrate=False)
    given = np.bincount(labels, minlength=len(counts))
    scaled = counts / counts.sum(axis=1, keepdims=True) * given[:, None]
    scaled = scaled / scaled.sum() * given.sum()
    for row in scaled:
        missing = int(round(row.sum()) - row.round().sum())
        moved = np.sort(np.sign(missing) * (row - row.round()))[::-1]
        if missing and abs(moved[abs(missing) - 1] - moved[abs(missing)]) < 1e-9:
            return True
    return False


def expected(labels, probabilities):
    p = probabilities.astype(np.float64)
    joint = compute_confident_joint(labels, p)
    prior, noise, inverse = estimate_latent(joint, labels)
    return {
        "thresholds": get_confident_thresholds(labels, p).tolist(),
        "confidentJoint": compute_confident_joint(labels, p, calibrate=False).tolist(),
        "joint": joint.tolist(),
        "jointShares": estimate_joint(labels, p).tolist(),
        "prior": prior.tolist(),
        "noise": noise.tolist(),
        "inverseNoise": inverse.tolist(),
        "estimatedErrors": int(num_label_issues(labels, p, estimation_method="off_diagonal_calibrated")),
        "issues": {method: issues_of(labels, p, method) for method in METHODS},
        "ranked": {
            score: find_label_issues(
                labels, p, filter_by="prune_by_noise_rate", return_indices_ranked_by=score, n_jobs=1
            ).tolist()
            for score in SCORES
        },
        "scores": {
            score: [round(value, 9) for value in get_label_quality_scores(labels, p, method=score).tolist()]
            for score in SCORES
        },
    }


def case(name, seed, clips, classes, wrong, sharpness, towards=None, counts=None, coarse=False, runs=1):
    """`wrong`: share of labels flipped, to any other class or (`towards`) to the next one. `coarse`: many equal probabilities."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, classes, clips) if counts is None else np.repeat(np.arange(classes), counts)
    labels = truth.copy()
    flipped = rng.random(len(truth)) < wrong
    step = 1 if towards else rng.integers(1, classes, len(truth))
    labels[flipped] = ((truth + step) % classes)[flipped]
    if counts is not None:
        labels[labels == np.argmin(counts)] = np.argmax(counts)  # one class without a clip
        labels[0] = 0
    every = [probabilities_of(rng, truth, classes, sharpness) for _ in range(runs)]
    if coarse:
        quarter = [np.round(p * 4) / 4 for p in every]
        every = [
            np.where(q.sum(1, keepdims=True) > 0, q / np.maximum(q.sum(1, keepdims=True), 0.25), 1 / classes).astype(np.float32)
            for q in quarter
        ]
    mean = np.mean([p.astype(np.float64) for p in every], axis=0).astype(np.float32)
    if rounding_ties(labels, mean):
        return case(name, seed + 100, clips, classes, wrong, sharpness, towards, counts, coarse, runs)
    return {
        "name": name,
        "classes": classes,
        "labels": labels.tolist(),
        "runs": [[float(str(value)) for value in p.ravel()] for p in every],
        "expected": expected(labels, mean),
        "ensembleSelfConfidence": None
        if runs == 1
        else get_label_quality_ensemble_scores(
            labels, [p.astype(np.float64) for p in every], weight_ensemble_members_by="uniform", verbose=False
        ).tolist(),
    }


result = {
    "versions": {
        "cleanlab": cleanlab.__version__,
        "scikit-learn": sklearn.__version__,
        "numpy": np.__version__,
    },
    "cases": [
        case("one in ten wrong, anywhere", 1, 300, 5, 0.1, 2.5),
        case("one in five wrong, towards the next class", 2, 240, 4, 0.2, 2.0, towards=True),
        case("a poor model of many classes", 3, 400, 12, 0.1, 0.7),
        case("two classes", 4, 120, 2, 0.15, 1.5),
        case("a class without labels and one with a single one", 5, 0, 4, 0.05, 2.0, counts=[1, 60, 80, 2]),
        case("a model that is always right", 6, 90, 3, 0.0, 12.0),
        case("a model that knows nothing", 7, 150, 3, 0.1, 0.0),
        case("equal probabilities", 8, 200, 4, 0.15, 1.5, coarse=True),
        case("three runs", 9, 260, 6, 0.12, 1.5, runs=3),
    ],
}
target = Path(__file__).parent.parent / "data" / "label-issues.json"
target.write_text(json.dumps(result) + "\n")
