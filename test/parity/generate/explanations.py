"""Writes test/parity/data/explanations.json and .f32: Grad-CAM and occlusion maps by Captum, and embeddings, of our networks in
PyTorch.

Run in a virtual environment outside the project with torch, numpy, captum and matplotlib (which Captum wants):
    python test/parity/generate/explanations.py
The versions used are written into the file. Weights and pictures are drawn, not stored: see network_models.py. Pictures are
those of a recipe: what reduces and scales them belongs to what is explained. Computed in float64.
"""

import copy
import json
from pathlib import Path

import captum
import numpy as np
import torch
import torch.nn.functional as F
from captum.attr import LayerAttribution, LayerGradCam, Occlusion
from torch import nn

from network_models import Article, CompactNetwork, Joint, Mlp, Piczak, ResNet, SbCnn, fill

DATA = Path(__file__).parent.parent / "data"
MEAN, DEVIATION = 0.3, 1.7
#: Bands and frames of the patch, and from place to place.
PATCH, STRIDE = (7, 9), (4, 6)


class Whole(nn.Module):
    """From pictures as the recipe makes them to logits; the last cell of an axis may cover less."""

    def __init__(self, network, by):
        super().__init__()
        self.network, self.by = network, by

    def forward(self, *pictures):
        means = [F.avg_pool2d(x, self.by, ceil_mode=True, count_include_pad=False) for x in pictures]
        return self.network(*[(x - MEAN) / DEVIATION for x in means])


def map_modules(network):
    if isinstance(network, Joint):
        return [branch["blocks"].feature_map for branch in network.branches]
    blocks = network.blocks if isinstance(network, CompactNetwork) else network
    return [blocks.feature_map] if hasattr(blocks, "feature_map") else []


def embedding(whole, pictures):
    seen = []
    last = [module for module in whole.modules() if isinstance(module, nn.Linear)][-1]
    handle = last.register_forward_pre_hook(lambda _, given: seen.append(given[0].detach()))
    whole(*pictures)
    handle.remove()
    return seen[0][0].numpy()


def grad_cam(whole, pictures, which, target):
    rows, frames = pictures[which].shape[2:]
    size = [-(-rows // whole.by[0]) * whole.by[0], -(-frames // whole.by[1]) * whole.by[1]]
    cam = LayerGradCam(whole, map_modules(whole.network)[which]).attribute(
        tuple(pictures), target=target, relu_attributions=True
    )
    return LayerAttribution.interpolate(cam, size, "bilinear")[0, 0, :rows, :frames].detach().numpy()


def occluded(whole, pictures, which, target, fill_with):
    def probability(x):
        given = [x if index == which else picture.repeat(len(x), 1, 1, 1) for index, picture in enumerate(pictures)]
        with torch.no_grad():
            return torch.softmax(whole(*given), 1)[:, target]

    picture = pictures[which]
    value = picture.mean() if fill_with == "mean" else picture.min()
    return (
        Occlusion(probability)
        .attribute(picture, sliding_window_shapes=(1, *PATCH), strides=(1, *STRIDE), baselines=value.item())[0, 0]
        .numpy()
    )


def maps_of(whole, pictures, fill_with):
    has_map = bool(map_modules(whole.network))
    with torch.no_grad():
        order = [int(target) for target in whole(*pictures)[0].argsort(descending=True)]
    if has_map:
        # A map without a positive value is all zeros and tells nothing.
        order = [t for t in order if all(grad_cam(whole, pictures, w, t).max() > 0 for w in range(len(pictures)))]
    targets = order[:2]
    found = []
    for which in range(len(pictures)):
        found.append(
            {
                "gradCam": [grad_cam(whole, pictures, which, target) for target in targets] if has_map else [],
                "occlusion": [occluded(whole, pictures, which, target, fill_with) for target in targets],
            }
        )
    return targets, found


def roughness(whole, pictures, fill_with):
    """How far float32 is from float64 in PyTorch itself, as a share of each map's largest value."""
    exact = maps_of(whole, pictures, fill_with)[1]
    rounded = maps_of(copy.deepcopy(whole).float(), [x.float() for x in pictures], fill_with)[1]
    pairs = [
        (a, b) for own, other in zip(exact, rounded) for kind in own for a, b in zip(own[kind], other[kind])
    ]
    return max(np.abs(a - b).max() / max(np.abs(a).max(), 1e-3) for a, b in pairs)


def store(array):
    place = {"offset": sum(values.size for values in blob), "shape": list(np.shape(array))}
    blob.append(np.asarray(array, dtype=np.float32).ravel())
    return place


def case(name, settings, network, shapes, by=(1, 1), fill_with="mean"):
    whole = Whole(network, by).eval()
    # The first seed at which float32 tells the maps well: a ReLU's input may be too near to zero to tell.
    for seed in range(2000, 2040):
        ranges, pictures = fill(network, shapes, 1, (0, 1.7), 0.2, seed)
        rough = roughness(whole, pictures, fill_with)
        if rough < 2e-5:
            break
    print(f"{name}: seed {seed}, float32 {rough:.1e}")
    targets, found = maps_of(whole, pictures, fill_with)
    cases.append(
        {
            "architecture": name,
            "settings": settings,
            "seed": seed,
            "pictures": [{"rows": rows, "frames": frames} for rows, frames in shapes],
            "reduction": {"bands": by[0], "frames": by[1]},
            "variables": ranges,
            "fill": fill_with,
            "probabilities": torch.softmax(whole(*pictures), 1)[0].tolist(),
            "embedding": store(embedding(whole, pictures)),
            "targets": targets,
            "maps": [{kind: [store(array) for array in arrays] for kind, arrays in own.items()} for own in found],
        }
    )


blob = []
cases = []
# Of sizes that pooling leaves nothing of: where it does, and a channel is 0 everywhere else, the gradient of its maximum is a matter
# of taste (PyTorch gives it to one place, TF.js to all).
case("article", {"width": 1 / 16}, Article(1, 1 / 16), [(32, 48)])
case("article-recorded", {"width": 1 / 16}, Article(3, 1 / 16), [(32, 32)], fill_with="minimum")
case("compact-s", {"width": 0.25}, CompactNetwork(width=0.25), [(41, 58)], (2, 4))
compact_m = CompactNetwork((24, 48, 96, 128), poolings=3, width=0.125)
case("compact-m", {"width": 0.125}, compact_m, [(49, 46)], (2, 2), "minimum")
case("resnet-s", {"width": 0.25}, ResNet(0.25), [(47, 66)], (2, 2))
case("sb-cnn", {"width": 0.125}, SbCnn(37, 118, 0.125), [(37, 118)])
case("piczak", {"width": 0.05, "hidden": 24}, Piczak(16, 47, 0.05, 24), [(31, 47)], (2, 1))
case("joint", {"width": 0.25}, Joint([24, 13], width=0.25), [(24, 46), (13, 46)], (1, 4))
case("linear", {}, Mlp(19), [(19, 23)])
case("mlp", {"hidden": 12}, Mlp(19, 12), [(19, 23)])

versions = {"captum": captum.__version__, "torch": torch.__version__, "numpy": np.__version__}
document = {
    "versions": versions,
    "normalisation": {"mean": MEAN, "deviation": DEVIATION},
    "patch": {"bands": PATCH[0], "frames": PATCH[1]},
    "stride": {"bands": STRIDE[0], "frames": STRIDE[1]},
    "cases": cases,
}
(DATA / "explanations.json").write_text(json.dumps(document) + "\n")
np.concatenate(blob).astype("<f4").tofile(DATA / "explanations.f32")
