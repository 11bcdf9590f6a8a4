"""State-space layers: a state of complex poles, stepped. N poles stand for conjugate pairs where it says so."""
import numpy as np

from .functions import expm1, gelu


def zoh(p, dA, A):
    """exp(dA) and (exp(dA) - 1) / A."""
    return p.off(np.exp(dA)), p.off(expm1(dA) / A)


def bilinear(p, dA, dt):
    return p.off((1 + dA / 2) / (1 - dA / 2)), p.off(dt / (1 - dA / 2))


def run(p, Ab, inputs, x):
    """x_t = Ab x_{t-1} + inputs_t along the first axis: every x, and the last."""
    states = np.empty((len(inputs),) + np.broadcast_shapes(np.shape(x), inputs.shape[1:]), np.result_type(Ab, inputs))
    x = np.broadcast_to(x, states.shape[1:])
    for t, value in enumerate(inputs):
        states[t] = x = p.off(Ab * x + value)
    return states, x


def s4d(p, u, log_dt, log_re, im, C, D, x=0):
    """u [B, H, L]; pairs [H, N]."""
    A = p.pair(-np.exp(log_re), im)
    Ab, Bb = zoh(p, np.exp(log_dt)[:, None] * A, A)
    states, last = run(p, Ab, Bb * np.moveaxis(u, -1, 0)[..., None], x)
    y = 2 * np.moveaxis((C * states).sum(-1).real, 0, -1) + D[:, None] * u
    return {"out": gelu(y), "x": np.broadcast_to(last, u.shape[:2] + C.shape[1:])}


def s5(p, u, log_step, re, im, B, C, D, x=0):
    """u [B, L, H]; pairs [P], a step each."""
    A = p.pair(re, im)
    Ab, Bb = zoh(p, np.exp(log_step) * A, A)
    states, last = run(p, Ab, Bb * (np.moveaxis(u, 1, 0) @ B.T), x)
    y = 2 * np.moveaxis((states @ C.T).real, 0, 1) + D * u
    return {"out": y, "x": np.broadcast_to(last, (len(u), len(re)))}


def s5_bidirectional(p, u, log_step, re, im, B, C, back, D):
    A = p.pair(re, im)
    Ab, Bb = zoh(p, np.exp(log_step) * A, A)
    inputs = Bb * (np.moveaxis(u, 1, 0) @ B.T)
    ahead = run(p, Ab, inputs, 0)[0]
    behind = run(p, Ab, inputs[::-1], 0)[0][::-1]
    return 2 * np.moveaxis((ahead @ C.T + behind @ back.T).real, 0, 1) + D * u


def layer_norm(p, x, scale, shift):
    centred = x - x.mean(-1, keepdims=True)
    return (centred / np.sqrt((centred ** 2).mean(-1, keepdims=True) + p.real(1e-5)) * scale + shift).astype(p.real)


def shared_poles(p, u, log_re, log_im, C, D, x=0):
    """u [B, L, S]; single poles [N], without a time step."""
    A = p.pair(-np.exp(log_re), np.exp(log_im))
    Ab, Bb = zoh(p, A, A)
    states, last = run(p, Ab, Bb * np.moveaxis(u, 1, 0)[..., None], x)
    y = np.moveaxis((C * states).sum(-1).real, 0, 1) + D * u
    return {"out": y, "x": np.broadcast_to(last, (len(u), len(C), len(A)))}


def gss(p, x, Wv, Wu, Wg, Wo, layer_norm_scale, layer_norm_shift, layer_norm_2_scale, layer_norm_2_shift, **poles):
    """x [B, L, E]; poles are the map's, shared_poles_C and so on."""
    s = layer_norm(p, x, layer_norm_scale, layer_norm_shift)
    v = gelu(s @ Wv.T)
    u = layer_norm(p, gelu(s @ Wu.T), layer_norm_2_scale, layer_norm_2_shift)
    inner = shared_poles(p, u, **{name.removeprefix("shared_poles_"): a for name, a in poles.items()})
    return {"out": ((inner["out"] @ Wg.T) * v) @ Wo.T + x, "shared_poles.x": inner["x"]}


def h3(p, x, Wq, Wk, Wv, Wo, bq, bk, bv, bo, Bs, Cs, Ds, log_dt, log_re, im, C, Dd, s=None, h=0):
    """x [B, L, E]; heads H of D keys and P values; the shift map as the filter that it is."""
    q, k, v = (np.einsum("hde,ble->blhd", W, x) + b for W, b in ((Wq, bq), (Wk, bk), (Wv, bv)))
    T = Bs.shape[-1]
    taps = np.stack([(Cs[..., lag:] * Bs[..., :T - lag]).sum(-1) for lag in range(T)], -1)
    past = np.zeros(k.shape[:1] + (T,) + k.shape[2:], k.dtype)
    line = np.concatenate([past, k], 1)
    kb = Ds * k
    for lag in range(T):
        kb = kb + taps[..., lag] * line[:, T - lag:line.shape[1] - lag]
    # The state after it: slot n holds what came in at slots up to n.
    end = np.zeros(k.shape[:1] + k.shape[2:] + (T,), k.dtype)
    for n in range(T):
        for j in range(n + 1):
            end[..., n] += Bs[..., j] * line[:, line.shape[1] - 1 - (n - j)]
    z = kb[..., :, None] * v[..., None, :]
    dt = np.exp(log_dt)[:, None]
    Ab, Bb = bilinear(p, dt * p.pair(-np.exp(log_re), im), dt)
    states, last = run(p, Ab[:, None, None], Bb[:, None, None] * np.moveaxis(z, 1, 0)[..., None], h)
    w = 2 * np.moveaxis(np.einsum("hn,lbhdpn->lbhdp", C, states).real, 0, 1) + Dd[:, None, None] * z
    y = np.einsum("blhd,blhdp->blhp", q, w)
    return {"out": np.einsum("ehp,blhp->ble", Wo, y) + bo, "s": end, "h": last}
