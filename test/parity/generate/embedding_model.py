"""Makes test/parity/data/embedding: tiny ONNX models, good and bad, and what Python's onnxruntime gives for the good ones.

Run as features.py, from the repository's root:

    pip install onnx==1.23.2 onnxruntime==1.32.0 librosa==0.11.0
    python test/parity/generate/embedding_model.py

The versions that made the present files are in embedding.json.
"""

import json
import platform
import shutil
from pathlib import Path

import librosa
import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

DATA = Path(__file__).resolve().parents[1] / "data/embedding"
RATE = 16000
DIMENSIONS = 6
random = np.random.default_rng(73)

shutil.rmtree(DATA, ignore_errors=True)
DATA.mkdir(parents=True)
arrays: dict[str, dict] = {}
blob = bytearray()


def store(name: str, values: np.ndarray) -> None:
    values = np.ascontiguousarray(values, dtype="<f4")
    arrays[name] = {"offset": len(blob) // 4, "shape": list(values.shape)}
    blob.extend(values.tobytes())


def weights(name: str, *shape: int) -> TensorProto:
    values = random.normal(0, 1 / np.sqrt(np.prod(shape[1:])), shape)
    return numpy_helper.from_array(values.astype(np.float32), name)


def integers(name: str, *values: int) -> TensorProto:
    return numpy_helper.from_array(np.array(values, dtype=np.int64), name)


def save(name: str, nodes: list, inputs: list, outputs: list, constants: list) -> Path:
    graph = helper.make_graph(nodes, name, inputs, outputs, constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    path = DATA / f"{name}.onnx"
    path.write_bytes(model.SerializeToString())
    return path


def floats(name: str, *shape) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)


# A projection of frames of 64 samples, 32 apart, its size, and the mean over frames. Any length.
frames_of = [
    helper.make_node("Conv", ["row", "filters"], ["projected"], strides=[32]),
    helper.make_node("Abs", ["projected"], ["by_feature"]),
    helper.make_node("Transpose", ["by_feature"], ["frames"], perm=[0, 2, 1]),
    helper.make_node("ReduceMean", ["frames"], ["embedding"], axes=[1], keepdims=0),
]
filters = weights("filters", DIMENSIONS, 1, 64)
framed = save(
    "framed",
    [helper.make_node("Unsqueeze", ["audio", "one"], ["row"]), *frames_of],
    [floats("audio", 1, "samples")],
    [floats("embedding", 1, DIMENSIONS), floats("frames", 1, "frames", DIMENSIONS)],
    [filters, integers("one", 1)],
)

# The same for 4000 samples and no batch.
flat = save(
    "flat",
    [
        helper.make_node("Reshape", ["waveform", "rows"], ["row"]),
        *frames_of,
        helper.make_node("Reshape", ["embedding", "all"], ["vector"]),
    ],
    [floats("waveform", 4000)],
    [floats("vector", DIMENSIONS)],
    [filters, integers("rows", 1, 1, -1), integers("all", -1)],
)

# Of 20 frames of 16 mel bands: tanh of a projection of each frame, mean over frames.
mel = save(
    "mel",
    [
        helper.make_node("MatMul", ["mel", "projection"], ["mixed"]),
        helper.make_node("Tanh", ["mixed"], ["bent"]),
        helper.make_node("ReduceMean", ["bent"], ["embedding"], axes=[1, 2], keepdims=0),
    ],
    [floats("mel", 1, 1, 20, 16)],
    [floats("embedding", 1, DIMENSIONS)],
    [weights("projection", 16, DIMENSIONS)],
)

# As test/parity/signals.ts.
SAMPLES = RATE


def chirp() -> np.ndarray:
    t = np.arange(SAMPLES) / RATE
    slope = (7000 - 50) / (2 * SAMPLES / RATE)
    return (0.5 * np.sin(2 * np.pi * (50 * t + slope * t * t))).astype(np.float32)


def noise() -> np.ndarray:
    state, values = 1, np.empty(SAMPLES)
    for index in range(SAMPLES):
        state = (1664525 * state + 1013904223) % 2**32
        values[index] = state / 2**31 - 1
    return (0.25 * values).astype(np.float32)


def windows(row: np.ndarray, length: int, hop: int) -> list[np.ndarray]:
    """The last one is filled up with zeros."""
    count = 1 + max(0, -(-(row.shape[-1] - length) // hop))
    padded = np.zeros((*row.shape[:-1], (count - 1) * hop + length), np.float32)
    padded[..., : row.shape[-1]] = row
    return [padded[..., at * hop : at * hop + length] for at in range(count)]


def run(path: Path, output: str, given: str, value: np.ndarray) -> np.ndarray:
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    return session.run([output], {given: np.ascontiguousarray(value, np.float32)})[0]


for name, signal in {"chirp": chirp(), "noise": noise()}.items():
    # [dimensions, windows], as our features.
    store(f"framed-whole-{name}", run(framed, "embedding", "audio", signal[None]).T)
    store(f"framed-frames-{name}", run(framed, "frames", "audio", signal[None])[0].T)
    pieces = windows(signal, 4000, 1500)
    store(f"framed-windows-{name}", np.concatenate([run(framed, "embedding", "audio", x[None]) for x in pieces]).T)
    store(f"framed-largest-{name}", np.stack([run(framed, "frames", "audio", x[None])[0].max(0) for x in pieces]).T)
    store(f"flat-{name}", np.stack([run(flat, "vector", "waveform", x) for x in pieces]).T)
    power = librosa.feature.melspectrogram(
        y=signal, sr=RATE, n_fft=512, hop_length=320, n_mels=16, fmin=50, fmax=7500, pad_mode="constant"
    )
    # The natural logarithm, of mean -5 and deviation 4, as many models want it.
    scaled = (np.log(np.maximum(power, 1e-10)) + 5) / 4
    pictures = [x.T[None, None] for x in windows(scaled, 20, 10)]
    store(f"mel-{name}", np.concatenate([run(mel, "embedding", "mel", x) for x in pictures]).T)

# Models that must be refused, or stopped.
audio = [floats("audio", 1, "samples")]
embedding = [floats("embedding", 1, DIMENSIONS)]
outside = weights("filters", DIMENSIONS, 1, 64)
outside.ClearField("raw_data")
outside.data_location = TensorProto.EXTERNAL
for key, value in {"location": "weights.bin", "offset": "0", "length": str(DIMENSIONS * 64 * 4)}.items():
    outside.external_data.add(key=key, value=value)
unsqueeze = helper.make_node("Unsqueeze", ["audio", "one"], ["row"])
save("external", [unsqueeze, *frames_of], audio, embedding, [outside, integers("one", 1)])
save(
    "not-a-number",
    [
        unsqueeze,
        *frames_of[:-1],
        helper.make_node("Neg", ["frames"], ["below"]),
        helper.make_node("Sqrt", ["below"], ["roots"]),
        helper.make_node("ReduceMean", ["roots"], ["embedding"], axes=[1], keepdims=0),
    ],
    audio,
    embedding,
    [filters, integers("one", 1)],
)
save(
    "whole-numbers",
    [helper.make_node("Cast", ["tokens"], ["embedding"], to=TensorProto.FLOAT)],
    [helper.make_tensor_value_info("tokens", TensorProto.INT64, [1, "samples"])],
    [floats("embedding", 1, "samples")],
    [],
)
# Adds ones 2⁴⁰ times.
step = helper.make_graph(
    [
        helper.make_node("Identity", ["go"], ["go_on"]),
        helper.make_node("Add", ["sum", "unit"], ["next"]),
    ],
    "step",
    [
        helper.make_tensor_value_info("i", TensorProto.INT64, []),
        helper.make_tensor_value_info("go", TensorProto.BOOL, []),
        floats("sum", 1, DIMENSIONS),
    ],
    [helper.make_tensor_value_info("go_on", TensorProto.BOOL, []), floats("next", 1, DIMENSIONS)],
)
LOUD = numpy_helper.from_array(np.array(0.2, np.float32), "loud")
loudness = [
    unsqueeze,
    *frames_of[:-1],
    helper.make_node("ReduceMean", ["frames"], ["level"], axes=[1], keepdims=0),
    helper.make_node("ReduceMax", ["audio"], ["peak"], keepdims=0),
    helper.make_node("Greater", ["peak", "loud"], ["is_loud"]),
    helper.make_node("Cast", ["is_loud"], ["how_often"], to=TensorProto.INT64),
]
common = [filters, integers("one", 1), LOUD]
# Silence passes at once, so that it can be added.
save(
    "endless",
    [
        *loudness,
        helper.make_node("Mul", ["how_often", "many"], ["times"]),
        helper.make_node("Reshape", ["times", "scalar"], ["trips"]),
        helper.make_node("Loop", ["trips", "", "level"], ["embedding"], body=step),
    ],
    audio,
    embedding,
    [
        *common,
        numpy_helper.from_array(np.array(2**40, np.int64), "many"),
        numpy_helper.from_array(np.array([], np.int64), "scalar"),
        numpy_helper.from_array(np.ones((1, DIMENSIONS), np.float32), "unit"),
    ],
)
# Four gigabytes of zeros, then of random numbers.
save(
    "greedy",
    [
        *loudness,
        helper.make_node("Mul", ["how_often", "many"], ["more"]),
        helper.make_node("Add", ["more", "one"], ["length"]),
        helper.make_node("ConstantOfShape", ["length"], ["zeros"]),
        helper.make_node("RandomUniformLike", ["zeros"], ["numbers"], dtype=TensorProto.FLOAT),
        helper.make_node("ReduceMean", ["numbers"], ["mean"], keepdims=0),
        helper.make_node("Add", ["level", "mean"], ["embedding"]),
    ],
    audio,
    embedding,
    [*common, numpy_helper.from_array(np.array(2**30, np.int64), "many")],
)

versions = {
    "python": platform.python_version(),
    "onnx": onnx.__version__,
    "onnxruntime": onnxruntime.__version__,
    "librosa": librosa.__version__,
    "numpy": np.__version__,
}
(DATA / "embedding.json").write_text(json.dumps({"versions": versions, "arrays": arrays}, indent=1) + "\n")
(DATA / "embedding.f32").write_bytes(bytes(blob))
