"""Linear attention: recurrent, parallel and in chunks, and in both directions."""
import functools
import unittest

import numpy as np

from compiled import compiled
from layer_test import Case, LENGTHS, Stateful, Sweep
from reference import attention as at


class Linear(Stateful, unittest.TestCase):
    source, along = "std/linear_attention.ssm", {"q": 1, "k": 1, "v": 1, "out": 1}
    H, D, E = 2, 7, 5
    lengths = sorted({*LENGTHS, 16})
    reference = staticmethod(at.linear_states)

    def draw(self, rng, L, B):
        H, D, E = self.H, self.D, self.E
        return {"q": rng.standard_normal((B, L, H, D)), "k": rng.standard_normal((B, L, H, D)),
                "v": rng.standard_normal((B, L, H, E))}


class OneChannel(Linear):
    H, D, E, lengths = 3, 1, 1, (1, 2, 33)


class Wide(Linear):
    H, D, E, lengths, batches = 1, 24, 33, (1, 31, 128), (1,)


class Single(Linear):
    """Stored in f32: as near as single precision is said to be."""
    changes, lengths, batches, tolerance = {"bf16[": "f32["}, (1, 33, 128, 1000), (1,), 1e-5


class Half(Linear):
    changes, lengths, batches = {"bf16[": "f16["}, (1, 33, 128), (3,)


class Forms(unittest.TestCase):
    def test_all_equal(self):
        test = Linear()
        for L in (1, 2, 7, 16, 33):
            given = test.draw(np.random.default_rng(L), L, 3)
            chunks = [functools.partial(at.linear_chunked, size=size) for size in (1, 3, 4, 16)]
            for form in [at.linear_parallel, *chunks]:
                case = Case(test.layer(), given, form, eager=lambda *a, **k: at.linear_states(*a, **k)["out"])
                case.judge({"out": case.layer.forward(case.given)})

    def test_means(self):
        # Features of 1 and values 3, 5, 10: the running means.
        zero = np.zeros((1, 3, 1, 1))
        out = compiled("std/linear_attention.ssm").forward(q=zero, k=zero, v=np.reshape([3, 5, 10], zero.shape) * 1.0)
        np.testing.assert_array_equal(out.ravel(), [3, 4, 6])

    def test_first(self):
        # At length 1: v (q . k) / (q . k + eps), where the features are as small as eps.
        small = np.full((1, 1, 1, 1), -7.0)
        out = compiled("std/linear_attention.ssm").forward(q=small, k=small, v=np.ones_like(small))
        product = np.exp(-14)
        np.testing.assert_allclose(out, product / (product + 1e-6), rtol=2 ** -8)

    def test_long(self):
        # Sums in f32: in f16 they would be off by several hundredths after so many steps.
        rng, L = np.random.default_rng(2), 4096
        test = Linear()
        case = Case(test.layer(), test.draw(rng, L, 1), at.linear_states)
        _, states = case.layer.forward(case.given, states=True)
        for name in ("S", "z"):
            error = np.abs(states[name] - case.exact[name]).max()
            self.assertLessEqual(error, 1e-5 * np.abs(case.exact[name]).max())


class Full(Sweep, unittest.TestCase):
    source, along = "std/linear_attention_full.ssm", {"q": 1, "out": 1}
    H, D, E = Linear.H, Linear.D, Linear.E
    reference = staticmethod(at.linear_full)
    draw = Linear.draw

    def test_cross(self):
        for L, M in ((1, 9), (4, 7), (7, 4), (33, 1)):
            rng = np.random.default_rng([L, M])
            keys = self.draw(rng, M, 3)
            case = Case(self.layer(), {**self.draw(rng, L, 3), "k": keys["k"], "v": keys["v"]}, self.reference)
            case.judge({"out": case.layer.forward(case.given)})

    def test_no_keys(self):
        case = self.case(3, 1)
        nothing = {name: case.given[name][:, :0] for name in "kv"}
        np.testing.assert_array_equal(case.layer.forward({**case.given, **nothing}), np.zeros((1, 3, self.H, self.E)))


if __name__ == "__main__":
    unittest.main()
