"""The kernels that memory bounds, with sizes at and off the edges of their tiles."""
import numpy as np
from emulated import bf16, close, emulate

rng = np.random.default_rng(3)


def run(kernel, x):
    results = emulate(kernel, {"x": x})
    assert not isinstance(results, str), f"{kernel} {x.shape}: {results}"
    return results["out"]


for kernel, shapes in (("copy_bulk.mlir", ((1, 64), (65, 72), (300, 200))), ("copy_vector.mlir", ((1, 64), (65, 72), (3, 4096)))):
    for shape in shapes:
        x = bf16(rng.normal(size=shape))
        assert np.array_equal(run(kernel, x), x), (kernel, shape)

for rows in (1, 3):
    x = bf16(rng.normal(size=(rows, 4096)))
    softmax = lambda dtype: (lambda e: e / e.sum(1, keepdims=True))(np.exp(x.astype(dtype) - x.max(1, keepdims=True)))
    close(run("row_softmax.mlir", x), softmax(np.float64), bf16(softmax(np.float32)))

for shape in ((1, 8), (5, 1032), (4, 2048)):
    x = bf16(rng.normal(size=shape))
    close(run("row_scan.mlir", x), np.cumsum(x.astype(np.float64), 1), bf16(np.cumsum(x, 1, dtype=np.float32)))
