"""Starts the plate detector from weights that there are: a checkpoint, or an exported ONNX file."""
from functools import partial

import torch

from ..shared.onnx import read_weights
from .detect import to_input
from .network import Lateral, Separable

# Where the normalisation is that an export folds into a convolution.
FOLDED = {Separable: (("dw", "bn1"), ("pw", "bn2")), Lateral: (("conv", "bn"),)}


def load_checkpoint(net, path):
    """
    Fills a detector with the averaged weights of a run's checkpoint. Raises ValueError for another
    network's.
    """
    weights = torch.load(path, map_location="cpu")["ema"]
    _fill(net, {_current(name): value for name, value in weights.items()}, path)


def load_onnx(net, path, images):
    """
    Fills a detector with the weights of an exported one. The normalisations that the export folded
    away are restored from what `images` (uint8 [n, side, side, 3]) give, so that training goes on
    where it stopped. Raises ValueError for another network's file.
    """
    weights, convolutions = read_weights(path)
    state = {_current(name[len("net.") :]): torch.tensor(value) for name, value in weights.items() if name.startswith("net.")}
    by_module = {_module_of(name): [weights[n] for n in names] for name, names in convolutions.items()}
    biases = {}
    for conv, norm in _folded(net):
        if conv not in by_module:
            raise ValueError(f"{path} is not an export of the plate detector: it has no {conv}")
        weight, bias = by_module[conv]
        state[f"{conv}.weight"], biases[norm] = torch.tensor(weight), torch.tensor(bias)
    _fill(net, state, path, known=[f"{norm}." for norm in biases])
    _restore(net, biases, to_input(images))


def _fill(net, state, path, known=()):
    """
    Only corners, which the first edition lacks, and normalisations, which an export lacks, may be
    missing.
    """
    missing, unexpected = net.load_state_dict(state, strict=False)
    if unexpected or any(not name.startswith(("corners.", *known)) for name in missing):
        raise ValueError(f"{path} does not hold the plate detector")


def _current(name):
    """The first edition called its body backbone."""
    return name.replace("backbone.", "body.")


def _module_of(node):
    """/net/s32/s32.0/dw/Conv is the convolution of s32.0.dw."""
    scopes = node.split("/")[2:-1]
    inner = [scope for scope, following in zip(scopes, [*scopes[1:], ""]) if not following.startswith(f"{scope}.")]
    return _current(".".join(inner))


def _folded(net):
    for name, module in net.named_modules():
        for conv, norm in FOLDED.get(type(module), ()):
            yield f"{name}.{conv}", f"{name}.{norm}"


@torch.no_grad()
def _restore(net, biases, x):
    """
    Gives each normalisation the mean and deviation of its input, and takes them back by its weight
    and bias: the network computes the same, in training too.
    """
    modules, hooks = dict(net.named_modules()), []

    def measure(module, inputs, bias):
        mean, var = inputs[0].mean((0, 2, 3)), inputs[0].var((0, 2, 3), unbiased=False)
        module.running_mean.copy_(mean)
        module.running_var.copy_(var)
        module.weight.copy_((var + module.eps).sqrt())
        module.bias.copy_(bias + mean)

    for name, bias in biases.items():
        hooks.append(modules[name].register_forward_pre_hook(partial(measure, bias=bias)))
    net.eval()
    net(x)
    net.train()
    for hook in hooks:
        hook.remove()
