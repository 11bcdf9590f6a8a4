"""S4D: a bank of diagonal filters, against the recurrence and against its kernel."""
import unittest

import numpy as np

from compiled import compiled
from draw import log_dt, pairs
from layer_test import Case, Stateful
from reference import state_space as ss
from reference.functions import gelu
from reference.spectral import causal


def kernel(p, L, log_dt, log_re, im, C):
    """K_l = 2 Re sum of C Bb Ab^l: the powers as exponentials of l dA."""
    A = p.pair(-np.exp(log_re), im)
    dA = np.exp(log_dt)[:, None] * A
    Bb = ss.zoh(p, dA, A)[1]
    powers = np.exp(np.arange(L).astype(p.real)[:, None, None] * dA)
    return 2 * (C * Bb * powers).sum(-1).real.T


def by_kernel(p, u, log_dt, log_re, im, C, D):
    return gelu(causal(u, kernel(p, u.shape[2], log_dt, log_re, im, C)) + D[:, None] * u)


class S4D(Stateful, unittest.TestCase):
    source, along, N, H = "std/s4d.ssm", {"u": 2, "out": 2}, 32, 5
    reference = staticmethod(ss.s4d)

    def draw(self, rng, L, B):
        H, N = self.H, self.N
        return {"u": rng.standard_normal((B, H, L)), "log_dt": log_dt(rng, H),
                "log_re": np.full((H, N), np.log(0.5)), "im": np.tile(np.pi * np.arange(N), (H, 1)),
                "C": pairs(rng, H, N), "D": rng.standard_normal(H)}


class FewPoles(S4D):
    """One, two and three poles."""
    N, lengths, batches = 1, (1, 2, 31, 128), (1,)

    @property
    def constants(self):
        return {"N": self.N}


class TwoPoles(FewPoles):
    N = 2


class ThreePoles(FewPoles):
    N, batches = 3, (3,)


class Kernel(unittest.TestCase):
    """The response to an impulse; gelu stands behind it."""

    def response(self, L, dt, A, C):
        A, C = np.atleast_2d(A), np.atleast_2d(C)
        impulse = np.eye(1, L)[None]
        layer = compiled("std/s4d.ssm", N=A.shape[1])
        return layer.forward(u=impulse, log_dt=np.log([dt]), log_re=np.log(-A.real), im=A.imag, C=C,
                             D=np.zeros(1))[0, 0]

    def test_by_hand(self):
        pole = -np.log(2) + 0.5j * np.pi
        for dt, A, C, want in (
                (np.log(2), [-1 + 0j], [1], [1, 1 / 2, 1 / 4, 1 / 8]),
                (1, [pole], [0.5 * pole / (np.exp(pole) - 1)], [1, 0, -1 / 4, 0, 1 / 16, 0]),
                (0.1, [-0.5, -0.5 + 1j * np.pi], [1, 1], [0.3870112086, 0.3503411878, 0.3009849527, 0.2440201623])):
            np.testing.assert_allclose(self.response(len(want), dt, A, C), gelu(np.array(want)), rtol=0, atol=3e-7)

    def test_slow_poles(self):
        # As far from the kernel in float64 as the figures for single precision say, relative to the largest.
        rng = np.random.default_rng(3)
        for re, bound in ((-0.5, 5e-6), (-0.01, 2e-4)):
            H, N, L = 3, 32, 1000
            arguments = {"u": np.tile(np.eye(1, L), (1, H, 1)), "log_dt": np.log([0.001, 0.01, 0.1]),
                         "log_re": np.full((H, N), np.log(-re)), "im": np.tile(np.pi * np.arange(N), (H, 1)),
                         "C": pairs(rng, H, N), "D": np.zeros(H)}
            case = Case(compiled("std/s4d.ssm"), arguments, by_kernel)
            error = np.abs(case.layer.forward(case.given) - case.exact["out"]).max()
            self.assertLessEqual(error, bound * np.abs(case.exact["out"]).max())

    def test_convolution(self):
        # The recurrence is the convolution with the kernel.
        for L in (1, 7, 128, 1000):
            case = Case(compiled("std/s4d.ssm"), S4D.draw(S4D, np.random.default_rng(L), L, 3), by_kernel,
                        eager=lambda *a, **k: ss.s4d(*a, **k)["out"])
            case.judge({"out": case.layer.forward(case.given)})

    def test_small_steps(self):
        # exp(dA) - 1 would lose everything where |dA| is of the order of the rounding.
        out = self.response(3, 1e-7, [-1 + 1j], [1e7])
        np.testing.assert_allclose(out, gelu(np.full(3, 2.0)), rtol=1e-6)


if __name__ == "__main__":
    unittest.main()
