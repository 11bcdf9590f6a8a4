"""Long convolutions: every mode by its sum, causal ones by transforms, and both ways of running in two directions."""
import unittest

import numpy as np

from compiled import compiled
from layer_test import Case, Causal, Sweep
from reference.spectral import causal

TEXT = """
layer convolution(u: f32[B, H, L], k: f32[H, K]) -> f32[B, H, L] {
  return conv[L, K](u, k, MODE)
}
"""
# A kernel a direction: both have the present, or the second begins one later.
SHARED = """
layer shared(u: f32[B, H, L], k: f32[H, L], r: f32[H, L]) -> f32[B, H, L] {
  return conv[L](u, k) + conv[L](u, r, anticausal)
}
"""
APART = """
layer apart(u: f32[B, H, L], k: f32[H, L], r: f32[H, L]) -> f32[B, H, L] {
  return conv[L](u, k) + shift[L](conv[L](u, r, anticausal), -1)
}
"""


def gathered(u, k, place):
    """y_l = sum over j of k_j u at place(l, j), zero outside."""
    L, K = u.shape[2], k.shape[1]
    index = place(np.arange(L)[:, None], np.arange(K))
    inside = (index >= 0) & (index < L)
    return np.einsum("bhlk,hk->bhl", np.where(inside, u[:, :, np.clip(index, 0, L - 1)], 0), k)


class Mode(Sweep):
    """The kernel is shorter than most lengths and longer than some."""
    along, H, K, mode = {"u": 2, "out": 2}, 5, 5, None

    @property
    def source(self):
        return TEXT.replace("MODE", self.mode) if self.mode else TEXT.replace(", MODE", "")

    def draw(self, rng, L, B):
        return {"u": rng.standard_normal((B, self.H, L)), "k": rng.standard_normal((self.H, self.K))}

    def reference(self, p, u, k):
        return gathered(u, k, lambda l, j: self.place(l, j, u.shape[2]))

    def test_conv_error(self):
        # Relative to the norms of signal and kernel, as long convolutions are judged.
        case = self.case(1000, 3)
        error = np.abs(case.layer.forward(case.given) - case.exact["out"]).max(-1)
        norms = np.linalg.norm(case.given["u"], axis=-1) * np.linalg.norm(case.given["k"], axis=-1)
        self.assertTrue((error <= 1e-7 * norms).all())


class CausalMode(Mode, Causal, unittest.TestCase):
    def place(self, l, j, L):
        return l - j


class Anticausal(Mode, unittest.TestCase):
    mode = "anticausal"

    def place(self, l, j, L):
        return l + j


class Circular(Mode, unittest.TestCase):
    mode = "circular"

    def place(self, l, j, L):
        return (l - j) % L


class Same(Mode, unittest.TestCase):
    mode = "same"

    def place(self, l, j, L):
        return l + (self.K - 1) // 2 - j


class SameOfEvenSize(Same):
    K, lengths = 4, (1, 3, 8)


class LongKernel(CausalMode):
    """As long as a published one; longer than the signal at most lengths."""
    K, H = 256, 3


class WholeLength(Mode):
    """A kernel as long as the signal: taken by transforms of blocks, causal to the bit all the same."""
    along, H = {"u": 2, "k": 1, "out": 2}, 3

    @property
    def source(self):
        return super().source.replace("k: f32[H, K]", "k: f32[H, L]").replace("conv[L, K]", "conv[L]")

    def draw(self, rng, L, B):
        return {"u": rng.standard_normal((B, self.H, L)), "k": rng.standard_normal((self.H, L))}


class CausalWholeLength(WholeLength, Causal, unittest.TestCase):
    place = CausalMode.place


class AnticausalWholeLength(WholeLength, unittest.TestCase):
    mode, place = "anticausal", Anticausal.place


class CircularWholeLength(WholeLength, unittest.TestCase):
    mode, place = "circular", Circular.place


class TwoDirections(unittest.TestCase):
    def case(self, text, formula, L):
        rng = np.random.default_rng(L)
        given = {"u": rng.standard_normal((3, 4, L)), "k": rng.standard_normal((4, L)), "r": rng.standard_normal((4, L))}
        case = Case(compiled(text), given, formula)
        case.judge({"out": case.layer.forward(case.given)})
        return case.exact["out"], (case.given[name].astype(float) for name in "ukr")

    @staticmethod
    def both(p, u, k, r):
        return causal(u, k) + causal(u[..., ::-1], r)[..., ::-1]

    @staticmethod
    def later(p, u, k, r):
        back = causal(u[..., ::-1], r)[..., ::-1]
        return causal(u, k) + np.concatenate([back[..., 1:], np.zeros_like(back[..., :1])], -1)

    def test_shared_present(self):
        # The second kernel's transform, conjugated, is added to the first's.
        for L in (1, 2, 7, 32, 127):
            exact, (u, k, r) = self.case(SHARED, self.both, L)
            n = 2 * L
            kernel = np.fft.rfft(k, n) + np.fft.rfft(r, n).conj()
            np.testing.assert_allclose(np.fft.irfft(np.fft.rfft(u, n) * kernel, n)[..., :L], exact, atol=1e-11)

    def test_one_lag_apart(self):
        # The first kernel padded behind, the second flipped and padded in front: at lags -1 to -L.
        for L in (1, 2, 7, 32, 127):
            exact, (u, k, r) = self.case(APART, self.later, L)
            n = 2 * L
            kernel = np.pad(k, ((0, 0), (0, L))) + np.pad(r[:, ::-1], ((0, 0), (L, 0)))
            transformed = np.fft.rfft(u, n) * np.fft.rfft(kernel, n)
            np.testing.assert_allclose(np.fft.irfft(transformed, n)[..., :L], exact, atol=1e-11)


if __name__ == "__main__":
    unittest.main()
