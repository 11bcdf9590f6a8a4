// C[M, N] = A[M, K] B[N, K]^T in f32, operands multiplied as tf32, sums in f32. As gemm.mlir: persistent, tiles of 128 x 256 in
// bands of 16 rows of tiles; the results go to global memory from the registers.
!a = !tile.smem<128x32xf32, sw128>
!aw = !tile.smem<64x32xf32, sw128, rows = 128>
!b = !tile.smem<256x32xf32, sw128>
!acc = tensor<64x256xf32, #tile.acc>
!ab = !tile.ring<4, a: 128x32xf32 sw128, b: 256x32xf32 sw128>
!c4 = !tile.cursor<4>
!am = !tile.map<f32, 32x128, sw128>
!bm = !tile.map<f32, 32x256, sw128>
!cv = !tile.global<f32, 2, 2>

// Tile number to its row and column of tiles.
func.func private @place(%id: index, %rows: index, %cols: index) -> (index, index) {
  %c16 = arith.constant 16 : index
  %per = arith.muli %cols, %c16 : index
  %band = arith.divui %id, %per : index
  %first = arith.muli %band, %c16 : index
  %left = arith.subi %rows, %first : index
  %height = arith.minui %left, %c16 : index
  %in = arith.remui %id, %per : index
  %col = arith.divui %in, %height : index
  %r = arith.remui %in, %height : index
  %row = arith.addi %first, %r : index
  return %row, %col : index, index
}

tile.kernel @gemm(%am: !am, %bm: !bm, %C: !cv, %rows: index, %cols: index, %steps: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %cta = tile.cta 0
  %ctas = tile.cta_count 0
  %total = arith.muli %rows, %cols : index
  %AB = tile.ring full(1 thread) empty(2 group) : !ab
  tile.role @copy thread regs(40) {
    %s0 = tile.cursor : !c4
    %e = scf.for %t = %cta to %total step %ctas iter_args(%c = %s0) -> (!c4) {
      %row, %col = func.call @place(%t, %rows, %cols) : (index, index, index) -> (index, index)
      %m = affine.apply affine_map<()[i] -> (128 * i)>()[%row]
      %n = affine.apply affine_map<()[i] -> (256 * i)>()[%col]
      %d = scf.for %k = %c0 to %steps step %c1 iter_args(%cc = %c) -> (!c4) {
        %kk = affine.apply affine_map<()[i] -> (32 * i)>()[%k]
        tile.fetch %AB[%cc] a = %am[%kk, %m], b = %bm[%kk, %n] : !ab, !am, !bm
        %next = tile.next %cc : !c4
        scf.yield %next : !c4
      }
      scf.yield %d : !c4
    }
  }
  tile.role @product group x 2 regs(232) {
  ^bb0(%w: index):
    %s0 = tile.cursor : !c4
    %w64 = affine.apply affine_map<()[w] -> (64 * w)>()[%w]
    %e = scf.for %t = %cta to %total step %ctas iter_args(%c = %s0) -> (!c4) {
      %row, %col = func.call @place(%t, %rows, %cols) : (index, index, index) -> (index, index)
      %m = affine.apply affine_map<()[i, w] -> (128 * i + 64 * w)>()[%row, %w]
      %n = affine.apply affine_map<()[i] -> (256 * i)>()[%col]
      %a0, %b0 = tile.await %AB[%c] : !ab
      %x0 = tile.sub %a0[%w64, 0][64, 32] : !a
      %f0 = tile.mma %x0, %b0 tb tf32 : !aw, !b -> !tile.flight<!acc>
      %n0 = tile.next %c : !c4
      %d:2 = scf.for %k = %c1 to %steps step %c1 iter_args(%cc = %n0, %f = %f0) -> (!c4, !tile.flight<!acc>) {
        %a, %b = tile.await %AB[%cc] : !ab
        %x = tile.sub %a[%w64, 0][64, 32] : !a
        %g = tile.mma %x, %b tb tf32 acc(%f : !tile.flight<!acc>) : !aw, !b -> !tile.flight<!acc>
        tile.retire 1
        %before = tile.next %cc by -1 : !c4
        tile.release %AB[%before] : !ab
        %next = tile.next %cc : !c4
        scf.yield %next, %g : !c4, !tile.flight<!acc>
      }
      %acc = tile.land 0 (%d#1) : !tile.flight<!acc>
      %last = tile.next %d#0 by -1 : !c4
      tile.release %AB[%last] : !ab
      tile.store %acc, %C[%m, %n][64, 256] : !acc, !cv
      scf.yield %d#0 : !c4
    }
  }
}

func.func @forward(%a: tensor<?x?xf32, #ssm.dims<M, K>> {ssm.name = "a", ssm.role = #ssm.role<input>},
                   %b: tensor<?x?xf32, #ssm.dims<N, K>> {ssm.name = "b", ssm.role = #ssm.role<input>})
    -> (tensor<?x?xf32, #ssm.dims<M, N>> {ssm.name = "out", ssm.role = #ssm.role<output>})
    attributes {ssm.dims = [#ssm.dim<M>, #ssm.dim<K>, #ssm.dim<N>]} {
  %c = tile.alloc : tensor<?x?xf32, #ssm.dims<M, N>>
  %am = tile.tensor_map %a dims [K, M] strides [K] tf32 : tensor<?x?xf32, #ssm.dims<M, K>> -> !am
  %bm = tile.tensor_map %b dims [K, N] strides [K] tf32 : tensor<?x?xf32, #ssm.dims<N, K>> -> !bm
  %cv = tile.global_view %c sizes [M, N] strides [N, 1] : tensor<?x?xf32, #ssm.dims<M, N>> -> !cv
  %rows = tile.size ceildiv(M, 128)
  %cols = tile.size ceildiv(N, 256)
  %steps = tile.size ceildiv(K, 32)
  tile.launch @gemm grid [min("%sms", mul(ceildiv(M, 128), ceildiv(N, 256))), 1, 1] (%am, %bm, %cv, %rows, %cols, %steps)
    : !am, !bm, !cv, index, index, index
  return %c : tensor<?x?xf32, #ssm.dims<M, N>>
}
