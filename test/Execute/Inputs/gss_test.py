"""The gated state space layer, and the map in it."""
import unittest

import numpy as np

from compiled import compiled
from draw import kaiming, pairs
from layer_test import Case, Stateful
from reference import state_space as ss
from reference.spectral import causal


class GSS(Stateful, unittest.TestCase):
    source, along, N, E, F, S = "std/gss.ssm", {"x": 1, "out": 1}, 8, 8, 19, 5
    reference = staticmethod(ss.gss)

    @property
    def constants(self):
        return {"N": self.N}

    def draw(self, rng, L, B):
        E, F, S, N = self.E, self.F, self.S, self.N
        return {"x": rng.standard_normal((B, L, E)), "Wv": kaiming(rng, F, E), "Wu": kaiming(rng, S, E),
                "Wg": kaiming(rng, F, S), "Wo": kaiming(rng, E, F),
                "layer_norm.scale": rng.normal(1, 0.1, E), "layer_norm.shift": rng.normal(0, 0.1, E),
                "layer_norm_2.scale": rng.normal(1, 0.1, S), "layer_norm_2.shift": rng.normal(0, 0.1, S),
                **{f"shared_poles.{name}": a for name, a in poles(rng, S, N).items()}}


def poles(rng, S, N):
    return {"log_re": rng.standard_normal(N), "log_im": rng.standard_normal(N), "C": pairs(rng, S, N) * np.sqrt(2),
            "D": rng.standard_normal(S)}


class OnePole(GSS):
    N, lengths = 1, (1, 2, 33)


class Published(GSS):
    N, lengths, batches = 512, (1, 8, 127), (1,)


def by_kernel(p, u, log_re, log_im, C, D):
    """K_l = Re sum of C (exp(A) - 1) / A exp(l A): poles that all channels share, no pairs."""
    A = p.pair(-np.exp(log_re), np.exp(log_im))
    powers = np.exp(np.arange(u.shape[1])[:, None] * A)
    K = np.einsum("sn,ln->sl", C, ss.zoh(p, A, A)[1] * powers).real.astype(p.real)
    return np.swapaxes(causal(np.swapaxes(u, 1, 2), K), 1, 2) + D * u


class Map(unittest.TestCase):
    def layer(self, N):
        return compiled("std/gss.ssm", layer="shared_poles", N=N)

    def test_by_hand(self):
        # One pole -ln 2, C = 1: half of 1 / ln 2, halved at each step.
        out = self.layer(1).forward(u=np.eye(1, 3)[..., None], log_re=[np.log(np.log(2))], log_im=[-np.inf],
                                    C=np.ones((1, 1)), D=np.zeros(1))
        np.testing.assert_allclose(out[0, :, 0], 0.7213475204 * np.array([1, 1 / 2, 1 / 4]), rtol=3e-7)

    def test_kernel(self):
        for L in (1, 8, 127):
            rng = np.random.default_rng(L)
            case = Case(self.layer(8), {"u": rng.standard_normal((3, L, 5)), **poles(rng, 5, 8)}, by_kernel)
            case.judge({"out": case.layer.forward(case.given)})


if __name__ == "__main__":
    unittest.main()
