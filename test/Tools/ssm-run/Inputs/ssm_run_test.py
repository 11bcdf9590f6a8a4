"""ssm-run on the artifact of test/Unit/Runtime/Inputs/layer.c: files in, files out, and bad input."""
import os
import re
import struct
import subprocess
import tempfile
import unittest
import wave

import numpy as np

BUILD = os.environ.get("SSM_BUILD", "build")
LAYER = os.path.join(BUILD, "test-artifacts", "ssm_test_layer.so")


class SsmRun(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def run_tool(self, *words):
        return subprocess.run([os.path.join(BUILD, "bin", "ssm-run"), *words], capture_output=True, text=True,
                              cwd=self.folder.name, timeout=60)

    def good(self, *words):
        done = self.run_tool(LAYER, *words)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout

    def bad(self, *words):
        done = self.run_tool(*words)
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertTrue(done.stderr.startswith("ssm-run: error: ") and done.stderr.count("\n") == 1, done.stderr)
        return done.stderr[len("ssm-run: error: "):-1]

    def save(self, name, array):
        np.save(self.path(name), array)

    def write_wav(self, name, channels, rate, samples):
        with wave.open(self.path(name), "wb") as file:
            file.setparams((channels, 2, rate, 0, "NONE", ""))
            file.writeframes(np.asarray(samples, "<i2").tobytes())

    def test_npy_in_and_out(self):
        self.save("u.npy", np.arange(6.0).reshape(2, 3))
        self.save("w.npy", np.asfortranarray(np.array([1, 10, 100], ">i4")))
        text = self.good("forward", "u=u.npy", "w=w.npy", "--out", "results", "--repeat", "3")
        np.testing.assert_array_equal(np.load(self.path("results/out.npy")), [[0, 10, 200], [3, 40, 500]])
        x = np.load(self.path("results/x.npy"))
        self.assertEqual((x.dtype, x.shape, x[0, 0]), (np.complex64, (2, 4), 1 + 2j))
        self.assertEqual(sorted(os.listdir(self.path("results"))), ["out.npy", "x.npy"])
        self.assertRegex(text, r"in   u    f32\[B=2, L=3\]  u.npy\n")
        self.assertRegex(text, r"in   x    c64\[B=2, N=4\]  initial\n")
        self.assertRegex(text, r"time   [0-9.e+]+ (us|ms|s) \(median of 3\)\n  bytes  188 B, .*B/s\n  flops  12 FLOP, .*FLOP/s")

    def test_drawn_from_the_seed_and_carried_state(self):
        self.save("u.npy", np.ones((1, 2)))
        text = self.good("u=u.npy", "--init", "7", "--out", ".")
        self.assertIn("drawn, seed 7", text)
        np.testing.assert_array_equal(np.load(self.path("out.npy")), [[700, 701]])
        self.good("u=u.npy", "x=x.npy", "--init", "7", "--out", ".")
        np.testing.assert_array_equal(np.load(self.path("out.npy")), [[701, 702]])

    def test_archives(self):
        np.savez(self.path("a.npz"), u=np.ones((1, 2)), w=np.array([5, 6.0]))
        np.savez_compressed(self.path("b.npz"), weights=np.array([7, 8.0]), more=np.zeros(3))
        for words, first in ((("a.npz",), 5), (("u=a.npz", "w=b.npz:weights"), 7), (("u=a.npz:u", "w=a.npz:w"), 5)):
            self.good(*words, "--out", ".")
            self.assertEqual(np.load(self.path("out.npy"))[0, 0], first)
        header = b'{"w": {"dtype": "BF16", "shape": [2], "data_offsets": [0, 4]}}'
        with open(self.path("c.safetensors"), "wb") as file:
            file.write(struct.pack("<Q", len(header)) + header + bytes([0x80, 0x3F, 0x00, 0x40]))
        self.good("u=a.npz", "c.safetensors", "--out", ".")
        np.testing.assert_array_equal(np.load(self.path("out.npy")), [[1, 2]])
        self.assertEqual(self.bad(LAYER, "u=a.npz", "w=b.npz"),
                         "b.npz: it has no array 'w'; pick one of weights, more by w=b.npz:KEY")
        self.assertEqual(self.bad(LAYER, "b.npz"), "b.npz: forward has no argument 'weights'; it has u, w, x")
        self.assertEqual(self.bad(LAYER, "a.npz", "w=b.npz:weights"),
                         "argument 'w' is given twice, by a.npz and by b.npz")

    def test_types(self):
        self.save("a.npy", np.zeros(2, "V2"))
        self.save("b.npy", np.array([1.0004883, 2]))
        self.save("c.npy", np.array([1, 2j]))
        with open(self.path("a.npy"), "r+b") as file:
            file.seek(-4, 2)
            file.write(bytes([0x81, 0x3F, 0, 0x40]))
        self.good("pass", "a=a.npy", "b=b.npy", "c=c.npy", "--out", ".")
        a, b, c = (np.load(self.path(f"out{i}.npy")) for i in range(3))
        self.assertEqual((a.dtype, a.tolist()), (np.float32, [1.0078125, 2]))
        self.assertEqual((b.dtype, b.tolist()), (np.float16, [1.0009765625, 2]))
        self.assertEqual((c.dtype, c.tolist()), (np.complex128, [1, 2j]))

    def test_wav(self):
        self.write_wav("v.wav", 1, 8000, [0, 16384, -32768])
        self.save("w.npy", np.ones(3))
        self.good("u=v.wav", "w=w.npy", "--rate", "8000", "--out", ".")
        np.testing.assert_array_equal(np.load(self.path("out.npy")), [[0, 0.5, -1]])
        self.good("u=v.wav", "w=w.npy", "--dims", "B=2", "--out", ".")
        np.testing.assert_array_equal(np.load(self.path("out.npy")), [[0, 0.5, -1]] * 2)
        self.write_wav("s.wav", 2, 8000, [0, 8192, 16384, -8192, 0, 0])
        self.good("u=s.wav", "w=w.npy", "--out", ".")
        np.testing.assert_array_equal(np.load(self.path("out.npy")), [[0, 0.5, 0], [0.25, -0.25, 0]])
        self.assertEqual(self.bad(LAYER, "u=v.wav", "--rate", "16000"),
                         "v.wav: it has 8000 samples a second, expected 16000 (--rate)")
        self.assertEqual(self.bad(LAYER, "u=v.wav", "w=s.wav"), "s.wav: it has 2 channels, but 'w' has 1 dimension")
        self.write_wav("f.wav", 1, 44100, [0, 1, 2])
        self.assertEqual(self.bad(LAYER, "u=v.wav", "w=f.wav"),
                         "f.wav: it has 44100 samples a second, expected 8000, the rate of v.wav")

    def test_dims(self):
        self.save("a.npy", np.array([1, 2]))
        self.good("widen", "a=a.npy", "--dims", "O=2", "--out", ".")
        np.testing.assert_array_equal(np.load(self.path("out.npy")), [[1, 2], [2, 3]])
        self.assertIn("give it by name (dims O=...)", self.bad(LAYER, "widen", "a=a.npy"))
        self.assertEqual(self.bad(LAYER, "widen", "a=a.npy", "--dims", "O"), "--dims takes NAME=SIZE, not 'O'")
        self.assertEqual(self.bad(LAYER, "widen", "a=a.npy", "--dims", "O=x"), "the size of O is 'x', expected a whole number")
        self.assertIn("no dimension 'Q'", self.bad(LAYER, "widen", "a=a.npy", "--dims", "O=1,Q=2"))

    def test_zero_length(self):
        self.save("u.npy", np.ones((2, 0)))
        self.good("u=u.npy", "--out", ".")
        self.assertEqual(np.load(self.path("out.npy")).shape, (2, 0))

    def test_bad_input_leaves_nothing(self):
        self.save("u.npy", np.ones((2, 3)))
        with open(self.path("u.npy"), "r+b") as file:
            file.truncate(150)
        self.assertIn("its shape needs 48 bytes", self.bad(LAYER, "u=u.npy", "--out", "results"))
        with open(self.path("t.safetensors"), "wb") as file:
            file.write(struct.pack("<Q", 10**12) + b"{}")
        self.assertIn("claims 1000000000000 bytes", self.bad(LAYER, "t.safetensors", "--out", "results"))
        self.save("a.npy", np.array([True]))
        self.assertEqual(self.bad(LAYER, "refuse", "a=a.npy", "--out", "results"), "refuse: index -7 is outside of 0 to 1 (100%)")
        self.save("v.npy", np.ones(3))
        self.assertIn("'u' has 1 dimension (3), expected 2: [B, L]", self.bad(LAYER, "u=v.npy", "--out", "results"))
        self.assertFalse(os.path.exists(self.path("results")))
        self.save("u.npy", np.ones((2, 3)))
        os.makedirs(self.path("results/x.npy"))
        self.assertIn("results/x.npy: is a folder", self.bad(LAYER, "u=u.npy", "--out", "results"))
        self.assertEqual(os.listdir(self.path("results")), ["x.npy"])
        self.assertIn("cannot be made", self.bad(LAYER, "u=u.npy", "--out", "u.npy"))

    def test_command_line(self):
        self.assertIn("ARTIFACT is required", self.bad())
        self.assertIn("--fo", self.bad(LAYER, "--fo"))
        self.assertIn("no entry 'step'", self.bad(LAYER, "step"))
        self.assertIn("argument 'u' (f32[B, L]) is missing", self.bad(LAYER))
        self.assertIn("say which argument it is", self.bad(LAYER, "./u.npy") if self.save("u.npy", np.ones(1)) is None else "")
        self.assertIn("--device", self.bad(LAYER, "--device", "tpu"))
        self.assertIn("--threads", self.bad(LAYER, "--threads", "0"))
        self.assertIn("--init is 'x'", self.bad(LAYER, "--init", "x"))
        self.assertIn("u.npy: it is not a compiled layer (no ELF file)", self.bad("u.npy"))
        self.assertIn("is truncated", self.bad(self.truncated()))

    def truncated(self):
        with open(LAYER, "rb") as file:
            data = file.read()
        with open(self.path("t.so"), "wb") as file:
            file.write(data[:len(data) // 2])
        return "t.so"

    def test_list_and_help(self):
        text = self.good("--list")
        self.assertIn("layer t (t.ssm)\n\nforward\n  takes\n    input  u  f32[B, L]\n    param  w  f32[L]     drawn if not given\n", text)
        self.assertIn("  fixed sizes: K = L / 2\n", text)
        self.assertNotIn("init_w", text)
        self.assertIn("Examples:", self.run_tool("--help").stdout)
        self.assertTrue(re.match(r"ssm-run \d", self.run_tool("--version").stdout))


if __name__ == "__main__":
    unittest.main()
