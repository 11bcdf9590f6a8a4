"""Parameters for text.ssm, counted from texts: a state a byte, the table of successors
factored by rank 64 (non-negative factors under Kullback-Leibler divergence, Lee and Seung
2001). The numbers are a model of English licences, not of the text that is scored.

    fit_text.py OUT.npz TEXT...
"""
import sys

import numpy as np

RANK, STATES, STEPS = 64, 256, 200


def counts(paths):
    """[z, z'] how often byte z' follows byte z."""
    table = np.zeros((STATES, STATES))
    for path in paths:
        with open(path, "rb") as file:
            text = np.frombuffer(file.read(), np.uint8)
        np.add.at(table, (text[:-1], text[1:]), 1)
    return table


def factor(table, rank, steps, rng):
    """W [z, r], U [r, z'] with rows that sum to 1 and W U close to P(z' | z)."""
    weight = table.sum(axis=1, keepdims=True)
    target = (table + 1e-3) / (weight + 1e-3 * STATES)
    w, u = rng.random((STATES, rank)) + 0.1, rng.random((rank, STATES)) + 0.1
    for _ in range(steps):
        ratio = (weight + 1) * target / (w @ u)
        w = w * (ratio @ u.T) / ((weight + 1) * u.sum(axis=1))
        ratio = (weight + 1) * target / (w @ u)
        u = u * (w.T @ ratio) / (w * (weight + 1)).sum(axis=0)[:, None]
    scale = u.sum(axis=1)
    w, u = w * scale, u / scale[:, None]
    return w / w.sum(axis=1, keepdims=True), u


def main():
    out, paths = sys.argv[1], sys.argv[2:]
    table = counts(paths)
    w, u = factor(table, RANK, STEPS, np.random.default_rng(0))
    start = (table.sum(axis=1) + 1) / (table.sum() + STATES)
    np.savez(out, **{"emission": np.eye(STATES, dtype=np.float32),
                     "lowrank_hmm.start": start.astype(np.float32),
                     "lowrank_hmm.W": w.astype(np.float32), "lowrank_hmm.U": u.astype(np.float32)})


if __name__ == "__main__":
    main()
