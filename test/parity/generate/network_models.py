"""Our networks in PyTorch, and weights and pictures that both sides draw with the same generator (mulberry32), as float32.

Modules are named in the order in which the builder of src-main/core/ml/network.ts makes their variables, and arrays are stored
in its layout: filters [bands, frames, inputs, outputs], weights [inputs, outputs]. `feature_map` is where the last feature map of
a picture is, `head` or `last` the layer behind the embedding.
"""

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

torch.set_default_dtype(torch.float64)
CLASSES = 10

ACTIVATIONS = {"relu": F.relu, "leaky-relu": F.leaky_relu, "elu": F.elu, "gelu": F.gelu, "swish": F.silu}


def scaled(count, width):
    # As JavaScript's Math.round.
    return max(1, int(np.floor(count * width + 0.5)))


class Article(nn.Module):
    """3→64→128→256→512 as the author's notebook has it; `head` is the order of its last dropout and normalisation."""

    def __init__(self, channels=3, width=1, activation="relu", classes=CLASSES):
        super().__init__()
        counts = [scaled(count, width) for count in (64, 128, 256, 512)]
        hidden = scaled(128, width)
        self.blocks = nn.ModuleList(
            nn.ModuleDict(
                {
                    "first": nn.Conv2d(before, after, 3, 1, 1),
                    "norm": nn.BatchNorm2d(after),
                    "second": nn.Conv2d(after, after, 3, 1, 1),
                }
            )
            for before, after in zip([channels, *counts], counts)
        )
        # Without dropout both orders of the head are the same.
        self.head = nn.Sequential(
            nn.Linear(counts[-1], hidden), nn.PReLU(), nn.BatchNorm1d(hidden), nn.Linear(hidden, classes)
        )
        self.feature_map = nn.Identity()
        self.channels = channels
        self.activation = ACTIVATIONS[activation]

    def forward(self, x):
        x = x.repeat(1, self.channels, 1, 1)
        for block in self.blocks:
            x = self.activation(block["norm"](block["first"](x)))
            x = self.activation(block["second"](x))
            if block is self.blocks[-1]:
                x = self.feature_map(x)
            x = F.avg_pool2d(x, 2)
        x = torch.mean(x, dim=3)
        x, _ = torch.max(x, dim=2)
        return self.head(x)


def same(x, size, stride):
    """TensorFlow's padding `same`: the odd zero goes to the end."""
    pads = []
    for length in (x.shape[3], x.shape[2]):
        total = max(0, (-(-length // stride) - 1) * stride + size - length)
        pads += [total // 2, total - total // 2]
    return F.pad(x, pads)


class Compact(nn.Module):
    def __init__(self, counts, poolings=2, width=1, activation="relu"):
        super().__init__()
        self.poolings = poolings
        counts = [scaled(count, width) for count in counts]
        self.blocks = nn.ModuleList(
            nn.ModuleDict({"conv": nn.Conv2d(before, after, 3, bias=False), "norm": nn.BatchNorm2d(after)})
            for before, after in zip([1, *counts], counts)
        )
        for block in self.blocks[:1]:
            block["conv"].stride = (2, 2)
        self.activation = ACTIVATIONS[activation]
        self.feature_map = nn.Identity()
        self.values = 2 * counts[-1]

    def forward(self, x):
        for index, block in enumerate(self.blocks):
            if 0 < index <= self.poolings:
                x = F.max_pool2d(x, 2, ceil_mode=True)
            conv = block["conv"]
            x = self.activation(block["norm"](conv(same(x, 3, conv.stride[0]))))
        x = self.feature_map(x)
        return torch.cat([x.mean((2, 3)), x.amax((2, 3))], 1)


class CompactNetwork(nn.Module):
    def __init__(self, counts=(16, 32, 64, 48), **settings):
        super().__init__()
        self.blocks = Compact(counts, **settings)
        self.head = nn.Linear(self.blocks.values, CLASSES)

    def forward(self, x):
        return self.head(self.blocks(x))


class Joint(nn.Module):
    def __init__(self, rows, **settings):
        super().__init__()
        self.branches = nn.ModuleList(
            nn.ModuleDict({"norm": nn.BatchNorm1d(bands), "blocks": Compact((16, 32, 64, 48), **settings)})
            for bands in rows
        )
        self.head = nn.Linear(sum(branch["blocks"].values for branch in self.branches), CLASSES)

    def forward(self, *pictures):
        pooled = [
            branch["blocks"](branch["norm"](picture[:, 0]).unsqueeze(1))
            for branch, picture in zip(self.branches, pictures)
        ]
        return self.head(torch.cat(pooled, 1))


class ResNet(nn.Module):
    class Block(nn.Module):
        def __init__(self, before, after, stride):
            super().__init__()
            self.first = nn.Conv2d(before, after, 3, stride, bias=False)
            self.first_norm = nn.BatchNorm2d(after)
            self.second = nn.Conv2d(after, after, 3, bias=False)
            self.second_norm = nn.BatchNorm2d(after)
            self.shortcut = None
            if stride > 1:
                self.shortcut = nn.Sequential(nn.Conv2d(before, after, 1, stride, bias=False), nn.BatchNorm2d(after))
            self.stride = stride

        def forward(self, x):
            y = F.relu(self.first_norm(self.first(same(x, 3, self.stride))))
            y = self.second_norm(self.second(same(y, 3, 1)))
            return F.relu(y + (x if self.shortcut is None else self.shortcut(x)))

    def __init__(self, width=1):
        super().__init__()
        counts = [scaled(count, width) for count in (16, 32, 64, 128)]
        self.stem = nn.Conv2d(1, counts[0], 3, 2, bias=False)
        self.stem_norm = nn.BatchNorm2d(counts[0])
        self.blocks = nn.ModuleList()
        for stage, (before, after) in enumerate(zip([counts[0], *counts], counts)):
            self.blocks.append(self.Block(before, after, 2 if stage > 0 else 1))
            self.blocks.append(self.Block(after, after, 1))
        self.feature_map = nn.Identity()
        self.head = nn.Linear(counts[-1], CLASSES)

    def forward(self, x):
        x = F.relu(self.stem_norm(self.stem(same(x, 3, 2))))
        for block in self.blocks:
            x = block(x)
        return self.head(self.feature_map(x).mean((2, 3)))


class SbCnn(nn.Module):
    def __init__(self, bands, frames, width=1):
        super().__init__()
        counts = [scaled(count, width) for count in (24, 48, 48)]
        hidden = scaled(64, width)
        self.convs = nn.ModuleList(nn.Conv2d(before, after, 5) for before, after in zip([1, *counts], counts))
        left_bands = ((bands - 4) // 2 - 4) // 2 - 4
        left_frames = ((frames - 4) // 4 - 4) // 4 - 4
        self.first = nn.Linear(left_bands * left_frames * counts[-1], hidden)
        self.last = nn.Linear(hidden, CLASSES)
        self.feature_map = nn.Identity()

    def forward(self, x):
        for index, conv in enumerate(self.convs):
            x = conv(x)
            if index < 2:
                x = F.max_pool2d(x, (2, 4))
            x = F.relu(x)
        x = self.feature_map(x)
        # Channels last, as our pictures are.
        return self.last(F.relu(self.first(x.permute(0, 2, 3, 1).flatten(1))))


class Piczak(nn.Module):
    def __init__(self, bands, frames, width=1, hidden=5000):
        super().__init__()
        count = scaled(80, width)
        self.first = nn.Conv2d(1, count, (bands - 3, 6))
        self.second = nn.Conv2d(count, count, (1, 3))
        left = ((frames - 5) // 3 - 2) // 3
        self.dense = nn.ModuleList([nn.Linear(left * count, hidden), nn.Linear(hidden, hidden)])
        self.last = nn.Linear(hidden, CLASSES)
        self.feature_map = nn.Identity()

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.first(x)), (4, 3), (1, 3))
        x = F.max_pool2d(self.feature_map(F.relu(self.second(x))), (1, 3))
        x = x.permute(0, 2, 3, 1).flatten(1)
        for layer in self.dense:
            x = F.relu(layer(x))
        return self.last(x)


class Mlp(nn.Module):
    def __init__(self, bands, hidden=None):
        super().__init__()
        self.norm = nn.BatchNorm1d(bands)
        self.first = nn.Linear(bands, hidden) if hidden else None
        self.last = nn.Linear(hidden or bands, CLASSES)

    def forward(self, x):
        x = self.norm(x[:, 0].mean(2))
        return self.last(F.relu(self.first(x)) if self.first else x)


def mulberry32(seed, count):
    """The next `count` uniform numbers after `seed`, and the generator's state behind them: `createRandom` of random.ts."""
    word = np.uint64(2**32 - 1)

    def multiply(a, b):
        return (a * b) & word

    steps = np.arange(1, count + 1, dtype=np.uint64)
    state = (np.uint64(seed % 2**32) + multiply(steps, np.uint64(0x6D2B79F5))) & word
    t = multiply(state ^ (state >> np.uint64(15)), state | np.uint64(1))
    t = ((t + multiply(t ^ (t >> np.uint64(7)), t | np.uint64(61))) & word) ^ t
    return (t ^ (t >> np.uint64(14))) / 2**32, int(state[-1])


class Drawn:
    def __init__(self, seed):
        self.state = seed

    def array(self, shape, centre, spread):
        uniform, self.state = mulberry32(self.state, int(np.prod(shape)))
        return (centre + spread * (2 * uniform - 1)).astype(np.float32).astype(np.float64).reshape(shape)


def variables(network):
    """Each variable of ours: the tensor, how its axes stand in our layout, and whether it is trained."""
    trained, statistics = [], []
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            trained.append((module.weight, (2, 3, 1, 0)))
            if module.bias is not None:
                trained.append((module.bias, (0,)))
        elif isinstance(module, nn.Linear):
            trained += [(module.weight, (1, 0)), (module.bias, (0,))]
        elif isinstance(module, nn.PReLU):
            trained.append((module.weight, (0,)))
        elif isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d)):
            trained += [(module.weight, (0,)), (module.bias, (0,))]
            statistics += [(module.running_mean, (0,)), (module.running_var, (0,))]
    return trained, statistics


def ours(tensor, axes):
    return tensor.detach().permute(*axes).contiguous().numpy()


def range_of(tensor, network, biases):
    """Centre and spread of a variable's values, so that every layer passes signals of about one size."""
    if any(tensor is module.weight for module in network.modules() if isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d))):
        return 1, 0.3
    if any(tensor is module.weight for module in network.modules() if isinstance(module, nn.PReLU)):
        return 0.3, 0.1
    if tensor.dim() > 1:
        return 0, float(np.sqrt(6 / tensor[0].numel()))
    return 0, biases


def fill(network, shapes, batch, value, biases, seed):
    """Draws all variables, then the pictures. Returns how the variables are drawn, and the pictures."""
    drawn = Drawn(seed)
    trained, statistics = variables(network)
    ranges = []
    with torch.no_grad():
        for tensor, axes in trained:
            centre, spread = range_of(tensor, network, biases)
            shape = [tensor.shape[axis] for axis in axes]
            tensor.copy_(torch.tensor(drawn.array(shape, centre, spread)).permute(*np.argsort(axes).tolist()))
            ranges.append({"shape": shape, "centre": centre, "spread": spread})
        for index, (tensor, _) in enumerate(statistics):
            centre, spread = (0, 0.3) if index % 2 == 0 else (1, 0.5)
            tensor.copy_(torch.tensor(drawn.array(tensor.shape, centre, spread)))
            ranges.append({"shape": list(tensor.shape), "centre": centre, "spread": spread})
    return ranges, [torch.tensor(drawn.array([batch, *shape], *value)).unsqueeze(1) for shape in shapes]
