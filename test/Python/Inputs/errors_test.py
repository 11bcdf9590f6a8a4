"""What goes wrong raises ssm.Error with one sentence."""
import os
import subprocess
import sys
import tempfile
import unittest

import numpy as np

import ssm
from arrays_test import Speaker
from common import FOLDER, LAYER, OnLayer


class Errors(OnLayer):
    def test_the_runtimes_sentences(self):
        u, w, f = np.ones((2, 3)), np.ones(3), self.m.forward
        self.fails("ARGUMENT", "forward: argument 'u' (f32[B, L]) is missing", f, w=w)
        self.fails("ARGUMENT", "forward: param 'w' (f32[L]) is missing; give it, or a seed to draw it from", f, u=u)
        self.fails("SHAPE", "forward: argument 'u' has 1 dimension (3), expected 2: [B, L]", f, u=w, w=w)
        self.fails("SHAPE", "forward: argument 'w' has 2 along L (dimension 0 of its shape (2)), but argument 'u' fixed "
                   "L at 3", f, u=u, w=w[:2])
        self.fails("SIZE", "forward: there is no dimension 'Q'; it has B, L, N", f, u=u, w=w, dims={"Q": 1})
        self.fails("RUN", "refuse: index -7 is outside of 0 to 1 (100%)", self.m.refuse, a=[True])

    def test_arguments(self):
        u, w, f = np.ones((2, 3)), np.ones(3), self.m.forward
        self.fails("ARGUMENT", "forward: there is no argument 'v'; it has u, w, x", f, u=u, v=w)
        self.fails("ARGUMENT", "forward: argument 'u' is given twice", f, {"u": u}, u=u, w=w)
        self.fails("ARGUMENT", "forward: arguments are given by name, as in forward(u=u); only a dict of them may stand "
                   "alone, not ndarray", f, u)
        self.fails("DTYPE", "forward: argument 'u': it holds complex numbers (complex128), expected f32", f, u=u * 1j, w=w)
        self.fails("DTYPE", "widen: argument 'a': it holds float64, expected whole numbers (i32)", self.m.widen, a=w,
                   dims={"O": 1})
        self.fails("DTYPE", "widen: argument 'a': the value 2147483648 does not fit i32", self.m.widen,
                   a=np.array([0, 2**31]), dims={"O": 1})
        self.fails("DTYPE", "refuse: argument 'a': the value 2 does not fit bool", self.m.refuse, a=[2])
        self.fails("DTYPE", "forward: argument 'u': it holds object, expected f32", f, u=None, w=w)
        self.fails("DTYPE", "forward: argument 'u': it holds <U1, expected f32", f, u="x", w=w)
        self.fails("DTYPE", "forward: argument 'u': it holds datetime64[D], expected f32", f, u=np.zeros(2, "M8[D]"), w=w)

    def test_dlpack(self):
        u, w, f = np.ones((2, 3), "f4"), np.ones(3), self.m.forward
        self.fails("POINTER", "forward: argument 'u': it lies on rocm:1, expected the memory of the CPU or of an NVIDIA "
                   "GPU", f, u=Speaker(u, device=(10, 1)), w=w)
        self.fails("USE", "results on a GPU can be made for torch and for CuPy (without bf16), not for Speaker; pass torch "
                   "tensors: torch.from_dlpack makes them without a copy", f, u=Speaker(u, device=(2, 1)), w=w)
        self.fails("DTYPE", "forward: argument 'u': it lies on a GPU and holds f64, expected f32; convert it there", f,
                   u=Speaker(np.ones((2, 3)), device=(2, 1)), w=w)
        self.fails("DTYPE", "forward: argument 'u': its elements are of DLPack type (17, 32 bits, 1 lanes), which is not "
                   "known here", f, u=Speaker(u, code=17), w=w)

        class Closed:
            def __dlpack__(self):
                raise BufferError("it has a gradient")

        self.fails("USE", "forward: argument 'u': it cannot be read through DLPack: it has a gradient", f, u=Closed(), w=w)

    def test_options(self):
        u, w, f = np.ones((2, 3)), np.ones(3), self.m.forward
        self.fails("USE", "forward: seed is 'x', expected a whole number", f, u=u, seed="x")
        self.fails("USE", f"forward: seed is {2**63}, expected {-2**63} to {2**63 - 1}", f, u=u, seed=2**63)
        self.fails("USE", "forward: threads is 0, expected 1 to 65536", f, u=u, w=w, threads=0)
        self.fails("USE", "forward: the size of B is 1.5, expected a whole number", f, u=u, w=w, dims={"B": 1.5})
        self.fails("USE", "forward: dims is 3, expected a dict of sizes such as {\"O\": 64}", f, u=u, w=w, dims=3)

    def test_no_such_entry(self):
        self.fails("ENTRY", "layer 't' has no entry 'step'; it has forward, halves, widen, refuse, spread, fourier, "
                   "fourier32, convolve, convolve32, draw, pass (a layer without states cannot be stepped)", lambda: self.m.step)
        self.assertFalse(hasattr(self.m, "step"))
        self.assertTrue(hasattr(self.m, "forward"))

    def test_files(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "t.so")
            with open(LAYER, "rb") as file:
                data = file.read()
            for content, code in ((b"", "NOT_ARTIFACT"), (b"hello", "NOT_ARTIFACT"), (data[:-100], "NOT_ARTIFACT")):
                with open(path, "wb") as file:
                    file.write(content)
                with self.assertRaises(ssm.Error) as caught:
                    ssm.load(path)
                self.assertEqual(caught.exception.code, code)
                self.assertTrue(str(caught.exception).startswith(path + ": "), caught.exception)
            with self.assertRaises(ssm.Error) as caught:
                ssm.load(os.path.join(folder, "none.so"))
            self.assertEqual(caught.exception.code, "FILE")
        with self.assertRaises(ssm.Error) as caught:
            ssm.load(os.path.join(FOLDER, "ssm_test_future.so"))
        self.assertEqual(caught.exception.code, "VERSION")
        self.fails("USE", "load takes the path of an artifact, not int", ssm.load, 3)
        self.fails("FILE", "load: the path holds a zero byte", ssm.load, "a\0b")

    def test_where_the_library_is(self):
        def run(value):
            return subprocess.run([sys.executable, "-c", "import ssm\ntry: print(ssm.version())\n"
                                   "except ssm.Error as e: print(e)"], capture_output=True, text=True, check=True,
                                  env={**os.environ, "SSM_RUNTIME": value}).stdout.strip()

        lib = os.path.join(os.environ["SSM_BUILD"], "lib")
        self.assertEqual([run(lib), run(os.path.join(lib, "libssm.so"))], ["1.0", "1.0"])
        self.assertEqual(run("/nowhere"), "the runtime is not at /nowhere, where SSM_RUNTIME says")
        self.assertIn("cannot be loaded", run(LAYER))


if __name__ == "__main__":
    sys.exit(unittest.main())
