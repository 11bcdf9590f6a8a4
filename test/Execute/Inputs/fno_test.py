"""Fourier operators in one dimension and two."""
import unittest

import numpy as np

import ssm
from compiled import compiled
from draw import kaiming
from layer_test import Case, LENGTHS, Sweep
from reference import spectral
from reference.functions import gelu


def weights(rng, *shape):
    return (rng.uniform(0, 1, shape) + 1j * rng.uniform(0, 1, shape)) / (shape[0] * shape[1])


class OneMode(Sweep, unittest.TestCase):
    source, along, K, I, O = "std/fno1d.ssm", {"x": 2, "out": 2}, 1, 3, 5
    tolerance = 5e-6
    reference = staticmethod(spectral.fno1d)

    @property
    def constants(self):
        return {"K": self.K}

    def draw(self, rng, L, B):
        return {"x": rng.standard_normal((B, self.I, L)), "W": weights(rng, self.I, self.O, self.K),
                "w": kaiming(rng, self.I, self.O)}


class FourModes(OneMode):
    """Of length 7 and 8 these are all modes but the last: with 4 modes, 7 has no more."""
    K, I, O, lengths = 4, 3, 5, [L for L in LENGTHS if L >= 7]

    def test_no_length(self):
        # There are not so many modes.
        case = self.case(self.lengths[0], 1)
        with self.assertRaises(ssm.Error):
            case.layer.forward(self.piece(case.given, 0, 0))


class Published(FourModes):
    K, I, O, lengths = 16, 8, 7, [L for L in LENGTHS if L >= 32]


def plain(x, W, K):
    """The layer without its pointwise part, through its own activation: one channel."""
    return compiled("std/fno1d.ssm", K=K).forward(x=np.reshape(x, (1, 1, -1)), W=np.reshape(W, (1, 1, K)),
                                                  w=np.zeros((1, 1)))[0, 0]


class Modes(unittest.TestCase):
    def test_cut(self):
        # Three modes of eight points: the third harmonic goes, the mean and the first stay.
        t = 2 * np.pi * np.arange(8) / 8
        low = 1 + np.cos(t)
        np.testing.assert_allclose(plain(low + np.cos(3 * t), np.ones(3), 3), gelu(low), rtol=0, atol=5e-7)

    def test_band_limited(self):
        # Exact at any number of points, so coarse and fine grids agree where they meet.
        rng = np.random.default_rng(1)
        amplitude, W = rng.standard_normal((2, 3)) + 1j * rng.standard_normal((2, 3))
        amplitude[0] = amplitude[0].real
        wave = lambda c, n: (c * np.exp(2j * np.pi * np.outer(np.arange(n) / n, np.arange(3)))).sum(-1).real
        for n in (8, 9, 16, 33):
            want = gelu(wave(np.where(np.arange(3) == 0, (amplitude * W).real, amplitude * W), n))
            np.testing.assert_allclose(plain(wave(amplitude, n), W, 3), want, rtol=0, atol=5e-6 * np.abs(want).max())
        np.testing.assert_allclose(plain(wave(amplitude, 32), W, 3)[::2], plain(wave(amplitude, 16), W, 3), atol=2e-5)

    def test_highest_mode(self):
        # Of 6 points the fourth mode has no imaginary part that a real signal could carry: it is dropped.
        x, W = np.random.default_rng(2).standard_normal(6), np.array([1, 1j, 1, 1j])
        want = gelu(np.fft.irfft(np.fft.rfft(x) * W, 6))
        np.testing.assert_allclose(plain(x, W, 4), want, rtol=0, atol=1e-6)
        self.assertGreater(np.abs(want - gelu(np.fft.irfft(np.fft.rfft(x) * W, 7)[:6])).max(), 0.01)

    def test_too_many_modes(self):
        with self.assertRaises(ssm.Error):
            plain(np.ones(5), np.ones(4), 4)


class TwoDimensions(Sweep, unittest.TestCase):
    """L points along Y, five along X."""
    source, along, K1, K2, X, I, O = "std/fno2d.ssm", {"x": 3, "out": 3}, 3, 1, 5, 3, 2
    reference = staticmethod(spectral.fno2d)
    lengths, tolerance = (1, 2, 3, 7, 8, 31, 32, 33, 127), 5e-6

    @property
    def constants(self):
        return {"K1": self.K1, "K2": self.K2}

    def draw(self, rng, L, B):
        return {"x": rng.standard_normal((B, self.I, self.X, L)), "W": weights(rng, self.I, self.O, self.K1, self.K2),
                "w": kaiming(rng, self.I, self.O)}

    def test_transforms(self):
        # The product that the reference is, by numpy's transforms: along X both signs, then the real one.
        case = self.case(33, 2)
        x, W, w = (case.given[name].astype(complex if name == "W" else float) for name in ("x", "W", "w"))
        modes = np.fft.rfft2(x)
        rows = [*range((self.K1 + 1) // 2), *range(-(self.K1 // 2), 0)]
        mixed = np.zeros((2, self.O, *modes.shape[2:]), complex)
        mixed[:, :, rows, :self.K2] = np.einsum("bikl,iokl->bokl", modes[:, :, rows, :self.K2], W)
        want = gelu(np.fft.irfft(np.fft.ifft(mixed, axis=2), 33) + np.einsum("bixy,io->boxy", x, w))
        np.testing.assert_allclose(case.exact["out"], want, rtol=0, atol=1e-12)


class EvenModes(TwoDimensions):
    """The largest negative frequency is kept, its positive twin is not."""
    K1, K2, X, lengths = 4, 4, 8, (7, 8, 33)
    test_no_length = FourModes.test_no_length


class PublishedModes(EvenModes):
    K1, K2, X, lengths, batches = 32, 17, 33, (32, 33, 40), (1,)


if __name__ == "__main__":
    unittest.main()
