"""Random arguments that several layers take."""
import numpy as np


def pairs(rng, *shape):
    """Complex normal, of modulus one in the mean."""
    return (rng.standard_normal(shape) + 1j * rng.standard_normal(shape)) / np.sqrt(2)


def log_dt(rng, *shape):
    return rng.uniform(np.log(0.001), np.log(0.1), shape)


def kaiming(rng, *shape):
    """The last axis is summed."""
    return rng.uniform(-1, 1, shape) / np.sqrt(max(shape[-1], 1))
