"""S4: a state matrix that is diagonal plus low rank, dense, stepped in O(N), and as a kernel."""
import numpy as np

from .spectral import causal, real_inverse


def legs(N):
    """HiPPO-LegS of size N: A, B, and P with A + P P^T normal."""
    n = np.arange(N)
    A = -np.sqrt(np.outer(2 * n + 1, 2 * n + 1)) * (n[:, None] > n) - np.diag(n + 1.0)
    return A, np.sqrt(2 * n + 1.0), np.sqrt(n + 0.5)


def legs_pairs(N):
    """The half of negative imaginary part: poles, P [1, N / 2], B, and the vectors V of the change of basis."""
    A, B, P = legs(N)
    S = A + np.outer(P, P)
    w, V = np.linalg.eigh(-1j * (S + np.eye(N) / 2))
    V = V[:, :N // 2]
    return -0.5 + 1j * w[:N // 2], (V.conj().T @ P)[None], V.conj().T @ B, V


def dense(dt, A, P, B):
    """The bilinear Ab [H, 2N, 2N] and Bb [H, 2N] over both halves of every pair."""
    full = lambda a: np.concatenate([a, a.conj()], -1)
    matrix = np.diag(full(A)) - full(P).T @ full(P).conj()
    half, eye = dt[:, None, None] / 2 * matrix, np.eye(2 * A.shape[-1])
    Bb = np.linalg.solve(eye - half, (dt[:, None] * full(B))[..., None])[..., 0]
    return np.linalg.solve(eye - half, eye + half), Bb


def poles(p, log_re, im):
    return p.pair(-np.exp(log_re), im)


def stepped_dense(p, u, log_dt, log_re, im, P, B, C, D, x=None):
    """The recurrence with dense matrices: u [B, H, L]."""
    Ab, Bb = dense(np.exp(log_dt), poles(p, log_re, im), P, B)
    N = C.shape[-1]
    x = np.zeros(u.shape[:2] + (2 * N,), p.complex) if x is None else np.concatenate([x, x.conj()], -1)
    x, u = x.transpose(1, 2, 0), u.transpose(1, 2, 0)                            # batches last: [H, 2N, B]
    y = np.empty(u.shape, p.real)
    for t in range(u.shape[1]):
        x = Ab @ x + Bb[..., None] * u[:, None, t]
        y[:, t] = 2 * (C[:, None] @ x[:, :N]).real[:, 0]
    return {"out": (y + D[:, None, None] * u).transpose(2, 0, 1), "x": x[:, :N].transpose(2, 0, 1)}


def stepped(p, u, log_dt, log_re, im, P, B, C, D, x=None):
    """The same in O(N): two diagonal maps and an inverse of the rank's size."""
    A, two = poles(p, log_re, im), (2 / np.exp(log_dt))[:, None]
    g = p.off(1 / (two - A))
    G = np.eye(len(P), dtype=p.real) + 2 * np.einsum("rn,hn,sn->hrs", P.conj(), g, P).real
    W, E = p.off(np.linalg.inv(G)), p.off(two + A)
    x = np.zeros(u.shape[:2] + A.shape, p.complex) if x is None else x
    y = np.empty(u.shape, p.real)
    for t in range(u.shape[2]):
        v = E * x - (2 * (x @ P.conj().T).real) @ P + 2 * B * u[:, :, t, None]
        w = np.einsum("hsr,bhr->bhs", W, 2 * ((g * v) @ P.conj().T).real)
        x = p.off(g * (v - w @ P))
        y[:, :, t] = 2 * (C * x).sum(-1).real
    return {"out": y + D[:, None] * u, "x": x}


def cut(Ab, C, L):
    """C~ = C (I - Ab^L), over the stored half."""
    C = np.concatenate([C, C.conj()], -1)
    return (C - np.einsum("hi,hij->hj", C, np.linalg.matrix_power(Ab, L)))[:, :C.shape[-1] // 2]


def krylov(p, L, log_dt, log_re, im, P, B, C):
    """The kernel C Ab^l Bb, C being recovered from C~ of length L."""
    Ab, Bb = dense(np.exp(log_dt), poles(p, log_re, im), P, B)
    full = np.concatenate([C, C.conj()], -1)
    kept = np.swapaxes(np.eye(Ab.shape[-1]) - np.linalg.matrix_power(Ab, L), -1, -2)
    row = np.linalg.solve(kept, full[..., None])[..., 0]
    kernel = np.empty((len(C), L))
    for l in range(L):
        kernel[:, l] = (row * Bb).sum(-1).real
        Bb = np.einsum("hij,hj->hi", Ab, Bb)
    return kernel


def cauchy(p, L, log_dt, log_re, im, P, B, C):
    """The kernel by its transform: Cauchy sums at the roots of unity, Woodbury, the inverse transform."""
    angle = np.pi * np.arange(L // 2 + 1) / L
    z = p.pair(0 * angle, 2 * np.tan(np.where(2 * np.arange(L // 2 + 1) == L, 0, angle)))
    dt = np.exp(log_dt)[:, None, None]
    A = poles(p, log_re, im)[None, :, None]
    g, h = p.off(dt / (z - dt * A)), p.off(dt / (z - dt * A.conj()))             # [H, N, K]
    r = lambda a, b, spec: np.einsum(spec, a, b, g) + np.einsum(spec, a.conj(), b.conj(), h)
    Q = P.conj()
    bc, bq = r(B, C, "n,hn,hnk->hk"), r(B, Q, "n,rn,hnk->hkr")
    pc, pq = r(P, C, "rn,hn,hnk->hkr"), r(P, Q, "sn,rn,hnk->hkrs")
    inner = np.linalg.solve(np.eye(len(P), dtype=p.real) + np.swapaxes(pq, -1, -2), pc[..., None])[..., 0]
    modes = (1 + z / 2) * (bc - (bq * inner).sum(-1))
    if L % 2 == 0:
        modes[:, -1] = np.exp(log_dt) * (C * B).sum(-1).real
    return (modes.astype(p.complex) @ real_inverse(p, L, L // 2 + 1)).real


def convolved(p, u, log_dt, log_re, im, P, B, C, D, kernel=krylov):
    K = kernel(p, u.shape[2], log_dt, log_re, im, P, B, C)
    return causal(u, K.astype(p.real)) + D[:, None] * u
