"""S4: the step in O(N) against dense matrices, and the kernel against the powers of them."""
import unittest

import numpy as np

from compiled import compiled, doubled
from draw import log_dt, pairs
from layer_test import Case, Causal, Stateful
from precision import EXACT
from reference import dplr


def legs(N):
    """The parameters of HiPPO-LegS, N pairs."""
    A, P, B, _ = dplr.legs_pairs(2 * N)
    return {"log_re": np.log(-A.real), "im": A.imag, "P": P, "B": B}


def random_rank(rng, N, R):
    return {"log_re": rng.uniform(-2, 0, N), "im": rng.uniform(-6, 6, N), "P": pairs(rng, R, N), "B": pairs(rng, N)}


class S4(Stateful, unittest.TestCase):
    source, along, N, R, H = "std/s4.ssm", {"u": 2, "out": 2}, 4, 1, 5
    reference, eager = staticmethod(dplr.stepped_dense), staticmethod(dplr.stepped)

    @property
    def constants(self):
        return {"N": self.N, "R": self.R}

    def matrices(self, rng):
        return legs(self.N)

    def draw(self, rng, L, B):
        return {"u": rng.standard_normal((B, self.H, L)), "log_dt": log_dt(rng, self.H), **self.matrices(rng),
                "C": pairs(rng, self.H, self.N), "D": rng.standard_normal(self.H)}


class Published(S4):
    """The published size: 32 pairs, poles up to 1303."""
    N, lengths, batches = 32, (1, 31, 128, 1000), (1,)


class OnePair(S4):
    N, lengths = 1, (1, 2, 33)


class RankTwo(S4):
    N, R, lengths = 3, 2, (1, 2, 3, 32, 127)

    def matrices(self, rng):
        return random_rank(rng, self.N, self.R)


class FullRank(RankTwo):
    N, R = 2, 2


class ByHand(unittest.TestCase):
    def test_legs(self):
        A, B, P = dplr.legs(2)
        np.testing.assert_allclose(A, [[-1, 0], [-np.sqrt(3), -2]])
        poles, half, into, V = dplr.legs_pairs(2)
        np.testing.assert_allclose(poles, [-0.5 - 0.8660254038j])
        np.testing.assert_allclose([np.abs(half).item() ** 2, np.abs(into).item() ** 2], [1, 2])
        np.testing.assert_allclose(np.abs(dplr.legs_pairs(4)[0].imag), [4.60329301, 0.55650112])
        largest = -dplr.legs_pairs(64)[0].imag[:4]
        np.testing.assert_allclose(largest, [1303.274, 433.031, 258.152, 182.620], atol=6e-4)

    def test_impulse(self):
        # Rows of the real basis: C = e_1 and e_2, two channels of one layer.
        V = dplr.legs_pairs(2)[3]
        out = compiled("std/s4.ssm", N=1, R=1).forward(
            {**legs(1), "u": np.tile(np.eye(1, 5), (1, 2, 1)), "log_dt": np.zeros(2), "C": V, "D": np.zeros(2)})
        want = [[2 / 3, 2 / 9, 2 / 27, 2 / 81, 2 / 243],
                [0.5773502692, -0.3849001795, -0.1283000598, -0.0427666866, -0.0142555622]]
        np.testing.assert_allclose(out[0], want, rtol=0, atol=2e-7)


def prefixed(arguments):
    own = ("log_dt", "log_re", "im", "P", "B", "C")
    return {f"s4_kernel.{name}" if name in own else name: a for name, a in arguments.items()}


def bare(reference):
    return lambda p, **a: reference(p, **{name.removeprefix("s4_kernel_"): value for name, value in a.items()})


class Convolution(Causal, unittest.TestCase):
    """The kernel belongs to one length, so nothing may be appended."""
    source, along, N, R, H, padded = "std/s4_convolution.ssm", {"u": 2, "out": 2}, 4, 1, 5, ()
    reference = staticmethod(bare(dplr.convolved))
    eager = staticmethod(bare(lambda p, **a: dplr.convolved(p, **a, kernel=dplr.cauchy)))

    @property
    def constants(self):
        return {"s4_kernel.N": self.N, "s4_kernel.R": self.R}

    def draw(self, rng, L, B):
        arguments = S4.draw(self, rng, L, B)
        poles = dplr.poles(EXACT, arguments["log_re"], arguments["im"])
        Ab, _ = dplr.dense(np.exp(arguments["log_dt"]), poles, arguments["P"], arguments["B"])
        return prefixed({**arguments, "C": dplr.cut(Ab, arguments["C"], L)})

    matrices = S4.matrices


class Kernel(unittest.TestCase):
    def test_krylov(self):
        # What the Cauchy sums give is the kernel of powers, cut at L.
        for N in (1, 2, 8, 32):
            for L in (1, 2, 3, 5, 8, 64, 100, 127):
                with self.subTest(N=N, L=L):
                    test = Convolution()
                    test.N = N
                    arguments = test.draw(np.random.default_rng([N, L]), L, 1)
                    arguments = {name.split(".")[1]: a for name, a in arguments.items() if "." in name}
                    layer = compiled("std/s4_convolution.ssm", layer="s4_kernel", N=N)
                    case = Case(layer, {**arguments, "impulse": np.eye(1, L)[0]}, lambda p, impulse, **a: dplr.krylov(
                        p, L, **a), eager=lambda p, impulse, **a: dplr.cauchy(p, L, **a))
                    got = layer.forward(case.given)
                    case.judge({"out": got})
                    self.near(got, case.exact["out"], 5e-6)
                    double = compiled(doubled("std/s4_convolution.ssm"), layer="s4_kernel", N=N)
                    case = Case(double, {**arguments, "impulse": np.eye(1, L)[0]}, lambda p, impulse, **a: dplr.krylov(
                        p, L, **a))
                    self.near(double.forward(case.given), case.exact["out"], 1e-8)

    def near(self, got, exact, bound):
        self.assertTrue((np.abs(got - exact).max(-1) <= bound * np.abs(exact).max(-1)).all())

    def test_ranks(self):
        class Ranks(Convolution):
            N, R = 3, 2

            def matrices(self, rng):
                return random_rank(rng, self.N, self.R)
        test = Ranks()
        for L in (1, 8, 33):
            case = test.case(L, 3)
            case.judge(test.forward(case))

    def test_recurrence(self):
        # The layer of kernels is the layer of steps, where C~ is C cut at L.
        L, rng = 64, np.random.default_rng(1)
        arguments = S4.draw(S4(), rng, L, 3)
        poles = dplr.poles(EXACT, arguments["log_re"], arguments["im"])
        Ab, _ = dplr.dense(np.exp(arguments["log_dt"]), poles, arguments["P"], arguments["B"])
        steps = compiled("std/s4.ssm", N=4, R=1).forward(arguments)
        kernel = Convolution().layer().forward(prefixed({**arguments, "C": dplr.cut(Ab, arguments["C"], L)}))
        np.testing.assert_allclose(kernel, steps, rtol=0, atol=2e-5 * np.abs(steps).max())


if __name__ == "__main__":
    unittest.main()
