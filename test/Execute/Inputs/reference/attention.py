"""The attention family. Arrays are [B, H, L, D] where the layers have them so, else [B, L, H, D]."""
import numpy as np

from .functions import elu1, logsumexp, silu, softmax, softplus


def visible(L, M):
    """Which of M keys each of L queries sees: aligned at the end."""
    return np.arange(M) <= np.arange(L)[:, None] + M - L


def attend(p, scores, v, kept=True):
    return p.meet(softmax(np.where(kept, scores, -np.inf).astype(p.real))) @ v


def scaled(p, q, k):
    return (q @ np.swapaxes(k, -1, -2) / np.sqrt(p.real(q.shape[-1]))).astype(p.real)


def attention(p, q, k, v):
    return attend(p, scaled(p, q, k), v, visible(q.shape[2], k.shape[2]))


def block_sparse_attention(p, q, k, v, layout, block=64):
    L, M = q.shape[2], k.shape[2]
    kept = np.repeat(np.repeat(layout, block, 0), block, 1)[:L, :M]
    return attend(p, scaled(p, q, k), v, kept)


def mgk(p, q, k, v, log_pi, log_s2):
    """k [B, H, R, M, D]: a mixture of R Gaussians a position."""
    distance = ((q[:, :, None, :, None] - k[:, :, :, None]) ** 2).sum(-1)       # [B, H, R, L, M]
    weight = log_pi[:, :, None, None] - distance / (2 * np.exp(log_s2))[:, :, None, None]
    return attend(p, logsumexp(weight.astype(p.real), 2), v)


def linear_states(p, q, k, v, S=0, z=0):
    """Causal linear attention, a step at a time: [B, L, H, D]."""
    fq, fk = elu1(q), elu1(k)
    out = np.empty(v.shape, p.real)
    S = np.broadcast_to(p.real(S), (len(q),) + q.shape[2:] + v.shape[3:])
    z = np.broadcast_to(p.real(z), (len(q),) + q.shape[2:])
    for t in range(q.shape[1]):
        S = p.off(S + fk[:, t, :, :, None] * v[:, t, :, None, :])
        z = p.off(z + fk[:, t])
        den = (fq[:, t] * z).sum(-1)[..., None] + p.real(1e-6)
        out[:, t] = np.einsum("bhd,bhde->bhe", fq[:, t], p.meet(S)) / den
    return {"out": out, "S": S, "z": z}


def linear_parallel(p, q, k, v):
    """The same by the masked product of queries and keys."""
    fq, fk = elu1(q), elu1(k)
    A = np.einsum("blhd,bmhd->bhlm", fq, fk) * np.tril(np.ones((q.shape[1], k.shape[1]), p.real))
    return np.einsum("bhlm,bmhe->blhe", A, v) / (A.sum(-1).transpose(0, 2, 1)[..., None] + p.real(1e-6))


def linear_chunked(p, q, k, v, size):
    """The same, chunk by chunk."""
    fq, fk, L = elu1(q), elu1(k), q.shape[1]
    S, z = np.zeros((len(q),) + q.shape[2:] + v.shape[3:], p.real), np.zeros((len(q),) + q.shape[2:], p.real)
    out = np.empty(v.shape, p.real)
    for begin in range(0, L, size):
        c = slice(begin, min(begin + size, L))
        A = np.tril(np.einsum("blhd,bmhd->bhlm", fq[:, c], fk[:, c]))
        top = np.einsum("blhd,bhde->blhe", fq[:, c], S) + np.einsum("bhlm,bmhe->blhe", A, v[:, c])
        den = np.einsum("blhd,bhd->blh", fq[:, c], z) + A.sum(-1).transpose(0, 2, 1) + p.real(1e-6)
        out[:, c] = top / den[..., None]
        S, z = S + np.einsum("blhd,blhe->bhde", fk[:, c], v[:, c]), z + fk[:, c].sum(1)
    return out


def linear_full(p, q, k, v):
    fq, fk = elu1(q), elu1(k)
    top = np.einsum("blhd,bhde->blhe", fq, p.meet(np.einsum("bmhd,bmhe->bhde", p.meet(fk), v)))
    return top / (np.einsum("blhd,bhd->blh", fq, fk.sum(1)) + p.real(1e-6))[..., None]


def exponents(p, x, W):
    """u - |x|^2 / 2 of the features of FAVOR+: [..., F]."""
    x = (x / p.real(x.shape[-1]) ** p.real(0.25)).astype(p.real)
    return x @ W.T - (x ** 2).sum(-1, keepdims=True) / 2


def performer(p, q, k, v, W):
    uq, uk = exponents(p, q, W), exponents(p, k, W)
    fq = np.exp(uq - uq.max(-1, keepdims=True))
    fk = np.exp(uk - uk.max((-1, -2), keepdims=True))
    top = fq @ (np.swapaxes(p.meet(fk), -1, -2) @ v)
    return top / (fq * fk.sum(-2, keepdims=True)).sum(-1, keepdims=True)


def performer_causal(p, q, k, v, W):
    """With one maximum over all keys: in float64 what the stream must give."""
    uq, uk = exponents(p, q, W), exponents(p, k, W)
    high = uk.max((-1, -2), keepdims=True)
    fq, fk = np.exp(uq - uq.max(-1, keepdims=True)), np.exp(uk - high)
    A = np.tril(fq @ np.swapaxes(fk, -1, -2))
    end = {"m": high[..., 0, 0], "S": np.swapaxes(fk, -1, -2) @ v, "z": fk.sum(-2)}
    return {"out": p.meet(A) @ v / A.sum(-1, keepdims=True), **end}


def performer_stream(p, q, k, v, W):
    """A key at a time, the sums rescaled when the maximum grows."""
    uq, uk = exponents(p, q, W), exponents(p, k, W)
    fq = np.exp(uq - uq.max(-1, keepdims=True))
    m = np.full(uk.shape[:2], -np.inf, p.real)
    S, z = np.zeros(uk.shape[:2] + (len(W), v.shape[-1]), p.real), np.zeros(uk.shape[:2] + (len(W),), p.real)
    out = np.empty(v.shape, p.real)
    for t in range(uk.shape[2]):
        n = np.maximum(m, uk[:, :, t].max(-1))
        f, c = np.exp(uk[:, :, t] - n[..., None]), np.exp(m - n)
        S = c[..., None, None] * S + f[..., None] * v[:, :, t, None, :]
        z, m = c[..., None] * z + f, n
        out[:, :, t] = np.einsum("bhf,bhfe->bhe", fq[:, :, t], p.meet(S)) / (fq[:, :, t] * z).sum(-1)[..., None]
    return {"out": out, "m": m, "S": S, "z": z}


def selective_scan(p, u, delta, Bt, Ct, z, A_log, skip, bias, h=0):
    """Mamba: [B, L, D], states [B, D, N]."""
    dt = softplus(delta + bias)
    h = np.broadcast_to(p.real(h), (len(u),) + A_log.shape)
    y = np.empty(u.shape, p.real)
    for t in range(u.shape[1]):
        step = dt[:, t, :, None]
        h = p.off(np.exp(-step * np.exp(A_log)) * h + step * Bt[:, t, None, :] * u[:, t, :, None])
        y[:, t] = (p.meet(h) @ Ct[:, t, :, None])[..., 0]
    return {"out": (y + skip * u) * silu(z), "h": h}


def ssd(p, x, dt, Bt, Ct, A_log, skip, s=0):
    """Mamba-2: [B, L, H, P], one decay a head."""
    s = np.broadcast_to(p.real(s), (len(x),) + x.shape[2:] + Bt.shape[2:])
    y = np.empty(x.shape, p.real)
    for t in range(x.shape[1]):
        step = dt[:, t, :, None, None]
        grown = step * x[:, t, ..., None] * Bt[:, t, None, None, :]
        s = p.off(np.exp(-step * np.exp(A_log)[:, None, None]) * s + grown)
        y[:, t] = np.einsum("bn,bhpn->bhp", Ct[:, t], p.meet(s))
    return {"out": y + skip[:, None] * x, "s": s}


def ssd_parallel(p, x, dt, Bt, Ct, A_log, skip):
    """The same as one masked product: y_i = sum over j <= i of (C_i . B_j) exp(log decays in (j, i]) dt_j x_j."""
    decay = np.cumsum(-dt * np.exp(A_log), 1)                                    # [B, L, H]
    mask = np.tril(np.ones((x.shape[1],) * 2, bool))[None, :, :, None]
    weight = np.exp(np.where(mask, decay[:, :, None] - decay[:, None], -np.inf))
    weight = weight * (Ct @ np.swapaxes(Bt, 1, 2))[..., None]
    return np.einsum("bijh,bjh,bjhp->bihp", weight, dt, x) + skip[:, None] * x
