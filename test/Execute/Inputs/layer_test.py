"""What is asked of every layer: at all sizes, as good as it must be, whole, in pieces and step by step.

A test of a layer derives from Sweep, Causal or Stateful and from unittest.TestCase, and says how its arguments
are drawn and what it computes (by a reference, see precision.py). The comparison is the rule of oracle.compare:
at most twice the error of an eager evaluation, against float64 of the rounded arguments.
"""
import os

import numpy as np

from compiled import compiled, doubled
from oracle import compare, round_to
from precision import EAGER, EXACT, Shaken

LENGTHS = (1, 2, 3, 7, 8, 31, 32, 33, 127, 128, 1000)
BATCHES = (1, 3)
SHAKES = 2
FEW = os.environ.get("SSM_TEST_SIZES") == "few"  # every third size, for a second way of compiling


def sizes(all_of_them):
    return all_of_them[::3] if FEW else all_of_them


class Case:
    """A layer at one set of arguments: `given` rounded, `exact` results by name, and `eager`, as far from them
    as an eager evaluation is."""

    def __init__(self, layer, arguments, reference, eager=None):
        self.layer = layer
        forward = layer.entries["forward"]
        self.types = {v.name: v.dtype for v in forward.arguments}
        self.elements = {v.name: v.dtype for v in forward.results}
        self.given = {name: round_to(array, self.types[name]) for name, array in arguments.items()}
        narrow = next((dtype for dtype in self.types.values() if dtype in ("bf16", "f16")), None)
        with np.errstate(all="ignore"):
            self.exact = evaluated(reference, EXACT, self.given)
            rounded = evaluated(eager or reference, EAGER[narrow], self.given)
            runs = [{name: round_to(array, self.elements[name]) for name, array in rounded.items()}]
            runs += [evaluated(eager or reference, Shaken(seed), self.given) for seed in range(SHAKES)]
            self.eager = {name: exact + np.max([np.abs(run[name] - exact) for run in runs], 0)
                          for name, exact in self.exact.items()}

    def judge(self, got, how="forward"):
        for name, value in got.items():
            compare.check(value, self.exact[name], self.eager[name], self.elements[name], f"{name}, {how}")


def evaluated(reference, precision, given):
    out = reference(precision, **{name.replace(".", "_"): precision.take(name, a) for name, a in given.items()})
    return out if isinstance(out, dict) else {"out": out}


def together(results):
    """A call's result and its states by name."""
    out, states = results
    return {"out": out, **states}


class LayerTest:
    source = None            # "std/s4d.ssm"
    constants = {}           # fixed when compiling
    changes = {}             # of the text: {"lowrank<32>": "lowrank<3>"}, {"bf16[": "f32["}
    along = {}               # the axis of L of each argument that has it, and of "out"
    lengths, batches = LENGTHS, BATCHES

    def draw(self, rng, L, B):
        """Arguments by name, in float64."""
        raise NotImplementedError

    def reference(self, p, **arguments):
        """The result, or results and states by name, in the precision p."""
        raise NotImplementedError

    padded = ((1, 2), (7, 32), (31, 33), (127, 200))
    tolerance = None         # of the largest error, relative to the largest result, beside the rule
    eager = None             # another evaluation to take the allowed error from

    def layer(self):
        return compiled(self.source, changes=self.changes, **self.constants)

    def case(self, L, B, seed=0, layer=None, **changed):
        arguments = {**self.draw(np.random.default_rng([L, B, seed]), L, B), **changed}
        return Case(layer or self.layer(), arguments, self.reference, self.eager)

    # Calls.
    def forward(self, case, **changed):
        return together(case.layer.forward({**case.given, **changed}, states=True))

    def piece(self, given, begin, end):
        return {name: np.take(a, range(begin, end), self.along[name]) if name in self.along else a
                for name, a in given.items()}

    def in_pieces(self, case, cuts):
        """Fed piece after piece, the states carried."""
        states, outs = {}, []
        for begin, end in zip(cuts, cuts[1:]):
            out, states = case.layer.forward({**self.piece(case.given, begin, end), **states}, states=True)
            outs.append(out)
        return {"out": np.concatenate(outs, self.along["out"]), **self.own(case, states)}

    def in_steps(self, case, L):
        axes, states, outs = self.along, {}, []
        for t in range(L):
            given = {name: np.take(a, t, axes[name]) if name in axes else a for name, a in case.given.items()}
            out, states = case.layer.step({**given, **states}, states=True)
            outs.append(out)
        return {"out": np.stack(outs, axes["out"]), **self.own(case, states)}

    @staticmethod
    def own(case, states):
        """The states that the reference has too (not those derived)."""
        return {name: a for name, a in states.items() if name in case.exact}


class Sweep(LayerTest):
    """Every layer."""

    def test_sizes(self):
        for B in self.batches:
            for L in sizes(self.lengths):
                with self.subTest(L=L, B=B):
                    case = self.case(L, B)
                    got = self.forward(case)
                    case.judge({k: v for k, v in got.items() if k in case.exact})
                    if self.tolerance:
                        error = np.abs(got["out"] - case.exact["out"]).max()
                        self.assertLessEqual(error, self.tolerance * np.abs(case.exact["out"]).max())

    def test_double(self):
        # Stored in double precision, the equations hold to many more digits.
        if "source" not in vars(type(self)):
            self.skipTest("the layer is another test's")
        changes = {doubled(old): doubled(new) for old, new in self.changes.items()}
        layer = compiled(doubled(self.source), changes=changes, **self.constants)
        case = self.case(33 if 33 in self.lengths else self.lengths[-1], self.batches[-1], seed=9, layer=layer)
        for name, got in self.forward(case).items():
            if name in case.exact:
                exact = case.exact[name]
                self.assertLessEqual(np.abs(got - exact).max(), 1e-11 * np.abs(exact).max(), name)

    def test_twice(self):
        case = self.case(127, 3, seed=1)
        first, second = self.forward(case), self.forward(case)
        for name in first:
            np.testing.assert_array_equal(first[name], second[name])

    def test_no_length(self):
        # Nothing in, nothing out.
        case = self.case(3, 3)
        self.assertEqual(case.layer.forward(self.piece(case.given, 0, 0)).shape[self.along["out"]], 0)


class Causal(Sweep):
    """Layers that look back along L alone."""

    def test_nothing_leaks(self):
        # What changes at t leaves the outputs before t as they are, to the bit, and changes some later one.
        for L, t in sizes(((8, 7), (33, 16), (128, 1), (127, 126), (1000, 513))):
            with self.subTest(L=L, t=t):
                case = self.case(L, 1, seed=3)
                changed = {}
                for name, axis in self.along.items():
                    if name == "out":
                        continue
                    array = np.array(case.given[name])
                    late = (slice(None),) * axis + (slice(t, None),)
                    array[late] = round_to(array[late] * 1.5 + 0.25, case.types[name])
                    changed[name] = array
                before, after = self.forward(case)["out"], self.forward(case, **changed)["out"]
                early = (slice(None),) * self.along["out"] + (slice(0, t),)
                np.testing.assert_array_equal(before[early], after[early])
                self.assertTrue((before != after).any())

    def test_padding(self):
        # Positions appended behind change nothing.
        for L, longer in sizes(self.padded):
            with self.subTest(L=L, longer=longer):
                case = self.case(L, 3, seed=4)
                padded = {name: np.concatenate([case.given[name], np.zeros_like(
                    np.take(case.given[name], [0] * (longer - L), axis))], axis)
                    for name, axis in self.along.items() if name != "out"}
                out = np.take(self.forward(case, **padded)["out"], range(L), self.along["out"])
                case.judge({"out": out}, "padded")


class Stateful(Causal):
    """Layers that carry a state."""

    def test_pieces(self):
        for L, cuts in sizes(((2, (0, 1, 2)), (8, (0, 0, 3, 8, 8)), (33, (0, 1, 32, 33)), (128, (0, 64, 127, 128)),
                              (1000, (0, 31, 33, 640, 1000)))):
            with self.subTest(L=L, cuts=cuts):
                case = self.case(L, 3, seed=5)
                case.judge(self.in_pieces(case, cuts), "in pieces")

    def test_steps(self):
        for L, B in sizes(((1, 3), (2, 1), (8, 3), (33, 1), (127, 3))):
            with self.subTest(L=L, B=B):
                case = self.case(L, B, seed=6)
                case.judge(self.in_steps(case, L), "step by step")

    def test_carried_on(self):
        # A prompt at once, then token by token.
        case = self.case(40, 1, seed=7)
        out, states = case.layer.forward(self.piece(case.given, 0, 31), states=True)
        outs = [out]
        for t in range(31, 40):
            given = {n: np.take(a, t, self.along[n]) if n in self.along else a for n, a in case.given.items()}
            out, states = case.layer.step({**given, **states}, states=True)
            outs.append(np.expand_dims(out, self.along["out"]))
        case.judge({"out": np.concatenate(outs, self.along["out"]), **self.own(case, states)}, "carried on")

    def test_no_length(self):
        # Nothing in, nothing out, the state as it was.
        case = self.case(3, 3, seed=8)
        _, states = case.layer.forward(case.given, states=True)
        out, after = case.layer.forward({**self.piece(case.given, 0, 0), **states}, states=True)
        self.assertEqual(out.shape[self.along["out"]], 0)
        for name in states:
            np.testing.assert_array_equal(after[name], states[name])
