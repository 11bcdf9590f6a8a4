// ssd.mlir for few sequences: each is cut into segments that are walked at once, in two passes. The first (parts/ssd_local.mlir)
// leaves every segment's local state and the decay over it.
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
!lg = !tile.global<f32, 2, 4>

func.func private @copy(!BCr, !Xr, !Dr, !xm, !bm, !bm, index, index, index, index) attributes {tile.from = "parts/ssd_roles.mlir"}
func.func private @decay(!Dr, !g3, !g1, index, index, index, index, index) attributes {tile.from = "parts/ssd_roles.mlir"}
func.func private @send(!Yr, !ym, index, index, index, index) attributes {tile.from = "parts/ssd_roles.mlir"}
func.func private @mask(!BCr, !Dr, !Mr, !g1, index, index) attributes {tile.from = "parts/ssd_roles.mlir"}
func.func private @head(!BCr, !Xr, !Dr, !Mr, !Yr, index, !S, index) -> !S attributes {tile.from = "parts/ssd_roles.mlir"}
tile.kernel private @local(!xm, !bm, !g3, !g1, !lg, !g1, index, index) attributes {tile.from = "parts/ssd_local.mlir"}

// Second pass: every segment's walk as in ssd.mlir, from the sum of the local states before it; the last one writes the final state.
tile.kernel @walk(%xm: !xm, %ym: !ym, %bm: !bm, %cm: !bm, %dt: !g3, %alog: !g1, %skip: !g1, %s0: !st, %sf: !st, %local: !lg,
                  %decays: !g1, %H: index, %total: index, %per: index) {
  %b = tile.cta 2
  %pair = tile.cta 0
  %h0 = tile.compute 2 * %pair : index
  %segment = tile.cta 1
  %segments = tile.cta_count 1
  %begin = tile.compute %segment * %per : index
  %chunks = tile.compute min(%total - %begin, %per) : index
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
    // the local states of the segments before this one, the nearest first, until their weight is zero
    %h = tile.compute %h0 + %hd : index
    %none = arith.constant dense<0.0> : !S
    %one = arith.constant 1.0 : f32
    %near = tile.compute %segment - 1 : index
    %sum:3 = scf.while (%i = %near, %w = %one, %s = %none) : (index, f32, !S) -> (index, f32, !S) {
      %go = tile.compute %i >= 0 and not(%w == 0) : (index, f32) -> i1
      scf.condition(%go) %i, %w, %s : index, f32, !S
    } do {
    ^bb0(%i: index, %w: f32, %s: !S):
      %at = tile.compute (%b * %H + %h) * %segments + %i : index
      %d = tile.load %decays[%at] : !g1 -> f32
      %l = tile.load %local[%at, 0] image : !lg -> !S
      %s1 = tile.compute fma(%l, %w, %s) : (!S, f32, !S) -> !S
      %w1 = tile.compute %w * %d : f32
      %before = tile.compute %i - 1 : index
      scf.yield %before, %w1, %s1 : index, f32, !S
    }
    %has = tile.present %s0 : !st
    %first = scf.if %has -> (!S) {
      %x = tile.load %s0[%b, %h, 0, 0][1, 1, 64, 128] : !st -> !S
      %y = tile.compute fma(%x, %sum#1, %sum#2) : (!S, f32, !S) -> !S
      scf.yield %y : !S
    } else {
      scf.yield %sum#2 : !S
    }
    %final = func.call @head(%BC, %X, %D, %M, %Y, %hd, %first, %chunks) : (!BCr, !Xr, !Dr, !Mr, !Yr, index, !S, index) -> !S
    %hasf = tile.present %sf : !st
    %write = tile.compute %hasf and %segment + 1 == %segments : (i1, index, index) -> i1
    scf.if %write {
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
  // as many segments as fill the multiprocessors, of whole chunks; the last may be shorter
  %H = tile.size H
  %chunks = tile.size ceildiv(L, 64)
  %per = tile.size ceildiv(max(1, ceildiv(L, 64)), max(1, floordiv("%sms", max(1, mul(B, floordiv(H, 2))))))
  %local = tile.alloc sizes [mul(B, H, max(1, ceildiv(ceildiv(L, 64), ceildiv(max(1, ceildiv(L, 64)), max(1, floordiv("%sms", max(1, mul(B, floordiv(H, 2))))))))), 8192] : tensor<?x8192xf32>
  %decays = tile.alloc sizes [mul(B, H, max(1, ceildiv(ceildiv(L, 64), ceildiv(max(1, ceildiv(L, 64)), max(1, floordiv("%sms", max(1, mul(B, floordiv(H, 2)))))))))] : tensor<?xf32>
  %lv = tile.global_view %local sizes [mul(B, H, max(1, ceildiv(ceildiv(L, 64), ceildiv(max(1, ceildiv(L, 64)), max(1, floordiv("%sms", max(1, mul(B, floordiv(H, 2))))))))), 8192] strides [8192, 1] : tensor<?x8192xf32> -> !lg
  %gv = tile.global_view %decays sizes [mul(B, H, max(1, ceildiv(ceildiv(L, 64), ceildiv(max(1, ceildiv(L, 64)), max(1, floordiv("%sms", max(1, mul(B, floordiv(H, 2)))))))))] strides [1] : tensor<?xf32> -> !g1
  tile.launch @local grid [div(H, 2), sub(max(1, ceildiv(ceildiv(L, 64), ceildiv(max(1, ceildiv(L, 64)), max(1, floordiv("%sms", max(1, mul(B, floordiv(H, 2)))))))), 1), B] (%xm, %bm, %dtv, %av, %lv, %gv, %H, %per)
    : !xm, !bm, !tile.global<f32, 3>, !tile.global<f32, 1>, !lg, !g1, index, index
  tile.launch @walk grid [div(H, 2), max(1, ceildiv(ceildiv(L, 64), ceildiv(max(1, ceildiv(L, 64)), max(1, floordiv("%sms", max(1, mul(B, floordiv(H, 2)))))))), B] (%xm, %ym, %bm, %cm, %dtv, %av, %kv, %iv, %fv, %lv, %gv, %H, %chunks, %per)
    : !xm, !ym, !bm, !bm, !tile.global<f32, 3>, !tile.global<f32, 1>, !tile.global<f32, 1>, !st, !st, !lg, !g1, index, index, index
  return %y, %sf : !xt, !stt
}
