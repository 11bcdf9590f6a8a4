// C[M, N] = A[M, K] B[N, K]^T, bf16, sums in f32, by the warps' own products (mma.sync) on what threads have copied (cp.async): the
// form for tiles under 64 rows, and for strides that no tensor map has. A CTA makes 64 x 64: one warp copies, four multiply 16 rows
// each, operands by ldmatrix.
!a = tensor<16x64xbf16, #tile.acc>
!b = tensor<64x64xbf16, #tile.opb>
!acc = tensor<64x64xf32, #tile.acc>
!accw = tensor<16x64xf32, #tile.acc>
!s = !tile.smem<64x64xbf16, sw128>
!A = !tile.ring<3, a: 64x64xbf16 sw128>
!B = !tile.ring<3, b: 64x64xbf16 sw128>
!c = !tile.cursor<3>
!g = !tile.global<bf16, 2, 8>
!out = !tile.global<bf16, 2, 2>

tile.kernel @gemm_warp(%a: !g, %b: !g, %y: !out, %steps: index) ctas_per_sm(2) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %i = tile.cta 0
  %j = tile.cta 1
  %m = affine.apply affine_map<()[i] -> (64 * i)>()[%i]
  %n = affine.apply affine_map<()[j] -> (64 * j)>()[%j]
  %A = tile.ring full(32 each) empty(128 each) : !A
  %B = tile.ring full(32 each) empty(128 each) : !B // each thread by itself: what racecheck follows
  tile.role @copy warp {
    %s = tile.cursor : !c
    %e = scf.for %k = %c0 to %steps step %c1 iter_args(%c = %s) -> (!c) {
      %kk = affine.apply affine_map<()[k] -> (64 * k)>()[%k]
      %x = tile.acquire %A[%c] : !A
      tile.copy %a[%m, %kk][64, 64] -> %x by lanes<8, 8> arrive %A[%c] : !g, !s, !A
      %z = tile.acquire %B[%c] : !B
      tile.copy %b[%n, %kk][64, 64] -> %z by lanes<8, 8> arrive %B[%c] : !g, !s, !B
      %d = tile.next %c : !c
      scf.yield %d : !c
    }
  }
  tile.role @product group {
    %s = tile.cursor : !c
    %zero = arith.constant dense<0.0> : !acc
    %e:2 = scf.for %k = %c0 to %steps step %c1 iter_args(%c = %s, %sum = %zero) -> (!c, !acc) {
      %xs = tile.await %A[%c] : !A
      %ys = tile.await %B[%c] : !B
      %more = tile.per_warp(%sum) : (!acc) -> (!acc) {
      ^bb0(%w: index, %part: !accw):
        %row = affine.apply affine_map<()[w] -> (16 * w)>()[%w]
        %xw = tile.load %xs[%row, 0][16, 64] : !s -> !a
        %yw = tile.load %ys[0, 0] transpose : !s -> !b
        %p = tile.mma_sync %xw, %yw, %part : !a, !b, !accw
        tile.yield %p : !accw
      }
      tile.release %A[%c] : !A
      tile.release %B[%c] : !B
      %d = tile.next %c : !c
      scf.yield %d, %more : !c, !acc
    }
    %out = arith.truncf %e#1 : !acc to tensor<64x64xbf16, #tile.acc>
    tile.store %out, %y[%m, %n][64, 64] : tensor<64x64xbf16, #tile.acc>, !out
  }
}

func.func @forward(%a: tensor<?x?xbf16, #ssm.dims<M, K>> {ssm.name = "a", ssm.role = #ssm.role<input>},
                   %b: tensor<?x?xbf16, #ssm.dims<N, K>> {ssm.name = "b", ssm.role = #ssm.role<input>})
    -> (tensor<?x?xbf16, #ssm.dims<M, N>> {ssm.name = "out", ssm.role = #ssm.role<output>})
    attributes {ssm.dims = [#ssm.dim<M>, #ssm.dim<K>, #ssm.dim<N>]} {
  %c = tile.alloc : tensor<?x?xbf16, #ssm.dims<M, N>>
  %av = tile.global_view %a sizes [M, K] strides [K, 1] : tensor<?x?xbf16, #ssm.dims<M, K>> -> !g
  %bv = tile.global_view %b sizes [N, K] strides [K, 1] : tensor<?x?xbf16, #ssm.dims<N, K>> -> !g
  %cv = tile.global_view %c sizes [M, N] strides [N, 1] : tensor<?x?xbf16, #ssm.dims<M, N>> -> !out
  %steps = tile.size ceildiv(K, 64)
  tile.launch @gemm_warp grid [ceildiv(M, 64), ceildiv(N, 64), 1] (%av, %bv, %cv, %steps) : !g, !g, !out, index
  return %c : tensor<?x?xbf16, #ssm.dims<M, N>>
}
