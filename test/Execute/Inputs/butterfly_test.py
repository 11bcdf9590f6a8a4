"""Butterfly matrices, and the discrete Fourier transform as one."""
import unittest

import numpy as np

from compiled import compiled
from matrix_layer import MatrixLayer
from reference import structured


class Butterfly(MatrixLayer, unittest.TestCase):
    source, I, O, tolerance = "std/butterfly.ssm", 16, 16, 1e-6 * 4

    def parts(self, rng):
        m = self.I.bit_length() - 1
        return {"W.twiddles": rng.standard_normal((m, self.I // 2, 2, 2)) * np.sqrt(0.5)}

    def reference(self, p, x, W_twiddles):
        for j, factor in enumerate(W_twiddles):
            place = np.arange(self.I // 2)
            low = (place >> j << j + 1) + place % (1 << j)
            pair = np.stack([x[:, low], x[:, low + (1 << j)]], -1)
            pair = np.einsum("pab,tpb->tpa", factor, pair)
            x = np.array(x)
            x[:, low], x[:, low + (1 << j)] = pair[..., 0], pair[..., 1]
        return x


class OneFactor(Butterfly):
    I, O, lengths = 2, 2, (1, 33)


class NoFactor(Butterfly):
    """A matrix of one entry has no factors: it is 1."""
    I, O, lengths = 1, 1, (1, 3)


class Large(Butterfly):
    I, O, lengths = 256, 256, (3, 33)


class Dense(unittest.TestCase):
    def test_product_of_factors(self):
        test = Butterfly()
        parts = test.parts(np.random.default_rng(2))
        W = structured.butterfly(parts["W.twiddles"])
        np.testing.assert_allclose(test.matrix(**parts), W, rtol=0, atol=1e-6 * np.sqrt(16) * np.abs(W).max())

    def test_fourier(self):
        # With roots of unity, after the reversal of the index's bits.
        layer = compiled("layer dft(x: c64[T, I]) -> c64[T, O] {\n  param W: butterfly c64[O, I] = 0\n"
                         "  return sum[I] W * x\n}\n")
        for m in (1, 3, 6):
            n, p = 1 << m, np.arange(1 << m - 1)
            twiddles = np.ones((m, n // 2, 2, 2), complex)
            for j in range(m):
                root = np.exp(-2j * np.pi * (p % (1 << j)) / (2 << j))
                twiddles[j, :, 0, 1], twiddles[j, :, 1, 1] = root, -root
            reversal = [int(format(i, f"0{m}b")[::-1], 2) for i in range(n)]
            rng = np.random.default_rng(m)
            x = rng.standard_normal((3, n)) + 1j * rng.standard_normal((3, n))
            out = layer.forward({"x": x[:, reversal], "W.twiddles": twiddles})
            np.testing.assert_allclose(out, np.fft.fft(x), rtol=0, atol=1e-6 * np.abs(np.fft.fft(x)).max())


if __name__ == "__main__":
    unittest.main()
