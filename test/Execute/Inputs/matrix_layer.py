"""Layers that multiply by a structured matrix: x [T, I] to [T, O], the positions T being the length."""
import numpy as np

from layer_test import Sweep


class MatrixLayer(Sweep):
    I = O = 12
    batches, along = (1,), {"x": 0, "out": 0}
    def parts(self, rng):
        """The matrix's parts and the bias, by name."""
        raise NotImplementedError

    def draw(self, rng, L, B):
        return {"x": rng.standard_normal((L, self.I)), **self.parts(rng)}

    def matrix(self, **parts):
        """The whole matrix [O, I] of a layer without bias or activation: what it makes of the unit vectors."""
        return self.layer().forward({**parts, "x": np.eye(self.I)}).T
