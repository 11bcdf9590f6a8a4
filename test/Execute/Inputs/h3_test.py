"""H3: a shift map, an outer product, a diagonal map."""
import unittest

import numpy as np

from compiled import compiled
from draw import kaiming, log_dt, pairs
from layer_test import Stateful
from reference import state_space as ss


class H3(Stateful, unittest.TestCase):
    source, along = "std/h3.ssm", {"x": 1, "out": 1}
    E, H, D, P, T, N = 7, 2, 3, 2, 4, 3
    reference = staticmethod(ss.h3)

    @property
    def constants(self):
        return {"T": self.T, "N": self.N}

    def draw(self, rng, L, B):
        E, H, D, P, T, N = self.E, self.H, self.D, self.P, self.T, self.N
        return {"x": rng.standard_normal((B, L, E)),
                "Wq": kaiming(rng, H, D, E), "Wk": kaiming(rng, H, D, E), "Wv": kaiming(rng, H, P, E),
                "Wo": kaiming(rng, E, H, P), "bq": 0.1 * rng.standard_normal((H, D)),
                "bk": 0.1 * rng.standard_normal((H, D)), "bv": 0.1 * rng.standard_normal((H, P)),
                "bo": 0.1 * rng.standard_normal(E), "Bs": rng.standard_normal((H, D, T)) / T,
                "Cs": kaiming(rng, H, D, T), "Ds": rng.standard_normal((H, D)), "log_dt": log_dt(rng, H),
                "log_re": np.full((H, N), np.log(0.5)), "im": np.tile(np.pi * np.arange(N), (H, 1)),
                "C": pairs(rng, H, N), "Dd": rng.standard_normal(H)}


class OnePair(H3):
    """Heads of one channel, one pole, and more taps than most lengths have."""
    D, P, T, N, lengths = 1, 1, 40, 1, (1, 2, 33, 128)


def alone(q, k, v, taps, dt, A, C):
    """One head of one channel through the layer: q, k and v are the three channels of the model."""
    pick = lambda i: np.eye(1, 3, i)[None]
    A, C, one = np.atleast_1d(A)[None], np.atleast_1d(C)[None], np.ones((1, 1))
    with np.errstate(divide="ignore"):
        log_re = np.log(-np.real(A))
    return compiled("std/h3.ssm", T=len(taps), N=A.shape[1]).forward(
        x=np.stack([q, k, v], -1)[None], Wq=pick(0), Wk=pick(1), Wv=pick(2), Wo=np.ones((3, 1, 1)), bq=0 * one,
        bk=0 * one, bv=0 * one, bo=np.zeros(3), Bs=np.eye(1, len(taps))[None], Cs=np.reshape(taps, (1, 1, -1)),
        Ds=0 * one, log_dt=np.log([dt]), log_re=log_re, im=np.imag(A), C=C, Dd=np.zeros(1))[0, :, 0]


class ByHand(unittest.TestCase):
    def test_three_positions(self):
        # The kernel 1, 1/2, 1/4 is the pole -2/3 at dt = 1 with C = 2/3.
        out = alone(q=[1, 1, 2], k=[1, 0, 1], v=[1, 1, 1], taps=[1, 2, 0], dt=1, A=-2 / 3 + 0j, C=2 / 3)
        np.testing.assert_allclose(out, [1, 2.5, 4.5], rtol=1e-6)

    def test_bilinear_kernel(self):
        one = np.ones(4)
        out = alone(q=one, k=np.eye(1, 4)[0], v=one, taps=[1], dt=0.1, A=[-0.5, -0.5 + 1j * np.pi], C=[1, 1])
        np.testing.assert_allclose(out, [0.3857665979, 0.3498772321, 0.3014449017, 0.245362496], rtol=0, atol=2e-7)

    def test_linear_attention(self):
        # A kernel of ones and no shift: causal linear attention without a normaliser.
        rng = np.random.default_rng(1)
        q, k, v = rng.standard_normal((3, 33))
        out = alone(q, k, v, taps=[1], dt=1, A=0j, C=0.5)
        np.testing.assert_allclose(out, q * np.cumsum(k * v), rtol=1e-4, atol=1e-5)

    def test_shift(self):
        # What the taps say, the impulse gives back.
        taps = [0.5, -1, 2, 0.25]
        out = alone(q=np.ones(6), k=np.eye(1, 6)[0], v=np.ones(6), taps=taps, dt=1, A=-2 + 0j, C=1)
        np.testing.assert_array_equal(out[:4], taps)  # the pole -2 is forgotten at once
        np.testing.assert_array_equal(out[4:], 0)


if __name__ == "__main__":
    unittest.main()
