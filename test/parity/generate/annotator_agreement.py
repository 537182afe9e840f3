"""Writes test/parity/data/annotator-agreement.json: kappas of seeded ratings by scikit-learn (Cohen) and statsmodels (Fleiss).

Run in a virtual environment outside the project with scikit-learn, statsmodels and numpy:
    python test/parity/generate/annotator_agreement.py
The versions used are written into the file.
"""

import json
import warnings
from pathlib import Path

import numpy as np
import sklearn
import statsmodels
from sklearn.metrics import cohen_kappa_score
from statsmodels.stats.inter_rater import aggregate_raters, fleiss_kappa


def number(value):
    return None if np.isnan(value) else float(value)


def fleiss(ratings):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return number(fleiss_kappa(aggregate_raters(ratings)[0]))


def cohen(a, b):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return number(cohen_kappa_score(a, b))


def case(name, seed, units, raters, labels, noise):
    rng = np.random.default_rng(seed)
    truth = rng.choice(labels, units, p=np.arange(1, labels + 1) / np.arange(1, labels + 1).sum())
    ratings = np.repeat(truth[:, None], raters, axis=1)
    wrong = rng.random(ratings.shape) < noise
    ratings[wrong] = rng.integers(0, labels, wrong.sum())
    return described(name, ratings)


def described(name, ratings):
    raters = ratings.shape[1]
    pairs = [(a, b) for a in range(raters) for b in range(a + 1, raters)]
    return {
        "name": name,
        "ratings": ratings.tolist(),
        "fleiss": fleiss(ratings),
        "cohen": [cohen(ratings[:, a], ratings[:, b]) for a, b in pairs],
        "classes": [
            {
                "label": int(c),
                "fleiss": fleiss((ratings == c).astype(int)),
                "cohen": [cohen(ratings[:, a] == c, ratings[:, b] == c) for a, b in pairs],
            }
            for c in np.unique(ratings)
        ],
    }


result = {
    "versions": {
        "scikit-learn": sklearn.__version__,
        "statsmodels": statsmodels.__version__,
        "numpy": np.__version__,
    },
    "cases": [
        case("two who mostly agree", 1, 60, 2, 3, 0.2),
        case("four of ten classes", 2, 80, 4, 10, 0.5),
        case("three by chance", 3, 50, 3, 4, 1.0),
        described("always the same", np.array([[0, 0], [1, 1], [2, 2], [0, 0]])),
        described("never the same", np.array([[0, 1], [1, 0], [0, 1], [1, 0]])),
        described("one label only", np.zeros((5, 3), int)),
    ],
}
target = Path(__file__).parent.parent / "data" / "annotator-agreement.json"
target.write_text(json.dumps(result) + "\n")
