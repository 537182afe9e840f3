"""Makes test/parity/data/vorbis/: Ogg Vorbis files of many kinds, and their samples as libsndfile decodes them.

Run as formats.py, from the repository's root; the versions that made the present files are in vorbis.json. vorbis.f32 has the
samples, one channel after the other.
"""

import json
import platform
import shutil
import struct
from pathlib import Path

import numpy as np
import soundfile
from reference import arrays, blob, store

FOLDER = Path(__file__).resolve().parents[1] / "data/vorbis"
MAX_BYTES = 400_000

# name: frames, rate in Hz, channels, quality 0 … 1
FORMS = {
    "one-sample": (1, 8000, 1, 0.5),
    "hundred-samples": (100, 44100, 2, 0.5),
    "worst": (6000, 44100, 1, 0.0),
    "middle": (4000, 16000, 1, 0.6),
    "best": (6000, 48000, 2, 1.0),
    "three-channels": (2500, 44100, 3, 0.4),
    "eight-channels": (2500, 44100, 8, 0.4),
}


def sound(frames: int, rate: int, channels: int) -> np.ndarray:
    """A chirp of each channel's own that falls silent, with a click: blocks of both lengths, and channels without a floor."""
    t = np.arange(frames) / rate
    x = np.stack([0.5 * np.sin(2 * np.pi * (100 * (c + 1) * t + rate * t * t)) for c in range(channels)], axis=1)
    x += 0.01 * np.random.default_rng(channels).standard_normal(x.shape)
    x[frames // 3 : 2 * frames // 3, channels // 2 :] = 0
    x[frames // 2 : frames // 2 + 3] = 0.9
    return x


def write(path: Path, samples: np.ndarray, rate: int, quality: float) -> None:
    shape = {"samplerate": rate, "channels": samples.shape[1]}
    with soundfile.SoundFile(path, "w", **shape, format="OGG", subtype="VORBIS", compression_level=1 - quality) as file:
        file.write(samples)


def crc(page: bytes) -> int:
    rest = 0
    for byte in page:
        rest ^= byte << 24
        for _ in range(8):
            rest = (rest << 1) ^ (0x104C11DB7 if rest & 0x80000000 else 0)
    return rest


def cut_packets(whole: bytes) -> bytes:
    """Leaves out the last quarter of every other packet of the last page."""
    start = whole.rindex(b"OggS")
    lacing = whole[start + 27 : start + 27 + whole[start + 26]]
    assert max(lacing) < 255
    kept, table, at = b"", [], start + 27 + len(lacing)
    for index, length in enumerate(lacing):
        table.append(length - length // 4 if index % 2 == 1 else length)
        kept += whole[at : at + table[-1]]
        at += length
    page = bytearray(whole[start : start + 27] + bytes(table) + kept)
    page[22:26] = bytes(4)
    page[22:26] = struct.pack("<I", crc(page))
    return whole[:start] + bytes(page)


def main() -> None:
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    for name, (frames, rate, channels, quality) in FORMS.items():
        write(FOLDER / f"{name}.ogg", sound(frames, rate, channels), rate, quality)
    # Packets that end early, after which libvorbis goes on with what it has.
    (FOLDER / "cut-packets.ogg").write_bytes(cut_packets((FOLDER / "middle.ogg").read_bytes()))
    files = []
    for path in sorted(FOLDER.glob("*.ogg")):
        samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
        store(path.name, samples.T)
        files.append({"name": path.name, "sampleRateHz": rate})
    described = {
        "versions": {
            "python": platform.python_version(),
            "numpy": np.__version__,
            "soundfile": soundfile.__version__,
            "libsndfile": soundfile.__libsndfile_version__,
        },
        "files": files,
        "arrays": arrays,
    }
    (FOLDER / "vorbis.json").write_text(json.dumps(described, indent=1) + "\n")
    (FOLDER / "vorbis.f32").write_bytes(bytes(blob))
    total = sum(path.stat().st_size for path in FOLDER.iterdir())
    assert total < MAX_BYTES, total
    print(len(files), "files,", total, "bytes")


main()
