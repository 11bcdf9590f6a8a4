"""Monarch matrices, and the discrete Fourier transform as one."""
import unittest

import numpy as np

from compiled import compiled
from draw import kaiming
from matrix_layer import MatrixLayer
from reference import structured


class Small(MatrixLayer, unittest.TestCase):
    """Not square: x in 4 parts of 3."""
    source, I, O, k = "std/monarch.ssm", 12, 21, 4

    @property
    def changes(self):
        return {"monarch<32>": f"monarch<{self.k}>"}

    def parts(self, rng):
        k, p = self.k, self.I // self.k
        return {"W.first": kaiming(rng, k, p, p), "W.second": kaiming(rng, p, self.O // p, k),
                "b": rng.standard_normal(self.O)}

    def reference(self, p, x, W_first, W_second, b):
        # h[k, q] = first[k, q, p] x[k, p]; read as [r, l]; y[s, l] = second[l, s, r] h[r, l].
        T, (k, size, _) = len(x), W_first.shape
        h = p.meet(np.einsum("kqp,tkp->tkq", W_first, x.reshape(T, k, size)).reshape(T, k * size))
        return np.einsum("lsr,trl->tsl", W_second, h.reshape(T, k, size)).reshape(T, -1) + b


class OnePart(Small):
    """One block, then diagonal ones."""
    I, O, k, lengths = 5, 10, 1, (1, 33)


class AllParts(Small):
    I, O, k, lengths = 6, 4, 6, (2, 31)


class Single(Small):
    """Stored in f32: as near as single precision is said to be."""
    lengths, tolerance = (1, 33, 128), 1e-6 * np.sqrt(Small.I)

    @property
    def changes(self):
        return {**super().changes, " bf16[": " f32["}


class Published(MatrixLayer, unittest.TestCase):
    source, I, O, k, lengths = "std/monarch.ssm", 1024, 1024, 32, (1, 33)
    parts, reference = Small.parts, Small.reference


class Dense(unittest.TestCase):
    def test_two_block_diagonals(self):
        # P blockdiag(second) P blockdiag(first), P the transpose.
        test = Small()
        parts = {name: a for name, a in test.case(1, 1).given.items() if name.startswith("W")}
        W = structured.monarch(parts["W.first"], parts["W.second"])
        np.testing.assert_allclose(test.matrix(**parts, b=np.zeros(21)), W, rtol=2 ** -8)

    def test_fourier(self):
        # Of length k n: transforms of n, roots of unity between, transforms of k. Read down the columns.
        k, n = 4, 8
        layer = compiled("layer dft(x: c64[T, I]) -> c64[T, O] {\n  param W: monarch<4> c64[O, I] = 0\n"
                         "  return sum[I] W * x\n}\n")
        small, root = np.arange(n), np.exp(-2j * np.pi / (k * n))
        first = np.tile(root ** (k * np.outer(small, small)), (k, 1, 1))
        s, r = np.arange(k)[:, None], np.arange(k)
        second = root ** (n * s * r + small[:, None, None] * r)
        rng = np.random.default_rng(1)
        x = rng.standard_normal((3, k * n)) + 1j * rng.standard_normal((3, k * n))
        given = np.swapaxes(x.reshape(3, n, k), 1, 2).reshape(3, k * n)
        out = layer.forward({"x": given, "W.first": first, "W.second": second})
        np.testing.assert_allclose(out, np.fft.fft(x), rtol=0, atol=1e-6 * np.abs(np.fft.fft(x)).max())


if __name__ == "__main__":
    unittest.main()
