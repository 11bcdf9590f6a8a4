"""Mixtures of Gaussian keys."""
import unittest

import numpy as np

from layer_test import Case, Sweep
from reference import attention as at


class Mixture(Sweep, unittest.TestCase):
    source, along, H, R, D, E = "std/mgk.ssm", {"q": 2, "out": 2}, 2, 2, 7, 5
    reference = staticmethod(at.mgk)

    def draw(self, rng, L, B, M=None):
        H, R, D, E, M = self.H, self.R, self.D, self.E, M or L
        return {"q": rng.standard_normal((B, H, L, D)), "k": rng.standard_normal((B, H, R, M, D)),
                "v": rng.standard_normal((B, H, M, E)), "log_pi": np.log(rng.uniform(0.1, 1, (H, R))),
                "log_s2": 0.5 * rng.standard_normal((H, R))}

    def test_cross(self):
        for L, M in ((1, 9), (7, 4), (33, 1)):
            case = Case(self.layer(), self.draw(np.random.default_rng([L, M]), L, 3, M), self.reference)
            case.judge({"out": case.layer.forward(case.given)})

    def test_one_key(self):
        # pi = (1, 0), and two keys that are the same: softmax with the keys' squares subtracted.
        case = self.case(33, 3)
        given, R = case.given, self.R
        same = np.repeat(given["k"][:, :, :1], R, 2)
        first = np.where(np.arange(R) == 0, 0.0, -np.inf) * np.ones((self.H, 1))
        half = np.full((self.H, R), -np.log(R))

        def biased(p, q, k, v, log_pi, log_s2):
            k = k[:, :, 0]
            scale = np.exp(log_s2[:, 0])[:, None, None]
            return at.attend(p, (q @ np.swapaxes(k, -1, -2) - (k ** 2).sum(-1)[:, :, None] / 2) / scale, v)

        for changed in ({"log_pi": first}, {"k": same, "log_pi": half, "log_s2": np.zeros((self.H, R))}):
            case = Case(self.layer(), {**given, **changed}, biased, eager=at.mgk)
            case.judge({"out": case.layer.forward(case.given)})

    def test_far_keys(self):
        # Every exponential underflows; the mixture is still one of weights that sum to 1.
        case = self.case(8, 1)
        case = Case(self.layer(), {**case.given, "k": case.given["k"] * 64}, self.reference)
        out = case.layer.forward(case.given)
        self.assertTrue(np.isfinite(out).all())
        case.judge({"out": out})


class OneKey(Mixture):
    R, D, E, lengths = 1, 1, 1, (1, 2, 33)


class ThreeKeys(Mixture):
    R, D, E, lengths, batches = 3, 24, 33, (1, 31, 100), (1,)


class Single(Mixture):
    """Stored in f32: as near as single precision is said to be."""
    changes, lengths, batches, tolerance = {"bf16[": "f32["}, (1, 33, 128), (1,), 1e-5


class ByHand(unittest.TestCase):
    def test_weights(self):
        # q = 0, keys 0 and 2 at the first position, 1 and 0 at the second, equal shares, 2 sigma^2 = 1; the
        # values pick out the two weights.
        out = Mixture().layer().forward(
            q=np.zeros((1, 1, 1, 1)), k=np.reshape([0.0, 1, 2, 0], (1, 1, 2, 2, 1)), v=np.eye(2)[None, None],
            log_pi=np.log([[0.5, 0.5]]), log_s2=np.log([[0.5, 0.5]]))
        np.testing.assert_allclose(out.ravel(), [0.4267528868, 0.5732471132], rtol=2 ** -8)


if __name__ == "__main__":
    unittest.main()
