"""The evaluator against numbers worked out by hand: the points where a reader could err."""
import os
import re
import sys
import unittest

import numpy as np

import oracle
from oracle import compare
from oracle.values import round_to

inf, nan = np.inf, np.nan


def run(text, params=None, states=None, dims=None, mode="f64", **inputs):
    """The one result of a layer (a list, if several)."""
    inputs = {k: np.asarray(v) for k, v in inputs.items()}
    results, after = oracle.load(text).forward(inputs, params, states, dims, mode)
    return (results[0] if len(results) == 1 else results) if not after else (results[0], after)


def layer(arguments, result, body, name="f"):
    return f"layer {name}({arguments}) -> {result} {{\n{body}\n}}\n"


class Case(unittest.TestCase):
    def same(self, got, want):
        np.testing.assert_allclose(np.asarray(got), np.asarray(want), rtol=1e-12, atol=1e-13)

    def refuses(self, message, *args, **inputs):
        with self.assertRaisesRegex(oracle.OracleError, message):
            run(*args, **inputs)


class Binding(Case):
    def test_a_reduction_takes_the_product(self):
        text = layer("c: f64[N], x: f64[N], d: f64[], u: f64[]", "f64[]", "return sum[N] c * x + d * u")
        self.same(run(text, c=[1., 2.], x=[3., 4.], d=5., u=6.), 11 + 30)

    def test_minus_and_powers(self):
        self.same(run(layer("a: f64[]", "f64[]", "return -a ** 2 * -a"), a=3.), 27)
        self.same(run(layer("a: f64[]", "f64[]", "return a ** -2 ** 2"), a=3.), 3.0**-4)

    def test_reduction_of_a_quotient_over_two(self):
        text = layer("a: f64[N]", "f64[]", "return sum[N] a ** 2 / 2 - 1")
        self.same(run(text, a=[2., 4.]), 9)

    def test_fourier_takes_the_unary(self):
        text = layer("x: f64[X]", "f64[K]", "return re(rfft[X -> K] x) * 2")
        self.same(run(text, x=[1., 2., 3.], dims={"K": 2})[0], 12)


class Carries(Case):
    def test_an_initial_value_lacks_the_dimension(self):
        self.refuses("initial value", layer("x: f64[L]", "f64[L]", "return scan[L] c = x { c }"), x=[1., 2.])


class Kinds(Case):
    def test_whole_division(self):
        text = layer("a: i64[N], b: i64[]", "(i64[N], i64[N], f64[N])", "return (div(a, b), mod(a, b), f64(a / b))")
        got = run(text, a=[-7, 7, 6], b=-2)
        self.same(got[0], [3, -4, -3])
        self.same(got[1], [-1, -1, 0])
        self.same(got[2], [3.5, -3.5, -3])
        self.assertTrue((run(text, a=[-7, 7, 6], b=0)[:2] == np.zeros((2, 3))).all())

    def test_division_of_reals(self):
        text = layer("a: f64[N]", "(f64[N], f64[N])", "return (div(a, 0.5), mod(a, 0.5))")
        got = run(text, a=[-0.75, 1.25])
        self.same(got, [[-2, 2], [0.25, 0.25]])

    def test_a_free_real_takes_the_precision_it_meets(self):
        # 1/3 is f64 until it meets an f32.
        wide = run(layer("x: f64[]", "f64[]", "return 1 / 3 + x"), x=0., mode="f32")
        narrow = run(layer("x: f32[]", "f64[]", "return f64(1 / 3 + x)"), x=np.float32(0), mode="f32")
        self.assertEqual(wide, 1 / 3)
        self.assertEqual(narrow, np.float64(np.float32(1 / 3)))

    def test_whole_powers_stay_whole(self):
        self.assertEqual(run(layer("a: i64[]", "i64[]", "const n = 3\nreturn a ** n"), a=-2), -8)
        self.refuses("cast", layer("a: i64[]", "i64[]", "return a ** -1"), a=2)

    def test_pow_is_the_operator(self):
        self.assertEqual(run(layer("a: i64[]", "i64[]", "return pow(a, 3)"), a=-2), -8)
        self.same(run(layer("a: f64[], b: f64[]", "f64[]", "return pow(a, b)"), a=2., b=0.5), 2**0.5)

    def test_f64_with_c64_is_c128(self):
        text = layer("a: c64[], b: f64[], c: f32[]", "(c128[], c64[])", "return (a * b, a * c)")
        got = run(text, a=1 + 2j, b=0.1, c=0.5, mode="f32")
        self.assertEqual([g.dtype for g in got], [np.complex128, np.complex64])

    def test_casts(self):
        text = layer("x: f64[N]", "i32[N]", "return i32(x)")
        self.same(run(text, x=[-1.9, 1.9, nan, 1e300, -inf]), [-1, 1, 0, 2**31 - 1, -2**31])
        self.same(run(layer("x: i64[]", "f64[]", "return f64(bool(x))"), x=-3), 1)
        self.refuses("use re", layer("x: c64[]", "f32[]", "return x"), x=1j)

    def test_bools_count(self):
        self.assertEqual(run(layer("x: f64[N]", "i64[]", "return sum[N] (x > 0)"), x=[1., -1., 2.]), 2)

    def test_rounding_to_16_bits(self):
        self.assertEqual(round_to(1 + 2.0**-8, "bf16"), 1)  # a tie goes to even
        self.assertEqual(round_to(1 + 3 * 2.0**-8, "bf16"), 1 + 2.0**-6)
        self.assertEqual(round_to(1 + 2.0**-8 + 2.0**-30, "bf16"), 1 + 2.0**-7)  # one rounding only
        self.assertEqual(round_to(3.39e38, "bf16"), np.float32(255 * 2.0**120))
        self.assertTrue(np.isinf(round_to(3.4e38, "bf16")))
        self.assertEqual(round_to(2.0**-133, "bf16"), np.float32(2.0**-133))


class Reductions(Case):
    def test_nothing_visible(self):
        text = layer("x: f64[M, N]", "(f64[M, N], f64[M])", "return (softmax[N] x, logsumexp[N] x)")
        p, s = run(text, x=[[-inf, -inf], [0., -inf]])
        self.same(p, [[0, 0], [1, 0]])
        self.same(s, [-inf, 0])

    def test_empty_dimensions(self):
        text = layer("x: f64[M, N], i: i64[N]", "(f64[M], f64[M], f64[M], f64[M], f64[M], f64[M], i64[])",
                     "return (sum[N] x, prod[N] x, max[N] x, min[N] x, logsumexp[N] x, mean[N] x, max[N] i)")
        got = run(text, x=np.zeros((2, 0)), i=np.zeros(0, np.int64))
        self.same(got[:6], np.array([[0] * 2, [1] * 2, [-inf] * 2, [inf] * 2, [-inf] * 2, [nan] * 2]))
        self.assertEqual(got[6], -2**63)
        self.refuses("empty", layer("x: f64[N]", "i64[]", "return argmax[N] x"), x=np.zeros(0))

    def test_argmax(self):
        text = layer("x: f64[M, N]", "i64[M]", "return argmax[N] x")
        self.same(run(text, x=[[1., 3., 3.], [1., nan, 5.]]), [1, 1])

    def test_over_two(self):
        text = layer("x: f64[M, N]", "f64[M, N]", "return softmax[M, N] x")
        self.same(run(text, x=[[0., 0.], [0., 0.]]), np.full((2, 2), 0.25))

    def test_running(self):
        text = layer("x: f64[L]", "(f64[L], f64[L], f64[L], f64[L], f64[L])",
                     "return (cumsum[L] x, cumprod[L] x, cummax[L] x, cummin[L] x, cumlogsumexp[L] x)")
        got = run(text, x=[1., 3., 2.])
        self.same(got[:4], [[1, 4, 6], [1, 3, 6], [1, 3, 3], [1, 1, 1]])
        self.same(got[4], np.log(np.cumsum(np.exp([1, 3, 2]))))

    def test_an_absent_dimension(self):
        self.refuses("lacks", layer("x: f64[N], y: f64[M]", "f64[N]", "return sum[M] x + y"), x=[1.], y=[1.])

    def test_a_large_contraction(self):
        rng = np.random.default_rng(0)
        a, b = rng.standard_normal((150, 90)), rng.standard_normal((90, 120))
        text = layer("a: f64[I, J], b: f64[J, K], c: f64[K]", "f64[I, K]", "return sum[J] a * b / c")
        self.same(run(text, a=a, b=b, c=np.full(120, 2.)), a @ b / 2)


class Indices(Case):
    def test_negative(self):
        text = layer("x: f64[L], i: i32[M]", "(f64[], f64[M])", "return (x[L = -1], x[L = i])")
        got = run(text, x=[1., 2., 3.], i=[-3, 2])
        self.same(got[0], 3)
        self.same(got[1], [1, 3])
        self.refuses("out of range", text, x=[1., 2., 3.], i=[-4, 0])

    def test_walking_along(self):
        # B is a dimension of both: each row picks its own.
        text = layer("x: f64[B, L], i: i64[B]", "f64[B]", "return x[L = i]")
        self.same(run(text, x=[[1., 2.], [3., 4.]], i=[1, 0]), [2, 3])

    def test_reverse_and_spread(self):
        self.same(run(layer("x: f64[L]", "f64[L]", "return x[L = size(L) - 1 - pos(L)]"), x=[1., 2., 3.]), [3, 2, 1])
        text = layer("t: f64[P, Q], y: f64[L, M]", "f64[L, M]", "return t[P = div(pos(L), 2), Q = div(pos(M), 2)] + y")
        self.same(run(text, t=[[1., 2.], [3., 4.]], y=np.zeros((3, 4))), [[1, 1, 2, 2], [1, 1, 2, 2], [3, 3, 4, 4]])

    def test_renaming_at_once(self):
        text = layer("x: f64[L, M]", "f64[L, M]", "return x[L -> M, M -> L]")
        self.same(run(text, x=[[1., 2.], [3., 4.]]), [[1, 3], [2, 4]])
        self.refuses("size", text, x=np.zeros((2, 3)))

    def test_shift(self):
        text = layer("x: f64[L]", "(f64[L], f64[L], f64[L])", "return (shift[L](x, 1), shift[L](x, -2), shift[L](x, 9))")
        self.same(run(text, x=[1., 2., 3.]), [[0, 1, 2], [3, 0, 0], [0, 0, 0]])

    def test_convolutions(self):
        u, k = [1., 2., 3., 4.], [1., 10., 100.]
        for mode, want in [("causal", [1, 12, 123, 234]), ("anticausal", [321, 432, 43, 4]),
                           ("circular", [341, 412, 123, 234]), ("same", [12, 123, 234, 340])]:
            text = layer("u: f64[L], k: f64[K]", "f64[L]", f"return conv[L, K](u, k, {mode})")
            self.same(run(text, u=u, k=k), want)
        text = layer("u: f64[L], k: f64[K]", "f64[L]", "return conv[L, K](u, k, circular)")
        self.same(run(text, u=[1., 2.], k=[1., 1., 1.]), [4, 5])  # a kernel longer than L wraps
        self.same(run(layer("u: f64[L]", "f64[L]", "return conv[L](u, u)"), u=[1., 2., 3.]), [1, 4, 10])


class Recurrences(Case):
    def test_states_and_pieces(self):
        text = layer("u: f64[L]", "f64[L]", "state h: f64[] = 1\nlet h = scan[L] h = h { 2 * h + u + pos(L) }\nreturn h")
        y, after = run(text, u=[1., 1., 1.])
        self.same(y, [3, 8, 19])
        self.same(after["h"], 19)
        y, after = run(text, u=np.zeros(0), states={"h": np.float64(7)})
        self.same(after["h"], 7)

    def test_a_carry_widens(self):
        text = layer("u: f64[B, L]", "f64[B, L]", "return scan[L] s = 0 { s + u }")
        self.same(run(text, u=[[1., 2.], [3., 4.]]), [[1, 3], [3, 7]])

    def test_reverse_several_nested(self):
        text = layer("u: f64[L, M]", "(f64[L], f64[L])", """
          return reverse scan[L] (a, b) = (0, 1) {
            let inner = scan[M] t = 0 { t + u * pos(M) }
            (a + inner[M = -1], b * 2)
          }""")
        a, b = run(text, u=[[1., 2.], [3., 4.]])
        self.same(a, [6, 4])
        self.same(b, [4, 2])

    def test_repeat(self):
        text = layer("x: f64[B]", "f64[B]", "param w: f64[B] = 1\nreturn x * w", "g") + \
            layer("x: f64[B]", "f64[B]", "return repeat 3 y = x { g(y) + 1 }")
        self.assertEqual([(d.name, d.dim_names) for d in oracle.load(text).signature()],
                         [("x", ["B"]), ("g.w", ["3", "B"]), ("out", ["B"])])
        self.same(run(text, {"g.w": np.array([[2.], [3.], [4.]])}, x=[1.]), [((1 * 2 + 1) * 3 + 1) * 4 + 1])

    def test_nothing_to_carry_past_it(self):
        self.refuses("inside one", layer("u: f64[L]", "f64[L]", "return scan[L] s = 0 { s + sum[L] (scan[L] t = 0 { t }) }"),
                     u=[1.])
        self.refuses("lacks", layer("u: f64[L]", "f64[L]", "return scan[L] s = 0 { s + sum[L] u }"), u=[1.])


_FILTER = layer("u: f64[H, L]", "f64[H, L]",
                "param a: f64[H] = 1\nstate x: f64[H] = 0\nlet x = scan[L] x = x { a * x + u }\nreturn x", "filter")


class Calls(Case):
    def test_mapped_and_renamed(self):
        text = _FILTER + layer("v: f64[D, L, B]", "f64[D, L, B]", "return filter<H = D>(v)")
        names = {d.name: d.dim_names for d in oracle.load(text).signature()}
        self.assertEqual(names["filter.a"], ["D"])
        self.assertEqual(names["filter.x"], ["B", "D"])
        v = np.arange(12.).reshape(2, 3, 2)
        y, after = run(text, {"filter.a": np.array([1., 2.])}, v=v)
        self.same(y[1, :, 0], [6, 12 + 8, 40 + 10])
        self.same(after["filter.x"][0], y[:, -1, 0])

    def test_the_second_call_and_own_dimensions(self):
        text = layer("x: f64[B]", "f64[B]", "const N = 2\nparam w: f64[N] = 1\nreturn x * sum[N] w", "g") + \
            layer("x: f64[N], y: f64[B]", "f64[N, B]", "return g<N = 3>(x[N -> B]) + g(y)")
        sizes = {d.name: [e.size for e in d.dims] for d in oracle.load(text).signature()}
        self.assertEqual([sizes["g.w"], sizes["g_2.w"]], [[3], [2]])

    def test_states_in_a_repeat(self):
        text = _FILTER + layer("v: f64[B, H, L]", "f64[B, H, L]", "const n = 2\nreturn repeat n y = v { filter(y) }")
        y, after = run(text, {"filter.a": np.zeros((2, 1))}, {"filter.x": np.zeros((2, 1, 1))}, v=[[[1., 2.]]])
        self.same(y, [[[1, 2]]])
        self.assertEqual(after["filter.x"].shape, (2, 1, 1))

    def test_imported(self):
        here = os.path.dirname(os.path.abspath(__file__))
        self.assertEqual(oracle.load(os.path.join(here, "..", "Parse", "imported.ssm"), "h").name, "h")


class Transforms(Case):
    def test_modes(self):
        rng = np.random.default_rng(1)
        for n in (5, 6):
            for m in (3, 4):
                x = rng.standard_normal((n, m))
                text = layer("x: f64[X, Y]", "c128[K, J]", "return rfft[X -> K, Y -> J] x")
                full = np.fft.rfft2(x)
                self.same(run(text, x=x, dims={"K": 3, "J": 2}), full[[0, 1, n - 1], :2])
                text = layer("y: c128[K, J]", "f64[X, Y]", "return irfft[K -> X, J -> Y] y")
                noise = full + 1j * rng.standard_normal(full.shape)
                self.same(run(text, y=noise, dims={"X": n, "Y": m}), np.fft.irfft2(noise, (n, m)))
                text = layer("y: c128[K]", "c128[X]", "return ifft[K -> X] y")
                padded = np.zeros(n, complex)
                padded[[0, 1, n - 1]] = full[:3, 0]
                self.same(run(text, y=full[:3, 0], dims={"X": n}), np.fft.ifft(padded))
        self.refuses("modes", layer("x: f64[X]", "c128[K]", "return rfft[X -> K] x"), x=np.zeros(4), dims={"K": 4})


class Structures(Case):
    def dense(self, structured, O, I, **parts):
        text = layer("x: f64[I]", "f64[O]", f"param W: {structured} f64[O, I] = 0\nreturn sum[I] W * x")
        params = {f"W.{k}": np.asarray(v) for k, v in parts.items()}
        return np.stack([run(text, params, dims={"O": O}, x=e) for e in np.eye(I)], axis=1)

    def test_small_ones(self):
        self.same(self.dense("toeplitz", 2, 3, diagonals=[1., 2., 3., 4.]), [[3, 2, 1], [4, 3, 2]])
        self.same(self.dense("circulant", 3, 3, column=[1., 2., 3.]), [[1, 3, 2], [2, 1, 3], [3, 2, 1]])
        self.same(self.dense("diagonal", 2, 2, diagonal=[1., 2.]), [[1, 0], [0, 2]])
        self.same(self.dense("lowrank<1>", 2, 2, left=[[1.], [2.]], right=[[3., 4.]]), [[3, 4], [6, 8]])
        self.same(self.dense("block_diagonal<2>", 2, 4, blocks=[[[1., 2.]], [[3., 4.]]]), [[1, 2, 0, 0], [0, 0, 3, 4]])
        self.same(self.dense("block_sparse<block = 1, count = 3>", 2, 2, blocks=np.array([1., 2., 4.]).reshape(3, 1, 1),
                             rows=[0, 1, 1], columns=[1, 0, 0]), [[0, 1], [6, 0]])
        self.same(self.dense("flat_butterfly<block = 1, factors = 1>", 2, 2, blocks=np.array([1., 2., 3., 4.]).reshape(2, 2, 1, 1)),
                  [[1, 2], [4, 3]])

    def test_butterfly(self):
        # The second factor (applied last) joins i and i + 2.
        t = np.arange(1., 17.).reshape(2, 2, 2, 2)
        first = [[1, 2, 0, 0], [3, 4, 0, 0], [0, 0, 5, 6], [0, 0, 7, 8]]
        second = [[9, 0, 10, 0], [0, 13, 0, 14], [11, 0, 12, 0], [0, 15, 0, 16]]
        self.same(self.dense("butterfly", 4, 4, twiddles=t), np.array(second) @ first)

    def test_monarch(self):
        rng = np.random.default_rng(2)
        first, second, x = rng.standard_normal((2, 3, 3)), rng.standard_normal((3, 4, 2)), rng.standard_normal(6)
        h = np.einsum("kqp,kp->kq", first, x.reshape(2, 3)).reshape(-1)
        y = np.einsum("lsr,rl->sl", second, h.reshape(2, 3)).reshape(-1)
        self.same(self.dense("monarch<2>", 12, 6, first=first, second=second) @ x, y)

    def test_default_blocks_and_sums(self):
        text = layer("x: f64[I]", "f64[O]", """
          param W: block_sparse<block = 1, count = 4> f64[O, I] = 1
          param D: diagonal f64[O, I] = 2
          return sum[I] (W - D) * x""")
        y = run(text, dims={"O": 3}, x=[1., 10., 100.])
        self.same(y, [1 + 10 - 2, 10 - 20, 100 - 200])


class Rule(Case):
    def test_it_can_fail(self):
        want = np.linspace(1, 2, 100)
        eager = want * (1 + 1e-7)
        self.assertIsNone(compare.mismatch(want * (1 - 2e-7), want, eager, "f32"))
        self.assertIn("allowed", compare.mismatch(np.where(want == 2, 2.1, want), want, eager, "f32"))
        self.assertIn("at (0,) is nan", compare.mismatch(np.where(want == 1, nan, want), want, eager, "f32"))
        self.assertIsNotNone(compare.mismatch(np.zeros(100), want, np.zeros(100), "bf16"))  # an eager zero is no excuse
        self.assertIn("not 3", compare.mismatch(np.array([1, 2]), np.array([1, 3]), np.array([1, 3]), "i64"))

    def test_a_spread_error(self):
        want = np.ones(1000)
        eager = want.copy()
        eager[0] += 1e-5
        self.assertIn("root mean square", compare.mismatch(want + 1e-5, want, eager, "f32"))


class Published(Case):
    """Layers with sums that are known otherwise."""

    def test_attention(self):
        text = layer("q: f64[L, D], k: f64[M, D], v: f64[M, E]", "f64[L, E]", """
          let s = sum[D] q * k / sqrt(size(D))
          let p = softmax[M] where(pos(M) <= pos(L) + size(M) - size(L), s, -inf)
          return sum[M] p * v""")
        rng = np.random.default_rng(3)
        q, k, v = rng.standard_normal((2, 4)), rng.standard_normal((3, 4)), rng.standard_normal((3, 5))
        s = np.exp(q @ k.T / 2) * np.tri(2, 3, 1)
        self.same(run(text, q=q, k=k, v=v), s / s.sum(1, keepdims=True) @ v)

    def test_hidden_markov_model(self):
        text = layer("emit: f64[T, Z]", "f64[]", """
          const R = 2
          param start: f64[Z] = 1
          param W: f64[Z, R] = 1
          param U: f64[R, Z] = 1
          let (a, c) = scan[T] (a, c) = (start, 0) {
            let next  = sum[R] (sum[Z] a * W) * U
            let alpha = where(pos(T) == 0, start, next) * exp(emit)
            let norm  = sum[Z] alpha
            (alpha / norm, c + log(norm))
          }
          return c[T = -1]""")
        rng = np.random.default_rng(4)
        start, W, U, emit = rng.random(3), rng.random((3, 2)), rng.random((2, 3)), rng.random((4, 3))
        alpha = start * np.exp(emit[0])
        for e in emit[1:]:
            alpha = alpha @ W @ U * np.exp(e)
        self.same(run(text, {"start": start, "W": W, "U": U}, emit=emit), np.log(alpha.sum()))


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0]] + [a for a in sys.argv[1:] if not re.fullmatch(r"--.*=.*", a)])
