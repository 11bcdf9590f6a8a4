// The first pass of ssd_split.mlir: the local state of every segment but the last, from zero, and the decay over it. It walks
// backwards, so that nothing is rescaled, and ends when both heads' decay from a chunk to the segment's end is below 2^-150, zero
// in f32: the flags in a vector's slot are the chunk's number plus one (an old slot's are not mistaken for it), and every role
// reads them. The decay warps read them as well before they fill a slot anew, and so are among those who release it.
!G = tensor<64x64xf32, #tile.acc>
!X = tensor<64x64xbf16, #tile.acc>
!S = tensor<64x128xf32, #tile.acc>
!v = tensor<64xf32, #tile.lanes<32, 2>>
!col = tensor<64xf32, #tile.col>
!Xs = !tile.ring<5, x: 2x64x64xbf16 sw128>
!Bs = !tile.ring<5, b: 64x128xbf16 sw128>
!Ds = !tile.ring<8, v: 2x64xf32, stop: 2xf32>
!xm = !tile.map<bf16, 64x64x2x1, sw128>
!bm = !tile.map<bf16, 64x64x2x1, sw128>
!ms = !tile.smem<2x64x64xbf16, sw128>
!bs = !tile.smem<64x128xbf16, sw128>
!vs = !tile.smem<2x64xf32>
!fs = !tile.smem<2xf32>
!g1 = !tile.global<f32, 1>
!g3 = !tile.global<f32, 3>
!lg = !tile.global<f32, 2, 4>

// Whether a role goes on with chunk i of n: unless chunk `at`, and all before it, weigh nothing in the segment's final state, for
// both heads. Waits for the vectors of chunk `at`, if there is one.
func.func private @goes_on(%D: !Ds, %i: index, %n: index, %at: index) -> i1 {
  %in = tile.compute %i < %n : index -> i1
  %look = tile.compute %i < %n and %at >= 0 : index -> i1
  %go = scf.if %look -> (i1) {
    %d = tile.cursor %at : !tile.cursor<8>
    %v, %stop = tile.await %D[%d] observe : !Ds
    %s0 = tile.load %stop[0] relaxed : !fs -> f32
    %s1 = tile.load %stop[1] relaxed : !fs -> f32
    %number = tile.compute f32(%at + 1) : index -> f32
    %weighs = tile.compute not(%s0 == %number and %s1 == %number) : f32 -> i1
    scf.yield %weighs : i1
  } else {
    scf.yield %in : i1
  }
  return %go : i1
}

tile.kernel @local(%xm: !xm, %bm: !bm, %dt: !g3, %alog: !g1, %local: !lg, %decays: !g1, %H: index, %per: index) {
  %c0 = arith.constant 0 : index
  %b = tile.cta 2
  %pair = tile.cta 0
  %h0 = tile.compute 2 * %pair : index
  %segment = tile.cta 1
  %left = tile.cta_count 1
  %end = tile.compute 64 * (%segment * %per + %per) : index
  %X = tile.ring full(1 thread) empty(8 warp) : !Xs
  %B = tile.ring full(1 thread) empty(8 warp) : !Bs
  %D = tile.ring full(2 warp) empty(10 warp) : !Ds
  tile.fill %D, 0.0 : f32 in !Ds
  tile.role @copy_b thread regs(40) {
    scf.while (%i = %c0) : (index) -> index {
      %go = func.call @goes_on(%D, %i, %per, %i) : (!Ds, index, index, index) -> i1
      scf.condition(%go) %i : index
    } do {
    ^bb0(%i: index):
      %t = tile.compute %end - 64 * %i - 64 : index
      tile.fetch %B b = %bm[0, %t, 0, %b] : !Bs, !bm
      %i1 = tile.compute %i + 1 : index
      scf.yield %i1 : index
    }
  }
  tile.role @decay warp x 2 regs(40) {
  ^bb0(%hd: index):
    %h = tile.compute %h0 + %hd : index
    %al = tile.load %alog[%h] : !g1 -> f32
    %rate = tile.compute -exp2(%al * 1.44269504) * 1.44269504 approx : f32
    %none = arith.constant dense<0.0> : !v
    %t0 = tile.compute %end - 64 : index
    %x0 = tile.load %dt[%b, %t0, %h][1, 64, 1] : !g3 -> !v
    // %sum: log2 of the decay over the chunks after this one, the same in every element
    %e:3 = scf.while (%i = %c0, %x = %x0, %sum = %none) : (index, !v, !v) -> (index, !v, !v) {
      // the slot still holds the chunk eight before: if the others stopped there, none will free it
      %old = tile.compute %i - 8 : index
      %go = func.call @goes_on(%D, %i, %per, %old) : (!Ds, index, index, index) -> i1
      scf.condition(%go) %i, %x, %sum : index, !v, !v
    } do {
    ^bb0(%i: index, %x: !v, %sum: !v):
      %before = tile.compute %i - 8 : index
      %b8 = tile.cursor %before : !tile.cursor<8>
      %full = tile.compute %i >= 8 : index -> i1
      tile.release %D[%b8] if(%full) : !Ds
      %i1 = tile.compute %i + 1 : index
      %more = tile.compute %i1 < %per : index -> i1
      %nx = scf.if %more -> (!v) {
        %tn = tile.compute %end - 64 * %i1 - 64 : index
        %y = tile.load %dt[%b, %tn, %h][1, 64, 1] : !g3 -> !v
        scf.yield %y : !v
      } else {
        scf.yield %none : !v
      }
      %a = tile.compute %x * %rate : (!v, f32) -> !v
      %l = tile.scan addf %a : !v
      %lq = tile.gather %l by affine_map<(i) -> (63)> : !v
      %w = tile.compute exp2(%lq - %l + %sum) * %x approx : !v
      %small = tile.compute %sum <= -150.0 : !v -> tensor<64xi1, #tile.lanes<32, 2>>
      %gone = tile.any %small : tensor<64xi1, #tile.lanes<32, 2>>
      %flag = tile.compute select(%gone, f32(%i1), 0.0) : (i1, index) -> f32
      %d = tile.cursor %i : !tile.cursor<8>
      %v, %stop = tile.acquire %D[%d] : !Ds
      tile.store %w, %v[%hd, 0] : !v, !vs
      tile.store %flag, %stop[%hd] relaxed : f32, !fs
      tile.publish %D[%d] : !Ds
      %sum1 = tile.compute %sum + %lq : !v
      scf.yield %i1, %nx, %sum1 : index, !v, !v
    }
    %all = tile.compute exp2(%e#2) approx : !v
    %at = tile.compute (%b * %H + %h) * (%left + 1) + %segment : index
    %place = tile.global %decays[%at] sizes [1] strides [1] : !g1 to !g1
    tile.store %all, %place[0][64] : !v, !g1 // one of its equal elements lies inside the view
  }
  tile.role @copy_x thread regs(40) {
    scf.while (%i = %c0) : (index) -> index {
      %go = func.call @goes_on(%D, %i, %per, %i) : (!Ds, index, index, index) -> i1
      scf.condition(%go) %i : index
    } do {
    ^bb0(%i: index):
      %t = tile.compute %end - 64 * %i - 64 : index
      tile.fetch %X x = %xm[0, %t, %h0, %b] : !Xs, !xm
      %i1 = tile.compute %i + 1 : index
      scf.yield %i1 : index
    }
  }
  tile.role @head group x 2 regs(152) {
  ^bb0(%hd: index):
    %zero = arith.constant dense<0.0> : !S
    %e:2 = scf.while (%i = %c0, %s = %zero) : (index, !S) -> (index, !S) {
      %go = func.call @goes_on(%D, %i, %per, %i) : (!Ds, index, index, index) -> i1
      scf.condition(%go) %i, %s : index, !S
    } do {
    ^bb0(%i: index, %s: !S):
      %bb = tile.await %B : !Bs
      %d = tile.cursor %i : !tile.cursor<8>
      %v, %stop = tile.slot %D[%d] : !Ds
      %x = tile.await %X : !Xs
      %xt = tile.load %x[%hd, 0, 0][1, 64, 64] transpose : !ms -> !X
      %w = tile.load %v[%hd, 0][1, 64] : !vs -> !col
      %x16 = tile.compute bf16(f32(%xt) * %w) : (!X, !col) -> !X
      %xs = tile.pin %x16 for llvm : !X
      tile.release %X : !Xs
      %sf = tile.mma %xs, %bb acc(%s : !S) : !X, !bs -> !tile.flight<!S>
      %s1 = tile.land 0 (%sf) : !tile.flight<!S>
      tile.release %B : !Bs
      tile.release %D[%d] : !Ds
      %i1 = tile.compute %i + 1 : index
      scf.yield %i1, %s1 : index, !S
    }
    %at = tile.compute (%b * %H + %h0 + %hd) * (%left + 1) + %segment : index
    tile.store %e#1, %local[%at, 0] image : !S, !lg
  }
}
