"""One network of the training benchmark in PyTorch: `train-torch.py NETWORK BANDS FRAMES BATCH THREADS`.

First a line {"version", "parameters"}, then for each line `step N` or `forward N` of standard input one line of
{"seconds", "cpuSeconds"}, and {"peakBytes"} at its end. Same layers, loss and optimiser as train-engine.ts.
"""

import json
import os
import resource
import sys
import time
from functools import partial

name, bands, frames, batch, threads = sys.argv[1], *map(int, sys.argv[2:6])
os.environ["OMP_NUM_THREADS"] = str(threads)

import torch  # noqa: E402
import torch_networks  # noqa: E402
from torch import nn  # noqa: E402

torch.set_num_threads(threads)
torch.manual_seed(1)
CLASSES = 10


class Repeat(nn.Module):
    """The same picture as three channels."""

    def forward(self, x):
        return x.expand(-1, 3, -1, -1)


class MeanThenMax(nn.Module):
    """Mean over time, then the loudest band."""

    def forward(self, x):
        return x.mean(3).max(2).values


def article(recorded):
    channels = [3 if recorded else 1, 64, 128, 256, 512]
    layers = [Repeat()] if recorded else []
    for inputs, outputs in zip(channels, channels[1:]):
        layers += [
            nn.Conv2d(inputs, outputs, 3, padding=1),
            nn.BatchNorm2d(outputs),
            nn.ReLU(),
            nn.Conv2d(outputs, outputs, 3, padding=1),
            nn.ReLU(),
            *([] if recorded else [nn.Dropout(0.5)]),
            nn.AvgPool2d(2),
        ]
    norm, drop = nn.BatchNorm1d(128), nn.Dropout(0.2)
    rest = [drop, norm] if recorded else [norm, drop]
    head = [nn.Dropout(0.4), nn.Linear(512, 128), nn.PReLU(), *rest, nn.Linear(128, CLASSES)]
    return nn.Sequential(*layers, MeanThenMax(), *head)


network = {
    "article": lambda: article(False),
    "article-recorded": lambda: article(True),
    **{compact: partial(torch_networks.compact, compact, CLASSES) for compact in torch_networks.COMPACT},
}[name]()
x = torch.randn(batch, 1, bands, frames)
targets = torch.arange(batch) % CLASSES
optimizer = torch.optim.Adam(network.parameters(), lr=1e-3)
loss_of = nn.CrossEntropyLoss()


def step():
    optimizer.zero_grad(set_to_none=True)
    loss = loss_of(network(x), targets)
    loss.backward()
    optimizer.step()
    return loss.item()


def forward():
    with torch.inference_mode():
        return network(x).sum().item()


def say(**values):
    print(json.dumps(values), flush=True)


say(version=torch.__version__, parameters=sum(p.numel() for p in network.parameters()))
for line in sys.stdin:
    kind, count = line.split()
    network.train(kind == "step")
    work = step if kind == "step" else forward
    start, cpu_start = time.perf_counter(), time.process_time()
    for _ in range(int(count)):
        work()
    say(seconds=time.perf_counter() - start, cpuSeconds=time.process_time() - cpu_start)
say(peakBytes=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)
