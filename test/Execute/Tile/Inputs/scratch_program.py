"""Memory that an item has to itself, of open size and complex; gathered reads, scattered writes, a split dimension."""
import numpy as np

import tile_program as tp

SCRATCH = """
!v = !tile.view<?x?xcomplex<f32>, #ssm.dims<B, L>>
!s = !tile.view<?xcomplex<f32>, #ssm.dims<L>>
!t = tensor<16xf32, #ssm.dims<L>>
func.func @scratch(%x: memref<?x?xcomplex<f32>> {ssm.shape = ["B", "L"]}, %y: memref<?x?xcomplex<f32>> {ssm.shape = ["B", "L"]}, %B: index, %L: index)
    attributes {ssm.symbol = "entry", ssm.dims = [#ssm.dim<B>, #ssm.dim<L>]} {
  %c0 = arith.constant 0 : index
  %X = tile.view %x : memref<?x?xcomplex<f32>> to !v
  %Y = tile.view %y : memref<?x?xcomplex<f32>> to !v
  tile.program owns(B = %b : 1 of %B) {
    %S = tile.scratch(%L) : !s
    tile.loop L = %l : 16 from %c0 to %L order any {
      %re, %im = tile.read %X[B = %b, L = %l] : !v -> !t, !t
      %minus = arith.negf %im : !t
      tile.write %re, %minus to %S[L = %l] : !t, !t to !s
    }
    tile.loop L = %l : 16 from %c0 to %L order down {
      %re, %im = tile.read %S[L = %l] : !s -> !t, !t
      tile.write %im, %re to %Y[B = %b, L = %l] : !t, !t to !v
    }
  }
  return
}
"""

GATHER = """
!v = !tile.view<?x?xf32, #ssm.dims<V, D>>
!i = !tile.view<?xi32, #ssm.dims<L>>
!o = !tile.view<?x?xf32, #ssm.dims<L, D>>
!t = tensor<8x24xf32, #ssm.dims<L, D>>
func.func @gather(%x: memref<?x?xf32> {ssm.shape = ["V", "D"]}, %i: memref<?xi32> {ssm.shape = ["L"]}, %y: memref<?x?xf32> {ssm.shape = ["L", "D"]},
                  %z: memref<?x?xf32> {ssm.shape = ["V", "D"]}, %V: index, %D: index, %L: index)
    attributes {ssm.symbol = "entry", ssm.dims = [#ssm.dim<V>, #ssm.dim<D>, #ssm.dim<L>]} {
  %c0 = arith.constant 0 : index
  %X = tile.view %x : memref<?x?xf32> to !v
  %I = tile.view %i : memref<?xi32> to !i
  %Y = tile.view %y : memref<?x?xf32> to !o
  %Z = tile.view %z : memref<?x?xf32> to !v
  tile.program owns(D = %d : 24 of %D) {
    tile.loop L = %l : 8 from %c0 to %L order up {
      %ids = tile.read %I[L = %l] fill(-1 : i32) : !i -> tensor<8xi32, #ssm.dims<L>>
      %rows = tile.read %X[V = %ids : tensor<8xi32, #ssm.dims<L>>, D = %d] fill(7.0 : f32) : !v -> !t
      tile.write %rows to %Y[L = %l, D = %d] : !t to !o
      tile.write %rows to %Z[V = %ids : tensor<8xi32, #ssm.dims<L>>, D = %d] accumulate : !t to !v
    }
  }
  return
}
"""

PARTS = """
!v = !tile.view<?x24xf32, #ssm.dims<B, I>>
!t = tensor<5x24xf32, #ssm.dims<B, I>>
!p = tensor<5x3x8xf32, #ssm.dims<B, K, P>>
!k = tensor<5x3xf32, #ssm.dims<B, K>>
func.func @parts(%x: memref<?x24xf32> {ssm.shape = ["B", "I"]}, %y: memref<?x24xf32> {ssm.shape = ["B", "I"]}, %B: index)
    attributes {ssm.symbol = "entry", ssm.dims = [#ssm.dim<B>]} {
  %X = tile.view %x : memref<?x24xf32> to !v
  %Y = tile.view %y : memref<?x24xf32> to !v
  tile.program owns(B = %b : 5 of %B) {
    %0 = tile.read %X[B = %b] : !v -> !t
    %1 = tile.part %0 "I" into ["K", "P"] : !t -> !p
    %2 = tile.combine add(%1) over ["P"] : !p -> !k
    %3 = tile.spread %2 : !k -> !p
    %4 = arith.subf %1, %3 : !p
    %5 = tile.join %4 ["K", "P"] into "I" : !p -> !t
    tile.write %5 to %Y[B = %b] : !t to !v
  }
  return
}
"""


def main():
    rng = np.random.default_rng(6)
    run = tp.build(SCRATCH)
    for batch, length in [(1, 1), (3, 37), (2, 16)]:
        x = (rng.standard_normal((batch, length)) + 1j * rng.standard_normal((batch, length))).astype(np.complex64)
        y = tp.guarded(np.zeros_like(x))
        run([tp.guarded(x), y], [batch, length])
        tp.check(f"scratch {batch} {length}", y, -x.imag + 1j * x.real, 0)
    run = tp.build(GATHER)
    for rows, width, length in [(9, 24, 8), (5, 25, 13), (1, 1, 1)]:
        x = rng.standard_normal((rows, width)).astype(np.float32)
        ids = rng.integers(-1, rows + 1, length).astype(np.int32)  # two of them outside
        y, z = (tp.guarded(np.zeros(shape, np.float32)) for shape in ((length, width), (rows, width)))
        run([tp.guarded(x), tp.guarded(ids), y, z], [rows, width, length])
        inside = (ids >= 0) & (ids < rows)
        want = np.where(inside[:, None], x[np.clip(ids, 0, rows - 1)], 7)
        tp.check(f"gather {rows} {width} {length}", y, want, 0)
        sums = np.zeros((rows, width), np.float32)
        np.add.at(sums, ids[inside], want[inside])
        tp.check("scatter", z, sums, 1e-6)
    run = tp.build(PARTS)
    for batch in (1, 5, 11):
        x = rng.standard_normal((batch, 24)).astype(np.float32)
        y = tp.guarded(np.zeros_like(x))
        run([tp.guarded(x), y], [batch])
        parts = x.reshape(batch, 3, 8)
        tp.check(f"parts {batch}", y, (parts - parts.sum(2, keepdims=True)).reshape(batch, 24), 1e-6)
    print("memory: 9 shapes")


main()
