"""Structured matrices as the dense ones that they stand for."""
import numpy as np


def flat_butterfly(blocks):
    """blocks [n, k + 1, b, c]: block row i holds i in slot 0 and i xor 2^j in slot j + 1."""
    n, slots, b, c = blocks.shape
    W = np.zeros((n, b, n, c), blocks.dtype)
    for i in range(n):
        for slot in range(slots):
            W[i, :, i ^ (1 << slot - 1) if slot else i] = blocks[i, slot]
    return W.reshape(n * b, n * c)


def lowrank(left, right):
    return left @ right


def monarch(first, second):
    """Two block-diagonal matrices, each after the transpose that makes its blocks contiguous."""
    k, q, p = first.shape
    columns, s, r = second.shape
    W1 = np.zeros((k, q, k, p), first.dtype)
    for i in range(k):
        W1[i, :, i] = first[i]
    W2 = np.zeros((s, columns, r, columns), second.dtype)                        # y[s, l] of h[r, l]
    for l in range(columns):
        W2[:, l, :, l] = second[l]
    return W2.reshape(s * columns, r * columns) @ W1.reshape(k * q, k * p)


def butterfly(twiddles):
    """twiddles [m, n / 2, 2, 2]: factor j joins i and i + 2^j; factor 0 is applied first."""
    m, n = len(twiddles), 2 << (len(twiddles) - 1) if len(twiddles) else 1
    W = np.eye(n, dtype=twiddles.dtype)
    for j in range(m):
        factor = np.zeros((n, n), twiddles.dtype)
        for p in range(n // 2):
            i = (p >> j << j + 1) + p % (1 << j)
            pair = [i, i + (1 << j)]
            factor[np.ix_(pair, pair)] = twiddles[j, p]
        W = factor @ W
    return W


def toeplitz(diagonals, O, I):
    return diagonals[np.arange(O)[:, None] - np.arange(I) + I - 1]
