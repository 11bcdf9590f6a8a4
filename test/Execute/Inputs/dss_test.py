"""DSS: the kernel that is a softmax of complex exponents, against that softmax as it is written."""
import unittest

import numpy as np

from draw import log_dt, pairs
from layer_test import Causal
from reference.functions import expm1
from reference.spectral import causal


class DSS(Causal, unittest.TestCase):
    """The kernel belongs to one length, so nothing may be appended."""
    source, along, N, H, padded = "std/dss.ssm", {"u": 2, "out": 2}, 8, 5, ()

    @property
    def constants(self):
        return {"N": self.N}

    def draw(self, rng, L, B):
        return {"u": rng.standard_normal((B, self.H, L)), "log_dt": log_dt(rng, self.H),
                "re": rng.uniform(-1, -0.1, self.N), "im": np.pi * (1 + np.arange(self.N)),
                "W": pairs(rng, self.H, self.N), "D": rng.standard_normal(self.H)}

    def reference(self, p, u, log_dt, re, im, W, D):
        L, A = u.shape[2], p.pair(re, im)
        dA, s = np.exp(log_dt)[:, None] * A, np.where(re > 0, -1, 1).astype(p.real)
        place = np.arange(L) - np.where(re > 0, L - 1, 0)[:, None]               # [N, L]
        total = p.off(expm1(s * dA * p.real(L)) * A)
        weight = p.off(W * expm1(s * dA) * total.conj() / (np.abs(total) ** 2 + p.real(1e-7)))
        kernel = (weight[..., None] * np.exp(dA[..., None] * place.astype(p.real))).sum(1).real
        return causal(u, kernel.astype(p.real)) + D[:, None] * u


class Growing(DSS):
    """Some poles grow: exp(dt Re A L) would reach e^100."""
    lengths = (1, 2, 33, 1000)

    def draw(self, rng, L, B):
        return {**super().draw(rng, L, B), "re": rng.uniform(-1, 1, self.N)}

    def test_softmax(self):
        # K_l = Re sum of W / A exp(dA l) / sum over l' of exp(dA l'), where that does not overflow.
        for L in (2, 33):
            case = self.case(L, 1)
            given = {name: a.astype(complex if name == "W" else float) for name, a in case.given.items()}
            A = given["re"] + 1j * given["im"]
            power = np.exp(np.exp(given["log_dt"])[:, None, None] * A[:, None] * np.arange(L))
            kernel = (given["W"] / A)[..., None] * power / power.sum(-1, keepdims=True)
            exact = causal(given["u"], kernel.sum(1).real) + given["D"][:, None] * given["u"]
            got = case.layer.forward(case.given)
            np.testing.assert_allclose(got, exact, rtol=0, atol=2e-4 * np.abs(exact).max())  # for the 1e-7

    def test_growth(self):
        case = self.case(1000, 1)
        fast = {**case.given, "re": np.full(self.N, 1.0), "log_dt": np.full(self.H, np.log(0.1))}
        self.assertTrue(np.isfinite(case.layer.forward(fast)).all())


class OnePole(DSS):
    N, lengths, batches = 1, (1, 2, 33), (3,)

    def test_by_hand(self):
        out = self.layer().forward(u=np.eye(1, 3)[None], log_dt=[np.log(np.log(2))], re=[-1.0], im=[0.0],
                                   W=np.ones((1, 1)), D=np.zeros(1))
        np.testing.assert_allclose(out[0, 0], [-4 / 7, -2 / 7, -1 / 7], rtol=1e-6)


if __name__ == "__main__":
    unittest.main()
