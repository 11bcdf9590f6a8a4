"""Hidden Markov chains: evidence by the forward recursion, the dense matrix, and by enumeration."""
import itertools

import numpy as np


def lowrank_hmm(p, emit, start, W, U):
    """emit [B, T, Z] in log space; the transition W U is never formed."""
    total = np.zeros(len(emit), p.real)
    for t in range(emit.shape[1]):
        a = (start if t == 0 else (a @ W) @ U) * np.exp(emit[:, t])
        norm = a.sum(-1)
        a, total = a / norm[:, None], total + np.log(norm)
    return total


def dense(emit, start, A):
    """log sum over all paths, by logarithms."""
    with np.errstate(divide="ignore"):
        a, step = np.log(start) + emit[:, 0], np.log(A)
    for t in range(1, emit.shape[1]):
        a = np.logaddexp.reduce(a[:, :, None] + step, 1) + emit[:, t]
    return np.logaddexp.reduce(a, 1)


def enumerated(emit, start, A):
    """One chain [T, Z], every path."""
    T, Z = emit.shape
    total = 0
    for path in itertools.product(range(Z), repeat=T):
        weight = start[path[0]] * np.exp(emit[0, path[0]])
        for t in range(1, T):
            weight *= A[path[t - 1], path[t]] * np.exp(emit[t, path[t]])
        total += weight
    return np.log(total)
