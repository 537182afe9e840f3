"""Writes test/parity/data/agreement.json: two people's answers to 300 clips (0 to 3 a class, 4 exclude, 5 unsure) and
scikit-learn's Cohen's kappa of them.

Run in a virtual environment outside the project with scikit-learn and numpy:
    python test/parity/generate/agreement.py
The versions used are written into the file.
"""

import json
from pathlib import Path

import numpy as np
import sklearn
from sklearn.metrics import cohen_kappa_score

random = np.random.default_rng(73)
given = random.integers(0, 4, 300)
first = np.where(random.random(300) < 0.3, random.integers(0, 6, 300), given)
second = np.where(random.random(300) < 0.2, random.integers(0, 6, 300), first)
data = {
    "madeBy": f"scikit-learn {sklearn.__version__}, numpy {np.__version__}",
    "given": given.tolist(),
    "first": first.tolist(),
    "second": second.tolist(),
    "agreed": int((first == second).sum()),
    "kappa": float(cohen_kappa_score(first, second)),
}
path = Path(__file__).parent.parent / "data" / "agreement.json"
path.write_text(json.dumps(data) + "\n")
