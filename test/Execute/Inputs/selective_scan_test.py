"""Mamba's selective scan."""
import unittest

import numpy as np

from draw import log_dt
from layer_test import Stateful
from reference import attention as at


class SelectiveScan(Stateful, unittest.TestCase):
    source = "std/selective_scan.ssm"
    along = {name: 1 for name in ("u", "delta", "Bt", "Ct", "z", "out")}
    D, N = 7, 5
    reference = staticmethod(at.selective_scan)

    def draw(self, rng, L, B):
        D, N = self.D, self.N
        normal = lambda *shape: rng.standard_normal(shape)
        return {"u": normal(B, L, D), "delta": normal(B, L, D), "z": normal(B, L, D), "Bt": normal(B, L, N),
                "Ct": normal(B, L, N), "A_log": np.tile(np.log(1 + np.arange(N)), (D, 1)), "skip": normal(D),
                "bias": log_dt(rng, D)}


class OneState(SelectiveScan):
    D, N, lengths = 17, 1, (1, 2, 33, 128)


class ThreeStates(SelectiveScan):
    N, lengths, batches = 3, (3, 127), (3,)


class Published(SelectiveScan):
    """16 states, and steps so small that the decay is slow."""
    D, N, lengths, batches = 33, 16, (8, 1000), (1,)

    def draw(self, rng, L, B):
        arguments = super().draw(rng, L, B)
        return {**arguments, "delta": arguments["delta"] - 4}


class Single(SelectiveScan):
    changes, lengths, batches = {"bf16[": "f32["}, (1, 33, 128, 1000), (1,)


class Half(SelectiveScan):
    changes, lengths, batches = {"bf16[": "f16["}, (1, 33, 128), (3,)


if __name__ == "__main__":
    unittest.main()
