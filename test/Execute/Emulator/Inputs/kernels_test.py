"""Each hand-written kernel in the emulator, under every schedule, against float64."""
import sys

import numpy as np
from emulated import bf16, close, emulate

rng = np.random.default_rng(5)


def draw(*shape):
    return bf16(rng.normal(size=shape))


def gemm():
    for m, n, k in ((1, 8, 8), (127, 256, 64), (129, 264, 136), (300, 520, 200)):
        a, b = draw(m, k), draw(n, k)
        out = emulate("gemm.mlir", {"a": a, "b": b}, "--seeds", "2")
        assert isinstance(out, dict), out
        exact = a.astype(np.float64) @ b.astype(np.float64).T
        close(out["out"], exact, bf16(a @ b.T))


def gemm_kinds():
    a, b, bias, r = draw(130, 72), draw(304, 72), rng.normal(size=304).astype(np.float32), draw(130, 304)
    exact = a.astype(np.float64) @ b.astype(np.float64).T
    half = emulate("gemm_f16.mlir", {"a": a, "b": b}, "--seeds", "1")
    assert isinstance(half, dict), half
    close(half["out"], exact, (a @ b.T).astype(np.float16).astype(np.float32))
    x, y = rng.normal(size=(130, 72)).astype(np.float32), rng.normal(size=(304, 72)).astype(np.float32)
    single = emulate("gemm_tf32.mlir", {"a": x, "b": y}, "--seeds", "1")
    assert isinstance(single, dict), single
    error = np.abs(single["out"] - x.astype(np.float64) @ y.astype(np.float64).T).max()
    assert 1e-5 < error < 2e-2, error  # ten bits of mantissa in each operand
    fused = emulate("gemm_epilogue.mlir", {"a": a, "b": b, "bias": bias, "r": r}, "--seeds", "1")
    assert isinstance(fused, dict), fused
    silu = lambda u: u / (1 + np.exp(-u))
    close(fused["out"], silu(exact + bias) + r, bf16(silu((a @ b.T + bias).astype(np.float32)) + r))


def warps():
    for m, n, k in ((1, 8, 8), (65, 72, 136), (130, 64, 200)):
        a, b = draw(m, k), draw(n, k)
        out = emulate("gemm_warp.mlir", {"a": a, "b": b}, "--seeds", "2")
        assert isinstance(out, dict), out
        close(out["out"], a.astype(np.float64) @ b.astype(np.float64).T, bf16(a @ b.T))


def clusters():
    for rows, columns in ((4, 4), (8, 516)):
        x = rng.normal(size=(rows, columns)).astype(np.float32)
        out = emulate("cluster_sum.mlir", {"x": x}, "--seeds", "3")
        assert isinstance(out, dict), out
        assert np.array_equal(out["out"], x.reshape(-1, 4, columns).cumsum(1, dtype=np.float32).reshape(x.shape))


def rows():
    x = draw(5, 1032)
    for kernel in ("copy_vector.mlir", "copy_bulk.mlir"):
        out = emulate(kernel, {"x": x}, "--seeds", "1")
        assert isinstance(out, dict), out
        assert np.array_equal(out["out"], x)
    x = draw(5, 4096)
    out = emulate("row_softmax.mlir", {"x": x}, "--seeds", "1")
    assert isinstance(out, dict), out
    p = np.exp(x.astype(np.float64) - x.max(-1, keepdims=True))
    p /= p.sum(-1, keepdims=True)
    close(out["out"], p, bf16(p.astype(np.float32)))
    out = emulate("row_scan.mlir", {"x": x}, "--seeds", "1")
    assert isinstance(out, dict), out
    close(out["out"], np.cumsum(x.astype(np.float64), -1), bf16(np.cumsum(x, -1)))


def attention():
    def exact_attention(q, k, v, causal, kind):
        q, k, v = (x.astype(kind) for x in (q, k, v))
        s = np.einsum("bhld,bhmd->bhlm", q, k) / kind(np.sqrt(q.shape[-1]))
        length, keys = s.shape[-2:]
        if causal:
            s = np.where(np.arange(keys) <= np.arange(length)[:, None] + keys - length, s, -np.inf)
        top = s.max(-1, keepdims=True)
        p = np.exp(s - top)
        p, lse = p / p.sum(-1, keepdims=True), top[..., 0] + np.log(p.sum(-1))
        if kind is np.float32:
            p = bf16(p)
        return np.einsum("bhlm,bhme->bhle", p, v), lse

    for kernel, d, causal in (("attention_d64.mlir", 64, False), ("attention_d64_causal.mlir", 64, True),
                              ("attention_d128.mlir", 128, False), ("attention_d128_causal.mlir", 128, True)):
        for heads, length, keys in ((1, 1, 1), (1, 65, 65), (1, 127, 128), (2, 200, 300)):
            q, k, v = draw(1, heads, length, d), draw(1, heads, keys, d), draw(1, heads, keys, d)
            out = emulate(kernel, {"q": q, "k": k, "v": v}, "--seeds", "1")
            assert isinstance(out, dict), out
            exact, lse = exact_attention(q, k, v, causal, np.float64)
            close(out["out"], exact, bf16(exact_attention(q, k, v, causal, np.float32)[0]))
            assert np.abs(out["lse"] - lse).max() < 1e-5


def ssd(kernel="ssd.mlir", sizes=((1, 2), (63, 2), (64, 4), (65, 2), (200, 2)), options=()):
    for length, heads in sizes:
        x, b, c = draw(1, length, heads, 64), draw(1, length, 128), draw(1, length, 128)
        dt = np.log1p(np.exp(rng.normal(size=(1, length, heads)) - 2)).astype(np.float32)
        a_log, skip = np.log(1 + np.arange(heads)).astype(np.float32), rng.normal(size=heads).astype(np.float32)
        s0 = rng.normal(size=(1, heads, 64, 128)).astype(np.float32)
        inputs = {"x": x, "dt": dt, "Bt": b, "Ct": c, "A_log": a_log, "skip": skip, "s": s0}
        out = emulate(kernel, inputs, "--seeds", "1", *options)
        assert isinstance(out, dict), out
        s, y = s0.astype(np.float64), np.zeros(x.shape)
        for t in range(length):
            step = dt[:, t].astype(np.float64)
            s = np.exp(-step * np.exp(a_log.astype(np.float64)))[..., None, None] * s
            s = s + (step[..., None] * x[:, t])[..., None] * b[:, t, None, None, :]
            y[:, t] = np.einsum("bhpn,bn->bhp", s, c[:, t]) + skip[:, None] * x[:, t]
        # the products' operands are rounded to bf16, the state among them
        rms = lambda z: np.sqrt(np.mean(np.square(z)))
        assert rms(out["out"] - y) <= 6e-3 * rms(y), rms(out["out"] - y) / rms(y)
        assert rms(out["s"] - s) <= 4e-3 * rms(s), rms(out["s"] - s) / rms(s)


def ssd_split():
    # one segment, a short last one, and decays that end the first pass early
    ssd("ssd_split.mlir", ((1, 2), (330, 2), (1000, 2)), ("--sms", "3"))


globals()[sys.argv[1]]()
