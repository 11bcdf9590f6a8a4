"""Toeplitz matrices."""
import unittest

import numpy as np

from draw import kaiming
from matrix_layer import MatrixLayer
from reference import structured


class Toeplitz(MatrixLayer, unittest.TestCase):
    source, I, O, tolerance = "std/toeplitz.ssm", 7, 12, 1e-6 * np.sqrt(7)

    def parts(self, rng):
        return {"W.diagonals": kaiming(rng, self.O + self.I - 1), "b": rng.standard_normal(self.O)}

    def reference(self, p, x, W_diagonals, b):
        return x @ structured.toeplitz(W_diagonals, self.O, self.I).T + b

    def test_convolution(self):
        # The whole convolution of the diagonals, seen where all of x meets them.
        case = self.case(3, 1)
        d, b = case.given["W.diagonals"], case.given["b"]
        want = np.stack([np.convolve(x.astype(float), d)[self.I - 1:self.I - 1 + self.O] for x in case.given["x"]])
        np.testing.assert_allclose(case.layer.forward(case.given), want + b, rtol=0, atol=1e-6 * np.abs(want).max())


class Column(Toeplitz):
    I, O, lengths = 1, 9, (1, 33)


class Row(Toeplitz):
    I, O, lengths = 9, 1, (1, 33)


class Square(Toeplitz):
    I, O, lengths = 33, 33, (2, 128)


if __name__ == "__main__":
    unittest.main()
