"""Writes test/parity/data/metrics.json: figures of scikit-learn and numpy for seeded predictions.

Run in a virtual environment outside the project with scikit-learn and numpy:
    python test/parity/generate/metrics.py
The versions used are written into the file.
"""

import json
from pathlib import Path

import numpy as np
import sklearn
from sklearn.metrics import accuracy_score, confusion_matrix, f1_score, precision_recall_fscore_support

CLASSES = [0, 1, 10, 11, 38]
FOLDS = 5


def case(name, seed, clips, absent_class=None, never_predicted=None):
    rng = np.random.default_rng(seed)
    choices = [c for c in CLASSES if c != absent_class]
    true = rng.choice(choices, clips)
    guess = rng.choice([c for c in choices if c != never_predicted], clips)
    keep = (rng.random(clips) < 0.7) & (true != never_predicted)
    predicted = np.where(keep, true, guess)
    fold = rng.integers(1, FOLDS + 1, clips)
    salience = rng.integers(1, 3, clips)
    accuracies, fold_f1 = [], []
    for f in range(1, FOLDS + 1):
        accuracies.append(accuracy_score(true[fold == f], predicted[fold == f]))
        fold_f1.append(f1_score(true[fold == f], predicted[fold == f], average="macro", zero_division=0))
    precision, recall, f1, support = precision_recall_fscore_support(
        true, predicted, labels=CLASSES, zero_division=0
    )
    return {
        "name": name,
        "true": true.tolist(),
        "predicted": predicted.tolist(),
        "fold": fold.tolist(),
        "salience": salience.tolist(),
        "expected": {
            "accuracies": accuracies,
            "foldMacroF1": fold_f1,
            "mean": float(np.mean(accuracies)),
            "sampleStandardDeviation": float(np.std(accuracies, ddof=1)),
            "quartiles": np.percentile(accuracies, [0, 25, 50, 75, 100]).tolist(),
            "pooled": accuracy_score(true, predicted),
            "macroF1": f1_score(true, predicted, average="macro", zero_division=0),
            "confusion": confusion_matrix(true, predicted, labels=CLASSES).tolist(),
            "precision": precision.tolist(),
            "recall": recall.tolist(),
            "f1": f1.tolist(),
            "support": support.tolist(),
            "salienceAccuracy": [
                accuracy_score(true[salience == s], predicted[salience == s]) for s in (1, 2)
            ],
        },
    }


result = {
    "versions": {"scikit-learn": sklearn.__version__, "numpy": np.__version__},
    "classes": CLASSES,
    "cases": [
        case("all classes", 1, 200),
        case("a class that never occurs", 2, 120, absent_class=38),
        case("a class that is never predicted", 3, 120, never_predicted=10),
        case("few clips", 4, 25),
    ],
}
target = Path(__file__).parent.parent / "data" / "metrics.json"
target.write_text(json.dumps(result) + "\n")
