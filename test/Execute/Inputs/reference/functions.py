"""Functions that numpy has not, or not in both precisions."""
import math

import numpy as np

_erfc = np.frompyfunc(math.erfc, 1, 1)


def expm1(z):
    """Without the cancellation of exp(z) - 1; complex too."""
    if not np.iscomplexobj(z):
        return np.expm1(z)
    half = np.sin(z.imag / 2)
    return np.expm1(z.real) * np.cos(z.imag) - 2 * half * half + 1j * np.exp(z.real) * np.sin(z.imag)


def gelu(x):
    return 0.5 * x * _erfc(np.asarray(-x, np.float64) / math.sqrt(2)).astype(x.dtype)


def softplus(x):
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


def silu(x):
    return x / (1 + np.exp(-x))


def elu1(x):
    """elu(x) + 1."""
    return np.where(x > 0, x + 1, np.exp(np.minimum(x, 0)))


def logsumexp(x, axis):
    """-inf where all are."""
    high = x.max(axis, keepdims=True)
    high = np.where(np.isneginf(high), 0, high).astype(x.dtype)
    return np.squeeze(high, axis) + np.log(np.exp(x - high).sum(axis))


def softmax(x):
    """Over the last axis; 0 where nothing is visible."""
    if not x.shape[-1]:
        return x
    high = x.max(-1, keepdims=True)
    e = np.exp(x - np.where(np.isneginf(high), 0, high))
    total = e.sum(-1, keepdims=True)
    return np.where(total == 0, 0, e / np.where(total == 0, 1, total)).astype(x.dtype)
