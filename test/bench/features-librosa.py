"""librosa's side of bench:features: file to dB mel in one thread, with the time of each stage. Arguments: passes, files."""

import json
import os
import sys
import time

for name in ("OMP", "OPENBLAS", "MKL", "NUMBA"):
    os.environ[f"{name}_NUM_THREADS"] = "1"

import librosa  # noqa: E402
import numpy as np  # noqa: E402
import soundfile  # noqa: E402

RATE = 22050


def stages(path):
    marks = [time.perf_counter()]
    samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    samples = librosa.to_mono(samples.T)
    marks.append(time.perf_counter())
    if rate != RATE:
        samples = librosa.resample(samples, orig_sr=rate, target_sr=RATE)
    marks.append(time.perf_counter())
    power = librosa.feature.melspectrogram(
        y=samples, sr=RATE, n_fft=2048, hop_length=512, n_mels=128, fmin=20, fmax=11025
    )
    librosa.power_to_db(power, ref=np.max)
    marks.append(time.perf_counter())
    return [(b - a) * 1e3 for a, b in zip(marks, marks[1:])]


passes, files = int(sys.argv[1]), sys.argv[2:]
for path in files[:3]:
    stages(path)
runs = [[stages(path) for path in files] for _ in range(passes)]
# The best pass of each clip: what the work takes when nothing else runs.
best = np.min(np.array(runs), axis=0)
print(
    json.dumps(
        {
            "version": f"librosa {librosa.__version__}, soundfile {soundfile.__version__}",
            "milliseconds": dict(zip(["decode", "resample", "mel"], best.mean(axis=0).tolist())),
        }
    )
)
