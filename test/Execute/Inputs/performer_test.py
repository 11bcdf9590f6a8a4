"""FAVOR+, in both directions and as a stream."""
import unittest

import numpy as np

from compiled import compiled
from layer_test import Case, Stateful, Sweep
from reference import attention as at

# The stream without its care: one maximum over all keys, and a floor under every feature.
GLOBAL = """
layer global_maximum(q: bf16[B, H, L, D], k: bf16[B, H, L, D], v: bf16[B, H, L, E], W: f32[F, D]) -> bf16[B, H, L, E] {
  let sq = q / size(D) ** 0.25
  let sk = k / size(D) ** 0.25
  let uq = (sum[D] W * sq) - sum[D] sq ** 2 / 2
  let uk = (sum[D] W * sk) - sum[D] sk ** 2 / 2
  let fq = exp(uq - max[F] uq) + 1e-4
  let fk = exp(uk - max[F, L] uk) + 1e-4
  return (sum[F] fq * (cumsum[L] fk * v)) / (sum[F] fq * (cumsum[L] fk))
}
"""


def draw(self, rng, L, B):
    H, D, E, F = self.H, self.D, self.E, self.F
    return {"q": rng.standard_normal((B, H, L, D)), "k": rng.standard_normal((B, H, L, D)),
            "v": rng.standard_normal((B, H, L, E)), "W": rng.standard_normal((F, D))}


class Performer(Sweep, unittest.TestCase):
    """More features than channels, and no multiple of them."""
    source, along, H, D, E, F = "std/performer.ssm", {"q": 2, "out": 2}, 2, 7, 5, 12
    reference = staticmethod(at.performer)
    draw = draw

    def test_cross(self):
        for L, M in ((1, 9), (7, 4), (33, 1)):
            rng = np.random.default_rng([L, M])
            keys = self.draw(rng, M, 3)
            case = Case(self.layer(), {**self.draw(rng, L, 3), "k": keys["k"], "v": keys["v"]}, self.reference)
            case.judge({"out": case.layer.forward(case.given)})


class FewFeatures(Performer):
    D, F, lengths = 5, 3, (1, 2, 33)


class Single(Performer):
    """Stored in f32: as near as single precision is said to be."""
    changes, lengths, batches, tolerance = {"bf16[": "f32["}, (1, 33, 128, 1000), (1,), 1e-4


class Streaming(Stateful, unittest.TestCase):
    """The exact result is that of one maximum over all keys: in float64 it cancels."""
    source, along = "std/performer_causal.ssm", {"q": 2, "k": 2, "v": 2, "out": 2}
    H, D, E, F = 2, 7, 5, 12
    draw, eager = draw, staticmethod(at.performer_stream)

    def reference(self, p, **arguments):
        out = at.performer_causal(p, **arguments)["out"]
        return {**at.performer_stream(p, **arguments), "out": out}

    def test_growing_keys(self):
        # Every key is larger than those before: the maximum moves at each step.
        case = self.case(33, 1)
        grown = case.given["k"] * np.linspace(0.1, 6, 33)[:, None]
        case = Case(self.layer(), {**case.given, "k": grown}, self.reference, self.eager)
        case.judge(self.forward(case))

    def test_the_last_sees_all(self):
        # At the last position the stream is the layer of both directions.
        case = self.case(33, 3)
        full = compiled("std/performer.ssm").forward({**case.given, "q": case.given["q"][:, :, -1:]})
        last = case.layer.forward(case.given)[:, :, -1:]
        np.testing.assert_allclose(last, full, rtol=0, atol=2 ** -8 * np.abs(full).max())


class FewChannels(Streaming):
    D, E, F, lengths = 1, 1, 3, (1, 2, 33)


class SingleStream(Streaming):
    changes, lengths, batches, tolerance = {"bf16[": "f32["}, (1, 33, 128, 1000), (1,), 1e-4


class Leak(unittest.TestCase):
    def test_the_last_key(self):
        # Four times the last key: a global maximum is felt by earlier outputs, a running one is not.
        case = Streaming().case(33, 1)
        larger = np.array(case.given["k"])
        larger[:, :, -1] *= 4
        moved = {}
        for name, layer in (("stream", case.layer), ("global", compiled(GLOBAL))):
            before, after = layer.forward(case.given), layer.forward({**case.given, "k": larger})
            moved[name] = np.abs(after - before)[:, :, :-1].max()
        self.assertEqual(moved["stream"], 0)
        self.assertGreater(moved["global"], 0)


class Quadrature(unittest.TestCase):
    def test_exponential_kernel(self):
        # Gauss-Hermite nodes as features of the first channel, and half the logarithms of their weights of the
        # second, which holds 1: the features' product is exp(x y), so the layer is softmax attention.
        # 16 channels, the others 0, are divided by 2 exactly.
        nodes, weights = np.polynomial.hermite_e.hermegauss(40)
        W = np.pad(np.stack([nodes, np.log(weights) / 2], -1), ((0, 0), (0, 14)))
        pair = lambda x: np.stack([2 * np.array(x), np.full(len(x), 2.0)], -1)
        channels = lambda x: np.pad(pair(x), ((0, 0), (0, 14)))[None, None]
        for x, y in ((0.3, -0.7), (1, 1.5), (0, 2)):
            given = {"q": channels([x]), "k": channels([0, y]), "v": np.reshape([1.0, 3], (1, 1, 2, 1)), "W": W}
            case = Case(compiled("std/performer.ssm"), given, at.performer)
            logits = case.given["q"][0, 0, :, 0].astype(float) * case.given["k"][0, 0, :, 0] / 4
            want = np.exp(logits) @ [1, 3] / np.exp(logits).sum()
            np.testing.assert_allclose(case.exact["out"].item(), want, rtol=1e-6)
            np.testing.assert_allclose(case.layer.forward(case.given).item(), want, rtol=2 ** -8)


if __name__ == "__main__":
    unittest.main()
