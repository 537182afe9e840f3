"""Writes test/parity/data/networks.json and .f32: outputs, losses and gradients of our networks, built again in PyTorch.

Run in a virtual environment outside the project with torch and numpy:
    python test/parity/generate/networks.py
The versions used are written into the file. Weights and inputs are not stored: both sides draw them with the same generator
(mulberry32) as float32. Everything is then computed in float64, so that the values are the networks' own.
See network_models.py for the networks.
"""

import copy
import json
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from network_models import (
    ACTIVATIONS,
    CLASSES,
    Article,
    CompactNetwork,
    Joint,
    Mlp,
    Piczak,
    ResNet,
    SbCnn,
    fill,
    ours,
    variables,
)

DATA = Path(__file__).parent.parent / "data"


def trained_step(network, inputs):
    network.train()
    network.zero_grad()
    logits = network(*inputs)
    loss = F.cross_entropy(logits, torch.arange(len(logits)) % CLASSES)
    loss.backward()
    return logits, loss, [ours(tensor.grad, axes) for tensor, axes in variables(network)[0]]


def roughness(network, inputs):
    """How far float32 is from float64 in PyTorch itself: a ReLU's input or two rivals for a maximum may be too near to tell."""
    exact = trained_step(copy.deepcopy(network), inputs)[2]
    rounded = trained_step(copy.deepcopy(network).float(), [x.float() for x in inputs])[2]
    most = max(np.abs(gradient).max() for gradient in exact)
    # A bias before a normalisation has no gradient but rounding.
    pairs = [(a, b) for a, b in zip(exact, rounded) if np.abs(a).max() > 1e-6 * most]
    return max(np.abs(a - b).max() / max(np.abs(a).max(), 0.05 * most) for a, b in pairs)


def store(array):
    place = {"offset": sum(values.size for values in blob), "shape": list(np.shape(array))}
    blob.append(np.asarray(array, dtype=np.float32).ravel())
    return place


def summary(array):
    """What is kept of an array that is too large to be stored."""
    flat = array.ravel()
    places = [int(place) for place in np.linspace(0, flat.size - 1, min(16, flat.size)).astype(int)]
    return {
        "size": int(flat.size),
        "norm": float(np.linalg.norm(flat)),
        "places": places,
        "values": [float(flat[place]) for place in places],
    }


def case(name, architecture, settings, network, shapes, batch=6, value=(0, 1.7), biases=0.2, whole=True):
    """The first of some seeds at which float32 tells the network's gradients well, or the best of a few for a whole one."""
    enough, tries = (2e-5, 40) if whole else (0, 8)
    found = []
    for seed in range(1000, 1000 + tries):
        _, inputs = fill(network, shapes, batch, value, biases, seed)
        found.append((roughness(network, inputs), seed))
        if found[-1][0] < enough:
            break
    rough, seed = min(found)
    print(f"{name}: seed {seed}, float32 {rough:.1e}")
    ranges, inputs = fill(network, shapes, batch, value, biases, seed)

    network.eval()
    with torch.no_grad():
        evaluated = network(*inputs)
    logits, loss, gradients = trained_step(network, inputs)
    keep = store if whole else summary
    cases.append(
        {
            "name": name,
            "architecture": architecture,
            "settings": settings,
            "seed": seed,
            "batch": batch,
            "inputs": [{"bands": bands, "frames": frames} for bands, frames in shapes],
            "inputCentre": value[0],
            "inputSpread": value[1],
            "variables": ranges,
            "float32Distance": rough,
            "evaluatedLogits": evaluated.flatten().tolist(),
            "trainedLogits": logits.detach().flatten().tolist(),
            "loss": loss.item(),
            "gradients": [keep(gradient) for gradient in gradients],
            # After the pass in training mode.
            "movingStatistics": [keep(ours(tensor, axes)) for tensor, axes in variables(network)[1]],
        }
    )


blob = []
cases = []
NARROW = 1 / 16
case("article", "article", {"width": NARROW}, Article(1, NARROW), [(128, 64)])
case("article, odd picture", "article", {"width": NARROW}, Article(1, NARROW), [(35, 45)])
case("article-recorded", "article-recorded", {"width": NARROW}, Article(3, NARROW), [(128, 64)])
# Bytes divided by 255 twice are so small that the epsilon of the first normalisation counts; biases begin at zero there.
case(
    "article-recorded, its inputs",
    "article-recorded",
    {"width": NARROW},
    Article(3, NARROW),
    [(16, 16)],
    value=(127.5 / 255**2, 127.5 / 255**2),
    biases=0,
)
case("article-recorded, whole", "article-recorded", {}, Article(), [(16, 32)], batch=4, whole=False)
for activation in ACTIVATIONS:
    settings = {"width": 0.25, "activation": activation}
    case(f"compact-s, {activation}", "compact-s", settings, CompactNetwork(**settings), [(33, 23)])
case("compact-m", "compact-m", {"width": 0.125}, CompactNetwork((24, 48, 96, 128), poolings=3, width=0.125), [(33, 23)])
case("resnet-s", "resnet-s", {"width": 0.25}, ResNet(0.25), [(31, 44)])
case("sb-cnn", "sb-cnn", {"width": 0.125}, SbCnn(37, 118, 0.125), [(37, 118)])
case("piczak", "piczak", {"width": 0.05, "hidden": 24}, Piczak(16, 47, 0.05, 24), [(16, 47)])
case("joint", "joint", {"width": 0.25}, Joint([24, 13], width=0.25), [(24, 22), (13, 22)])
case("linear", "linear", {}, Mlp(19), [(19, 7)])
case("mlp", "mlp", {"hidden": 12}, Mlp(19, 12), [(19, 7)])

# Of the networks as they are chosen, by PyTorch's count.
COUNTS = {
    "article": (Article(1), [[128, 173]]),
    "article-recorded": (Article(3), [[128, 64]]),
    "compact-s": (CompactNetwork(), [[64, 44]]),
    "compact-m": (CompactNetwork((24, 48, 96, 128), poolings=3), [[64, 87]]),
    "resnet-s": (ResNet(), [[64, 87]]),
    "sb-cnn": (SbCnn(128, 173), [[128, 173]]),
    "sb-cnn, the paper's picture": (SbCnn(128, 128), [[128, 128]]),
    "piczak": (Piczak(64, 173), [[64, 173]]),
    "piczak, less hidden": (Piczak(64, 173, hidden=500), [[64, 173]], {"hidden": 500}),
    "joint": (Joint([128, 120]), [[128, 44], [120, 44]]),
    "linear": (Mlp(128), [[128, 173]]),
    "mlp": (Mlp(128, 256), [[128, 173]]),
}
counts = [
    {
        "name": name,
        "settings": settings[0] if settings else {},
        "inputs": [{"bands": bands, "frames": frames} for bands, frames in shapes],
        "trainable": sum(tensor.numel() for tensor in network.parameters() if tensor.requires_grad),
        "all": sum(tensor.numel() for tensor in network.parameters()),
        "statistics": sum(tensor.numel() for tensor, _ in variables(network)[1]),
    }
    for name, (network, shapes, *settings) in COUNTS.items()
]

versions = {"torch": torch.__version__, "numpy": np.__version__}
(DATA / "networks.json").write_text(json.dumps({"versions": versions, "cases": cases, "counts": counts}) + "\n")
np.concatenate(blob).astype("<f4").tofile(DATA / "networks.f32")
