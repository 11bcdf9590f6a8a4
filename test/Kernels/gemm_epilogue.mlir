// C[M, N] = silu(A[M, K] B[N, K]^T + bias[N]) + R[M, N], bf16, bias f32, sums and epilogue in f32. The product is gemm.mlir's; what
// is done to a tile of sums stands between its landing and its store.
!a = !tile.smem<128x64xbf16, sw128>
!acc = tensor<64x256xf32, #tile.acc>
!piece = tensor<64x64xf32, #tile.acc>
!piece16 = tensor<64x64xbf16, #tile.acc>
!ab = !tile.ring<4, a: 128x64xbf16 sw128, b: 256x64xbf16 sw128>
!pieceq = tensor<64x64xbf16, #tile.quad>
!col = tensor<64xf32, #tile.col>
!bv = !tile.global<f32, 1>
!rv = !tile.global<bf16, 2, 8>
!out = !tile.ring<2 x 2, c: 64x64xbf16 sw128>
!c4 = !tile.cursor<4>
!c2 = !tile.cursor<2>

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

tile.kernel @gemm(%am: !tile.map<bf16, 64x128, sw128>, %bm: !tile.map<bf16, 64x256, sw128>, %cm: !tile.map<bf16, 64x64, sw128>,
                  %bias: !bv, %R: !rv, %rows: index, %cols: index, %steps: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %cta = tile.cta 0
  %ctas = tile.cta_count 0
  %total = arith.muli %rows, %cols : index
  %AB = tile.ring full(1 thread) empty(2 group) : !ab
  %OUT = tile.ring full(4 warp) empty(1 thread) : !out
  tile.role @copy thread regs(40) {
    %s0 = tile.cursor : !c4
    %e = scf.for %t = %cta to %total step %ctas iter_args(%c = %s0) -> (!c4) {
      %row, %col = func.call @place(%t, %rows, %cols) : (index, index, index) -> (index, index)
      %m = affine.apply affine_map<()[i] -> (128 * i)>()[%row]
      %n = affine.apply affine_map<()[i] -> (256 * i)>()[%col]
      %d = scf.for %k = %c0 to %steps step %c1 iter_args(%cc = %c) -> (!c4) {
        %kk = affine.apply affine_map<()[i] -> (64 * i)>()[%k]
        tile.fetch %AB[%cc] a = %am[%kk, %m], b = %bm[%kk, %n] : !ab, !tile.map<bf16, 64x128, sw128>, !tile.map<bf16, 64x256, sw128>
        %next = tile.next %cc : !c4
        scf.yield %next : !c4
      }
      scf.yield %d : !c4
    }
  }
  tile.role @store thread x 2 regs(40) {
  ^bb0(%w: index):
    %s0 = tile.cursor : !c2
    %e:2 = scf.for %t = %cta to %total step %ctas iter_args(%c = %s0, %n = %c0) -> (!c2, index) {
      %row, %col = func.call @place(%t, %rows, %cols) : (index, index, index) -> (index, index)
      %m = affine.apply affine_map<()[i, w] -> (128 * i + 64 * w)>()[%row, %w]
      %d:2 = scf.for %j = %c0 to %c4 step %c1 iter_args(%cc = %c, %nn = %n) -> (!c2, index) {
        %x = affine.apply affine_map<()[i, j] -> (256 * i + 64 * j)>()[%col, %j]
        %s = tile.await %OUT[%w][%cc] : !out
        tile.fence
        tile.send %s -> %cm[%x, %m] : !tile.smem<64x64xbf16, sw128>, !tile.map<bf16, 64x64, sw128>
        tile.send_wait 1 read
        %late = arith.cmpi ne, %nn, %c0 : index
        %before = tile.next %cc by -1 : !c2
        tile.release %OUT[%w][%before] if(%late) : !out
        %next = tile.next %cc : !c2
        scf.yield %next, %c1 : !c2, index
      }
      scf.yield %d#0, %d#1 : !c2, index
    }
    tile.send_wait 0
  }
  tile.role @product group x 2 regs(232) {
  ^bb0(%w: index):
    %s4 = tile.cursor : !c4
    %s2 = tile.cursor : !c2
    %w64 = affine.apply affine_map<()[w] -> (64 * w)>()[%w]
    %log2e = arith.constant -1.44269504 : f32
    %one = arith.constant 1.0 : f32
    %lb = tile.broadcast %log2e : f32 to !piece
    %ob = tile.broadcast %one : f32 to !piece
    %e:2 = scf.for %t = %cta to %total step %ctas iter_args(%c = %s4, %oc = %s2) -> (!c4, !c2) {
      %row, %tcol = func.call @place(%t, %rows, %cols) : (index, index, index) -> (index, index)
      %m = affine.apply affine_map<()[i, w] -> (128 * i + 64 * w)>()[%row, %w]
      %a0, %b0 = tile.await %AB[%c] : !ab
      %x0 = tile.sub %a0[%w64, 0][64, 64] : !a
      %f0 = tile.mma %x0, %b0 tb : !tile.smem<64x64xbf16, sw128, rows = 128>, !tile.smem<256x64xbf16, sw128> -> !tile.flight<!acc>
      %n0 = tile.next %c : !c4
      %d:2 = scf.for %k = %c1 to %steps step %c1 iter_args(%cc = %n0, %f = %f0) -> (!c4, !tile.flight<!acc>) {
        %a, %b = tile.await %AB[%cc] : !ab
        %x = tile.sub %a[%w64, 0][64, 64] : !a
        %g = tile.mma %x, %b tb acc(%f : !tile.flight<!acc>) : !tile.smem<64x64xbf16, sw128, rows = 128>, !tile.smem<256x64xbf16, sw128> -> !tile.flight<!acc>
        tile.retire 1
        %before = tile.next %cc by -1 : !c4
        tile.release %AB[%before] : !ab
        %next = tile.next %cc : !c4
        scf.yield %next, %g : !c4, !tile.flight<!acc>
      }
      %acc = tile.land 0 (%d#1) : !tile.flight<!acc>
      %last = tile.next %d#0 by -1 : !c4
      tile.release %AB[%last] : !ab
      %o = scf.for %j = %c0 to %c4 step %c1 iter_args(%cc = %oc) -> (!c2) {
        %x = affine.apply affine_map<()[j] -> (64 * j)>()[%j]
        %p = tile.slice %acc[0, %x] : !acc to !piece
        %n = affine.apply affine_map<()[i, j] -> (256 * i + 64 * j)>()[%tcol, %j]
        %rq = tile.load %R[%m, %n][64, 64] : !rv -> !pieceq
        %bc = tile.load %bias[%n][64] : !bv -> !col
        %bb = tile.broadcast %bc : !col to !piece
        %u = arith.addf %p, %bb : !piece
        %lu = arith.mulf %u, %lb : !piece
        %eu = math.exp2 %lu fastmath<afn> : !piece
        %du = arith.addf %eu, %ob : !piece
        %iu = arith.divf %ob, %du fastmath<arcp, afn> : !piece
        %su = arith.mulf %u, %iu : !piece // u / (1 + 2^(-u log2 e))
        %ra = tile.convert %rq : !pieceq to !piece16
        %rf = arith.extf %ra : !piece16 to !piece
        %y = arith.addf %su, %rf : !piece
        %p16 = arith.truncf %y : !piece to !piece16
        %s = tile.acquire %OUT[%w][%cc] : !out
        tile.store %p16, %s[0, 0] : !piece16, !tile.smem<64x64xbf16, sw128>
        tile.publish %OUT[%w][%cc] : !out
        %next = tile.next %cc : !c2
        scf.yield %next : !c2
      } {tile.unroll}
      scf.yield %d#0, %o : !c4, !c2
    }
  }
}

func.func @forward(%a: tensor<?x?xbf16, #ssm.dims<M, K>> {ssm.name = "a", ssm.role = #ssm.role<input>},
                   %b: tensor<?x?xbf16, #ssm.dims<N, K>> {ssm.name = "b", ssm.role = #ssm.role<input>},
                   %bias: tensor<?xf32, #ssm.dims<N>> {ssm.name = "bias", ssm.role = #ssm.role<param>},
                   %r: tensor<?x?xbf16, #ssm.dims<M, N>> {ssm.name = "r", ssm.role = #ssm.role<input>})
    -> (tensor<?x?xbf16, #ssm.dims<M, N>> {ssm.name = "out", ssm.role = #ssm.role<output>})
    attributes {ssm.dims = [#ssm.dim<M>, #ssm.dim<K>, #ssm.dim<N>]} {
  %c = tile.alloc : tensor<?x?xbf16, #ssm.dims<M, N>>
  %am = tile.tensor_map %a dims [K, M] strides [K] : tensor<?x?xbf16, #ssm.dims<M, K>> -> !tile.map<bf16, 64x128, sw128>
  %bm = tile.tensor_map %b dims [K, N] strides [K] : tensor<?x?xbf16, #ssm.dims<N, K>> -> !tile.map<bf16, 64x256, sw128>
  %cm = tile.tensor_map %c dims [N, M] strides [N] : tensor<?x?xbf16, #ssm.dims<M, N>> -> !tile.map<bf16, 64x64, sw128>
  %bv = tile.global_view %bias sizes [N] strides [1] : tensor<?xf32, #ssm.dims<N>> -> !bv
  %rv = tile.global_view %r sizes [M, N] strides [N, 1] : tensor<?x?xbf16, #ssm.dims<M, N>> -> !rv
  %rows = tile.size ceildiv(M, 128)
  %cols = tile.size ceildiv(N, 256)
  %steps = tile.size ceildiv(K, 64)
  tile.launch @gemm grid [min("%sms", mul(ceildiv(M, 128), ceildiv(N, 256))), 1, 1] (%am, %bm, %cm, %bv, %rv, %rows, %cols, %steps)
    : !tile.map<bf16, 64x128, sw128>, !tile.map<bf16, 64x256, sw128>, !tile.map<bf16, 64x64, sw128>, !bv, !rv, index, index, index
  return %c : tensor<?x?xbf16, #ssm.dims<M, N>>
}
