"""Learning rates by step."""
import math


def warm_cosine(step, steps, warmup=300, floor=0.01):
    """
    Factor 0..1 of the learning rate: a linear rise, then half a cosine down to `floor` at the last
    step.
    """
    rise = min(1.0, (step + 1) / warmup)
    fall = floor + (1 - floor) * (1 + math.cos(math.pi * min(1.0, step / steps))) / 2
    return rise * fall
