"""Writes test/parity/data/grouped-folds.json: folds by scikit-learn's StratifiedGroupKFold for seeded lists of groups.

Run in a virtual environment outside the project with scikit-learn and numpy:
    python test/parity/generate/grouped_folds.py
The versions used are written into the file.
"""

import json
import warnings
from pathlib import Path

import numpy as np
import sklearn
from sklearn.model_selection import StratifiedGroupKFold


def unevenness(y, fold, folds):
    """Mean over classes of the standard deviation of the folds' shares: what both try to make small."""
    shares = [[np.mean(fold[y == c] == f) for f in range(folds)] for c in np.unique(y)]
    return float(np.mean(np.std(shares, axis=1)))


def case(name, seed, groups, classes, folds, sizes, mixed=0.0):
    """`mixed`: share of the clips that are of another class than most of their group."""
    rng = np.random.default_rng(seed)
    size = np.clip(np.round(rng.lognormal(*sizes, groups)), 1, 100).astype(int)
    main = rng.integers(0, classes, groups)
    group = np.repeat(np.arange(groups), size)
    y = main[group]
    other = rng.random(len(y)) < mixed
    y[other] = rng.integers(0, classes, other.sum())
    fold = np.full(len(y), -1)
    shuffled = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for f, (_, test) in enumerate(StratifiedGroupKFold(folds).split(y, y, group)):
            fold[test] = f
        for state in range(5):
            drawn = np.full(len(y), -1)
            splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=state)
            for f, (_, test) in enumerate(splitter.split(y, y, group)):
                drawn[test] = f
            shuffled.append(unevenness(y, drawn, folds))
    return {
        "name": name,
        "folds": folds,
        "classes": y.tolist(),
        "groups": group.tolist(),
        "unevenness": unevenness(y, fold, folds),
        "shuffledUnevenness": shuffled,
    }


result = {
    "versions": {"scikit-learn": sklearn.__version__, "numpy": np.__version__},
    "cases": [
        case("as UrbanSound8K, smaller", 1, 180, 10, 10, (1.2, 1.0)),
        case("classes within groups", 2, 120, 6, 5, (1.0, 0.8), mixed=0.3),
        case("few large groups", 3, 14, 3, 4, (2.5, 0.9)),
        case("a clip a group", 4, 150, 7, 5, (0.0, 0.0)),
        case("as many groups as folds", 5, 5, 2, 5, (1.0, 0.5)),
    ],
}
target = Path(__file__).parent.parent / "data" / "grouped-folds.json"
target.write_text(json.dumps(result) + "\n")
