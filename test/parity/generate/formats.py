"""Makes test/parity/data/formats/: a small file in every form that libsndfile writes and we read, and its samples.

Run in a virtual environment outside the project, from the repository's root:

    pip install soundfile==0.14.0 numpy
    python test/parity/generate/formats.py

formats.f32 has the samples as libsndfile decodes them, formats.json says where each file's are and which versions
made them. A few forms that we refuse are there as well, without samples.
"""

import json
import platform
import shutil
from pathlib import Path

import numpy as np
import soundfile

FOLDER = Path(__file__).resolve().parents[1] / "data/formats"
MAX_BYTES = 600_000

INTEGERS = ["PCM_16", "PCM_24", "PCM_32"]
PLAIN = [*INTEGERS, "FLOAT", "DOUBLE", "ALAW", "ULAW"]
# format, name's ending, subtypes, rates in Hz, channels
FORMS = [
    ("WAV", "wav", ["PCM_U8", *PLAIN, "IMA_ADPCM", "MS_ADPCM"], [4000], [1, 2]),
    ("WAVEX", "wav", ["PCM_U8", *PLAIN], [4000], [2]),
    ("RF64", "wav", ["PCM_U8", *PLAIN], [4000], [2]),
    ("AIFF", "aiff", ["PCM_S8", "PCM_U8", *PLAIN], [4000], [1, 2]),
    ("FLAC", "flac", ["PCM_S8", "PCM_16", "PCM_24"], [4000], [1, 2, 6]),
    ("OGG", "ogg", ["VORBIS"], [8000, 22050], [1, 2]),
    ("OGG", "ogg", ["VORBIS"], [8000], [6]),
    # Three are the least that have an order of their own.
    ("OGG", "ogg", ["OPUS"], [48000], [1, 3]),
    # MPEG 2.5, 2 and 1.
    ("MP3", "mp3", ["MPEG_LAYER_III"], [11025, 24000], [1, 2]),
    ("MP3", "mp3", ["MPEG_LAYER_III"], [44100], [1]),
]
# Little-endian AIFF is AIFF-C `sowt`; big-endian WAV is RIFX, which we refuse.
LITTLE_AIFF = ("AIFF", "aiff", INTEGERS, [4000], [1, 2])
REFUSED = [("WAV", "GSM610", "wav"), ("WAV", "G721_32", "wav"), ("WAV", "NMS_ADPCM_32", "wav"), ("AIFF", "IMA_ADPCM", "aiff"), ("AIFF", "GSM610", "aiff")]

SECONDS = 0.1


def sound(frames: int, rate: int, channels: int) -> np.ndarray:
    """A chirp of each channel's own and a little noise."""
    t = np.arange(frames) / rate
    noise = np.random.default_rng(frames + channels).standard_normal((frames, channels))
    sweeps = [np.sin(2 * np.pi * (60 * (c + 1) * t + (rate / 6 / SECONDS) * t * t)) for c in range(channels)]
    return 0.5 * np.stack(sweeps, axis=1) + 0.05 * noise


def written(name: str, format_: str, subtype: str, rate: int, channels: int, endian: str = "FILE") -> Path:
    path = FOLDER / name
    signal = sound(round(SECONDS * rate), rate, channels)
    if subtype in ("FLOAT", "DOUBLE"):
        signal *= 3  # Beyond ±1, which floats keep.
    elif subtype.startswith("PCM"):
        signal[10], signal[11] = -1, 1  # The extremes, which scaling must not clip or shift.
    soundfile.write(path, signal, rate, format=format_, subtype=subtype, endian=endian)
    return path


def main() -> None:
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    files, blob = [], bytearray()
    forms = [(*form, "FILE") for form in FORMS] + [(*LITTLE_AIFF, "LITTLE")]
    for format_, ending, subtypes, rates, channel_counts, endian in forms:
        for subtype in subtypes:
            for rate in rates:
                for channels in channel_counts:
                    parts = [format_, subtype, "little" if endian == "LITTLE" else "", str(rate), f"{channels}ch"]
                    name = "-".join(filter(None, parts)).lower().replace("_", "-") + "." + ending
                    path = written(name, format_, subtype, rate, channels, endian)
                    samples, read_rate = soundfile.read(path, dtype="float32", always_2d=True)
                    assert read_rate == rate
                    files.append({"name": name, "subtype": subtype, "sampleRateHz": rate, "channels": channels, "frames": len(samples), "offset": len(blob) // 4})
                    blob.extend(np.ascontiguousarray(samples.T, dtype="<f4").tobytes())
    refused = []
    for format_, subtype, ending in REFUSED:
        name = f"refused-{format_}-{subtype}.{ending}".lower().replace("_", "-")
        written(name, format_, subtype, 8000, 1)
        refused.append(name)
    described = {
        "versions": {
            "python": platform.python_version(),
            "numpy": np.__version__,
            "soundfile": soundfile.__version__,
            "libsndfile": soundfile.__libsndfile_version__,
        },
        "files": files,
        "refused": refused,
    }
    (FOLDER / "formats.json").write_text(json.dumps(described, indent=1) + "\n")
    (FOLDER / "formats.f32").write_bytes(bytes(blob))
    total = sum(path.stat().st_size for path in FOLDER.iterdir())
    assert total < MAX_BYTES, total
    print(len(files), "files,", total, "bytes")


main()
