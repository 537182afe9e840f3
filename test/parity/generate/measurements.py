"""Makes test/parity/data/measurements.json: levels, spectra and tiles by NumPy, SciPy and librosa.

Run as features.py, from the repository's root; the versions that made the present file are in it.
"""

import json
import platform
from pathlib import Path

import librosa
import numpy as np
import scipy
from reference import chirp, noise
from scipy.signal import peak_widths, welch

DATA = Path(__file__).resolve().parents[3] / "test/parity/data"
RATE = 22050


def burst() -> np.ndarray:
    """Two seconds of quiet noise with a tone of 3 kHz from 0.8 to 1.2 s."""
    t = np.arange(2 * RATE) / RATE
    tone = np.where((t >= 0.8) & (t < 1.2), 0.3 * np.sin(2 * np.pi * 3000 * t), 0)
    return (0.04 * noise(2 * RATE) + tone).astype(np.float32)


def fading() -> np.ndarray:
    """A chirp that grows quieter, so that one of its frequencies is the strongest."""
    return (chirp(2 * RATE, RATE, 500, 8000) * np.exp(-np.arange(2 * RATE) / RATE)).astype(np.float32)


SIGNALS = {"chirp": fading(), "noise": noise(2 * RATE), "burst": burst()}
SELECTIONS = [
    ("chirp", 0, 2, None),
    ("chirp", 0.5, 1.0, (1000, 6000)),
    ("noise", 0.3, 1.7, None),
    ("noise", 0.3, 0.31, None),
    ("burst", 0.8, 1.2, (2500, 3500)),
    ("burst", 0.8, 1.2, None),
    ("burst", 0, 0.5, (500, 10000)),
]


def spectra(x: np.ndarray, window: int) -> tuple[np.ndarray, np.ndarray]:
    """Density of each frame [frames, bins]."""
    hop = window // 2
    count = max(0, 1 + (len(x) - window) // hop)
    rows = [welch(x[i * hop : i * hop + window].astype(float), RATE, nperseg=window, detrend=False)[1] for i in range(count)]
    return np.array(rows).reshape(count, window // 2 + 1)


def measure(name: str, start: float, end: float, band: tuple[float, float] | None) -> dict:
    y = SIGNALS[name]
    a, b = round(start * RATE), round(end * RATE)
    x = y[a:b].astype(float)
    window = int(min(4096, 2 ** np.floor(np.log2(b - a))))
    f, p = welch(x, RATE, nperseg=window, detrend=False)
    low, high = band or (0, RATE / 2)
    inside = (f >= low) & (f <= high)
    f, p = f[inside], p[inside]
    df = RATE / window
    peak = int(np.argmax(p))
    data = (np.array([p[peak]]), np.array([0]), np.array([len(p) - 1]))

    def width(rel_height: float) -> list[float]:
        _, _, left, right = peak_widths(p, [peak], rel_height=rel_height, prominence_data=data)
        return [float(f[0] + left[0] * df), float(f[0] + right[0] * df)]

    share = np.cumsum(p) / np.sum(p)
    own = spectra(y[a:b], window)[:, inside].sum(axis=1)
    margin = 5 * RATE
    around = [spectra(y[max(0, a - margin) : a], window), spectra(y[b : b + margin], window)]
    everything = np.concatenate([own, *(part[:, inside].sum(axis=1) for part in around)])
    floor = np.percentile(everything, 10)
    signal = own.mean()
    return {
        "peakDbfs": float(20 * np.log10(np.abs(x).max())),
        "rmsDbfs": float(10 * np.log10(np.mean(x**2))),
        "bandDbfs": float(10 * np.log10(p.sum() * df)),
        "peakHz": float(f[peak]),
        "resolutionHz": df,
        "halfPower": width(0.5),
        "tenthPower": width(0.9),
        "ninety": [float(f[np.argmax(share >= 0.05)]), float(f[np.argmax(share >= 0.95)])],
        "centroidHz": float(librosa.feature.spectral_centroid(S=p[:, None], freq=f)[0, 0]),
        "snrDb": float(10 * np.log10((signal - floor) / floor)) if signal - floor >= 0.01 * floor else None,
    }


def tile() -> list[list[float]]:
    """The first columns of the chirp at hop 256, window 512, dB relative to a sine at full scale."""
    magnitude = np.abs(librosa.stft(SIGNALS["chirp"].astype(float), n_fft=512, hop_length=256, pad_mode="constant"))
    return np.round(20 * np.log10(np.maximum(magnitude[:, 20:60:8], 1e-12) / (512 / 4)), 4).tolist()


def main() -> None:
    cases = [
        {"signal": name, "from": a, "to": b, "band": band, "measured": measure(name, a, b, band)}
        for name, a, b, band in SELECTIONS
    ]
    versions = {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "scipy": scipy.__version__,
        "librosa": librosa.__version__,
    }
    document = {"versions": versions, "rate": RATE, "cases": cases, "tile": tile()}
    (DATA / "measurements.json").write_text(json.dumps(document) + "\n")


main()
