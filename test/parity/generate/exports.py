"""Makes test/parity/data/export: arrays as NumPy writes them. With an argument: reads an export back and says what is in it.

    python test/parity/generate/exports.py              # writes the arrays; NumPy 2.4.6
    python test/parity/generate/exports.py FILE.npz     # prints each array's type, shape and sum as JSON
"""

import json
import sys
from pathlib import Path

import numpy as np

DATA = Path(__file__).resolve().parents[1] / "data/export"

if len(sys.argv) > 1:
    with np.load(sys.argv[1]) as arrays:
        told = {}
        for name in arrays:
            array = arrays[name]
            number = array.dtype.kind in "if"
            told[name] = {
                "type": array.dtype.str,
                "shape": list(array.shape),
                "sum": float(array.sum(dtype=np.float64)) if number else None,
                "first": None if number else str(array.flat[0]),
            }
    print(json.dumps(told))
else:
    DATA.mkdir(parents=True, exist_ok=True)
    np.save(DATA / "floats.npy", (np.arange(24, dtype="<f4") / 7).reshape(2, 3, 4))
    np.save(DATA / "integers.npy", np.array([0, -1, 2**40, 7], dtype="<i8"))
    np.save(DATA / "texts.npy", np.array(["dog_bark", "", "Ä🔔"]))
    np.save(DATA / "text.npy", np.array("one"))
    np.savez_compressed(
        DATA / "several.npz",
        np.arange(6, dtype="<f4").reshape(2, 3),
        labels=np.array([3, 1], dtype="<i8"),
        recipe=np.array('{"name": "one"}'),
    )
