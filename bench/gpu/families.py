"""What is measured: for each family of kernels its inputs, its exact and its eager result, its peers and its cost.

A family is made with the sizes of one row. `inputs` are in the order of the entry's arguments, `outcomes` in the
order of its results: (name, ours, eager, exact[, error that is none]), of parts where the whole would take too long.
"""
import math

import torch
import torch.nn.functional as F

DTYPES = {"bf16": torch.bfloat16, "f16": torch.float16, "f32": torch.float32, "tf32": torch.float32}


def random(*shape, dtype=torch.float32):
    return torch.randn(*shape, device="cuda").to(dtype)


def to_tf32(values):
    """f32 rounded to tf32's 10 bits, to the nearest."""
    return ((values.view(torch.int32) + 0x1000) & ~0x1FFF).view(torch.float32)


class Product:
    """out[M, N] = a[M, K] b[N, K]^T"""

    def __init__(self, M, N, K, dtype):
        self.sizes, self.kind, self.dtype = (M, N, K), dtype, DTYPES[dtype]
        self.bytes = (M * K + N * K + M * N) * self.dtype.itemsize
        self.flops, self.exps = 2 * M * N * K, 0
        self.rate = 0.5 if dtype == "tf32" else 1  # of the tensor cores, against bf16's

    def inputs(self):
        M, N, K = self.sizes
        return [random(M, K, dtype=self.dtype), random(N, K, dtype=self.dtype)]

    def eager(self, a, b):
        before = torch.backends.cuda.matmul.allow_tf32
        torch.backends.cuda.matmul.allow_tf32 = self.kind == "tf32"
        try:
            return a @ b.T
        finally:
            torch.backends.cuda.matmul.allow_tf32 = before

    def outcomes(self, inputs, results):
        a, b = inputs
        # The library takes small products of f32 at full precision: what tf32 is, is said here.
        eager = to_tf32(a) @ to_tf32(b).T if self.kind == "tf32" else self.eager(a, b)
        yield "out", results[0], eager, a.double() @ b.double().T

    def peers(self, a, b):
        return {"cuBLAS": lambda: self.eager(a, b)}


class ProductEpilogue(Product):
    """out = silu(a b^T + bias) + r: the product's peer computes the product alone"""

    def __init__(self, M, N, K, dtype="bf16"):
        super().__init__(M, N, K, dtype)
        self.bytes += M * N * self.dtype.itemsize + 4 * N
        self.exps = M * N

    def inputs(self):
        M, N, K = self.sizes
        return [*super().inputs(), random(N), random(M, N, dtype=self.dtype)]

    def outcomes(self, inputs, results):
        a, b, bias, r = inputs
        eager = (F.silu((a @ b.T).float() + bias) + r.float()).to(self.dtype)
        yield "out", results[0], eager, F.silu(a.double() @ b.double().T + bias.double()) + r.double()

    def peers(self, a, b, bias, r):
        return {"cuBLAS": lambda: a @ b.T,
                "cuBLAS and torch": lambda: (F.silu((a @ b.T) + bias.to(self.dtype)) + r)}


class Copy:
    """out = x, [rows, columns] of bf16"""

    def __init__(self, M, N):
        self.sizes, self.bytes, self.flops, self.exps, self.rate = (M, N), 4 * M * N, 0, 0, 1

    def inputs(self):
        return [random(*self.sizes, dtype=torch.bfloat16)]

    def outcomes(self, inputs, results):
        yield "out", results[0], inputs[0], inputs[0]

    def peers(self, x):
        out = torch.empty_like(x)
        return {"cudaMemcpy": lambda: out.copy_(x)}


class RowSoftmax(Copy):
    """softmax along the columns, bf16"""

    def __init__(self, M, N):
        super().__init__(M, N)
        self.exps = M * N

    def outcomes(self, inputs, results):
        x, = inputs
        for at in range(0, len(x), 8192):
            part = x[at:at + 8192]
            yield "out", results[0][at:at + 8192], torch.softmax(part, -1), torch.softmax(part.double(), -1)

    def peers(self, x):
        return {**super().peers(x), "torch.softmax": lambda: torch.softmax(x, -1)}


class RowScan(Copy):
    """inclusive sums along the columns, bf16, sums in f32"""

    def outcomes(self, inputs, results):
        x, = inputs
        for at in range(0, len(x), 8192):
            part = x[at:at + 8192]
            yield "out", results[0][at:at + 8192], part.float().cumsum(-1).bfloat16(), part.double().cumsum(-1)

    def peers(self, x):
        return {**super().peers(x), "torch.cumsum": lambda: torch.cumsum(x, -1)}


class ClusterSum:
    """out[4 g + i] = x[4 g] + .. + x[4 g + i], in f32"""

    def __init__(self, M, N):
        self.sizes = (M, N)

    def inputs(self):
        return [random(*self.sizes)]

    def outcomes(self, inputs, results):
        x, (M, N) = inputs[0], self.sizes
        sums = lambda t: t.reshape(M // 4, 4, N).cumsum(1).reshape(M, N)
        yield "out", results[0], sums(x), sums(x.double())

    def peers(self, x):
        return {}


class Chain(Copy):
    """silu(x) y g, compiled from the language"""

    def __init__(self, M, N):
        super().__init__(M, N)
        self.bytes, self.exps = 6 * M * N, M * N

    def inputs(self):
        M, N = self.sizes
        return [random(M, N, dtype=torch.bfloat16), random(M, N, dtype=torch.bfloat16), random(N)]

    def outcomes(self, inputs, results):
        x, y, g = inputs
        yield "out", results[0], (F.silu(x.float()) * y * g).bfloat16(), F.silu(x.double()) * y.double() * g.double()

    def peers(self, x, y, g):
        return {"torch": lambda: F.silu(x) * y * g.bfloat16()}


class RmsNorm(Copy):
    """x / rms(x) w along the columns, compiled from the language"""

    def inputs(self):
        return [*super().inputs(), random(self.sizes[1])]

    def outcomes(self, inputs, results):
        x, w = inputs
        eager = F.rms_norm(x.float(), x.shape[-1:], w, 1e-5).bfloat16()
        yield "out", results[0], eager, F.rms_norm(x.double(), x.shape[-1:], w.double(), 1e-5)

    def peers(self, x, w):
        half = w.bfloat16()
        return {**super().peers(x), "torch.rms_norm": lambda: F.rms_norm(x, x.shape[-1:], half, 1e-5)}


class Cumsum:
    """running sums along the middle dimension, bf16, compiled from the language"""

    def __init__(self, B, L, D):
        self.sizes, self.bytes, self.flops, self.exps, self.rate = (B, L, D), 4 * B * L * D, 0, 0, 1

    def inputs(self):
        return [random(*self.sizes, dtype=torch.bfloat16)]

    def outcomes(self, inputs, results):
        x, = inputs
        yield "out", results[0], x.float().cumsum(1).bfloat16(), x.double().cumsum(1)

    def peers(self, x):
        return {"torch.cumsum": lambda: torch.cumsum(x, 1)}


class Linear(Product):
    """gelu(x W^T + b) + r, compiled from the language"""

    def __init__(self, M, N, K):
        super().__init__(M, N, K, "bf16")
        self.bytes += M * N * 2 + 4 * N

    def inputs(self):
        M, N, K = self.sizes
        return [*super().inputs(), random(N), random(M, N, dtype=torch.bfloat16)]

    def outcomes(self, inputs, results):
        x, W, b, r = inputs
        eager = (F.gelu((x @ W.T).float() + b) + r.float()).bfloat16()
        yield "out", results[0], eager, F.gelu(x.double() @ W.double().T + b.double()) + r.double()

    def peers(self, x, W, b, r):
        return {"cuBLAS": lambda: x @ W.T, "cuBLAS and torch": lambda: F.gelu(F.linear(x, W, b.bfloat16())) + r}


class Attention:
    """out = softmax(q k^T / sqrt(D)) v of [B, H, L, D] bf16, and the rows' log-sum-exp; the causal mask ends with the
    last key"""

    def __init__(self, B, H, L, D, causal, M=None):
        M = M or L
        self.sizes, self.causal = (B, H, L, M, D), causal
        share = 0.5 if causal else 1
        self.bytes = 2 * B * H * D * 2 * (L + M) + 4 * B * H * L
        self.flops, self.exps, self.rate = share * 4 * B * H * L * M * D, share * B * H * L * M, 1

    def inputs(self):
        B, H, L, M, D = self.sizes
        return [random(B, H, n, D, dtype=torch.bfloat16) for n in (L, M, M)]

    def exact(self, q, k, v):
        scores = q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1])
        if self.causal:
            hidden = torch.ones(scores.shape[-2:], dtype=torch.bool, device="cuda").triu(k.shape[-2] - q.shape[-2] + 1)
            scores = scores.masked_fill(hidden, -math.inf)
        return torch.softmax(scores, -1) @ v, torch.logsumexp(scores, -1)

    def eager(self, q, k, v):
        """By torch's own composition, as the float32 scores of bf16 operands."""
        with torch.nn.attention.sdpa_kernel(torch.nn.attention.SDPBackend.MATH):
            mask = None
            if self.causal:
                shape = (q.shape[-2], k.shape[-2])
                mask = torch.ones(shape, dtype=torch.bool, device="cuda").tril(shape[1] - shape[0])
            return F.scaled_dot_product_attention(q[None], k[None], v[None], attn_mask=mask)[0]

    def outcomes(self, inputs, results):
        B, H, L, M, D = self.sizes
        flat = [t.reshape(B * H, -1, D) for t in inputs]
        heads = sorted({0, B * H // 3, B * H - 1})
        for h in heads:
            q, k, v = (t[h] for t in flat)
            out, lse = self.exact(q.double(), k.double(), v.double())
            yield "out", results[0].reshape(B * H, L, D)[h], self.eager(q[None], k[None], v[None])[0], out
            if len(results) > 1:
                _, single = self.exact(q.float(), k.float(), v.float())
                # Exponentials and the logarithm are the approximate ones, in f32.
                yield "lse", results[1].reshape(B * H, L)[h], single, lse, 3e-6

    def peers(self, q, k, v):
        if q.shape[-2] != k.shape[-2]:
            return {}

        def library(backend):
            def run():
                with torch.nn.attention.sdpa_kernel(backend):
                    return F.scaled_dot_product_attention(q, k, v, is_causal=self.causal)
            return run

        return {"cuDNN": library(torch.nn.attention.SDPBackend.CUDNN_ATTENTION)}


class Ssd:
    """Mamba-2's scan: s = exp(-dt exp(A_log)) s + dt x B^T, out = s C + skip x; x [B, L, H, 64], B and C [B, L, 128]"""

    P, N, CHUNK = 64, 128, 64

    def __init__(self, B, L, H, decay="usual", quoted=None):
        self.sizes, self.decay, self.quoted = (B, L, H), decay, quoted
        P, N, Q = self.P, self.N, self.CHUNK
        self.bytes = B * L * (2 * H * P * 2 + 2 * N * 2 + 4 * H) + 2 * 4 * B * H * P * N
        self.flops = B * L * (Q * N + H * Q * P + 4 * H * P * N)
        self.exps, self.rate = B * L * H * Q / 2, 1

    def inputs(self):
        B, L, H = self.sizes
        x, b, c = (random(*shape, dtype=torch.bfloat16) for shape in ((B, L, H, self.P), (B, L, self.N), (B, L, self.N)))
        dt = F.softplus(random(B, L, H) - 2)
        a_log = (torch.log(torch.arange(1, H + 1, device="cuda").float()) if self.decay == "usual"
                 else math.log(1e-3) + 0.1 * random(H))
        return [x, dt, b, c, a_log, random(H), random(B, H, self.P, self.N)]

    def compute(self, x, dt, b, c, a_log, skip, state, dtype):
        """In chunks, at one type throughout."""
        x, dt, b, c, a_log, skip, state = (t.to(dtype) for t in (x, dt, b, c, a_log, skip, state))
        rate, out = -dt * torch.exp(a_log), torch.empty_like(x)
        for at in range(0, x.shape[1], self.CHUNK):
            part = slice(at, at + self.CHUNK)
            total = torch.cumsum(rate[:, part], 1)  # B q H
            length = total.shape[1]
            earlier = torch.ones(length, length, device="cuda", dtype=torch.bool).tril()[None, :, :, None]
            decay = torch.exp((total[:, :, None] - total[:, None]).masked_fill(~earlier, -math.inf))
            weights = torch.einsum("bin,bjn->bij", c[:, part], b[:, part])[..., None] * decay * dt[:, None, part]
            out[:, part] = (torch.einsum("bijh,bjhp->bihp", weights, x[:, part])
                            + torch.exp(total)[..., None] * torch.einsum("bhpn,bin->bihp", state, c[:, part])
                            + skip[:, None] * x[:, part])
            left = torch.exp(total[:, -1:] - total) * dt[:, part]
            state = (torch.exp(total[:, -1])[..., None, None] * state
                     + torch.einsum("bjhp,bjn->bhpn", x[:, part] * left[..., None], b[:, part]))
        return out, state

    def outcomes(self, inputs, results):
        exact, eager = self.compute(*inputs, torch.float64), self.eager(*inputs)
        for name, ours, e, r in zip(("out", "state"), results, eager, exact):
            yield name, ours, e, r

    def eager(self, x, dt, b, c, a_log, skip, state):
        """The same chunks with every product on bf16 operands and f32 sums: what a bf16 layer in torch does."""
        half = torch.bfloat16
        rate, out, state = -dt * torch.exp(a_log), torch.empty_like(x), state.clone()
        mul = lambda text, *t: torch.einsum(text, *(v.to(half) for v in t)).float()
        for at in range(0, x.shape[1], self.CHUNK):
            part = slice(at, at + self.CHUNK)
            total = torch.cumsum(rate[:, part], 1)
            length = total.shape[1]
            earlier = torch.ones(length, length, device="cuda", dtype=torch.bool).tril()[None, :, :, None]
            decay = torch.exp((total[:, :, None] - total[:, None]).masked_fill(~earlier, -math.inf))
            weights = mul("bin,bjn->bij", c[:, part], b[:, part])[..., None] * decay * dt[:, None, part]
            out[:, part] = (mul("bijh,bjhp->bihp", weights, x[:, part])
                            + torch.exp(total)[..., None] * mul("bhpn,bin->bihp", state, c[:, part])
                            + skip[:, None] * x[:, part].float()).to(half)
            left = torch.exp(total[:, -1:] - total) * dt[:, part]
            state = (torch.exp(total[:, -1])[..., None, None] * state
                     + mul("bjhp,bjn->bhpn", x[:, part].float() * left[..., None], b[:, part]))
        return out, state

    def peers(self, *inputs):
        return {}
