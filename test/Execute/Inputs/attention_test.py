"""Softmax attention, causal and block-sparse."""
import os
import unittest

import numpy as np

from compiled import compiled
from layer_test import Case, Causal, Sweep
from reference import attention as at


def heads(rng, B, H, L, M, D, E):
    return {"q": rng.standard_normal((B, H, L, D)), "k": rng.standard_normal((B, H, M, D)),
            "v": rng.standard_normal((B, H, M, E))}


class Attention(Causal, unittest.TestCase):
    source, along, H, D, E = "std/attention.ssm", {"q": 2, "k": 2, "v": 2, "out": 2}, 2, 7, 5
    reference = staticmethod(at.attention)

    def draw(self, rng, L, B):
        return heads(rng, B, self.H, L, L, self.D, self.E)

    def test_cross(self):
        # Aligned at the end: with more queries than keys the first see nothing.
        for L, M in ((1, 1), (5, 5), (4, 7), (7, 4), (1, 9), (33, 128), (128, 33)):
            with self.subTest(L=L, M=M):
                case = Case(self.layer(), heads(np.random.default_rng([L, M]), 3, 2, L, M, 7, 5), self.reference)
                out = case.layer.forward(case.given)
                case.judge({"out": out})
                np.testing.assert_array_equal(out[:, :, :max(L - M, 0)], 0)

    def test_one_query(self):
        # Logits 0 and ln 3, values 0 and 4.
        out = self.layer().forward(q=np.ones((1, 1, 1, 1)), k=np.reshape([0, np.log(3)], (1, 1, 2, 1)),
                                   v=np.reshape([0.0, 4.0], (1, 1, 2, 1)))
        # Sums run in f64 on the reference path; in f32 the last digit is the quotient's.
        apart = 0 if "reference" in os.environ.get("SSM_TEST_FLAGS", "") else 1
        np.testing.assert_array_max_ulp(out, np.full_like(out, 3), maxulp=apart)

    def test_large_logits(self):
        # Exponentials of what is not shifted would overflow.
        case = self.case(33, 1)
        case = Case(case.layer, {**case.given, "q": case.given["q"] * 300}, self.reference)
        case.judge({"out": case.layer.forward(case.given)})

    def test_no_keys(self):
        case = self.case(3, 1)
        nothing = {name: case.given[name][:, :, :0] for name in "kv"}
        np.testing.assert_array_equal(case.layer.forward({**case.given, **nothing}), np.zeros((1, self.H, 3, self.E)))


class OneChannel(Attention):
    H, D, E, lengths = 3, 1, 1, (1, 2, 33)


class Wide(Attention):
    H, D, E, lengths, batches = 1, 24, 65, (1, 31, 128), (1,)


class Single(Attention):
    """Stored in f32: as near as single precision is said to be."""
    changes, lengths, batches, tolerance = {"bf16[": "f32["}, (1, 33, 128, 1000), (1,), 2e-6


class Half(Attention):
    changes, lengths, batches = {"bf16[": "f16["}, (1, 33, 128), (3,)


class BlockSparse(Sweep, unittest.TestCase):
    source, along, H, D, E, block = "std/block_sparse_attention.ssm", {"q": 2, "out": 2}, 2, 7, 5, 16

    @property
    def constants(self):
        return {"block": self.block}

    def reference(self, p, **arguments):
        return at.block_sparse_attention(p, **arguments, block=self.block)

    def draw(self, rng, L, B):
        blocks = -(-L // self.block)
        layout = rng.random((blocks, blocks)) < 0.4
        layout[0] = True
        layout[blocks // 2:blocks // 2 + 1] &= blocks < 3                        # a row of blocks that sees nothing
        return {**heads(rng, B, self.H, L, L, self.D, self.E), "layout": layout}

    def test_nothing_visible(self):
        case = self.case(40, 3)
        out = case.layer.forward(case.given)
        np.testing.assert_array_equal(out[:, :, 16:32], 0)
        self.assertTrue((out[:, :, :16] != 0).all())

    def test_dropped_keys_do_not_count(self):
        # What lies in blocks that are dropped is not even looked at.
        case = self.case(40, 1)
        layout = np.ones((3, 3), bool)
        layout[:, 1] = False
        given = {**case.given, "layout": layout}
        other = {**given, "v": np.array(given["v"]), "k": np.array(given["k"])}
        other["k"][:, :, 16:32], other["v"][:, :, 16:32] = 1e4, -1e4
        np.testing.assert_array_equal(case.layer.forward(given), case.layer.forward(other))

    def test_everything_kept(self):
        # A layout of ones is attention without a mask.
        case = self.case(33, 3)
        whole = Case(case.layer, {**case.given, "layout": np.ones((3, 3), bool)}, lambda p, q, k, v, layout: at.attend(
            p, at.scaled(p, q, k), v))
        whole.judge({"out": case.layer.forward(whole.given)})


class WholeBlocks(BlockSparse):
    """The published block, and a sequence that blocks divide and one that they do not."""
    block, lengths, batches = 64, (64, 100, 128), (1,)

    def test_nothing_visible(self):
        case = self.case(192, 1)
        np.testing.assert_array_equal(case.layer.forward(case.given)[:, :, 64:128], 0)

    def test_dropped_keys_do_not_count(self):
        pass

    def test_everything_kept(self):
        pass


if __name__ == "__main__":
    unittest.main()
