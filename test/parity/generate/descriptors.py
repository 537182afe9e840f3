"""Makes test/parity/data/descriptors.json and descriptors.f32: librosa's MFCCs, descriptors, PCEN, chroma and recipes.

Run as features.py, from the repository's root; the versions that made the present files are in descriptors.json.
"""

import json
import platform
import warnings
from pathlib import Path

import librosa
import numpy as np
import scipy
from reference import arrays, blob, chirp, impulse, noise, store

ROOT = Path(__file__).resolve().parents[3]
DATA = ROOT / "test/parity/data"
REAL = ROOT.parent / "shared/data"
RATE = 22050

HALF = RATE // 2
SIGNALS = {
    "chirp": chirp(HALF, RATE, 50, 10000),
    "noise": noise(HALF),
    "impulse": impulse(HALF),
    "silence": np.zeros(HALF, np.float32),
    "dc": np.full(HALF, 0.5, np.float32),
    "short": chirp(round(0.05 * RATE), RATE, 200, 4000),
}


def descriptors() -> None:
    for name, y in SIGNALS.items():
        coefficients = librosa.feature.mfcc(y=y, sr=RATE, n_mfcc=20)
        store(f"mfcc/{name}", coefficients)
        if coefficients.shape[1] >= 9:
            store(f"delta1/{name}", librosa.feature.delta(coefficients, order=1))
            store(f"delta2/{name}", librosa.feature.delta(coefficients, order=2))
        store(f"centroid/{name}", librosa.feature.spectral_centroid(y=y, sr=RATE)[0])
        store(f"bandwidth/{name}", librosa.feature.spectral_bandwidth(y=y, sr=RATE)[0])
        store(f"rolloff/{name}", librosa.feature.spectral_rolloff(y=y, sr=RATE)[0])
        store(f"flatness/{name}", librosa.feature.spectral_flatness(y=y)[0])
        store(f"zcr/{name}", librosa.feature.zero_crossing_rate(y=y)[0])
        store(f"rms/{name}", librosa.feature.rms(y=y)[0])
        store(f"chroma/{name}", librosa.feature.chroma_stft(y=y, sr=RATE, tuning=0))
        magnitude = librosa.feature.melspectrogram(y=y, sr=RATE, n_mels=40, power=1)
        store(f"pcen/{name}", librosa.pcen(magnitude * 2**31, sr=RATE))
        padded = np.concatenate([np.zeros(3000, np.float32), y, np.zeros(5000, np.float32)])
        trimmed, (start, end) = librosa.effects.trim(padded, top_db=60)
        store(f"trim/{name}", np.array([start, end]))


# Settings by their names in a recipe, as librosa takes them.
VARIANTS = {
    "htk": dict(htk=True),
    "no-norm": dict(norm=None),
    "magnitude": dict(power=1.0),
    "hamming": dict(window="hamming"),
    "blackman": dict(window="blackman"),
    "rectangular": dict(window="boxcar"),
    "short-window": dict(win_length=1200),
    "from-start": dict(center=False),
    "reflect": dict(pad_mode="reflect"),
    "edge": dict(pad_mode="edge"),
    "recorded": dict(n_fft=2560, hop_length=1388),
    "hop-beyond-frame": dict(n_fft=512, hop_length=700),
    "narrow": dict(fmin=500.0, fmax=4000.0),
}


def variants() -> None:
    y = chirp(HALF, RATE, 50, 10000) + noise(HALF)
    for name, settings in VARIANTS.items():
        power = librosa.feature.melspectrogram(y=y, sr=RATE, **{**dict(n_mels=40), **settings})
        store(f"variant/{name}", power)
    store("variant-short/reflect", librosa.feature.melspectrogram(y=SIGNALS["short"], sr=RATE, n_mels=40, pad_mode="reflect"))
    power = librosa.feature.melspectrogram(y=y, sr=RATE, n_mels=40)
    store("decibels/reference-1", librosa.power_to_db(power, ref=1.0, top_db=80))
    store("decibels/no-floor", librosa.power_to_db(power, ref=np.max, top_db=None))
    magnitude = librosa.feature.melspectrogram(y=y, sr=RATE, n_mels=40, power=1)
    store("decibels/amplitude", librosa.amplitude_to_db(magnitude, ref=np.max))
    store("chroma-filters", librosa.filters.chroma(sr=RATE, n_fft=2048, tuning=0)[:, ::8])


CLIPS = ["us8k-originals/audio/fold5/100263-2-0-117.wav", "us8k-originals/audio/fold10/100648-1-0-0.wav", "esc10/audio/1-17150-A.ogg"]


def recorded() -> list:
    """The article's recorded run, step by step (see FEATURE_PRESETS['article-recorded'])."""
    for relative in CLIPS:
        y, _ = librosa.load(REAL / relative, sr=RATE, mono=True)
        y, _ = librosa.effects.trim(y, top_db=60)
        y = y[: 4 * RATE]
        before = (4 * RATE - len(y)) // 2
        y = np.pad(y, (before, 4 * RATE - len(y) - before))
        power = librosa.feature.melspectrogram(y=y, sr=RATE, n_fft=2560, hop_length=1388, n_mels=128, fmin=20)
        db = librosa.power_to_db(power, ref=np.max)
        image = np.trunc(255 * (db - db.min()) / (db.max() - db.min()))
        store(f"recorded/{Path(relative).name}", image)
    return CLIPS


def main() -> None:
    warnings.simplefilter("ignore")
    descriptors()
    variants()
    described = {
        "versions": {
            "python": platform.python_version(),
            "librosa": librosa.__version__,
            "numpy": np.__version__,
            "scipy": scipy.__version__,
        },
        "clips": recorded(),
        "arrays": arrays,
    }
    (DATA / "descriptors.json").write_text(json.dumps(described, indent=1) + "\n")
    (DATA / "descriptors.f32").write_bytes(bytes(blob))


main()
