"""Published layers, as they stand, evaluate at awkward sizes in every mode."""
import unittest

import numpy as np

import oracle

TEXT = """
# S4D (Gu, Gupta, Goel, Re 2022).
layer s4d(u: f32[B, H, L]) -> f32[B, H, L] {
  const N = 32
  param log_dt: f32[H]    = uniform(log(0.001), log(0.1))
  param log_re: f32[H, N] = log(0.5)
  param im:     f32[H, N] = pi * pos(N)
  param C:      c64[H, N] = normal(1)
  param D:      f32[H]    = normal(1)
  state x:      c64[B, H, N] = 0

  let A  = complex(-exp(log_re), im)
  let dA = exp(log_dt) * A
  let x  = scan[L] x = x { exp(dA) * x + expm1(dA) / A * u }
  return gelu(2 * re(sum[N] C * x) + D * u)
}

# Mamba (Gu, Dao 2023): the selective scan.
layer selective_scan(u: bf16[B, L, D], delta: bf16[B, L, D], Bt: bf16[B, L, N],
                     Ct: bf16[B, L, N], z: bf16[B, L, D]) -> bf16[B, L, D] {
  param A_log: f32[D, N] = log(1 + pos(N))
  param skip:  f32[D]    = 1
  param bias:  f32[D]    = 0
  state h:     f32[B, D, N] = 0

  let dt = softplus(delta + bias)
  let h  = scan[L] h = h { exp(-dt * exp(A_log)) * h + dt * Bt * u }
  return (sum[N] Ct * h + skip * u) * silu(z)
}

# Mixture of Gaussian keys (Nguyen et al. 2022).
layer mgk(q: bf16[B, H, L, D], k: bf16[B, H, R, M, D], v: bf16[B, H, M, E]) -> bf16[B, H, L, E] {
  param log_pi: f32[H, R] = log(0.5)
  param log_s2: f32[H, R] = 0
  let d = sum[D] (q - k) ** 2
  let p = softmax[M] logsumexp[R] (log_pi - d / (2 * exp(log_s2)))
  return sum[M] p * v
}

# Pixelated butterfly (Chen et al. 2022).
layer pixelfly(x: bf16[T, I]) -> bf16[T, O] {
  param W: flat_butterfly<block = 4, factors = 2> bf16[O, I] = kaiming(I)
  param U: lowrank<3> bf16[O, I] = kaiming(I)
  param b: f32[O] = 0
  return gelu(sum[I] (W + U) * x + b)
}

# Fourier neural operator block (Li et al. 2021).
layer fno2d(x: f32[B, I, X, Y]) -> f32[B, O, X, Y] {
  const K1 = 5
  const K2 = 3
  param W: c64[I, O, K1, K2] = uniform(0, 1) / (size(I) * size(O))
  param w: f32[I, O] = kaiming(I)
  let xk = rfft[X -> K1, Y -> K2] x
  let yk = sum[I] W * xk
  return gelu(irfft[K1 -> X, K2 -> Y] yk + sum[I] w * x)
}

# A stack: the parameters and states of each turn are its own.
layer stack(u: f32[B, H, L]) -> f32[B, H, L] {
  return repeat 3 y = u { s4d<N = 2>(y) + y }
}
"""

SIZES = dict(B=2, H=3, L=7, D=5, M=6, E=2, R=2, T=4, I=16, O=48, X=6, Y=5)


def drawn(declaration, rng):
    shape = [d.size for d in declaration.dims]
    data = 0.5 * rng.standard_normal(shape)
    if declaration.element in ("c64", "c128"):
        data = data + 0.5j * rng.standard_normal(shape)
    return oracle.round_to(data, declaration.element)


class Published(unittest.TestCase):
    def evaluated(self, name):
        rng, layer = np.random.default_rng(5), oracle.load(TEXT, name)
        sizes = dict(SIZES, N=4) if name == "selective_scan" else SIZES
        given = {d.name: drawn(d, rng) for d in layer.signature(sizes) if d.role != "output"}
        (exact,), after = layer.forward(given, dims=sizes)
        (eager,), rounded = layer.forward(given, dims=sizes, mode="f32")
        tolerance = 0.05 if eager.max() > 1e3 or layer.layer.results[0].element == "bf16" else 1e-4
        np.testing.assert_allclose(eager, exact, rtol=tolerance, atol=tolerance)
        self.assertGreater(np.abs(exact - eager).max(), 0)  # the eager mode is not the exact one
        for state in after:
            self.assertEqual(after[state].shape, rounded[state].shape)
        return layer, given, sizes, exact, after

    def test_each(self):
        for name in ("s4d", "selective_scan", "mgk", "pixelfly", "fno2d", "stack"):
            with self.subTest(name):
                self.evaluated(name)

    def test_pieces(self):
        for name, stepped in (("s4d", ["u"]), ("selective_scan", ["u", "delta", "Bt", "Ct", "z"]), ("stack", ["u"])):
            with self.subTest(name):
                layer, given, sizes, whole, after = self.evaluated(name)
                axis = {d.name: d.dim_names.index("L") for d in layer.signature(sizes) if "L" in d.dim_names}
                states = {d.name: given[d.name] for d in layer.signature(sizes) if d.role == "state"}
                outs = []
                for begin, end in ((0, 3), (3, 3), (3, 7)):
                    piece = dict(given, **states)
                    for k in stepped:
                        piece[k] = np.take(given[k], range(begin, end), axis[k])
                    (out,), states = layer.forward(piece, dims={k: v for k, v in sizes.items() if k != "L"})
                    outs.append(out)
                np.testing.assert_allclose(np.concatenate(outs, axis["out"]), whole, rtol=1e-12)
                for k in after:
                    np.testing.assert_allclose(states[k], after[k], rtol=1e-12)


if __name__ == "__main__":
    unittest.main()
