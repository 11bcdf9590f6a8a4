"""Fourier operators and kernels given by their transform."""
import numpy as np

from .functions import gelu


def forward_matrix(p, n, modes):
    """exp(-2 pi i k x / n): the transform as a product, its entries rounded from float64."""
    return np.exp(-2j * np.pi * np.outer(np.arange(n), modes) / n).astype(p.complex)


def real_inverse(p, n, K):
    """What turns the first K modes of a real signal into it: interior modes count twice, by their conjugates."""
    modes = np.arange(K)
    twice = np.where((modes == 0) | (2 * modes == n), 1, 2)[:, None]
    return (twice * np.exp(2j * np.pi * np.outer(modes, np.arange(n)) / n) / n).astype(p.complex)


def fno1d(p, x, W, w):
    """x [B, I, X], W [I, O, K]."""
    n, K = x.shape[-1], W.shape[-1]
    modes = x @ forward_matrix(p, n, np.arange(K))
    mixed = np.einsum("bik,iok->bok", modes, W)
    return gelu((mixed @ real_inverse(p, n, K)).real + np.einsum("bix,io->box", x, w))


def fno2d(p, x, W, w):
    """x [B, I, X, Y], W [I, O, K1, K2]: both signs along X, half the spectrum along Y."""
    nx, ny, K1, K2 = *x.shape[-2:], *W.shape[-2:]
    rows = np.concatenate([np.arange((K1 + 1) // 2), np.arange(-(K1 // 2), 0)])
    modes = np.einsum("biyk,yl->bikl", np.swapaxes(x, -1, -2) @ forward_matrix(p, nx, rows),
                      forward_matrix(p, ny, np.arange(K2)))
    mixed = np.einsum("bikl,iokl->bokl", modes, W)
    back = (np.exp(2j * np.pi * np.outer(rows, np.arange(nx)) / nx) / nx).astype(p.complex)
    partly = np.einsum("bokl,kx->boxl", mixed, back)
    return gelu((partly @ real_inverse(p, ny, K2)).real + np.einsum("bixy,io->boxy", x, w))


def causal(u, K):
    """y_l = sum over j <= l of K_j u_{l - j}; u [B, H, L], K [H, L]."""
    y = np.empty(u.shape, np.result_type(u, K))
    for b in range(len(u)):
        for h in range(u.shape[1]):
            y[b, h] = np.convolve(u[b, h], K[h])[:u.shape[2]]
    return y
