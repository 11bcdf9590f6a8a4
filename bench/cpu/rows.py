"""The rows of performance.md's CPU table: the layer, its inputs, PyTorch's best composition, float64, the floor.

`ratio` is the peer's time over ours that is asked for. A peer composes PyTorch's own calls as a careful user would: chunks and
batched products where they help, no loop over time where there is another way; of several the fastest counts. KIN holds layers
that no paper has, each beside the published one that it is nearest to, and how much longer it may take; GROWING those whose
time over length is printed.
"""
import math

import torch
import torch.nn.functional as F


class Row:
    def __init__(self, name, file, ratio, inputs, peers, exact, flops, moved, dims=None, product="product"):
        self.name, self.file, self.ratio, self.inputs = name, file, ratio, inputs
        self.peers = peers if isinstance(peers, list) else [peers]
        self.exact, self.flops, self.moved, self.dims, self.product = exact, flops, moved, dims or {}, product

    def floor(self, machine):
        """Seconds at the machine's ceilings."""
        return max(self.flops / getattr(machine, self.product), self.moved / machine.copy)


class Layer:
    def __init__(self, name, file, inputs, dims=None):
        self.name, self.file, self.inputs, self.dims = name, file, inputs, dims or {}


def double(inputs):
    kinds = {torch.complex64: torch.complex128, torch.int32: torch.int32}
    return {k: v.to(kinds.get(v.dtype, torch.float64)) for k, v in inputs.items()}


# ---- selective scan ------------------------------------------------------------------------------------------
def selective_inputs(L=2048, D=512, N=16):
    return {"u": torch.randn(1, L, D), "delta": torch.randn(1, L, D) - 2, "Bt": torch.randn(1, L, N), "Ct": torch.randn(1, L, N),
            "z": torch.randn(1, L, D), "A_log": torch.log(1 + torch.arange(N).float()).expand(D, N).contiguous(),
            "skip": torch.ones(D), "bias": torch.zeros(D), "h": torch.zeros(1, D, N)}


def selective(i):
    dt = F.softplus(i["delta"] + i["bias"])
    decay = torch.exp(-dt[..., None] * torch.exp(i["A_log"]))
    drive = (dt * i["u"])[..., None] * i["Bt"][:, :, None, :]
    h, out = i["h"], torch.empty_like(i["u"])
    for t in range(i["u"].shape[1]):
        h = torch.addcmul(drive[:, t], decay[:, t], h)
        out[:, t] = (h @ i["Ct"][:, t, :, None]).squeeze(-1)
    return (out + i["skip"] * i["u"]) * F.silu(i["z"])


# ---- S4D: the kernel by a Vandermonde product, the convolution by FFT -------------------------------------------
def s4d_inputs(L=16384, H=256, N=32):
    return {"u": torch.randn(1, H, L), "log_dt": torch.rand(H) * math.log(100) + math.log(0.001), "log_re": torch.full((H, N), math.log(0.5)),
            "im": math.pi * torch.arange(N).float().expand(H, N).contiguous(), "C": torch.randn(H, N, dtype=torch.complex64),
            "D": torch.randn(H), "x": torch.zeros(1, H, N, dtype=torch.complex64)}


def s4d(i):
    u, L = i["u"], i["u"].shape[-1]
    A = torch.complex(-torch.exp(i["log_re"]), i["im"])
    dA = torch.exp(i["log_dt"])[:, None] * A
    weight = i["C"] * (torch.exp(dA) - 1) / A
    positions = torch.arange(L, dtype=i["D"].dtype)
    kernel = torch.empty(u.shape[1], L, dtype=u.dtype)
    for h in range(0, u.shape[1], 32):  # all heads at once would hold 2 GB
        powers = torch.exp(dA[h:h + 32, :, None] * positions)
        kernel[h:h + 32] = 2 * torch.einsum("hn,hnl->hl", weight[h:h + 32], powers).real
    y = torch.fft.irfft(torch.fft.rfft(u, 2 * L) * torch.fft.rfft(kernel, 2 * L), 2 * L)[..., :L]
    return F.gelu(y + i["D"][:, None] * u)


# ---- S5: two products around a scan in chunks --------------------------------------------------------------------
def s5_inputs(L=2048, B=4, H=256, P=128):
    c = lambda *s: torch.randn(*s, dtype=torch.complex64)
    return {"u": torch.randn(B, L, H), "log_step": torch.rand(P) * math.log(100) + math.log(0.001), "re": torch.full((P,), -0.5),
            "im": math.pi * torch.arange(P).float(), "B": c(P, H) / math.sqrt(H), "C": c(H, P), "D": torch.randn(H),
            "x": torch.zeros(B, P, dtype=torch.complex64)}


def s5(i):
    A = torch.complex(i["re"], i["im"])
    dA = torch.exp(i["log_step"]) * A
    a = torch.exp(dA)
    b = ((torch.exp(dA) - 1) / A) * (i["u"].to(i["B"].dtype) @ i["B"].T)
    x, xs = i["x"], torch.empty_like(b)
    for t in range(b.shape[1]):
        x = torch.addcmul(b[:, t], a, x)
        xs[:, t] = x
    return 2 * (xs @ i["C"].T).real + i["D"] * i["u"]


# ---- linear attention in chunks -----------------------------------------------------------------------------------
def linear_inputs(L=4096, H=8, D=64):
    return {"q": torch.randn(1, L, H, D), "k": torch.randn(1, L, H, D), "v": torch.randn(1, L, H, D),
            "S": torch.zeros(1, H, D, D), "z": torch.zeros(1, H, D)}


def linear(i, chunk=128):
    q, k, v = (i[n].transpose(1, 2) for n in ("q", "k", "v"))
    q, k = F.elu(q) + 1, F.elu(k) + 1
    B, H, L, D = q.shape
    c = lambda x: x.reshape(B, H, L // chunk, chunk, -1)
    q, k, v = c(q), c(k), c(v)
    S = torch.cumsum(k.transpose(-1, -2) @ v, 2)
    S = F.pad(S, (0, 0, 0, 0, 1, 0))[:, :, :-1]
    z = F.pad(torch.cumsum(k.sum(-2), 2), (0, 0, 1, 0))[:, :, :-1]
    p = (q @ k.transpose(-1, -2)).tril()
    num = p @ v + q @ S
    den = p.sum(-1) + (q @ z[..., None]).squeeze(-1)
    return (num / (den[..., None] + 1e-6)).reshape(B, H, L, -1).transpose(1, 2)


# ---- low-rank HMM ---------------------------------------------------------------------------------------------------
def hmm_inputs(T=128, B=16, Z=4096, R=128):
    return {"emit": torch.randn(B, T, Z), "start": torch.softmax(torch.randn(Z), 0), "W": torch.softmax(torch.randn(Z, R), 1),
            "U": torch.softmax(torch.randn(R, Z), 1)}


def hmm(i):
    emit, c = torch.exp(i["emit"]), 0
    a = i["start"] * emit[:, 0]
    for t in range(emit.shape[1]):
        if t:
            a = (a @ i["W"]) @ i["U"] * emit[:, t]
        norm = a.sum(-1, keepdim=True)
        a, c = a / norm, c + torch.log(norm[:, 0])
    return c


# ---- pixelfly: gathered blocks and a batched product, or dense, whichever is faster -----------------------------------
def pixelfly_inputs(T=2048, n=2048, block=32, factors=4, rank=32):
    rows = n // block
    size = rows  # the largest power of two with size * block dividing n
    return {"x": torch.randn(T, n), "W.blocks": torch.randn(size, factors + 1, block, block) / math.sqrt(block * (factors + 1)),
            "U.left": torch.randn(n, rank) / math.sqrt(rank), "U.right": torch.randn(rank, n) / math.sqrt(n), "b": torch.randn(n)}


def pixelfly_dense(i):
    blocks = i["W.blocks"]
    n, slots, b, _ = blocks.shape
    W = torch.zeros(n, b, n, b, dtype=blocks.dtype)
    for row in range(n):
        for slot in range(slots):
            W[row, :, row if slot == 0 else row ^ (1 << (slot - 1))] += blocks[row, slot]
    return W.reshape(n * b, n * b)


def pixelfly(product):
    """With W x by one of these; what is made of the weights alone is made once."""
    made = {}
    return lambda i: F.gelu(product(i, made) + (i["x"] @ i["U.right"].T) @ i["U.left"].T + i["b"])


def by_dense(i, made):
    if "W" not in made:
        made["W"] = pixelfly_dense(i)
    return i["x"] @ made["W"].T


def by_blocks(i, made):
    """The columns that each block row needs, gathered, in one batched product."""
    n, slots, b, _ = i["W.blocks"].shape
    if "W" not in made:
        made["W"] = i["W.blocks"].permute(0, 1, 3, 2).reshape(n, slots * b, b).contiguous()
        made["columns"] = torch.tensor([[row if slot == 0 else row ^ (1 << (slot - 1)) for slot in range(slots)] for row in range(n)])
    x = i["x"].reshape(-1, n, b)[:, made["columns"]]  # [T, n, slots, b]
    return torch.bmm(x.reshape(-1, n, slots * b).transpose(0, 1), made["W"]).transpose(0, 1).reshape(-1, n * b)


def pixelfly_exact(i):
    return pixelfly(by_dense)(double(i))


# ---- Fourier operator --------------------------------------------------------------------------------------------------
def fno_inputs(n=128, B=16, C=32, K1=32, K2=17):
    return {"x": torch.randn(B, C, n, n), "W": torch.randn(C, C, K1, K2, dtype=torch.complex64) / C, "w": torch.randn(C, C) / math.sqrt(C)}


def fno(i, K1=32, K2=17):
    x = i["x"]
    X = torch.fft.rfft2(x)
    up, down = (K1 + 1) // 2, K1 // 2
    Y = torch.zeros_like(X)
    Y[:, :, :up, :K2] = torch.einsum("bixy,ioxy->boxy", X[:, :, :up, :K2], i["W"][:, :, :up])
    Y[:, :, -down:, :K2] = torch.einsum("bixy,ioxy->boxy", X[:, :, -down:, :K2], i["W"][:, :, up:])
    return F.gelu(torch.fft.irfft2(Y, s=x.shape[-2:]) + torch.einsum("bixy,io->boxy", x, i["w"]))


# ---- attention ------------------------------------------------------------------------------------------------------------
def attention_inputs(L=2048, H=8, D=64, dtype=torch.float32):
    return {n: torch.randn(1, H, L, D).to(dtype) for n in "qkv"}


def attention(causal):
    return lambda i: F.scaled_dot_product_attention(i["q"], i["k"], i["v"], is_causal=causal)


def attention_exact(causal):
    def exact(i):
        q, k, v = (i[n].double() for n in "qkv")
        s = q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1])
        if causal:
            s = s.masked_fill(torch.ones(s.shape[-2:], dtype=torch.bool).triu(1), -math.inf)
        return torch.softmax(s, -1) @ v
    return exact


of_double = lambda f: lambda i: f(double(i))
LAYERS = "bench/cpu/layers/"
bf16_inputs = lambda: attention_inputs(dtype=torch.bfloat16)

ROWS = [
    Row("selective_scan L2048 D512 N16", LAYERS + "selective_scan_f32.ssm", 8, selective_inputs, selective, of_double(selective),
        3 * 2048 * 512 * 16 * 2, 4 * 4 * 2048 * 512),
    Row("s4d H256 L16384 N32", "std/s4d.ssm", 30, s4d_inputs, s4d, of_double(s4d), 256 * 16384 * (2 * 128 + 4 * 32), 8 * 256 * 16384),
    Row("s5 B4 L2048 H256 P128", "std/s5.ssm", 2.5, s5_inputs, s5, of_double(s5), 8 * 4 * 2048 * 256 * 128, 8 * 4 * 2048 * 256,
        dims={"P": 128}),
    Row("linear_attention H8 L4096 D64", LAYERS + "linear_attention_f32.ssm", 2.5, linear_inputs, linear, of_double(linear),
        4096 * 8 * (2 * 64 * 64 + 4 * 64 * 64), 4 * 4 * 4096 * 8 * 64),
    Row("lowrank_hmm B16 T128 Z4096 R128", "std/lowrank_hmm.ssm", 1.3, hmm_inputs, hmm, of_double(hmm), 4 * 16 * 128 * 4096 * 128,
        4 * 16 * 128 * 4096, dims={"R": 128}),
    Row("pixelfly T2048 n2048", LAYERS + "pixelfly_f32.ssm", 3, pixelfly_inputs,
        [pixelfly(by_dense), pixelfly(by_blocks)], pixelfly_exact,
        2 * 2048 * (2048 * 32 * 5 + 32 * 4096), 8 * 2048 * 2048),
    Row("fno2d B16 C32 128^2", "std/fno2d.ssm", 1.5, fno_inputs, fno, of_double(fno), 16 * 32 * 128 * 128 * (2 * 32 + 8 * 34), 8 * 16 * 32 * 128 * 128),
    Row("attention f32 L2048 full", LAYERS + "attention_f32.ssm", 0.9, attention_inputs, attention(False), attention_exact(False),
        4 * 8 * 2048 * 2048 * 64, 16 * 8 * 2048 * 64),
    Row("attention f32 L2048 causal", LAYERS + "attention_f32_causal.ssm", 0.9, attention_inputs, attention(True), attention_exact(True),
        2 * 8 * 2048 * 2048 * 64, 16 * 8 * 2048 * 64),
    Row("attention bf16 L2048 full", LAYERS + "attention_bf16.ssm", 0.5, bf16_inputs, attention(False), attention_exact(False),
        4 * 8 * 2048 * 2048 * 64, 8 * 8 * 2048 * 64, product="product16"),
    Row("attention bf16 L2048 causal", "std/attention.ssm", 0.5, bf16_inputs, attention(True), attention_exact(True),
        2 * 8 * 2048 * 2048 * 64, 8 * 8 * 2048 * 64, product="product16"),
]

# ---- layers that nobody published, and their nearest kin --------------------------------------------------------------------
def normal(*shape):
    return torch.randn(*shape, dtype=torch.bfloat16)


def ssd_inputs(L=2048, H=8, P=64, N=128):
    return {"x": normal(1, L, H, P), "dt": torch.rand(1, L, H) * 0.1, "Bt": normal(1, L, N), "Ct": normal(1, L, N),
            "A_log": torch.log(1 + torch.arange(H).float()), "skip": torch.ones(H), "s": torch.zeros(1, H, P, N)}


def rotor_inputs(L=2048, H=8, P=64, N=64):
    zero = torch.zeros(1, H, P, N)
    return {"x": normal(1, L, H, P), "g": torch.randn(1, L, H), "w": torch.randn(1, L, H), "k": normal(1, L, N), "q": normal(1, L, N),
            "a": zero, "b": zero}


def anchored_inputs(L=2048):
    document = torch.zeros(1, L, dtype=torch.int32)
    return {**bf16_inputs(), "doc": document, "dok": document, "t": torch.zeros(1, 8, L)}


def tropical_inputs(L=2048, D=512, N=16):
    return {"u": normal(1, L, D), "d": normal(1, L, D), "Bt": normal(1, L, N), "Ct": normal(1, L, N),
            "A": torch.log(1 + torch.arange(N).float()).expand(D, N).contiguous(), "h": torch.full((1, D, N), -math.inf)}


def fading_inputs(L=2048, H=8, D=64):
    return {"q": normal(1, L, H, D), "k": normal(1, L, H, D), "v": normal(1, L, H, D), "g": torch.randn(1, L, H),
            "S": torch.zeros(1, H, D, D)}


def short(inputs, names):
    """With the storage of the library's layer."""
    return {k: v.to(torch.bfloat16) if k in names else v for k, v in inputs.items()}


def spectral_inputs(B=16, I=32, R=64, X=1024, K=16):
    return {"x": torch.randn(B, I, X), "z": torch.randn(B, I, X), "W": torch.randn(I, R, K, dtype=torch.complex64) / I,
            "mix.first": torch.randn(8, R // 8, R // 8), "mix.second": torch.randn(R // 8, 8, 8)}


def fno1d_inputs(B=16, I=32, O=64, X=1024, K=16):
    return {"x": torch.randn(B, I, X), "W": torch.randn(I, O, K, dtype=torch.complex64) / I, "w": torch.randn(I, O)}


OWN = "examples/03-unpublished/"
KIN = [
    (Layer("rotor H8 P64 N64", OWN + "rotor.ssm", rotor_inputs), Layer("ssd N128", "std/ssd.ssm", ssd_inputs), 1.5),
    (Layer("anchored H8 L2048 D64", OWN + "anchored.ssm", anchored_inputs), Layer("attention", "std/attention.ssm", bf16_inputs), 1.5),
    (Layer("tropical D512 N16", OWN + "tropical.ssm", tropical_inputs),
     Layer("selective_scan", "std/selective_scan.ssm", lambda: short(selective_inputs(), ("u", "delta", "Bt", "Ct", "z"))), 1.5),
    (Layer("fading H8 D64", OWN + "fading.ssm", fading_inputs),
     Layer("linear_attention", "std/linear_attention.ssm", lambda: short(linear_inputs(2048), ("q", "k", "v"))), 1.5),
    (Layer("spectral_monarch X1024 K16", OWN + "spectral_monarch.ssm", spectral_inputs),
     Layer("fno1d", "std/fno1d.ssm", fno1d_inputs), 1.5),
]

GROWING = [
    Layer("selective_scan D128 N16", LAYERS + "selective_scan_f32.ssm", lambda L: selective_inputs(L, 128)),
    Layer("s4d H32", "std/s4d.ssm", lambda L: s4d_inputs(L, 32)),
    Layer("s5 B1 H64 P64", "std/s5.ssm", lambda L: s5_inputs(L, 1, 64, 64)),
    Layer("linear_attention H2 D64", LAYERS + "linear_attention_f32.ssm", lambda L: linear_inputs(L, 2)),
]
