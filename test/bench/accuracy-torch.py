"""PyTorch's side of bench:accuracy: `accuracy-torch.py FOLDER SEED SETTINGS` prints the folds' accuracies as JSON.

FOLDER holds what `soundfold features export` wrote; SETTINGS is JSON. Knows what the compact networks' presets use: Adam and
AdamW, warm-up and cosine by step, label smoothing, rolling in time.
"""

import json
import math
import sys
from pathlib import Path

import numpy as np
import torch
from torch import nn

from torch_networks import compact

folder, seed, settings = Path(sys.argv[1]), int(sys.argv[2]), json.loads(sys.argv[3])
torch.set_num_threads(2)


def build(classes):
    network = compact(settings["network"], classes)
    for layer in network:
        if isinstance(layer, nn.Conv2d):
            nn.init.kaiming_normal_(layer.weight)
    return network


def reduced(pictures, bands, frames):
    """Means over cells of bands × frames; the last of an axis may cover less."""
    for axis, size in ((1, bands), (2, frames)):
        starts = np.arange(0, pictures.shape[axis], size)
        sums = np.add.reduceat(pictures, starts, axis=axis)
        counts = np.diff([*starts, pictures.shape[axis]])
        pictures = sums / counts.reshape([-1 if place == axis else 1 for place in range(3)])
    return pictures


def rate(step, steps):
    warm = settings["warmUp"] * steps
    if step < warm:
        return settings["learningRate"] * max(0.05, step / warm)
    return settings["learningRate"] * 0.5 * (1 + math.cos(math.pi * (step - warm) / (steps - warm)))


def train(x, y, classes):
    network = build(classes)
    make = torch.optim.AdamW if settings["optimizer"]["name"] == "adamw" else torch.optim.Adam
    optimizer = make(network.parameters(), lr=1, weight_decay=settings["weightDecay"])
    loss_of = nn.CrossEntropyLoss(label_smoothing=settings["labelSmoothing"])
    size, furthest = settings["batchSize"], int(settings["augmentation"]["timeShift"] * x.shape[3])
    steps = math.ceil(len(x) / size) * settings["epochs"]
    step = 0
    network.train()
    for _ in range(settings["epochs"]):
        for places in torch.randperm(len(x)).split(size):
            shifts = torch.randint(-furthest, furthest + 1, (len(places),)).tolist()
            batch = torch.stack([x[place].roll(shift, 2) for place, shift in zip(places.tolist(), shifts)])
            for group in optimizer.param_groups:
                group["lr"] = rate(step, steps)
            optimizer.zero_grad(set_to_none=True)
            loss_of(network(batch), y[places]).backward()
            optimizer.step()
            step += 1
    return network.eval()


data = np.load(next(folder.glob("*.npz")), allow_pickle=False)
pictures = reduced(data["features"].astype(np.float32), settings["reduction"]["bands"], settings["reduction"]["frames"])
_, labels = np.unique(data["labels"], return_inverse=True)
folds = data["folds"]
accuracies = []
for fold in np.unique(folds):
    torch.manual_seed(seed * 1000 + int(fold))
    training = folds != fold
    mean, deviation = pictures[training].mean(), pictures[training].std()
    x = torch.from_numpy(((pictures - mean) / deviation).astype(np.float32))[:, None]
    y = torch.from_numpy(labels)
    network = train(x[training], y[training], int(labels.max()) + 1)
    with torch.inference_mode():
        hits = network(x[~training]).argmax(1) == y[~training]
    accuracies.append(hits.float().mean().item())
print(json.dumps(accuracies))
