"""Moving average of a network's weights: what is evaluated and exported."""
import torch


@torch.no_grad()
def follow(average, net, step, keep=0.998):
    """
    Moves the average's state towards the network's; the first steps count more, so that the start
    is soon forgotten.
    """
    keep = min(keep, (step + 1) / (step + 10))
    for mean, value in zip(average.state_dict().values(), net.state_dict().values()):
        if mean.is_floating_point():
            mean.lerp_(value, 1 - keep)
        else:
            mean.copy_(value)
