"""Every file of the library as it stands: named in its index, and run with parameters from its own initialisers."""
import re
import unittest

import numpy as np

from compiled import ROOT, compiled

FILES = sorted(path.stem for path in (ROOT / "std").glob("*.ssm"))
# All open sizes are 4 but these.
SIZES = {"pixelfly": {"I": 512, "O": 512}, "monarch": {"I": 32, "O": 32}, "fno1d": {"X": 32},
         "fno2d": {"X": 32, "Y": 32}}


def arguments(layer, sizes):
    """Inputs at random, and the sizes that no input has."""
    entry, rng = layer.entries["forward"], np.random.default_rng(1)
    open_dims = {d.name: sizes.get(d.name, 4) for d in entry.dims if d.kind == "open"}
    fixed = {d.name: d.size for d in entry.dims if d.kind == "constant"}
    inputs, bound = {}, set()
    for v in entry.arguments:
        if v.role == "input":
            shape = [{**open_dims, **fixed}[d] for d in v.dims]
            inputs[v.name] = np.ones(shape, bool) if v.dtype == "bool" else rng.uniform(0, 1, shape)
            bound |= set(v.dims)
    return inputs, {name: size for name, size in open_dims.items() if name not in bound}


class Library(unittest.TestCase):
    def test_index(self):
        index = (ROOT / "std" / "README.md").read_text()
        for name in FILES:
            self.assertIn(f"`{name}.ssm`", index)

    def test_initialised(self):
        for name in FILES:
            with self.subTest(name):
                layer = compiled(f"std/{name}.ssm")
                self.assertEqual(layer.name, name)
                inputs, dims = arguments(layer, SIZES.get(name, {}))
                out = layer.forward(inputs, seed=1, dims=dims)
                self.assertTrue(np.isfinite(out).all())
                self.assertGreater(np.std(out), 0)
                np.testing.assert_array_equal(layer.forward(inputs, seed=1, dims=dims), out)
                drawn = layer.forward.draw(inputs, seed=1, dims=dims)
                np.testing.assert_array_equal(layer.forward({**inputs, **drawn}), out)
                if re.search(r"(normal|uniform|kaiming)\(", (ROOT / "std" / f"{name}.ssm").read_text()):
                    self.assertTrue((layer.forward(inputs, seed=2, dims=dims) != out).any())


if __name__ == "__main__":
    unittest.main()
