"""Writes ONNX files."""
import torch


def write_onnx(net, example, path, inputs, outputs, axes):
    """
    Exports a network (opset 13) with named inputs and outputs; `axes` names the free dimensions, as
    {"crop": {0: "n"}}. Training's state of the network is left as it was.
    """
    training = net.training
    net.eval()
    torch.onnx.export(
        net, example, path, opset_version=13, input_names=inputs, output_names=outputs, dynamic_axes=axes
    )
    net.train(training)
