"""S5, forwards and in both directions, against the recurrence and against a convolution for each pair of channels."""
import unittest

import numpy as np

from compiled import compiled
from draw import log_dt, pairs
from layer_test import Case, LENGTHS, Stateful, Sweep
from reference import state_space as ss


class S5(Stateful, unittest.TestCase):
    source, along, P, H = "std/s5.ssm", {"u": 1, "out": 1}, 8, 5
    lengths = sorted({*LENGTHS, 5, 11})
    reference = staticmethod(ss.s5)

    @property
    def constants(self):
        return {"P": self.P}

    def draw(self, rng, L, B):
        return {"u": rng.standard_normal((B, L, self.H)), "log_step": log_dt(rng, self.P), "re": np.full(self.P, -0.5),
                "im": np.pi * np.arange(self.P), "B": pairs(rng, self.P, self.H) / np.sqrt(self.H),
                "C": pairs(rng, self.H, self.P), "D": rng.standard_normal(self.H)}


class OnePole(S5):
    P, H, lengths, batches = 1, 7, (1, 2, 33, 128), (3,)


class Published(S5):
    P, H, lengths, batches = 64, 17, (1, 33, 1000), (1,)


class ThreePoles(S5):
    P, lengths = 3, (1, 3, 127)


class Bidirectional(Sweep, unittest.TestCase):
    source, along, P, H = "std/s5_bidirectional.ssm", {"u": 1, "out": 1}, 8, 5
    lengths = S5.lengths
    reference = staticmethod(ss.s5_bidirectional)
    constants = S5.constants

    def draw(self, rng, L, B):
        return {**S5.draw(self, rng, L, B), "back": pairs(rng, self.H, self.P)}

    def test_reversed(self):
        # A sequence the other way round, the matrices exchanged, comes out the other way round.
        case = self.case(33, 3)
        exchanged = {**case.given, "u": case.given["u"][:, ::-1], "C": case.given["back"], "back": case.given["C"]}
        case.judge({"out": case.layer.forward(exchanged)[:, ::-1]})

    def test_the_present_counts_twice(self):
        # At length 1 both directions see the one input.
        case = self.case(1, 1)
        alone = compiled("std/s5.ssm", P=self.P)
        given = {name: a for name, a in case.given.items() if name != "back"}
        backwards = alone.forward({**given, "C": case.given["back"], "D": np.zeros(self.H)})
        case.judge({"out": alone.forward(given) + backwards})


def convolved(p, u, log_step, re, im, B, C, D):
    """y_h = sum over g of K_hg * u_g, K_l[h, g] = 2 Re sum over p of C_hp Ab_p^l Bb_p B_pg."""
    A = p.pair(re, im)
    Ab, Bb = ss.zoh(p, np.exp(log_step) * A, A)
    L = u.shape[1]
    powers = np.exp(np.arange(L)[:, None] * (np.exp(log_step) * A))
    K = 2 * np.einsum("hp,lp,pg->hgl", C, powers, Bb[:, None] * B).real
    y = np.zeros(u.shape, p.real)
    for h in range(len(C)):
        for g in range(u.shape[2]):
            y[:, :, h] += [np.convolve(u[b, :, g], K[h, g])[:L] for b in range(len(u))]
    return y + D * u


class Convolutions(unittest.TestCase):
    def test_sum(self):
        for L in (1, 2, 3, 5, 8, 11, 127):
            test = S5()
            case = Case(test.layer(), test.draw(np.random.default_rng(L), L, 3), convolved,
                        eager=lambda *a, **k: ss.s5(*a, **k)["out"])
            case.judge({"out": case.layer.forward(case.given)})


if __name__ == "__main__":
    unittest.main()
