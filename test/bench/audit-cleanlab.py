"""cleanlab's side of bench:audit: its scores and issues of the same probabilities, measured by scikit-learn. Argument: a JSON file."""

import json
import sys

import numpy as np
from cleanlab.filter import find_label_issues
from cleanlab.rank import get_label_quality_scores
from sklearn.metrics import average_precision_score, roc_auc_score

SCORES = ["self-confidence", "normalized-margin", "confidence-weighted-entropy"]
METHODS = ["prune-by-noise-rate", "prune-by-class", "both", "confident-learning"]
result = {}
for given in json.load(open(sys.argv[1])):
    labels = np.array(given["labels"])
    wrong = np.array(given["wrong"])
    probabilities = np.array(given["probabilities"]).reshape(len(labels), given["classes"])
    scores = {}
    for name in SCORES:
        quality = get_label_quality_scores(labels, probabilities, method=name.replace("-", "_"))
        first = np.argsort(quality, kind="stable")[: wrong.sum()]
        scores[name] = {
            "auroc": roc_auc_score(wrong, -quality),
            "averagePrecision": average_precision_score(wrong, -quality),
            "precision": float(wrong[first].mean()),
        }
    issues = {
        name: np.flatnonzero(
            find_label_issues(labels, probabilities, filter_by=name.replace("-", "_"), n_jobs=1)
        ).tolist()
        for name in METHODS
    }
    result[given["id"]] = {"scores": scores, "issues": issues}
print(json.dumps(result))
