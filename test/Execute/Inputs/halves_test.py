"""f16 and bf16, widened and narrowed: every value of theirs, and floats of every size with their ties."""
import re
import unittest

import numpy as np

from compiled import ROOT, compiled

WIDEN = "layer f(x: HALF[L]) -> f32[L] { return x + 0.0 }"
NARROW = "layer f(x: f32[L]) -> HALF[L] { return x }"
# The elements of a product are widened by its loops.
PRODUCT = "layer f(x: HALF[L, D], w: HALF[D, M]) -> f32[L, M] { return sum[D] x * w }"
MOVED = "layer f(x: HALF[L, M]) -> HALF[M, L] { return where(pos(M) >= 0, x, 0) }"
EVERY = np.arange(1 << 16, dtype=np.uint16)


class F16(unittest.TestCase):
    half, infinity, one, smallest = "f16", 0x7c00, 0x3c00, 0

    def layer(self, text):
        return compiled(text.replace("HALF", self.half))

    def given(self, stored):
        return stored.view(np.float16)

    def exact(self, stored):
        return stored.view(np.float16).astype(np.float32)

    def stored(self, result):
        return np.ascontiguousarray(result).view(np.uint16)

    def rounded(self, x):
        with np.errstate(over="ignore"):
            return x.astype(np.float16).view(np.uint16)

    def same(self, got, want):
        np.testing.assert_array_equal(np.isnan(got), np.isnan(want))
        held = ~np.isnan(want) & (want != 0)     # a sum of zeros has no sign
        np.testing.assert_array_equal(got[held], want[held])
        np.testing.assert_array_equal(got[want == 0], 0)

    def test_every_value(self):
        self.same(self.layer(WIDEN).forward(x=self.given(EVERY)), self.exact(EVERY))

    def test_product(self):
        ones = np.full((1, 3), self.one, np.uint16)
        values = EVERY[(EVERY & 0x7fff) >= self.smallest]
        for column in self.layer(PRODUCT).forward(x=self.given(values)[:, None], w=self.given(ones)).T:
            self.same(column, self.exact(values))

    def test_moved(self):
        stored = EVERY[(EVERY & 0x7fff) <= self.infinity][:63000].reshape(-1, 63)
        np.testing.assert_array_equal(self.stored(self.layer(MOVED).forward(x=self.given(stored))), stored.T)

    def test_floats(self):
        # Of every size; the format's values, the middles between them, and the neighbours of both.
        sweep = np.arange(0, 1 << 32, 4001, dtype=np.uint64).astype(np.uint32).view(np.float32)
        values = self.exact(EVERY[:self.infinity])
        middles = values[:-1] + (values[1:] - values[:-1]) / 2
        past = values[-1:] + (values[-1:] - values[-2:-1]) / 2         # from here on it is infinite
        places = np.concatenate([values, middles, past])
        near = np.concatenate([places, np.nextafter(places, np.float32(0)), np.nextafter(places, np.float32(np.inf))])
        x = np.concatenate([sweep, near, -near, np.array([np.inf, -np.inf, np.nan], np.float32)])
        got, nan = self.stored(self.layer(NARROW).forward(x=x)), np.isnan(x)
        np.testing.assert_array_equal(got[~nan], self.rounded(x)[~nan])
        self.assertTrue(((got[nan] & 0x7fff) > self.infinity).all())


class Bf16(F16):
    half, infinity, one = "bf16", 0x7f80, 0x3f80
    smallest = 0x80                        # of a dot product of AVX-512, which takes what is less for zero

    def given(self, stored):
        return self.exact(stored)          # exact in f32, which the module narrows

    def exact(self, stored):
        return (stored.astype(np.uint32) << 16).view(np.float32)

    def stored(self, result):
        return (np.ascontiguousarray(result, np.float32).view(np.uint32) >> 16).astype(np.uint16)

    def rounded(self, x):
        bits = x.view(np.uint32).astype(np.uint64)
        return ((bits + 0x7fff + (bits >> 16 & 1)) >> 16).astype(np.uint16)


class Library(unittest.TestCase):
    def test_all_halves(self):
        # Every layer of the library, all that it stores in 16 bits, is compiled and opened.
        for path in sorted((ROOT / "std").glob("*.ssm")):
            with self.subTest(path.name):
                compiled(re.sub(r"\b(f32|bf16)\[", "f16[", whole(f"std/{path.stem}")), layer=path.stem)


def whole(name):
    """A file with what it imports."""
    text = (ROOT / f"{name}.ssm").read_text()
    return re.sub(r'^import "(.*)"$', lambda found: whole(found[1]), text, flags=re.MULTILINE)


if __name__ == "__main__":
    unittest.main()
