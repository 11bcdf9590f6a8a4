// Mamba-2's scan: S_t = exp(-dt_t exp(A_log)) S_t-1 + dt_t x_t B_t^T, y_t = S_t C_t + skip x_t, in chunks of 64. x, y bf16
// [B, L, H, 64], B, C bf16 [B, L, 128], dt f32 [B, L, H], states f32 [B, H, 64, 128]. A CTA walks one sequence for two heads:
// B, C and G = C B^T are shared, S stays in registers. In log2 units, l the sum of a chunk's decays up to a position and Q its
// end: a chunk adds Y = 2^l S C^T + (G * 2^(l_i - l_j) dt_j, lower triangle) x, and S = 2^l_Q S + (2^(l_Q - l) dt x)^T B.
// No exponent is positive but log2 dt. Blocks of 16 columns before the diagonal use 2^(l_i - l_e) * 2^(l_e - l_j) dt_j, e the
// block's end; those after it are zeroed once and never written. Past L copies bring zeros, and dt = 0. The roles are
// written in parts/ssd_roles.mlir.
!S = tensor<64x128xf32, #tile.acc>
!Xr = !tile.ring<3, x: 2x64x64xbf16 sw128>
!BCr = !tile.ring<3, b: 64x128xbf16 sw128, c: 64x128xbf16 sw128>
!Dr = !tile.ring<4, v: 2x5x64xf32>
!Mr = !tile.ring<2, m: 2x64x64xbf16 sw128>
!Yr = !tile.ring<2 x 2, y: 64x64xbf16 sw128>
!xm = !tile.map<bf16, 64x64x2x1, sw128>
!bm = !tile.map<bf16, 64x64x2x1, sw128>
!ym = !tile.map<bf16, 64x64x1x1, sw128>
!g1 = !tile.global<f32, 1>
!g3 = !tile.global<f32, 3>
!st = !tile.global<f32, 4, 2>

func.func private @copy(!BCr, !Xr, !Dr, !xm, !bm, !bm, index, index, index, index) attributes {tile.from = "parts/ssd_roles.mlir"}
func.func private @decay(!Dr, !g3, !g1, index, index, index, index, index) attributes {tile.from = "parts/ssd_roles.mlir"}
func.func private @send(!Yr, !ym, index, index, index, index) attributes {tile.from = "parts/ssd_roles.mlir"}
func.func private @mask(!BCr, !Dr, !Mr, !g1, index, index) attributes {tile.from = "parts/ssd_roles.mlir"}
func.func private @head(!BCr, !Xr, !Dr, !Mr, !Yr, index, !S, index) -> !S attributes {tile.from = "parts/ssd_roles.mlir"}

tile.kernel @ssd(%xm: !xm, %ym: !ym, %bm: !bm, %cm: !bm, %dt: !g3, %alog: !g1, %skip: !g1, %s0: !st, %sf: !st, %chunks: index) {
  %begin = arith.constant 0 : index
  %b = tile.cta 2
  %pair = tile.cta 0
  %h0 = tile.compute 2 * %pair : index
  %X = tile.ring full(1 thread) empty(8 warp) : !Xr
  %BC = tile.ring full(1 thread) empty(12 warp) : !BCr
  %D = tile.ring full(2 warp) empty(12 warp) : !Dr
  %M = tile.ring full(4 warp) empty(8 warp) : !Mr
  %Y = tile.ring full(4 warp) empty(1 thread) : !Yr
  tile.fill %M, 0.0 : bf16 in !Mr
  tile.fence
  tile.role @copy thread regs(40) {
    func.call @copy(%BC, %X, %D, %xm, %bm, %cm, %b, %h0, %begin, %chunks) : (!BCr, !Xr, !Dr, !xm, !bm, !bm, index, index, index, index) -> ()
  }
  tile.role @decay warp x 2 regs(40) {
  ^bb0(%hd: index):
    func.call @decay(%D, %dt, %alog, %b, %h0, %hd, %begin, %chunks) : (!Dr, !g3, !g1, index, index, index, index, index) -> ()
  }
  tile.role @send thread regs(40) {
    func.call @send(%Y, %ym, %b, %h0, %begin, %chunks) : (!Yr, !ym, index, index, index, index) -> ()
  }
  tile.role @mask group regs(88) {
    func.call @mask(%BC, %D, %M, %skip, %h0, %chunks) : (!BCr, !Dr, !Mr, !g1, index, index) -> ()
  }
  tile.role @head group x 2 regs(192) {
  ^bb0(%hd: index):
    %h = tile.compute %h0 + %hd : index
    %has = tile.present %s0 : !st
    %first = scf.if %has -> (!S) {
      %x = tile.load %s0[%b, %h, 0, 0][1, 1, 64, 128] : !st -> !S
      scf.yield %x : !S
    } else {
      %x = arith.constant dense<0.0> : !S
      scf.yield %x : !S
    }
    %final = func.call @head(%BC, %X, %D, %M, %Y, %hd, %first, %chunks) : (!BCr, !Xr, !Dr, !Mr, !Yr, index, !S, index) -> !S
    %hasf = tile.present %sf : !st
    scf.if %hasf {
      tile.store %final, %sf[%b, %h, 0, 0][1, 1, 64, 128] : !S, !st
    }
  }
}

!xt = tensor<?x?x?x64xbf16, #ssm.dims<B, L, H, P>>
!bt = tensor<?x?x128xbf16, #ssm.dims<B, L, N>>
!dtt = tensor<?x?x?xf32, #ssm.dims<B, L, H>>
!ht = tensor<?xf32, #ssm.dims<H>>
!stt = tensor<?x?x64x128xf32, #ssm.dims<B, H, P, N>>
func.func @forward(%x: !xt {ssm.name = "x", ssm.role = #ssm.role<input>}, %dt: !dtt {ssm.name = "dt", ssm.role = #ssm.role<input>},
                   %B: !bt {ssm.name = "Bt", ssm.role = #ssm.role<input>}, %C: !bt {ssm.name = "Ct", ssm.role = #ssm.role<input>},
                   %alog: !ht {ssm.name = "A_log", ssm.role = #ssm.role<param>}, %skip: !ht {ssm.name = "skip", ssm.role = #ssm.role<param>},
                   %s0: !stt {ssm.name = "s", ssm.role = #ssm.role<state>, ssm.optional})
    -> (!xt {ssm.name = "out", ssm.role = #ssm.role<output>}, !stt {ssm.name = "s", ssm.role = #ssm.role<state>, ssm.optional})
    attributes {ssm.dims = [#ssm.dim<B>, #ssm.dim<L>, #ssm.dim<H>, #ssm.dim<P = 64>, #ssm.dim<N = 128>]} {
  %y = tile.alloc : !xt
  %sf = tile.alloc : !stt
  %xm = tile.tensor_map %x dims [64, L, H, B] strides [mul(H, 64), 64, mul(L, H, 64)] : !xt -> !xm
  %ym = tile.tensor_map %y dims [64, L, H, B] strides [mul(H, 64), 64, mul(L, H, 64)] : !xt -> !ym
  %bm = tile.tensor_map %B dims [64, L, 2, B] strides [128, 64, mul(L, 128)] : !bt -> !bm
  %cm = tile.tensor_map %C dims [64, L, 2, B] strides [128, 64, mul(L, 128)] : !bt -> !bm
  %dtv = tile.global_view %dt sizes [B, L, H] strides [mul(L, H), H, 1] : !dtt -> !tile.global<f32, 3>
  %av = tile.global_view %alog sizes [H] strides [1] : !ht -> !tile.global<f32, 1>
  %kv = tile.global_view %skip sizes [H] strides [1] : !ht -> !tile.global<f32, 1>
  %iv = tile.global_view %s0 sizes [B, H, 64, 128] strides [mul(H, 8192), 8192, 128, 1] : !stt -> !st
  %fv = tile.global_view %sf sizes [B, H, 64, 128] strides [mul(H, 8192), 8192, 128, 1] : !stt -> !st
  %chunks = tile.size ceildiv(L, 64)
  tile.launch @ssd grid [div(H, 2), 1, B] (%xm, %ym, %bm, %cm, %dtv, %av, %kv, %iv, %fv, %chunks)
    : !xm, !ym, !bm, !bm, !tile.global<f32, 3>, !tile.global<f32, 1>, !tile.global<f32, 1>, !st, !st, index
  return %y, %sf : !xt, !stt
}
