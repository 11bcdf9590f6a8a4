"""Recurrences: the selective scan in registers, a complex affine scan in a tile, running sums along lanes; tails."""
import numpy as np

import tile_program as tp

SELECTIVE = """
!u = !tile.view<?x?x?xf32, #ssm.dims<B, L, D>>
!n = !tile.view<?x?x16xf32, #ssm.dims<B, L, N>>
!ld = tensor<32x32xf32, #ssm.dims<L, D>>
!ln = tensor<32x16xf32, #ssm.dims<L, N>>
!nd = tensor<16x32xf32, #ssm.dims<N, D>>
!d = tensor<32xf32, #ssm.dims<D>>
!nn = tensor<16xf32, #ssm.dims<N>>
func.func @selective(%u: memref<?x?x?xf32> {ssm.shape = ["B", "L", "D"]}, %dt: memref<?x?x?xf32> {ssm.shape = ["B", "L", "D"]},
                     %bt: memref<?x?x16xf32> {ssm.shape = ["B", "L", "N"]}, %ct: memref<?x?x16xf32> {ssm.shape = ["B", "L", "N"]},
                     %a: memref<?x16xf32> {ssm.shape = ["D", "N"]}, %y: memref<?x?x?xf32> {ssm.shape = ["B", "L", "D"]},
                     %h: memref<?x?x16xf32> {ssm.shape = ["B", "D", "N"]}, %B: index, %L: index, %D: index)
    attributes {ssm.symbol = "entry", ssm.dims = [#ssm.dim<B>, #ssm.dim<L>, #ssm.dim<D>]} {
  %c0 = arith.constant 0 : index
  %U = tile.view %u : memref<?x?x?xf32> to !u
  %DT = tile.view %dt : memref<?x?x?xf32> to !u
  %BT = tile.view %bt : memref<?x?x16xf32> to !n
  %CT = tile.view %ct : memref<?x?x16xf32> to !n
  %A = tile.view %a : memref<?x16xf32> to !tile.view<?x16xf32, #ssm.dims<D, N>>
  %Y = tile.view %y : memref<?x?x?xf32> to !u
  %H = tile.view %h : memref<?x?x16xf32> to !tile.view<?x?x16xf32, #ssm.dims<B, D, N>>
  tile.program owns(B = %b : 1 of %B, D = %d : 32 of %D) {
    %a0 = tile.read %A[D = %d] : !tile.view<?x16xf32, #ssm.dims<D, N>> -> tensor<32x16xf32, #ssm.dims<D, N>>
    %an = tile.spread %a0 : tensor<32x16xf32, #ssm.dims<D, N>> -> !nd
    %h0 = arith.constant dense<0.0> : !nd
    %last = tile.loop L = %l : 32 from %c0 to %L order up carry(%hc = %h0 : !nd) {
      %left = arith.subi %L, %l : index
      %uu = tile.read %U[B = %b, L = %l, D = %d] : !u -> !ld
      %dd = tile.read %DT[B = %b, L = %l, D = %d] : !u -> !ld
      %bb = tile.read %BT[B = %b, L = %l] : !n -> !ln
      %cc = tile.read %CT[B = %b, L = %l] : !n -> !ln
      %du = arith.mulf %dd, %uu : !ld
      %hn, %yt = tile.recur L = %t count(%left) over(%dl = %dd : !ld, %dul = %du : !ld, %bl = %bb : !ln, %cl = %cc : !ln)
          carry(%hs = %hc : !nd) stacked(!ld) {
        %dln = tile.spread %dl : !d -> !nd
        %e0 = arith.mulf %dln, %an : !nd
        %e = math.exp %e0 : !nd
        %dub = tile.spread %dul : !d -> !nd
        %bs = tile.spread %bl : !nn -> !nd
        %in = arith.mulf %dub, %bs fastmath<contract> : !nd
        %kept = arith.mulf %e, %hs fastmath<contract> : !nd
        %h1 = arith.addf %kept, %in fastmath<contract> : !nd
        %cs = tile.spread %cl : !nn -> !nd
        %hcs = arith.mulf %h1, %cs : !nd
        %yl = tile.combine add(%hcs) over ["N"] : !nd -> !d
        tile.yield %h1, %yl : !nd, !d
      }
      tile.write %yt to %Y[B = %b, L = %l, D = %d] : !ld to !u
      tile.yield %hn : !nd
    }
    tile.write %last to %H[B = %b, D = %d] : !nd to !tile.view<?x?x16xf32, #ssm.dims<B, D, N>>
  }
  return
}
"""

AFFINE = """
!v = !tile.view<?x?xcomplex<f32>, #ssm.dims<L, P>>
!t = tensor<24x32xf32, #ssm.dims<L, P>>
!p = tensor<32xf32, #ssm.dims<P>>
func.func @affine(%a: memref<?x?xcomplex<f32>> {ssm.shape = ["L", "P"]}, %x: memref<?x?xcomplex<f32>> {ssm.shape = ["L", "P"]},
                  %y: memref<?x?xcomplex<f32>> {ssm.shape = ["L", "P"]}, %L: index, %P: index)
    attributes {ssm.symbol = "entry", ssm.dims = [#ssm.dim<L>, #ssm.dim<P>]} {
  %c0 = arith.constant 0 : index
  %c23 = arith.constant 23 : index
  %A = tile.view %a : memref<?x?xcomplex<f32>> to !v
  %X = tile.view %x : memref<?x?xcomplex<f32>> to !v
  %Y = tile.view %y : memref<?x?xcomplex<f32>> to !v
  tile.program owns(P = %p : 32 of %P) {
    %zero = arith.constant dense<0.0> : !p
    %r:2 = tile.loop L = %l : 24 from %c0 to %L order up carry(%hr = %zero : !p, %hi = %zero : !p) {
      %ar, %ai = tile.read %A[L = %l, P = %p] : !v -> !t, !t
      %xr, %xi = tile.read %X[L = %l, P = %p] : !v -> !t, !t
      %yr, %yi = tile.running affine(%ar, %ai, %xr, %xi) along "L" from(%hr, %hi : !p, !p) : !t, !t, !t, !t -> !t, !t
      tile.write %yr, %yi to %Y[L = %l, P = %p] : !t, !t to !v
      %lr = tile.pick %yr[L = %c23] : !t -> !p
      %li = tile.pick %yi[L = %c23] : !t -> !p
      tile.yield %lr, %li : !p, !p
    }
  }
  return
}
"""

RUNNING = """
!v = !tile.view<?x?xf32, #ssm.dims<H, L>>
!t = tensor<4x40xf32, #ssm.dims<H, L>>
!r = tensor<40xf32, #ssm.dims<L>>
func.func @running(%x: memref<?x?xf32> {ssm.shape = ["H", "L"]}, %y: memref<?x?xf32> {ssm.shape = ["H", "L"]}, %z: memref<?x?xf32> {ssm.shape = ["H", "L"]}, %H: index, %L: index)
    attributes {ssm.symbol = "entry", ssm.dims = [#ssm.dim<H>, #ssm.dim<L>]} {
  %c0 = arith.constant 0 : index
  %X = tile.view %x : memref<?x?xf32> to !v
  %Y = tile.view %y : memref<?x?xf32> to !v
  %Z = tile.view %z : memref<?x?xf32> to !v
  tile.program owns(H = %h : 4 of %H) {
    %0 = tile.read %X[H = %h] : !v -> !t
    %1 = tile.running add(%0) along "L" reverse exclusive : !t -> !t
    tile.write %1 to %Y[H = %h] : !t to !v
    %2 = tile.running max(%0) along "L" : !t -> !t
    tile.write %2 to %Z[H = %h] : !t to !v
  }
  return
}
"""


def selective(batch, length, width):
    rng = np.random.default_rng(3)
    u = rng.standard_normal((batch, length, width)).astype(np.float32)
    dt = np.abs(rng.standard_normal((batch, length, width))).astype(np.float32) * 0.3
    bt, ct = (rng.standard_normal((batch, length, 16)).astype(np.float32) for _ in range(2))
    a = -np.abs(rng.standard_normal((width, 16))).astype(np.float32)
    y = tp.guarded(np.full((batch, length, width), np.nan, np.float32))
    h = tp.guarded(np.full((batch, width, 16), np.nan, np.float32))
    tp.build(SELECTIVE)([tp.guarded(x) for x in (u, dt, bt, ct, a)] + [y, h], [batch, length, width])
    state = np.zeros((batch, width, 16))
    want = np.zeros((batch, length, width))
    for t in range(length):
        decay = np.exp(dt[:, t, :, None].astype(np.float64) * a)
        state = decay * state + (dt[:, t].astype(np.float64) * u[:, t])[:, :, None] * bt[:, t, None, :]
        want[:, t] = np.einsum("bdn,bn->bd", state, ct[:, t])
    tp.check(f"selective scan {batch} {length} {width}", y, want, 1e-5)
    tp.check("its last state", h, state, 1e-5)


def affine(length, width):
    rng = np.random.default_rng(4)
    angle = rng.uniform(0, 6, (length, width))
    a = (rng.uniform(0.5, 1, (length, width)) * np.exp(1j * angle)).astype(np.complex64)
    x = (rng.standard_normal((length, width)) + 1j * rng.standard_normal((length, width))).astype(np.complex64)
    y = tp.guarded(np.zeros((length, width), np.complex64))
    tp.build(AFFINE)([tp.guarded(a), tp.guarded(x), y], [length, width])
    state, want = np.zeros(width, np.complex128), np.zeros((length, width), np.complex128)
    for t in range(length):
        state = a[t].astype(np.complex128) * state + x[t]
        want[t] = state
    tp.check(f"affine scan {length} {width}", y, want, 1e-5)


def running(heads, length):
    x = np.random.default_rng(5).standard_normal((heads, length)).astype(np.float32)
    y, z = (tp.guarded(np.full((heads, length), np.nan, np.float32)) for _ in range(2))
    tp.build(RUNNING)([tp.guarded(x), y, z], [heads, length])
    sums = np.cumsum(x[:, ::-1].astype(np.float64), 1)[:, ::-1] - x
    tp.check(f"running sums {heads} {length}", y, sums, 1e-5)
    tp.check("running maxima", z, np.maximum.accumulate(x, 1), 0)


def main():
    for shape in [(1, 32, 32), (2, 33, 31), (1, 1, 1), (1, 70, 65)]:
        selective(*shape)
    for shape in [(24, 32), (25, 33), (1, 1), (50, 70)]:
        affine(*shape)
    for shape in [(4, 40), (5, 39), (1, 1)]:
        running(*shape)
    print("recurrences: 11 shapes")


main()
