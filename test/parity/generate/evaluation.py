"""Writes test/parity/data/evaluation.json: figures of scikit-learn, scipy, statsmodels, baycomp and numpy for seeded predictions.

Run in a virtual environment outside the project with scikit-learn, statsmodels and baycomp:
    python test/parity/generate/evaluation.py
The versions used are written into the file. Probabilities are float32, as runs keep them, written with every digit.
"""

import json
import warnings
from importlib.metadata import version
from pathlib import Path

import baycomp
import numpy as np
import scipy.stats
import sklearn.metrics as skm
from sklearn.calibration import calibration_curve
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.proportion import proportion_confint

warnings.simplefilter("ignore")
CLASSES = [0, 1, 10, 11, 38]
WIDTH = len(CLASSES)
LABELS = list(range(WIDTH))


def number(value):
    return None if value is None or np.isnan(value) else float(value)


def draw(seed, clips, absent=None, never_predicted=None, digits=None, only=None, folds=5, strength=1.5):
    """Labels and predictions are places in CLASSES."""
    rng = np.random.default_rng(seed)
    true = rng.choice([c for c in LABELS if c != absent], clips)
    if only is not None:
        true[:] = only
    logits = rng.normal(size=(clips, WIDTH))
    logits[np.arange(clips), true] += strength
    if never_predicted is not None:
        logits[:, never_predicted] = -20
    p = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    if digits is not None:
        p = np.round(p * digits) / digits
    p = p.astype(np.float32)
    fold = rng.integers(1, folds + 1, clips)
    if absent is None and clips > 100:
        # A class that one fold lacks.
        fold[(true == 2) & (fold == 3)] = 4
    recording = rng.integers(0, max(2, clips // 4), clips)
    return {"true": true, "p": p, "predicted": p.argmax(1), "fold": fold, "recording": recording}


def points(x, y):
    return {"x": [number(v) for v in x], "y": [number(v) for v in y]}


def curves(true, p):
    found = []
    for c in LABELS:
        own = true == c
        positives = int(own.sum())
        roc = precision_recall = None
        if 0 < positives < len(own):
            fpr, tpr, _ = skm.roc_curve(own, p[:, c], drop_intermediate=False)
            roc = {**points(fpr, tpr), "auc": float(skm.roc_auc_score(own, p[:, c]))}
        if positives:
            precision, recall, _ = skm.precision_recall_curve(own, p[:, c])
            precision_recall = {
                **points(recall[::-1], precision[::-1]),
                "averagePrecision": float(skm.average_precision_score(own, p[:, c])),
            }
        found.append({"positives": positives, "roc": roc, "precisionRecall": precision_recall})
    return found


def calibration(true, p, predicted, bins=15):
    confidence = p[np.arange(len(true)), predicted].astype(np.float64)
    right = true == predicted
    accuracy, mean_confidence = calibration_curve(right, confidence, n_bins=bins, strategy="uniform")
    which = np.clip(np.ceil(confidence * bins) - 1, 0, bins - 1)
    clips = [int((which == b).sum()) for b in range(bins) if (which == b).any()]
    ece = float(np.sum(np.array(clips) / len(true) * np.abs(accuracy - mean_confidence)))
    return {
        "clips": clips,
        "accuracy": accuracy.tolist(),
        "meanConfidence": mean_confidence.tolist(),
        "expectedCalibrationError": ece,
    }


def reports(true, predicted):
    precision, recall, f1, support = skm.precision_recall_fscore_support(
        true, predicted, labels=LABELS, zero_division=0
    )
    return {
        "precision": precision.tolist(),
        "recall": recall.tolist(),
        "f1": f1.tolist(),
        "support": support.tolist(),
    }


def averaged(true, predicted, average):
    precision, recall, f1, _ = skm.precision_recall_fscore_support(
        true, predicted, average=average, zero_division=0
    )
    return {"precision": float(precision), "recall": float(recall), "f1": float(f1)}


def case(name, **settings):
    drawn = draw(**settings)
    true, p, predicted, fold = drawn["true"], drawn["p"], drawn["predicted"], drawn["fold"]
    p64 = p.astype(np.float64)
    folds = sorted(set(fold.tolist()))
    accuracies = [float(np.mean(true[fold == f] == predicted[fold == f])) for f in folds]
    half = scipy.stats.t.ppf(0.975, len(folds) - 1) * scipy.stats.sem(accuracies)
    # scikit-learn puts the later of equally probable classes first, Soundfold the earlier: columns are turned round.
    turned, turned_true = p64[:, ::-1], WIDTH - 1 - true
    return {
        "name": name,
        "true": true.tolist(),
        "predicted": predicted.tolist(),
        "fold": fold.tolist(),
        "recording": drawn["recording"].tolist(),
        "probabilities": [float(v) for v in p.ravel()],
        "expected": {
            "accuracies": accuracies,
            "foldMacroF1": [averaged(true[fold == f], predicted[fold == f], "macro")["f1"] for f in folds],
            "foldBalanced": [
                float(skm.balanced_accuracy_score(true[fold == f], predicted[fold == f])) for f in folds
            ],
            "foldReports": [reports(true[fold == f], predicted[fold == f]) for f in folds],
            "mean": float(np.mean(accuracies)),
            "sampleStandardDeviation": float(np.std(accuracies, ddof=1)),
            "meanInterval": {"low": float(np.mean(accuracies) - half), "high": float(np.mean(accuracies) + half)},
            "quartiles": np.percentile(accuracies, [0, 25, 50, 75, 100]).tolist(),
            "pooled": float(skm.accuracy_score(true, predicted)),
            "balanced": float(skm.balanced_accuracy_score(true, predicted)),
            "macro": averaged(true, predicted, "macro"),
            "weighted": averaged(true, predicted, "weighted"),
            "confusion": skm.confusion_matrix(true, predicted, labels=LABELS).tolist(),
            "report": reports(true, predicted),
            "matthewsCorrelation": float(skm.matthews_corrcoef(true, predicted)),
            "cohenKappa": number(skm.cohen_kappa_score(true, predicted, labels=LABELS)),
            "top": [
                float(skm.top_k_accuracy_score(turned_true, turned, k=k, labels=LABELS)) for k in (2, 3)
            ],
            # float64 arrays that are not normalised anew.
            "logLoss": float(
                -np.mean(np.log(np.maximum(p64[np.arange(len(true)), true], np.finfo(np.float64).eps)))
            )
            if settings.get("digits")
            else float(skm.log_loss(true, p64, labels=LABELS)),
            "brierScore": float(np.mean(np.sum((p64 - np.eye(WIDTH)[true]) ** 2, axis=1)))
            if settings.get("digits")
            else float(skm.brier_score_loss(true, p64, labels=LABELS, scale_by_half=False)),
            "curves": curves(true, p64),
            "calibration": calibration(true, p64, predicted),
        },
    }


def paired_tests():
    """baycomp, statsmodels and the formula of Nadeau and Bengio by scipy's distribution."""
    found = []
    for seed, folds in [(1, 10), (2, 5), (3, 3), (4, 10), (5, 2)]:
        rng = np.random.default_rng(seed)
        first = rng.uniform(0.6, 0.8, folds)
        second = first + rng.normal(0.004 * seed, 0.02, folds)
        differences = second - first
        error = np.sqrt(np.var(differences, ddof=1) * (1 / folds + 1 / (folds - 1)))
        t = differences.mean() / error
        better = baycomp.two_on_single(first, second, rope=0.01)
        found.append(
            {
                "differences": differences.tolist(),
                "testToTraining": 1 / (folds - 1),
                "statistic": float(t),
                "p": float(2 * scipy.stats.t.sf(abs(t), folds - 1)),
                "bayesian": [float(v) for v in better],
            }
        )
    tables = []
    for only_first, only_second in [(0, 0), (1, 0), (5, 5), (3, 12), (40, 22), (200, 290), (1000, 1031)]:
        table = [[100, only_first], [only_second, 50]]
        exact = mcnemar(table, exact=True).pvalue
        corrected = mcnemar(table, exact=False, correction=True)
        tables.append(
            {
                "onlyFirst": only_first,
                "onlySecond": only_second,
                "exactP": float(min(1, exact)),
                # 1/0 without a discordant clip.
                "chiSquare": number(corrected.statistic) if only_first + only_second else None,
                "chiSquareP": number(corrected.pvalue) if only_first + only_second else None,
            }
        )
    return {"folds": found, "mcnemar": tables}


def wilson():
    return [
        {"hits": h, "count": n, "interval": [float(v) for v in proportion_confint(h, n, method="wilson")]}
        for h, n in [(0, 1), (0, 10), (10, 10), (3, 7), (500, 873), (8000, 8732)]
    ]


def student():
    return [
        {"share": s, "degrees": d, "t": float(scipy.stats.t.ppf(s, d)), "back": float(scipy.stats.t.cdf(-0.7, d))}
        for s in (0.9, 0.975, 0.995)
        for d in (1, 2, 4, 9, 100)
    ]


def bootstrap():
    """numpy's own resampling of whole recordings, with so many replicates that its ends are steady."""
    drawn = draw(seed=21, clips=400)
    right = (drawn["true"] == drawn["predicted"]).astype(float)
    recording = drawn["recording"]
    clusters = sorted(set(recording.tolist()))
    hits = np.array([right[recording == c].sum() for c in clusters])
    clips = np.array([(recording == c).sum() for c in clusters])
    rng = np.random.default_rng(0)
    rows = rng.integers(0, len(clusters), (100_000, len(clusters)))
    accuracies = hits[rows].sum(1) / clips[rows].sum(1)
    return {
        "hits": hits.astype(int).tolist(),
        "clips": clips.tolist(),
        "interval": np.percentile(accuracies, [2.5, 97.5]).tolist(),
    }


result = {
    "versions": {
        name: version(name) for name in ("scikit-learn", "numpy", "scipy", "statsmodels", "baycomp")
    },
    "classes": CLASSES,
    "cases": [
        case("all classes", seed=1, clips=200),
        case("a class that never occurs", seed=2, clips=120, absent=4),
        case("a class that is never predicted", seed=3, clips=120, never_predicted=2),
        case("clips of a single class", seed=4, clips=60, only=1, folds=3),
        case("many equal probabilities", seed=5, clips=150, digits=4),
        case("few clips", seed=6, clips=14, folds=2),
        case("nearly all right", seed=7, clips=200, strength=9),
    ],
    "paired": paired_tests(),
    "wilson": wilson(),
    "student": student(),
    "bootstrap": bootstrap(),
}
target = Path(__file__).parent.parent / "data" / "evaluation.json"
target.write_text(json.dumps(result, allow_nan=False) + "\n")
