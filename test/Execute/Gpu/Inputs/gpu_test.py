"""Layers compiled for a GPU, run by the emulator, against an evaluation in f64.

    gpu_test.py [LAYER ..]

Every layer of programs.ssm at all sizes, open and fixed when compiling; those of the library that have kernels.
"""
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import numpy as np

import oracle
from oracle import compare

BUILD = Path(os.environ["SSM_BUILD"])
SOURCE = Path(__file__).parent / "programs.ssm"
# Below, at and above what a warp and a warpgroup hold; of one.
SIZES = [dict(B=2, L=5, D=40, O=24, I=40), dict(B=1, L=1, D=1, O=1, I=1), dict(B=1, L=19, D=257, O=70, I=129),
         dict(B=1, L=3, D=520, O=264, I=72), dict(B=1, L=2, D=4104, O=8, I=8)]
# What language.md lets be rounded to bf16 before it is multiplied.
ROUNDED = {"mixed": "x"}
FIXED = [dict(D=64, O=64, I=64), dict(D=1024, L=3, O=72, I=96)]


def bf16(x):
    bits = np.asarray(x, np.float32).view(np.uint32)
    return ((bits + 0x7FFF + ((bits >> 16) & 1)) & 0xFFFF0000).astype(np.uint32).view(np.float32)


def tool(name, *arguments):
    done = subprocess.run([BUILD / "bin" / name, *map(str, arguments)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


class Compiled:
    """A layer's entry as kernels, called in the emulator."""

    def __init__(self, folder, layer, dims=None):
        self.folder, self.layer = Path(folder), layer
        fixed = [f"--dims={','.join(f'{n}={s}' for n, s in dims.items())}"] if dims else []
        self.path = self.folder / f"{layer}-{len(os.listdir(folder))}.mlir"
        tool("ssmc", SOURCE, "--layer", layer, *fixed, "--target", "sm_90a", "--emit", "async", "-o", self.path)

    def forward(self, given, dims):
        with tempfile.TemporaryDirectory() as out:
            words = []
            for name, array in given.items():
                np.save(f"{out}/in_{name}.npy", array)
                words.append(f"{name}={out}/in_{name}.npy")
            sizes = ["--dims", ",".join(f"{n}={s}" for n, s in dims.items())] if dims else []
            tool("ssm-emulate", self.path, *words, *sizes, "--seeds", 1, "--out", out)
            return {f[:-4]: np.load(f"{out}/{f}") for f in os.listdir(out) if not f.startswith("in_")}


def draw(declaration, rng):
    shape = [d.size for d in declaration.dims]
    if declaration.element == "i32":
        return rng.integers(0, 6, shape).astype(np.int32)
    x = rng.standard_normal(shape).astype(np.float32)
    if declaration.element == "c64":
        return (x + 1j * rng.standard_normal(shape)).astype(np.complex64)
    return bf16(x) if declaration.element == "bf16" else x.astype(np.float16).astype(np.float32) if declaration.element == "f16" else x


class Gpu(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()

    def check(self, layer, dims, fixed=None):
        reference = oracle.load(str(SOURCE), layer)
        used = {d.name for s in reference.signature() for d in s.dims}
        fixed = {n: s for n, s in (fixed or {}).items() if n in used}
        compiled = Compiled(self.folder.name, layer, fixed)
        for sizes in dims:
            sizes = {n: s for n, s in {**sizes, **fixed}.items() if n in used}
            with self.subTest(layer=layer, sizes=sizes, fixed=fixed):
                rng = np.random.default_rng(len(layer))
                declared = reference.signature(sizes)
                given = {d.name: draw(d, rng) for d in declared if d.role in ("input", "param", "state")}
                roles = {role: {d.name: given[d.name] for d in declared if d.role == role} for role in ("input", "param", "state")}
                rounded = {n: bf16(x) if n == ROUNDED.get(layer) else x for n, x in roles["input"].items()}
                (want, after), (eager, eager_after) = (
                    reference.forward(inputs, roles["param"], roles["state"], sizes, mode)
                    for inputs, mode in ((roles["input"], "f64"), (rounded, "f32")))
                got = compiled.forward(given, {})
                for d in declared: # parts side by side
                    if d.role in ("output", "state") and d.element == "c64":
                        got[d.name] = got[d.name].view(np.complex64)[..., 0]
                outputs = [d for d in declared if d.role == "output"]
                for d, r, e in zip(outputs, want, eager):
                    self.assertIsNone(compare.mismatch(got[d.name], r, e, d.element), d.name)
                for d in declared:
                    if d.role == "state":
                        self.assertIsNone(compare.mismatch(got[d.name], after[d.name], eager_after[d.name], d.element), d.name)


def case(layer):
    def test(self):
        self.check(layer, SIZES)
        for fixed in FIXED:
            self.check(layer, SIZES[:1], fixed)
    return test


with open(SOURCE) as file:
    for line in file:
        if line.startswith("layer "):
            name = line.split()[1].split("(")[0]
            setattr(Gpu, f"test_{name}", case(name))

if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1] + [f"Gpu.test_{name}" for name in sys.argv[1:]])
