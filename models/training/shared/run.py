"""
The training loop: one run is a folder with a checkpoint, from which it goes on after any
interruption.
"""
import copy
import json
import os
import signal
import time

import numpy as np
import torch

from .ema import follow
from .schedule import warm_cosine

CHECKPOINT = "checkpoint.pt"
SAVE_EVERY_S = 180


def start(task, out, options):
    """
    Begins a run in the folder `out` and trains to its end.
    `task` is a module or object with build(options) -> net (its attribute `body` learns more
    slowly), Batches(options) -> object whose draw(rng, step) gives a batch, loss(net, batch,
    options) -> (loss, {name: number}), before_step(net, step, options), watch(net, batches) ->
    {name: number}. Raises FileExistsError when the folder already holds a run.
    """
    os.makedirs(out, exist_ok=True)
    path = os.path.join(out, CHECKPOINT)
    if os.path.exists(path):
        raise FileExistsError(f"{path} is there already: go on from it with `resume`, or choose another --out")
    torch.manual_seed(options["seed"])
    net = task.build(options).to(memory_format=torch.channels_last)
    optimizer = torch.optim.AdamW(_groups(net, options), weight_decay=options["decay"])
    _loop(task, out, options, {"net": net, "ema": copy.deepcopy(net), "optimizer": optimizer, "step": 0, "seconds": 0.0})


def resume(task, out, changes=None):
    """
    Goes on from the folder's checkpoint; `changes` replaces options, as `steps` to train longer or
    `threads`.
    """
    saved = torch.load(os.path.join(out, CHECKPOINT), map_location="cpu")
    options = {**saved["options"], **(changes or {})}
    net = task.build({**options, "start": None, "published": None}).to(memory_format=torch.channels_last)
    ema = copy.deepcopy(net)
    net.load_state_dict(saved["net"])
    ema.load_state_dict(saved["ema"])
    optimizer = torch.optim.AdamW(_groups(net, options), weight_decay=options["decay"])
    optimizer.load_state_dict(saved["optimizer"])
    _loop(task, out, options, {**saved, "net": net, "ema": ema, "optimizer": optimizer})


def load_average(task, out):
    """
    The averaged network of a run (a folder, or a checkpoint file), ready to evaluate; and the run's
    options.
    """
    path = os.path.join(out, CHECKPOINT) if os.path.isdir(out) else out
    saved = torch.load(path, map_location="cpu")
    net = task.build({**saved["options"], "start": None, "published": None})
    net.load_state_dict(saved["ema"])
    task.before_step(net, saved["step"], saved["options"])
    return net.eval(), saved["options"]


def _groups(net, options):
    """AdamW's parameter groups: the body learns at the fraction `body_rate` of the rate."""
    body = {id(parameter) for parameter in net.body.parameters()}
    rest = [parameter for parameter in net.parameters() if id(parameter) not in body]
    return [
        {"params": list(net.body.parameters()), "lr": options["rate"] * options["body_rate"]},
        {"params": rest, "lr": options["rate"]},
    ]


def _loop(task, out, options, state):
    torch.set_num_threads(options["threads"])
    net, ema, optimizer = state["net"], state["ema"], state["optimizer"]
    stop = []
    signal.signal(signal.SIGTERM, lambda *_: stop.append(True))
    batches = task.Batches(options)
    rates = [group["lr"] for group in _groups(net, options)]
    begun, before, saved, means = time.time(), state["seconds"], time.time(), {}
    end = min(options["steps"], options.get("until") or options["steps"])
    while state["step"] < end and not stop:
        step = state["step"]
        # Every step draws from a generator of its own, so that a run that was interrupted draws the
        # same.
        batch = batches.draw(np.random.default_rng([options["seed"], step]), step)
        factor = warm_cosine(step, options["steps"], options["warmup"])
        for group, rate in zip(optimizer.param_groups, rates):
            group["lr"] = rate * factor
        task.before_step(net, step, options)
        net.train()
        loss, parts = task.loss(net, batch, options)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(net.parameters(), options["clip"])
        if torch.isfinite(norm):
            optimizer.step()
        follow(ema, net, step)
        state["step"], state["seconds"] = step + 1, before + time.time() - begun
        for name, value in {"loss": float(loss.detach()), **parts}.items():
            means[name] = means.get(name, value) * 0.98 + value * 0.02
        if (step + 1) % options["log"] == 0:
            _log(out, state, means)
        if (step + 1) % options["watch"] == 0 or step + 1 == end:
            task.before_step(ema, step, options)
            _log(out, state, task.watch(ema, batches))
        if time.time() - saved > SAVE_EVERY_S or step + 1 == end or stop:
            saved = time.time()
            save(out, options, state)


def save(out, options, state):
    """Writes the checkpoint; it appears whole or not at all."""
    path = os.path.join(out, CHECKPOINT)
    content = {name: state[name].state_dict() for name in ("net", "ema", "optimizer")}
    torch.save({**content, "step": state["step"], "seconds": state["seconds"], "options": options}, path + ".part")
    os.replace(path + ".part", path)


def _log(out, state, figures):
    line = {"step": state["step"], "minutes": round(state["seconds"] / 60, 1)}
    line.update({name: round(value, 4) for name, value in figures.items()})
    print(json.dumps(line), flush=True)
    with open(os.path.join(out, "log.jsonl"), "a") as f:
        f.write(json.dumps(line) + "\n")
