"""The hidden Markov model with a low-rank transition."""
import unittest

import numpy as np

import ssm
from compiled import compiled
from layer_test import Case, Sweep
from reference import hmm
from reference.functions import softmax


def chain(rng, T, B, Z, R):
    normal = lambda *shape: rng.standard_normal(shape)
    return {"emit": np.log(rng.uniform(0.05, 1, (B, T, Z))), "start": softmax(normal(Z)), "W": softmax(normal(Z, R)),
            "U": softmax(normal(R, Z))}


class LowRank(Sweep, unittest.TestCase):
    source, along, R, Z = "std/lowrank_hmm.ssm", {"emit": 1}, 4, 11
    reference = staticmethod(hmm.lowrank_hmm)

    @property
    def constants(self):
        return {"R": self.R}

    def draw(self, rng, L, B):
        return chain(rng, L, B, self.Z, self.R)

    def test_absolute(self):
        # As near as single precision is said to be: 2e-6 of the evidence and 1e-4.
        case = self.case(1000, 3)
        error = np.abs(case.layer.forward(case.given) - case.exact["out"])
        self.assertTrue((error <= 2e-6 * np.abs(case.exact["out"]) + 1e-4).all())

    def test_no_length(self):
        case = self.case(1, 1)
        with self.assertRaises(ssm.Error) as caught:
            case.layer.forward({**case.given, "emit": case.given["emit"][:, :0]})
        self.assertIn("T", str(caught.exception))


class RankOne(LowRank):
    R, lengths = 1, (1, 2, 3, 33)


class FullRank(LowRank):
    R, Z, lengths = 7, 7, (1, 2, 3, 33)


class MoreThanFull(LowRank):
    R, Z, lengths = 9, 5, (1, 2, 3, 33)


class Dense(unittest.TestCase):
    """The rounded tables' rows need not sum to 1; every form means the same product."""

    def case(self, rng, T, B, Z, R, **changed):
        given = {**chain(rng, T, B, Z, R), **changed}
        return Case(compiled("std/lowrank_hmm.ssm", R=R), given, hmm.lowrank_hmm)

    def test_by_hand(self):
        half = np.full((2, 2), 0.5)
        table = np.array([[0.9, 0.1], [0.2, 0.8]])
        emit = np.log(table[:, [0, 1]].T)[None]
        out = compiled("std/lowrank_hmm.ssm", R=2).forward(emit=emit, start=[0.5, 0.5], W=half, U=half)
        np.testing.assert_allclose(np.exp(out), [0.2475], rtol=1e-6)

    def test_dense_matrix(self):
        for seed in range(5):
            case = self.case(np.random.default_rng(seed), 12, 3, 8, 3)
            given = {name: a.astype(float) for name, a in case.given.items()}
            dense = hmm.dense(given["emit"], given["start"], given["W"] @ given["U"])
            np.testing.assert_allclose(case.exact["out"], dense, rtol=1e-12)
            case.judge({"out": case.layer.forward(case.given)})

    def test_every_path(self):
        case = self.case(np.random.default_rng(9), 5, 2, 3, 2)
        given = {name: a.astype(float) for name, a in case.given.items()}
        paths = [hmm.enumerated(e, given["start"], given["W"] @ given["U"]) for e in given["emit"]]
        np.testing.assert_allclose(case.layer.forward(case.given), paths, rtol=2e-6)

    def test_full_rank(self):
        # W the transition and U the identity: the dense model itself.
        rng = np.random.default_rng(4)
        A = softmax(rng.standard_normal((6, 6)))
        case = self.case(rng, 33, 3, 6, 6, W=A, U=np.eye(6))
        given = {name: a.astype(float) for name, a in case.given.items()}
        np.testing.assert_allclose(case.exact["out"], hmm.dense(given["emit"], given["start"], given["W"]), rtol=1e-12)
        case.judge({"out": case.layer.forward(case.given)})

    def test_product_of_matrices(self):
        # M_t = U diag(E_t) W, of the rank's size: the chain as a product in any order.
        case = self.case(np.random.default_rng(5), 12, 1, 8, 3)
        given = {name: a.astype(float) for name, a in case.given.items()}
        E, W, U = np.exp(given["emit"][0]), given["W"], given["U"]
        middle = [U @ (E[t][:, None] * W) for t in range(1, 11)]
        left = np.linalg.multi_dot(middle[:5]) @ np.linalg.multi_dot(middle[5:])
        evidence = (given["start"] * E[0]) @ W @ left @ (U @ E[11])
        np.testing.assert_allclose(case.layer.forward(case.given), [np.log(evidence)], rtol=2e-6)


LOG_PRODUCT = """
layer log_product(a: f32[I, K], b: f32[K, J]) -> f32[I, J] {
  return logsumexp[K] (a + b)
}
"""


class LogSpace(unittest.TestCase):
    def test_no_common_maximum(self):
        # Each factor has a large entry, but never the two together: the maximum is of the sum, not of each.
        out = compiled(LOG_PRODUCT).forward(a=[[0, -200]], b=[[-200], [0]])
        np.testing.assert_allclose(out, [[np.logaddexp(-200, -200)]], rtol=1e-6)

    def test_nothing(self):
        self.assertEqual(compiled(LOG_PRODUCT).forward(a=[[-np.inf] * 2], b=[[-np.inf], [3]]).item(), -np.inf)
        self.assertEqual(compiled(LOG_PRODUCT).forward(a=np.zeros((1, 0)), b=np.zeros((0, 1))).item(), -np.inf)


if __name__ == "__main__":
    unittest.main()
