#!/usr/bin/env python3
"""The third example: five layers that no paper has, compiled as the published ones are.

Compiles each on the main line, prints what the compiler made of it, and compares it with its definition in
float64, a loop over positions in numpy. Nothing may fall back to the reference path.

    run.py [--build build] [--out out]
"""
import argparse
import os
import re
import subprocess
import sys

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.append(os.path.join(HERE, "..", "..", "runtime", "python"))


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def softplus(x):
    return np.logaddexp(0, x)


# What each layer says, in float64 and as it stands in its file.
def rotor(x, g, w, k, q):
    state, out = np.zeros(x[:, 0].shape + k.shape[-1:], complex), np.empty(x.shape)
    turn = sigmoid(-g) * np.exp(1j * w)
    for t in range(x.shape[1]):
        # The product enters behind the rotation, into the real part.
        state = turn[:, t, :, None, None] * state + x[:, t, ..., None] * k[:, t, None, None]
        out[:, t] = (state.real * q[:, t, None, None]).sum(-1)
    return out


def anchored(q, k, v, doc, dok, t):
    L, M = q.shape[2], k.shape[2]
    l, m = np.arange(L)[:, None], np.arange(M)
    s = 20 * np.tanh(np.exp(t)[..., None] * np.einsum("bhld,bhmd->bhlm", q, k) / (20 * np.sqrt(q.shape[-1])))
    s = s - np.log1p(np.abs(l - m))
    seen = (doc[:, :, None] == dok[:, None])[:, None] & (((m <= l) & (l - m < 2048)) | (m < 64))
    p = np.where(seen, np.exp(np.where(seen, s, 0)), 0)
    total = p.sum(-1, keepdims=True)
    return np.einsum("bhlm,bhme->bhle", p / np.where(total == 0, 1, total), v)


def tropical(u, d, Bt, Ct):
    h, out = np.full(u[:, 0].shape + Bt.shape[-1:], -np.inf), np.empty(u.shape)
    A = 1 + np.arange(Bt.shape[-1])
    for t in range(u.shape[1]):
        h = np.maximum(h - softplus(d[:, t])[..., None] * A, u[:, t, :, None] + Bt[:, t, None])
        out[:, t] = (Ct[:, t, None] + h).max(-1)
    return out


def fading(q, k, v, g):
    S, out = np.zeros(k[:, 0].shape + v.shape[-1:]), np.empty(v.shape)
    c = np.logaddexp.accumulate(g, 1)
    for t in range(q.shape[1]):
        a = np.exp(c[:, t - 1] - c[:, t]) if t else np.zeros(c[:, 0].shape)
        S = a[..., None, None] * S + (np.exp(g[:, t] - c[:, t])[..., None] * k[:, t])[..., None] * v[:, t, :, None]
        out[:, t] = (q[:, t, ..., None] * S).sum(-2)
    return out


def spectral_monarch(x, z, W, mix_first, mix_second):
    y = np.fft.irfft(np.einsum("irk,bik->brk", W, np.fft.rfft(x * sigmoid(z))[..., :W.shape[-1]]), x.shape[-1])
    parts, width = mix_first.shape[0], mix_first.shape[2]
    h = np.einsum("kqp,bkpx->bkqx", mix_first, y.reshape(len(y), parts, width, -1))
    h = h.reshape(len(y), parts, width, -1)  # read flat as [r, l]
    out = np.einsum("lsr,brlx->bslx", mix_second, h).reshape(len(y), -1, x.shape[-1])
    erf = np.vectorize(__import__("math").erf)
    return out * (1 + erf(out / np.sqrt(2))) / 2


def draw(rng):
    normal, L = rng.standard_normal, 150
    return {
        "rotor": (rotor, dict(x=normal((2, L, 3, 16)), g=normal((2, L, 3)), w=normal((2, L, 3)), k=normal((2, L, 32)),
                              q=normal((2, L, 32)) / 6)),
        "anchored": (anchored, dict(q=normal((2, 2, L, 32)), k=normal((2, 2, L, 32)), v=normal((2, 2, L, 24)),
                                    doc=rng.integers(0, 3, (2, L)), dok=rng.integers(0, 3, (2, L)), t=normal((2, 2, L)))),
        "tropical": (tropical, dict(u=normal((2, L, 40)), d=normal((2, L, 40)), Bt=normal((2, L, 16)), Ct=normal((2, L, 16)))),
        "fading": (fading, dict(q=normal((2, L, 2, 16)) / 4, k=normal((2, L, 2, 16)), v=normal((2, L, 2, 24)), g=normal((2, L, 2)))),
        "spectral_monarch": (spectral_monarch, dict(
            x=normal((2, 3, 64)), z=normal((2, 3, 64)), W=normal((3, 16, 16)) + 1j * normal((3, 16, 16)),
            **{"mix.first": normal((8, 2, 2)), "mix.second": normal((2, 24 // 2, 8)).reshape(2, 12, 8)})),
    }


def stored(array, dtype):
    """As it lies in memory: the numbers that the compiled layer is given."""
    if dtype == "bf16":
        bits = np.asarray(array, np.float32).view(np.uint32)
        return ((bits + 0x7fff + (bits >> 16 & 1)) & 0xffff0000).view(np.float32)
    return np.asarray(array, {"f32": np.float32, "c64": np.complex64, "i32": np.int32}[dtype])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default="build", help="where ssmc was built")
    parser.add_argument("--out", default="out", help="where the artifacts go")
    args = parser.parse_args()
    os.makedirs(args.out, exist_ok=True)
    os.environ.setdefault("SSM_RUNTIME", os.path.join(os.path.abspath(args.build), "lib"))
    import ssm
    for name, (definition, given) in draw(np.random.default_rng(1)).items():
        artifact = os.path.join(args.out, name + ".so")
        done = subprocess.run([os.path.join(args.build, "bin", "ssmc"), os.path.join(HERE, name + ".ssm"), "-o", artifact,
                               "--path", "main", "--explain"], capture_output=True, text=True)
        if done.returncode or "reference path" in done.stderr:
            sys.exit(f"run.py: {name}.ssm: {done.stderr}")
        kernels = [text for text in done.stdout.split("kernel ") if text.startswith("forward")]
        made = dict.fromkeys(re.findall(r"^  (\w+)  .*\.ssm:", "".join(kernels), re.M))
        layer = ssm.load(artifact)
        types = {v.name: v.dtype for v in layer.entries["forward"].arguments}
        given = {key: stored(value, types[key]) for key, value in given.items()}
        wide = {key.replace(".", "_"): value.astype({"f": float, "c": complex}.get(value.dtype.kind, value.dtype))
                for key, value in given.items()}
        wanted, got = definition(**wide), np.asarray(layer.forward(given, seed=1), np.float64)
        error = np.abs(got - wanted).max() / np.abs(wanted).max()
        allowed = 1e-2 if "bf16" in types.values() else 5e-6
        print(f"{name}: {', '.join(made)}; {'as defined' if error < allowed else 'wrong'} (off by {error:.1e} of the largest)",
              flush=True)


if __name__ == "__main__":
    main()
