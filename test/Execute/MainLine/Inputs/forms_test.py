"""Every form of a recurrence gives what the reference path gives: whole, and in pieces with the state carried."""
import os
import subprocess
import tempfile
import unittest
from pathlib import Path

import numpy as np

import ssm

BUILD = Path(os.environ["SSM_BUILD"])
SOURCE = Path(__file__).parent / "forms.ssm"
LENGTHS = (0, 1, 2, 15, 16, 17, 33, 64, 100)
ARGUMENTS = {
    "bank": dict(u="BHL", dt="H", im="HN"),
    "shared": dict(u="BLH", v="BLH", a="N", b="N", c="HN"),
    "reset": dict(q="BLHD", k="BLHD", v="BLHE", g="BLH"),
    "turning": dict(q="BLHD", k="BLHD", v="BLHE", g="BLH", w="BLH"),
    "signed": dict(q="BLD", k="BLD", v="BLE", g="BL"),
}
SIZES = {"bank": dict(B=2, H=3, N=3), "shared": dict(B=2, H=5, N=4), "reset": dict(B=2, H=2, D=5, E=9),
         "turning": dict(B=2, H=2, D=5, E=9),
         "signed": dict(B=2, D=5, E=17)}
PLANS = {
    "bank": ("<form = sequential, own = [B : 1, H : 1], step = [L : 16]>",
             "<form = toeplitz, own = [H : 1], step = [B : 1, L : 32], sub = 16>",
             "<form = toeplitz, own = [B : 1, H : 1], step = [L : 16], sub = 16>",
             "<form = toeplitz, own = [B : 1, H : 1], step = [L : 24], sub = 8>"),
    "shared": ("<form = sequential, own = [B : 1, H : 16], step = [L : 16]>",
               "<form = toeplitz, own = [B : 2, H : 1], step = [L : 32], sub = 8>",
               "<form = toeplitz, own = [H : 1], step = [B : 1, L : 32], sub = 16>"),
    "reset": ("<form = sequential, own = [B : 1, H : 1], step = [L : 16, D : 4, E : 16]>",
              "<form = chunk, own = [B : 1, H : 1], step = [L : 16, D : 4, E : 16]>",
              "<form = chunk, own = [B : 1, H : 1, E : 4], step = [L : 32, D : 8]>",
              "<form = chunk, own = [B : 1, H : 2], step = [L : 16, D : 8, E : 8]>"),
    "turning": ("<form = sequential, own = [B : 1, H : 1], step = [L : 16, D : 4, E : 16]>",
                "<form = chunk, own = [B : 1, H : 1], step = [L : 16, D : 4, E : 16]>",
                "<form = chunk, own = [B : 1, H : 2], step = [L : 32, D : 8, E : 8]>"),
    "signed": ("<form = sequential, own = [B : 1], step = [L : 32, D : 8, E : 16]>",
               "<form = chunk, own = [B : 1], step = [L : 32, D : 8, E : 16]>"),
}


# The same from the end, from a state that is an argument.
for name, states in (("reset", dict(s="BHDE", n="BHD")), ("turning", dict(s="BHDE"))):
    ARGUMENTS[name + "_back"] = {**ARGUMENTS[name], **states}
    SIZES[name + "_back"], PLANS[name + "_back"] = SIZES[name], PLANS[name]


class Forms(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()

    def compiled(self, layer, *options):
        out = Path(self.folder.name) / f"{layer}-{abs(hash(options))}.so"
        done = subprocess.run([BUILD / "bin" / "ssmc", SOURCE, "--layer", layer, "-o", out, *options], capture_output=True,
                              text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertNotIn("reference path", done.stderr)
        return ssm.load(out)

    def planned(self, layer, plan):
        path = Path(self.folder.name) / "plan"
        path.write_text(f"forward.0 = {plan}\n")
        return self.compiled(layer, "--path", "main", "--plan", str(path))

    def close(self, ours, theirs):
        for a, b in zip(ours, theirs, strict=True):
            a, b = np.asarray(a), np.asarray(b)
            scale = np.max(np.abs(b), initial=1e-30)
            self.assertLessEqual(np.max(np.abs(a - b), initial=0), 1e-5 * scale)

    def check(self, layer, ours, theirs, L):
        draw, sizes = np.random.default_rng([L, 7]), {**SIZES[layer], "L": L}
        given = {name: draw.standard_normal([sizes[d] for d in dims]).astype(np.float32)
                 for name, dims in ARGUMENTS[layer].items()}
        call = lambda m, given: m.forward(**given, seed=3, states=True)
        out, states = call(theirs, given)
        got = call(ours, given)
        self.close([got[0], *got[1].values()], [out, *states.values()])
        axis, back = 2 if layer == "bank" else 1, layer.endswith("_back")
        self.one_way(layer, given, got[0], lambda given: call(ours, given)[0], L, axis, back)
        if back:
            return
        outs, carried = [], {}
        for begin, end in ((0, L // 3), (L // 3, L)):
            piece = {name: np.take(v, range(begin, end), ARGUMENTS[layer][name].index("L")) if "L" in ARGUMENTS[layer][name]
                     else v for name, v in given.items()}
            part, carried = call(ours, {**piece, **carried})
            outs.append(part)
        self.close([np.concatenate(outs, axis), *carried.values()], [out, *states.values()])

    def one_way(self, layer, given, out, call, L, axis, back):
        """What changes at a position leaves the outputs on the other side of it as they are, to the bit."""
        for at in {0, L // 2, L - 1} if L else ():
            changed = dict(given)
            for name, dims in ARGUMENTS[layer].items():
                if "L" in dims:
                    changed[name] = given[name].copy()
                    np.moveaxis(changed[name], dims.index("L"), 0)[at] += 1
            other = np.moveaxis(call(changed), axis, 0)
            out0 = np.moveaxis(out, axis, 0)
            same = slice(at + 1, L) if back else slice(0, at)
            self.assertTrue(np.array_equal(out0[same], other[same]))
            self.assertFalse(np.array_equal(out0[at], other[at]))


def case(layer):
    def test(self):
        theirs = self.compiled(layer, "--path", "reference")
        for plan in PLANS[layer]:
            ours = self.planned(layer, plan)
            for L in LENGTHS:
                with self.subTest(plan=plan, L=L):
                    self.check(layer, ours, theirs, L)
    return test


for layer in ARGUMENTS:
    setattr(Forms, f"test_{layer}", case(layer))

if __name__ == "__main__":
    unittest.main()
