"""Pixelated butterfly: a flat block butterfly and a matrix of low rank, added."""
import unittest

import numpy as np

from compiled import compiled
from draw import kaiming
from matrix_layer import MatrixLayer
from reference import structured
from reference.functions import gelu


class Small(MatrixLayer, unittest.TestCase):
    """Four block rows, stretched to blocks of 4 by 12."""
    source, I, O, n, factors, R = "std/pixelfly.ssm", 48, 16, 4, 2, 3

    @property
    def changes(self):
        return {"block = 32, factors = 4": f"block = 4, factors = {self.factors}", "lowrank<32>": f"lowrank<{self.R}>"}

    def parts(self, rng):
        n, k, R = self.n, self.factors, self.R
        return {"W.blocks": kaiming(rng, n, k + 1, self.O // n, self.I // n), "U.left": kaiming(rng, self.O, R),
                "U.right": kaiming(rng, R, self.I), "b": rng.standard_normal(self.O)}

    def reference(self, p, x, W_blocks, U_left, U_right, b):
        # Of the product in two parts, the one in the middle meets bf16.
        return gelu(x @ structured.flat_butterfly(W_blocks).T + p.meet(x @ U_right.T) @ U_left.T + b)


class BlockDiagonal(Small):
    """No factor but the diagonal, rank one."""
    factors, R, lengths = 0, 1, (1, 33)


class FullRank(Small):
    I, O, R, lengths = 16, 16, 16, (2, 31)


class Single(Small):
    """Stored in f32: as near as single precision is said to be."""
    lengths, tolerance = (1, 33, 128), 1e-6 * np.sqrt(Small.I)

    @property
    def changes(self):
        return {**super().changes, " bf16[": " f32["}


class Published(MatrixLayer, unittest.TestCase):
    """As it stands: 16 block rows of 64 by 32, and the rank 32."""
    source, I, O, n, factors, R = "std/pixelfly.ssm", 512, 1024, 16, 4, 32
    lengths = (1, 33, 128)
    parts, reference = Small.parts, Small.reference


SPARSE = """
layer sparse(x: f32[T, I]) -> f32[T, O] {
  param W: flat_butterfly<block = 2, factors = FACTORS> f32[O, I] = 1
  return sum[I] W * x
}
"""


class Support(unittest.TestCase):
    def test_blocks(self):
        # Of ones: row i holds i and i xor 1, 2, 4, ...
        four = [[1, 1, 1, 0], [1, 1, 0, 1], [1, 0, 1, 1], [0, 1, 1, 1]]
        for n, factors, kept in ((4, 2, four), (8, 3, None)):
            layer = compiled(SPARSE.replace("FACTORS", str(factors)))
            W = layer.forward({"x": np.eye(2 * n), "W.blocks": np.ones((n, factors + 1, 2, 2))}).T
            blocks = W[::2, ::2]
            np.testing.assert_array_equal(W, np.kron(blocks, np.ones((2, 2))))
            self.assertEqual(blocks.sum(), n * (factors + 1))
            if kept:
                np.testing.assert_array_equal(blocks, kept)

    def test_first_order(self):
        # The product of butterfly factors I + eps F_i is I + eps sum F_i, but for eps^2.
        rng, n = np.random.default_rng(1), 8
        factors = rng.standard_normal((3, n))                                    # one entry a row, at i xor 2^j
        for eps in (1e-2, 1e-3):
            blocks = np.concatenate([np.ones((1, n)), eps * factors]).T[..., None, None]
            text = SPARSE.replace("block = 2", "block = 1").replace("FACTORS", "3")
            flat = compiled(text).forward({"x": np.eye(n), "W.blocks": blocks}).T
            product = np.eye(n)
            for j in range(3):
                F = np.zeros((n, n))
                F[np.arange(n), np.arange(n) ^ (1 << j)] = factors[j]
                product = (np.eye(n) + eps * F) @ product
            error = np.abs(flat - product).max()
            self.assertTrue(0.1 * eps ** 2 < error < 20 * eps ** 2, error)


if __name__ == "__main__":
    unittest.main()
