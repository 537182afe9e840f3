"""Makes test/parity/data/features.json, features.f32 and audio/: what librosa, soxr and libsndfile say.

Run in a virtual environment outside the project, from the repository's root:

    pip install librosa==0.11.0 soundfile==0.14.0 soxr==1.1.0 numpy
    python test/parity/generate/features.py

Real clips are read from ../shared/data beside the checkout; only pictures of them are written, never their sound.
The versions that made the present files are in features.json.
"""

import json
import platform
import shutil
import warnings
from pathlib import Path

import librosa
import numpy as np
import soundfile
import soxr
from reference import arrays, blob, chirp, impulse, noise, store

ROOT = Path(__file__).resolve().parents[3]
DATA = ROOT / "test/parity/data"
AUDIO = DATA / "audio"
REAL = ROOT.parent / "shared/data"

RATE = 22050
MEL = dict(sr=RATE, n_fft=2048, n_mels=128, fmin=20)

HALF = RATE // 2
SIGNALS = {
    "chirp": chirp(HALF, RATE, 50, 10000),
    "noise": noise(HALF),
    "impulse": impulse(HALF),
    "silence": np.zeros(HALF, np.float32),
    "dc": np.full(HALF, 0.5, np.float32),
    "short": chirp(round(0.05 * RATE), RATE, 200, 4000),
}


def mel_scale() -> dict:
    hz = [0, 20, 440, 500, 999, 1000, 2000, 3000, 8000, 11025]
    mel = [0, 5, 10, 15, 25, 30, 49.9]
    scales = {
        name: {
            "hzToMel": librosa.hz_to_mel(np.array(hz, float), htk=name == "htk").tolist(),
            "melToHz": librosa.mel_to_hz(np.array(mel), htk=name == "htk").tolist(),
        }
        for name in ("slaney", "htk")
    }
    return {"hz": hz, "mel": mel, **scales}


def spectrograms() -> None:
    # [bands, 1025] is mostly zeros: the others, and where in the flattened matrix they stand.
    for scale, settings in {"slaney": MEL, "htk": {**MEL, "n_mels": 40, "htk": True}}.items():
        filters = librosa.filters.mel(dtype=np.float64, **settings).ravel()
        places = np.flatnonzero(filters)
        store(f"filters/{scale}/places", places)
        store(f"filters/{scale}/weights", filters[places])
    for name, signal in SIGNALS.items():
        power = librosa.feature.melspectrogram(y=signal, hop_length=512, **MEL)
        store(f"power/{name}", power)
        store(f"db/{name}", librosa.power_to_db(power, ref=np.max))


RESAMPLED = [(44100, 10000), (48000, 10000), (24000, 10000), (16000, 7200), (11025, 5000), (96000, 10000)]


def resampled() -> list:
    for rate, to_hz in RESAMPLED:
        signal = chirp(rate // 4, rate, 50, to_hz)
        store(f"resampled/{rate}", librosa.resample(signal, orig_sr=rate, target_sr=RATE, res_type="soxr_hq"))
    return [{"fromHz": rate, "chirpToHz": to_hz} for rate, to_hz in RESAMPLED]


# name, format, subtype, rate, channels, frames
FILES = [
    ("pcm8-mono.wav", "WAV", "PCM_U8", 11025, 1, 1000),
    ("pcm16-stereo.wav", "WAV", "PCM_16", 44100, 2, 1000),
    ("pcm24-mono.wav", "WAV", "PCM_24", 48000, 1, 1000),
    ("pcm24-stereo-extensible.wav", "WAVEX", "PCM_24", 96000, 2, 1000),
    ("pcm16-extensible-4.wav", "WAVEX", "PCM_16", 22050, 4, 500),
    ("pcm32-stereo.wav", "WAV", "PCM_32", 44100, 2, 1000),
    ("float32-stereo.wav", "WAV", "FLOAT", 44100, 2, 1000),
    ("float32-mono-extensible.wav", "WAVEX", "FLOAT", 32000, 1, 1000),
    ("float64-mono.wav", "WAV", "DOUBLE", 192000, 1, 1000),
    ("pcm16-mono-rf64.wav", "RF64", "PCM_16", 16000, 1, 1000),
    ("alaw-mono.wav", "WAV", "ALAW", 8000, 1, 1000),
    ("mulaw-stereo.wav", "WAV", "ULAW", 8000, 2, 1000),
    ("ima-adpcm-mono.wav", "WAV", "IMA_ADPCM", 22050, 1, 3000),
    ("ima-adpcm-stereo.wav", "WAV", "IMA_ADPCM", 44100, 2, 6000),
    ("ms-adpcm-mono.wav", "WAV", "MS_ADPCM", 22050, 1, 3000),
    ("ms-adpcm-stereo.wav", "WAV", "MS_ADPCM", 44100, 2, 6000),
    ("flac16-mono.flac", "FLAC", "PCM_16", 11024, 1, 3000),
    ("flac24-stereo.flac", "FLAC", "PCM_24", 44100, 2, 1500),
    ("vorbis-mono.ogg", "OGG", "VORBIS", 22050, 1, 6000),
    ("vorbis-stereo.ogg", "OGG", "VORBIS", 44100, 2, 6000),
    ("opus-mono.ogg", "OGG", "OPUS", 48000, 1, 6000),
    ("opus-stereo.ogg", "OGG", "OPUS", 48000, 2, 6000),
    ("pcm8-stereo.aiff", "AIFF", "PCM_S8", 11025, 2, 1001),
    ("pcm16-stereo.aiff", "AIFF", "PCM_16", 44100, 2, 1000),
    ("pcm24-mono.aiff", "AIFF", "PCM_24", 96000, 1, 1001),
    ("pcm32-mono.aiff", "AIFF", "PCM_32", 22050, 1, 1000),
    ("float32-stereo.aiff", "AIFF", "FLOAT", 48000, 2, 1000),
    ("float64-mono.aiff", "AIFF", "DOUBLE", 16000, 1, 1000),
    ("alaw-mono.aiff", "AIFF", "ALAW", 8000, 1, 1000),
    ("mulaw-mono.aiff", "AIFF", "ULAW", 8000, 1, 1000),
    ("pcm16-mono-little.aiff", "AIFF", "PCM_16", 8000, 1, 1000),
    ("pcm16-32-channels.wav", "WAVEX", "PCM_16", 8000, 32, 100),
    ("pcm24-mono-384k.wav", "WAV", "PCM_24", 384000, 1, 1000),
    ("pcm16-mono-4k.wav", "WAV", "PCM_16", 4000, 1, 400),
    ("mp3-mono.mp3", "MP3", "MPEG_LAYER_III", 44100, 1, 6000),
    ("mp3-stereo.mp3", "MP3", "MPEG_LAYER_III", 22050, 2, 6000),
]


def decoded() -> list:
    shutil.rmtree(AUDIO, ignore_errors=True)
    AUDIO.mkdir(parents=True)
    listed = []
    for name, format_, subtype, rate, channels, frames in FILES:
        signal = np.stack(
            [chirp(frames, rate, 100 * (1 + c), rate / (4 + c)) + noise(frames) / (2 + c) for c in range(channels)],
            axis=1,
        )
        if subtype in ("FLOAT", "DOUBLE"):
            signal = signal * 2  # Beyond ±1, which floats keep.
        if subtype.startswith("PCM"):
            signal[10], signal[11] = -1, 1  # The extremes, which scaling must not clip or shift.
        path = AUDIO / name
        endian = "LITTLE" if "little" in name else "FILE"
        soundfile.write(path, signal, rate, format=format_, subtype=subtype, endian=endian)
        samples, read_rate = soundfile.read(path, dtype="float32", always_2d=True)
        assert read_rate == rate and path.stat().st_size < 20000, (name, path.stat().st_size)
        store(f"decoded/{name}", samples.T)
        listed.append({"name": name, "sampleRateHz": rate, "channels": channels, "frames": len(samples)})
    return listed


CLIPS = [
    "us8k-originals/audio/fold5/100263-2-0-117.wav",  # 44.1 kHz, 16 bits
    "us8k-originals/audio/fold1/103074-7-0-0.wav",  # 48 kHz, 24 bits, extensible
    "us8k-originals/audio/fold10/100648-1-0-0.wav",  # 0.65 s: padded
    "esc10/audio/1-100032-A.ogg",
    "esc10/audio/1-17150-A.ogg",
]


def clips() -> list:
    for relative in CLIPS:
        samples, _ = librosa.load(REAL / relative, sr=RATE, mono=True)
        samples = librosa.util.fix_length(samples, size=4 * RATE)
        power = librosa.feature.melspectrogram(y=samples, hop_length=512, **MEL)
        db = librosa.power_to_db(power, ref=np.max)
        name = Path(relative).name
        store(f"clip/{name}", db[::3, ::7])
        store(f"clip-top/{name}", db[-4:])
    return CLIPS


def lengths() -> dict:
    found = sorted((REAL / "us8k-originals/audio").rglob("*.wav")) + [REAL / c for c in CLIPS if c.endswith(".ogg")]
    return {
        path.relative_to(REAL).as_posix(): {"frames": info.frames, "sampleRateHz": info.samplerate, "channels": info.channels}
        for path, info in ((path, soundfile.info(path)) for path in found)
    }


def main() -> None:
    warnings.simplefilter("ignore")  # Silence has no maximum to speak of.
    DATA.mkdir(parents=True, exist_ok=True)
    scale = mel_scale()
    spectrograms()
    described = {
        "versions": {
            "python": platform.python_version(),
            "librosa": librosa.__version__,
            "numpy": np.__version__,
            "soundfile": soundfile.__version__,
            "libsndfile": soundfile.__libsndfile_version__,
            "soxr": soxr.__version__,
        },
        "melScale": scale,
        "resampled": resampled(),
        "files": decoded(),
        "clips": clips(),
        "lengths": lengths(),
        "arrays": arrays,
    }
    (DATA / "features.json").write_text(json.dumps(described, indent=1) + "\n")
    (DATA / "features.f32").write_bytes(bytes(blob))


main()
