"""Makes test/parity/data/classical.json and classical.f32: summaries by numpy, classical classifiers by scikit-learn.

Run as features.py, from the repository's root; the versions that made the present files are in classical.json.
"""

import json
import platform
from pathlib import Path

import numpy as np
import sklearn
from sklearn.datasets import make_classification
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

DATA = Path(__file__).resolve().parents[3] / "test/parity/data"
TRAINING, CLASSES = 250, 4
FOREST = dict(n_estimators=200, n_jobs=2)
SEEDS = range(30)

arrays: dict[str, dict] = {}
blob = bytearray()


def store(name: str, values: np.ndarray) -> None:
    values = np.ascontiguousarray(values, dtype="<f4")
    arrays[name] = {"offset": len(blob) // 4, "shape": list(values.shape)}
    blob.extend(values.tobytes())


def summaries() -> None:
    matrix = np.random.default_rng(1).normal(-20, 10, (5, 37)).astype(np.float32)
    matrix[3] = -80
    m = matrix.astype(np.float64)
    d = np.diff(m, axis=1)
    store("matrix", matrix)
    store("summary", np.stack([m.mean(1), m.std(1), m.min(1), m.max(1), d.mean(1), d.std(1)], axis=1))


def main() -> None:
    summaries()
    x, y = make_classification(
        n_samples=550, n_features=20, n_informative=8, n_redundant=4, n_classes=CLASSES, class_sep=1.5, flip_y=0.04, random_state=5
    )
    x = (x * np.logspace(-1, 2, 20) + np.linspace(-50, 50, 20)).astype(np.float32)
    store("x", x)
    scaled = StandardScaler().fit(x[:TRAINING].astype(np.float64)).transform(x.astype(np.float64)).astype(np.float32)
    store("scaled", scaled)
    train, test, labels, truth = scaled[:TRAINING], scaled[TRAINING:], y[:TRAINING], y[TRAINING:]

    for k in (1, 5, 12):
        for weights in ("uniform", "distance"):
            model = KNeighborsClassifier(n_neighbors=k, weights=weights, algorithm="brute").fit(train, labels)
            # The first is a training clip: at distance 0.
            store(f"neighbours/{k}/{weights}", model.predict_proba(np.concatenate([train[:1], test])))

    for c in (0.01, 1.0, 100.0):
        model = LogisticRegression(C=c, tol=1e-10, max_iter=100_000).fit(train.astype(np.float64), labels)
        store(f"logistic/{c}/weights", model.coef_)
        store(f"logistic/{c}/intercepts", model.intercept_)
        store(f"logistic/{c}/probabilities", model.predict_proba(test.astype(np.float64)))

    # Without drawing anything, and shallow enough that no two splits are equally good.
    store("tree", DecisionTreeClassifier(max_depth=3, random_state=0).fit(train, labels).predict_proba(test))

    forests = {}
    for name, settings in {"sqrt": {}, "log2-depth-3": dict(max_features="log2", max_depth=3)}.items():
        models = [RandomForestClassifier(**FOREST, **settings, random_state=seed).fit(train, labels) for seed in SEEDS]
        every = np.stack([model.predict_proba(test) for model in models])
        mean = every.mean(0)
        store(f"forest/{name}", mean)
        accuracies = (every.argmax(2) == truth).mean(1)
        forests[name] = {
            "accuracyMean": accuracies.mean(),
            "accuracyDeviation": accuracies.std(ddof=1),
            # How far one forest's probabilities are from the mean of all, as root mean square.
            "distances": [float(np.sqrt(((one - mean) ** 2).mean())) for one in every],
        }

    described = {
        "versions": {"python": platform.python_version(), "scikit-learn": sklearn.__version__, "numpy": np.__version__},
        "training": TRAINING,
        "classes": CLASSES,
        "labels": y.tolist(),
        "trees": FOREST["n_estimators"],
        "forests": forests,
        "arrays": arrays,
    }
    (DATA / "classical.json").write_text(json.dumps(described, indent=1) + "\n")
    (DATA / "classical.f32").write_bytes(bytes(blob))


main()
