"""The compact networks in PyTorch, for the benchmarks."""

import torch
from torch import nn

COMPACT = {"compact-s": ([16, 32, 64, 48], 2), "compact-m": ([24, 48, 96, 128], 3)}


class MeanAndMax(nn.Module):
    def forward(self, x):
        return torch.cat([x.mean((2, 3)), x.amax((2, 3))], 1)


def compact(name, classes):
    """As PyTorch begins it: all but the convolutions as ours."""
    channels, poolings = COMPACT[name]
    layers = []
    for index, (inputs, outputs) in enumerate(zip([1, *channels], channels)):
        if 0 < index <= poolings:
            layers.append(nn.MaxPool2d(2, ceil_mode=True))
        stride = 2 if index == 0 else 1
        layers += [
            nn.Conv2d(inputs, outputs, 3, stride=stride, padding=1, bias=False),
            nn.BatchNorm2d(outputs),
            nn.ReLU(),
        ]
    return nn.Sequential(*layers, MeanAndMax(), nn.Dropout(0.3), nn.Linear(2 * channels[-1], classes))
