"""Writes test/parity/data/fingerprint: a made-up sound, and the same after what uploads go through: MP3, Vorbis, half the rate.

Run in a virtual environment outside the project with numpy, scipy and soundfile:
    python test/parity/generate/fingerprints.py
Last run with numpy 2.4.6, scipy 1.17 and soundfile 0.14.0 (libsndfile 1.2.2, with LAME and libvorbis).
"""

from pathlib import Path

import numpy as np
import soundfile as sf
from scipy.signal import lfilter, resample_poly

RATE = 22_050
target = Path(__file__).parent.parent / "data" / "fingerprint"
target.mkdir(exist_ok=True)


def sound(seed):
    """Two seconds of bursts of coloured noise and sliding tones over a murmur."""
    rng = np.random.default_rng(seed)
    n = 2 * RATE
    mix = 0.05 * lfilter([1], [1, -0.95], rng.normal(size=n))
    for _ in range(14):
        start, length = rng.integers(0, n - 3000), rng.integers(1500, 9000)
        length = min(length, n - start)
        t = np.arange(length) / RATE
        envelope = np.exp(-t * rng.uniform(4, 20))
        if rng.random() < 0.5:
            part = lfilter([1], [1, -rng.uniform(0.2, 0.95)], rng.normal(size=length))
        else:
            part = np.sin(2 * np.pi * (rng.uniform(300, 3000) * t + rng.uniform(-2000, 2000) * t**2))
        mix[start : start + length] += envelope * part / np.max(np.abs(part))
    return (0.6 * mix / np.max(np.abs(mix))).astype(np.float32)


first, other = sound(1), sound(2)
sf.write(target / "first.flac", first, RATE, subtype="PCM_16")
sf.write(target / "other.flac", other, RATE, subtype="PCM_16")
sf.write(target / "first.mp3", 0.4 * first, RATE, format="MP3", compression_level=0.9)
sf.write(target / "first.ogg", 0.7 * first, RATE, format="OGG", subtype="VORBIS", compression_level=0.95)
sf.write(target / "first-half.flac", resample_poly(first, 1, 2), RATE // 2, subtype="PCM_16")
