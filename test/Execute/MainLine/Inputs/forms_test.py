"""Every form of a recurrence gives what the reference path and float64 give: whole, and in pieces with the state carried."""
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
    "register": dict(k="BLH", b="HT", c="HT", d="HT"),
    "gated": dict(q="BLHD", k="BLHD", v="BLHE", g="BLHD"),
    "crossed": dict(q="BLHD", k="BLHD", v="BLHE", g="BLHD", h="BLHE"),
    "crossed_back": dict(q="BLHD", k="BLHD", v="BLHE", g="BLHD", h="BLHE", s="BHDE"),
    "spun": dict(q="BLHD", k="BLHD", v="BLHE", g="BLHD", w="BLHD"),
}
SIZES = {"bank": dict(B=2, H=3, N=3), "shared": dict(B=2, H=5, N=4), "reset": dict(B=2, H=2, D=5, E=9),
         "turning": dict(B=2, H=2, D=5, E=9),
         "signed": dict(B=2, D=5, E=17), "register": dict(B=2, H=3, T=5)}
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
    "register": (None,), # no recurrence is left
}


for name in ("gated", "crossed", "crossed_back", "spun"):
    SIZES[name] = SIZES["reset"]
    PLANS[name] = ("<form = sequential, own = [B : 1, H : 1], step = [L : 16, D : 4, E : 16]>",
                   "<form = chunk, own = [B : 1, H : 1], step = [L : 16, D : 4, E : 16]>",
                   "<form = chunk, own = [B : 1, H : 1, E : 4], step = [L : 8, D : 8]>",
                   "<form = chunk, own = [B : 1, H : 2], step = [L : 32, D : 8, E : 8]>")
# The same from the end, from a state that is an argument.
for name, states in (("reset", dict(s="BHDE", n="BHD")), ("turning", dict(s="BHDE")), ("bank", dict(s="BH")),
                     ("shared", dict(s="BH"))):
    ARGUMENTS[name + "_back"] = {**ARGUMENTS[name], **states}
    SIZES[name + "_back"], PLANS[name + "_back"] = SIZES[name], PLANS[name]


def linear(q, k, v, a, s=0, back=False):
    """q . S with S = a S + k v along L, in float64: a is broadcast to [B, L, H, D, E]."""
    B, L, H, D = q.shape
    S = np.zeros((B, H, D, v.shape[-1]), np.result_type(a, np.float64)) + s
    out = np.empty((B, L, H, v.shape[-1]), S.dtype)
    a = np.broadcast_to(a, (B, L, *S.shape[1:]))
    for t in range(L)[::-1] if back else range(L):
        S = a[:, t] * S + k[:, t, :, :, None] * v[:, t, :, None, :]
        out[:, t] = np.einsum("bhd,bhde->bhe", q[:, t], S)
    return out


def normalised(i, a, back=False):
    f, k, ones = np.exp(i["q"]), np.exp(i["k"]), np.ones_like(i["v"][..., :1])
    start = np.exp(i["n"])[..., None] if back else 0
    return linear(f, k, i["v"], a, i.get("s", 0), back) / (linear(f, k, ones, a, start, back) + 1)


def moved(i):
    """What `register` gives: step by step, in float64."""
    s, r = np.zeros((2, len(i["k"]), *i["b"].shape))
    out = np.empty(i["k"].shape)
    for t in range(out.shape[1]):
        k = i["k"][:, t, :, None]
        s = np.pad(s, ((0, 0), (0, 0), (1, 0)))[..., :-1] + i["b"] * k
        r = np.pad(r, ((0, 0), (0, 0), (0, 1)))[..., 1:] + i["d"] * k
        out[:, t] = (i["c"] * s - i["b"] * r).sum(-1)
    return out


softplus, sigmoid = lambda x: np.logaddexp(0, x), lambda x: 1 / (1 + np.exp(-x))
keyed, valued = lambda x: x[..., None], lambda x: x[..., None, :]  # by head, by key: in their places beside E
reset = lambda g: np.where(g > 1, 0, sigmoid(g))[..., None, None]
spin = lambda i: np.exp(-softplus(i["g"]) + 1j * i["w"])
EXACT = {
    "reset": lambda i: normalised(i, reset(i["g"])),
    "reset_back": lambda i: normalised(i, reset(i["g"]), True),
    "turning": lambda i: linear(i["q"], i["k"], i["v"], spin(i)[..., None, None]).real,
    "turning_back": lambda i: linear(i["q"], i["k"], i["v"], spin(i)[..., None, None], i["s"], True).real,
    "register": moved,
    "gated": lambda i: normalised(i, keyed(sigmoid(i["g"]))),
    "crossed": lambda i: linear(i["q"], i["k"], i["v"], keyed(np.where(i["g"] > 1, 0, np.tanh(i["g"]))) * valued(np.tanh(i["h"]))),
    "crossed_back": lambda i: linear(i["q"], i["k"], i["v"], np.exp(-10 * keyed(softplus(i["g"])) - valued(softplus(i["h"]))),
                                     i["s"], True),
    "spun": lambda i: linear(i["q"], i["k"], i["v"], keyed(spin(i))).real,
}


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
        if plan is None:
            return self.compiled(layer, "--path", "main")
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
        if layer in EXACT:
            self.close(got[:1], [EXACT[layer]({name: value.astype(np.float64) for name, value in given.items()})])
        axis, back = 2 if layer.startswith("bank") else 1, layer.endswith("_back")
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
