"""Layers that multiply by a structured matrix: x [T, I] to [T, O], the positions T being the length."""
import numpy as np

from compiled import ROOT, compiled
from layer_test import Sweep


class MatrixLayer(Sweep):
    I = O = 12
    batches, along = (1,), {"x": 0, "out": 0}
    changes = {}                                     # of the text: other arguments of the structure

    def layer(self):
        if not self.changes:
            return compiled(self.source)
        text = (ROOT / self.source).read_text()
        for old, new in self.changes.items():
            assert old in text
            text = text.replace(old, new)
        return compiled(text)

    def parts(self, rng):
        """The matrix's parts and the bias, by name."""
        raise NotImplementedError

    def draw(self, rng, L, B):
        return {"x": rng.standard_normal((L, self.I)), **self.parts(rng)}

    def test_no_length(self):
        case = self.case(1, 1)
        self.assertEqual(case.layer.forward({**case.given, "x": case.given["x"][:0]}).shape, (0, self.O))

    def matrix(self, **parts):
        """The whole matrix [O, I] of a layer without bias or activation: what it makes of the unit vectors."""
        return self.layer().forward({**parts, "x": np.eye(self.I)}).T
