"""What several generators share: the signals of test/parity/signals.ts, and arrays put one after another into one file."""

import numpy as np

arrays: dict[str, dict] = {}
blob = bytearray()


def store(name: str, values: np.ndarray) -> None:
    """Appends an array in float32 to `blob`; `arrays` says where it is."""
    values = np.ascontiguousarray(values, dtype="<f4")
    arrays[name] = {"offset": len(blob) // 4, "shape": list(values.shape)}
    blob.extend(values.tobytes())


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


def impulse(frames: int) -> np.ndarray:
    signal = np.zeros(frames, np.float32)
    signal[frames // 2] = 1
    return signal
