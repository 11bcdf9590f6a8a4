"""Online attention by a fold over the keys, on odd sizes, against numpy."""
import numpy as np

import tile_program as tp

TEXT = """
!view = !tile.view<?x?x32xf32, #ssm.dims<B, L, D>>
!keys = !tile.view<?x?x32xf32, #ssm.dims<B, M, D>>
!values = !tile.view<?x?x32xf32, #ssm.dims<B, M, E>>
!out = !tile.view<?x?x32xf32, #ssm.dims<B, L, E>>
!row = tensor<64xf32, #ssm.dims<L>>
!score = tensor<128x64xf32, #ssm.dims<M, L>>
!acc = tensor<64x32xf32, #ssm.dims<L, E>>
func.func @attention(%q: memref<?x?x32xf32> {ssm.shape = ["B", "L", "D"]},
                     %k: memref<?x?x32xf32> {ssm.shape = ["B", "M", "D"]},
                     %v: memref<?x?x32xf32> {ssm.shape = ["B", "M", "E"]},
                     %o: memref<?x?x32xf32> {ssm.shape = ["B", "L", "E"]}, %B: index, %L: index, %M: index)
    attributes {ssm.symbol = "entry", ssm.dims = [#ssm.dim<B>, #ssm.dim<L>, #ssm.dim<M>]} {
  %c0 = arith.constant 0 : index
  %Q = tile.view %q : memref<?x?x32xf32> to !view
  %K = tile.view %k : memref<?x?x32xf32> to !keys
  %V = tile.view %v : memref<?x?x32xf32> to !values
  %O = tile.view %o : memref<?x?x32xf32> to !out
  tile.program owns(B = %b : 1 of %B, L = %i : 64 of %L) {
    %q0 = tile.read %Q[B = %b, L = %i] : !view -> tensor<64x32xf32, #ssm.dims<L, D>>
    %none = arith.constant dense<0xFF800000> : !row
    %zero = arith.constant dense<0.0> : !row
    %empty = arith.constant dense<0.0> : !acc
    %l = tile.pos at %i : tensor<64xi64, #ssm.dims<L>>
    %mx, %sum, %acc = tile.loop M = %j : 128 from %c0 to %M order any
        carry(%m0 = %none : !row, %s0 = %zero : !row, %a0 = %empty : !acc) {
      %kt = tile.read %K[B = %b, M = %j] : !keys -> tensor<128x32xf32, #ssm.dims<M, D>>
      %vt = tile.read %V[B = %b, M = %j] : !values -> tensor<128x32xf32, #ssm.dims<M, E>>
      %s = tile.product %kt, %q0 over ["D"]
          : (tensor<128x32xf32, #ssm.dims<M, D>>, tensor<64x32xf32, #ssm.dims<L, D>>) -> !score
      %pos = tile.pos at %j : tensor<128xi64, #ssm.dims<M>>
      %size = tile.spread %M : index -> tensor<128xi64, #ssm.dims<M>>
      %in = arith.cmpi slt, %pos, %size : tensor<128xi64, #ssm.dims<M>>
      %ins = tile.spread %in : tensor<128xi1, #ssm.dims<M>> -> tensor<128x64xi1, #ssm.dims<M, L>>
      %ms = tile.spread %pos : tensor<128xi64, #ssm.dims<M>> -> tensor<128x64xi64, #ssm.dims<M, L>>
      %ls = tile.spread %l : tensor<64xi64, #ssm.dims<L>> -> tensor<128x64xi64, #ssm.dims<M, L>>
      %causal = arith.cmpi sle, %ms, %ls : tensor<128x64xi64, #ssm.dims<M, L>>
      %visible = arith.andi %ins, %causal : tensor<128x64xi1, #ssm.dims<M, L>>
      %hidden = arith.constant dense<0xFF800000> : !score
      %sm = arith.select %visible, %s, %hidden : tensor<128x64xi1, #ssm.dims<M, L>>, !score
      %tm = tile.combine max(%sm) over ["M"] : !score -> !row
      %m1 = arith.maximumf %m0, %tm : !row
      %nothing = arith.cmpf oeq, %m1, %none : !row
      %ref = arith.select %nothing, %zero, %m1 : tensor<64xi1, #ssm.dims<L>>, !row
      %refs = tile.spread %ref : !row -> !score
      %d = arith.subf %sm, %refs : !score
      %p = math.exp %d : !score
      %dc = arith.subf %m0, %ref : !row
      %c = math.exp %dc : !row
      %ps = tile.combine add(%p) over ["M"] : !score -> !row
      %sc = arith.mulf %s0, %c : !row
      %s1 = arith.addf %sc, %ps : !row
      %cs = tile.spread %c : !row -> !acc
      %ac = arith.mulf %a0, %cs : !acc
      %a1 = tile.product %p, %vt over ["M"] acc(%ac) : (!score, tensor<128x32xf32, #ssm.dims<M, E>>, !acc) -> !acc
      tile.yield %m1, %s1, %a1 : !row, !row, !acc
    }
    %sums = tile.spread %sum : !row -> !acc
    %y = arith.divf %acc, %sums : !acc
    tile.write %y to %O[B = %b, L = %i] : !acc to !out
  }
  return
}
"""


def main():
    run = tp.build(TEXT)
    rng = np.random.default_rng(1)
    for batch, length, keys in [(1, 64, 128), (2, 65, 129), (1, 1, 1), (3, 130, 257), (1, 63, 127)]:
        q, k, v = (rng.standard_normal((batch, n, 32)).astype(np.float32) for n in (length, keys, keys))
        out = tp.guarded(np.full((batch, length, 32), np.nan, np.float32))
        run([tp.guarded(q), tp.guarded(k), tp.guarded(v), out], [batch, length, keys])
        s = np.einsum("bld,bmd->blm", q.astype(np.float64), k)
        s[:, np.arange(keys)[None, :] > np.arange(length)[:, None]] = -np.inf
        p = np.exp(s - s.max(-1, keepdims=True))
        want = np.einsum("blm,bme->ble", p / p.sum(-1, keepdims=True), v)
        tp.check(f"attention {batch} {length} {keys}", out, want, 1e-5)
    print("attention: 5 shapes")


main()
