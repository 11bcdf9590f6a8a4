"""The planned line gives what the reference path gives: whole, with sizes given when compiling, and step by step."""
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import numpy as np

import ssm

BUILD = Path(os.environ["SSM_BUILD"])
SOURCE = Path(__file__).parent / "lines.ssm"
# Sizes below, at and above tiles' edges, and of one.
SIZES = [
    dict(B=2, L=37, M=41, D=16, E=5, I=19, O=33, H=3, K=4),
    dict(B=1, L=1, M=1, D=1, E=1, I=1, O=1, H=1, K=1),
    dict(B=3, L=64, M=129, D=65, E=17, I=130, O=7, H=18, K=3),
]
ARGUMENTS = {
    "product": dict(x="BI", W="OI", b="O"),
    "normal": dict(x="BLD", g="D"),
    "attend": dict(q="BLD", k="BMD", v="BME"),
    "gated": dict(x="BLD", f="BLD"),
    "mixing": dict(x="BLD", W="DE"),
    "spiral": dict(u="BLH"),
    "moved": dict(x="BL", k="K"),
    "index": dict(x="BLD"),
    "window": dict(q="BLD", k="BMD", v="BME"),
    "banded": dict(k="BMD", q="BLD"),
}
STATES = {"gated", "mixing", "spiral"}


class Lines(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()

    def compiled(self, layer, line, *options):
        out = Path(self.folder.name) / f"{layer}-{line}-{len(options)}.so"
        done = subprocess.run([BUILD / "bin" / "ssmc", SOURCE, "--layer", layer, "--path", line, "-o", out, *options],
                              capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertNotIn("reference path", done.stderr)
        return ssm.load(out)

    def close(self, ours, theirs, what):
        for a, b in zip(ours, theirs):
            a, b = np.asarray(a), np.asarray(b)
            scale = np.max(np.abs(b), initial=1e-30)
            self.assertLessEqual(np.max(np.abs(a - b), initial=0), 2e-5 * scale, what)

    def check(self, layer, ours, theirs, sizes):
        draw = np.random.default_rng(5)
        given = {name: draw.standard_normal([sizes[d] for d in dims]).astype(np.float32)
                 for name, dims in ARGUMENTS[layer].items()}
        a, b = (m.forward(**given, seed=3, states=True) for m in (ours, theirs))
        self.close([a[0], *a[1].values()], [b[0], *b[1].values()], f"{layer} {sizes}")
        if layer in STATES:
            states, results = {}, []
            for t in range(sizes["L"]):
                now = {name: v[:, t] if "L" in ARGUMENTS[layer][name] else v for name, v in given.items()}
                y, states = ours.step(**now, **states, seed=3, states=True)
                results.append(y)
            self.close([np.stack(results, 1)], [b[0]], f"{layer} step by step {sizes}")


def case(layer):
    def test(self):
        ours, theirs = self.compiled(layer, "main"), self.compiled(layer, "reference")
        for sizes in SIZES:
            self.check(layer, ours, theirs, sizes)
        used = {d for dims in ARGUMENTS[layer].values() for d in dims}
        fixed = self.compiled(layer, "main", "--dims", ",".join(f"{d}={SIZES[0][d]}" for d in sorted(used)))
        self.check(layer, fixed, theirs, SIZES[0])
    return test


for name in ARGUMENTS:
    setattr(Lines, f"test_{name}", case(name))

if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
