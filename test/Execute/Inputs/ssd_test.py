"""Mamba-2: one decay a head, a step at a time and as one masked product."""
import unittest

import numpy as np

from layer_test import Case, Stateful
from reference import attention as at


class SSD(Stateful, unittest.TestCase):
    source = "std/ssd.ssm"
    along = {name: 1 for name in ("x", "dt", "Bt", "Ct", "out")}
    H, P, N = 3, 5, 7
    reference = staticmethod(at.ssd)

    def draw(self, rng, L, B):
        H, P, N = self.H, self.P, self.N
        normal = lambda *shape: rng.standard_normal(shape)
        return {"x": normal(B, L, H, P), "dt": np.logaddexp(0, normal(B, L, H) - 2), "Bt": normal(B, L, N),
                "Ct": normal(B, L, N), "A_log": np.log(1 + np.arange(H)), "skip": normal(H)}


class OneOfEach(SSD):
    """Heads of one channel and one state."""
    H, P, N, lengths = 5, 1, 1, (1, 2, 33)
    batches = (3,)


class Wide(SSD):
    """Heads of 24 by 33, and no input at some positions."""
    H, P, N, lengths, batches = 2, 24, 33, (1, 31, 128), (1,)

    def draw(self, rng, L, B):
        arguments = super().draw(rng, L, B)
        return {**arguments, "dt": arguments["dt"] * (rng.random((B, L, self.H)) < 0.7)}


class Single(SSD):
    changes, lengths, batches = {"bf16[": "f32["}, (1, 33, 128, 1000), (1,)


class Parallel(unittest.TestCase):
    def test_masked_product(self):
        for L in (1, 8, 33, 128):
            test = SSD()
            case = Case(test.layer(), test.draw(np.random.default_rng(L), L, 3), at.ssd_parallel,
                        eager=lambda *a, **k: at.ssd(*a, **k)["out"])
            case.judge({"out": case.layer.forward(case.given)})


if __name__ == "__main__":
    unittest.main()
