"""Layer normalisation: what other layers call."""
import unittest

import numpy as np

from layer_test import Sweep
from reference.state_space import layer_norm


class LayerNorm(Sweep, unittest.TestCase):
    """The channels are the length here."""
    source, along, batches, tolerance = "std/layer_norm.ssm", {"x": 0, "scale": 0, "shift": 0, "out": 0}, (1,), 2e-6
    reference = staticmethod(layer_norm)

    def draw(self, rng, L, B):
        return {"x": rng.normal(0.5, 2, L), "scale": rng.normal(1, 0.1, L), "shift": rng.normal(0, 0.1, L)}

    def test_shift_invariant(self):
        case = self.case(33, 1)
        moved = case.layer.forward({**case.given, "x": case.given["x"] + 64})
        np.testing.assert_allclose(moved, case.exact["out"], rtol=0, atol=1e-4)


if __name__ == "__main__":
    unittest.main()
