"""Makes test/parity/data/augmentation.json and augmentation.f32: what librosa and SciPy say of augmentation.

Run in a virtual environment outside the project, from the repository's root:

    pip install librosa==0.11.0 scipy numpy
    python test/parity/generate/augmentation.py

Signals are those of test/parity/signals.ts. They are given to librosa in float64: in float32 its vocoder sums up phases to
some 1e5 rad, where a float32 is right to 0.01 rad. The versions that made the present files are in augmentation.json.
"""

import json
import platform
from pathlib import Path

import librosa
import numpy as np
import scipy
from scipy import stats

DATA = Path(__file__).resolve().parents[1] / "data"
RATE = 22050
SECOND = RATE

arrays: dict[str, dict] = {}
blob = bytearray()


def store(name: str, values: np.ndarray) -> None:
    values = np.ascontiguousarray(values, dtype="<f4")
    arrays[name] = {"offset": len(blob) // 4, "shape": list(values.shape)}
    blob.extend(values.tobytes())


STRIDE = 7  # No divisor of a hop or a period: every part of a frame is seen.
lengths: dict[str, int] = {}


def store_some(name: str, samples: np.ndarray) -> None:
    lengths[name] = len(samples)
    store(name, samples[::STRIDE])


def chirp(frames: int, rate: int, from_hz: float, to_hz: float) -> np.ndarray:
    t = np.arange(frames) / rate
    slope = (to_hz - from_hz) / (2 * frames / rate)
    return (0.5 * np.sin(2 * np.pi * (from_hz * t + slope * t * t))).astype(np.float32)


def noise(frames: int) -> np.ndarray:
    """Linear congruential generator of Numerical Recipes, seed 1."""
    state, values = 1, np.empty(frames)
    for index in range(frames):
        state = (1664525 * state + 1013904223) % 2**32
        values[index] = state / 2**31 - 1
    return (0.25 * values).astype(np.float32)


SIGNALS = {
    "chirp": chirp(SECOND, RATE, 100, 4000),
    "noise": noise(SECOND),
    "short": chirp(1102, RATE, 200, 4000),
}


def effects() -> None:
    for name, signal in SIGNALS.items():
        y = signal.astype(np.float64)
        for rate in (0.8, 0.93, 1.07, 1.25):
            store_some(f"stretch/{name}/{rate}", librosa.effects.time_stretch(y, rate=rate))
        for steps in (-3.5, -2, 1, 2.5):
            store_some(f"pitch/{name}/{steps}", librosa.effects.pitch_shift(y, sr=RATE, n_steps=steps))


def beta() -> list:
    at = [0.001, 0.01, 0.05, 0.1, 0.25, 0.4, 0.5]
    return [
        {"alpha": alpha, "at": at, "cdf": stats.beta.cdf(at, alpha, alpha).tolist(), "variance": stats.beta.var(alpha, alpha)}
        for alpha in (0.05, 0.2, 0.4, 1, 2.5, 8)
    ]


MEL = dict(sr=RATE, n_fft=2048, hop_length=512, n_mels=64, fmin=0)


def mixed() -> None:
    """A sound with another one at 10 dB, mixed as waveforms."""
    signal, other = SIGNALS["chirp"].astype(np.float64), SIGNALS["noise"].astype(np.float64)
    other = other * np.sqrt(np.mean(signal**2) / np.mean(other**2) / 10)
    for norm in ("slaney", None):
        power = librosa.feature.melspectrogram(y=signal + other, norm=norm, **MEL)
        for name, ref in (("fixed", 1.0), ("max", np.max)):
            store(f"mixed/{norm or 'none'}/{name}", librosa.power_to_db(power, ref=ref)[:, ::3])


def main() -> None:
    effects()
    mixed()
    described = {
        "versions": {
            "python": platform.python_version(),
            "librosa": librosa.__version__,
            "numpy": np.__version__,
            "scipy": scipy.__version__,
        },
        "beta": beta(),
        "stride": STRIDE,
        "lengths": lengths,
        "arrays": arrays,
    }
    (DATA / "augmentation.json").write_text(json.dumps(described, indent=1) + "\n")
    (DATA / "augmentation.f32").write_bytes(bytes(blob))


main()
