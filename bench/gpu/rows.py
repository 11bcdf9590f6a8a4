"""The rows: which artifact, of which family and sizes, beside whom, and at least how fast.

`target` is (contender, least ratio): that contender's time over ours. `checks` are sizes that are compared with float64
and not timed: one below, at and above the tiles' edges, 1, and none that is a power of two. Rows that are not `timed` are
small kernels for forms that no fast kernel here takes.
"""
from families import (Attention, Chain, ClusterSum, Copy, Cumsum, Linear, Product, ProductEpilogue, RmsNorm, RowScan,
                      RowSoftmax, Ssd)


class Row:
    def __init__(self, artifact, family, target=None, reference=None, checks=(), timed=True, **sizes):
        self.artifact, self.family, self.sizes, self.target = artifact, family, sizes, target
        self.reference, self.checks, self.timed = reference, checks, timed
        text = " ".join(f"{k}{v}" if v is not True else k for k, v in sizes.items() if v not in (False, None) and k != "quoted")
        self.name = f"{artifact} {text}"


def products(artifact, dtype, peer="cuBLAS"):
    edge = [dict(M=m, N=n, K=k, dtype=dtype) for m, n, k in
            ((1, 8, 8), (127, 256, 64), (128, 248, 72), (129, 264, 56), (200, 200, 1000), (1000, 504, 136))]
    for at, (M, N, K, least) in enumerate(((4096, 4096, 4096, 0.95), (8192, 8192, 8192, 0.95), (16384, 4096, 1024, 0.95),
                                           (5000, 3000, 1000, 0.85))):
        yield Row(artifact, Product, (peer, least), M=M, N=N, K=K, dtype=dtype, checks=edge if at == 0 else ())


ATTENTION_EDGES = [dict(B=1, H=2, L=l, M=m) for l, m in ((1, 1), (1, 200), (63, 65), (128, 128), (191, 193), (300, 428))]


def attention(D, causal):
    artifact = f"attention_d{D}" + ("_causal" if causal else "")
    least = 0.97
    for at, (B, L) in enumerate(((4, 4096), (1, 16384))):
        yield Row(artifact, Attention, ("reference", least), reference=artifact, B=B, H=32 if D == 64 else 16, L=L, D=D,
                  causal=causal, checks=[dict(e, D=D, causal=causal) for e in ATTENTION_EDGES] if at == 0 else ())


MEMORY_EDGES = [dict(M=m, N=4096) for m in (1, 3, 131, 1000)]


ROWS = [
    *products("gemm", "bf16"),
    *products("gemm_f16", "f16"),
    *products("gemm_tf32", "tf32"),
    Row("gemm_epilogue", ProductEpilogue, ("cuBLAS and torch", 1.0), M=8192, N=8192, K=8192,
        checks=[dict(M=m, N=n, K=k) for m, n, k in ((1, 8, 8), (127, 264, 72), (200, 200, 1000))]),
    Row("copy_bulk", Copy, ("cudaMemcpy", 0.95), M=65536, N=4096, checks=[dict(M=m, N=n) for m, n in ((1, 64), (65, 72), (300, 1000))]),
    Row("copy_vector", Copy, ("cudaMemcpy", 0.95), M=65536, N=4096, checks=[dict(M=m, N=n) for m, n in ((1, 64), (65, 72), (300, 1000))]),
    Row("row_softmax", RowSoftmax, ("cudaMemcpy", 0.85), M=65536, N=4096, checks=MEMORY_EDGES),
    Row("row_scan", RowScan, ("cudaMemcpy", 0.85), M=65536, N=4096, checks=MEMORY_EDGES),
    *attention(64, False), *attention(64, True), *attention(128, False), *attention(128, True),
    # The figures of mamba 2.3.2.post1 (Triton) on an H200 are quoted: measured on 2026-11-23, not here.
    Row("ssd", Ssd, ("reference", 0.95), reference="ssd_fwd", B=8, L=2048, H=32, quoted={"mamba": 0.389},
        checks=[dict(B=1, L=l, H=h) for l, h in ((1, 2), (63, 4), (64, 2), (65, 4), (200, 2))]
        + [dict(B=2, L=1000, H=4, decay="long")]),
    Row("ssd_split", Ssd, ("reference", 0.95), reference="ssd_fwd_split", B=2, L=16384, H=32, quoted={"mamba": 0.617},
        checks=[dict(B=1, L=l, H=4) for l in (1, 200, 1000)] + [dict(B=1, L=2000, H=4, decay="long")]),
    Row("ssd_split", Ssd, ("reference", 0.95), reference="ssd_fwd_split", B=1, L=65536, H=24, quoted={"mamba": 1.119}),
    # Copies by threads and products by warps; releases in other CTAs of a cluster.
    Row("gemm_warp", Product, timed=False, M=1000, N=504, K=136, dtype="bf16",
        checks=[dict(M=m, N=n, K=k, dtype="bf16") for m, n, k in ((1, 8, 8), (63, 64, 72), (65, 200, 1000))]),
    Row("cluster_sum", ClusterSum, timed=False, M=4096, N=4096, checks=[dict(M=m, N=n) for m, n in ((4, 4), (8, 516), (132, 1000))]),
    # Compiled from the language (layers/), sizes fixed and open.
    Row("layer_chain", Chain, M=65536, N=4096, checks=MEMORY_EDGES),
    Row("layer_rms_norm", RmsNorm, M=65536, N=4096, checks=MEMORY_EDGES),
    Row("layer_softmax", RowSoftmax, M=65536, N=4096, checks=MEMORY_EDGES),
    Row("layer_cumsum", Cumsum, B=16, L=4096, D=4096, checks=[dict(B=b, L=l, D=4096) for b, l in ((1, 1), (3, 9), (2, 1000))]),
    Row("layer_linear", Linear, M=8192, N=4096, K=4096, checks=[dict(M=m, N=4096, K=4096) for m in (1, 129, 1000)]),
    Row("layer_chain_open", Chain, M=65536, N=4096, checks=[dict(M=m, N=n) for m, n in ((1, 1), (7, 100), (131, 1001))]),
    # Rows that a warp holds, a warpgroup, none; of whole vectors and not.
    Row("layer_rms_norm_open", RmsNorm, M=65536, N=4096,
        checks=[dict(M=m, N=n) for m, n in ((1, 1), (7, 100), (131, 1001), (9, 512), (5, 2048), (130, 4088), (3, 8200), (3, 9001))]),
    Row("layer_linear_open", Linear, M=4096, N=4096, K=4096,
        checks=[dict(M=m, N=n, K=k) for m, n, k in ((1, 1, 1), (65, 70, 129), (200, 33, 1000), (64, 512, 64), (1000, 1000, 1000),
                                                          (5000, 3000, 1000), (3000, 5000, 1008))]),
]
