// What attention at D 64 is made of, with the causal mask and without.
!S = tensor<64x128xf32, #tile.acc>
!P = tensor<64x128xbf16, #tile.acc>
!O = tensor<64x64xf32, #tile.acc>
!r = tensor<64xf32, #tile.row>
!t = tensor<64x4xf32, #tile.part>
!O1 = tensor<16x64xf32, #tile.acc>
!r1 = tensor<16xf32, #tile.row>
!t1 = tensor<16x4xf32, #tile.part>
!Kr = !tile.ring<2, k: 128x64xbf16 sw128>
!Vr = !tile.ring<2, v: 128x64xbf16 sw128>
!qs = !tile.smem<64x64xbf16, sw128, rows = 192>
!ks = !tile.smem<128x64xbf16, sw128>
!Sf = !tile.flight<!S>
!Of = !tile.flight<!O>
!Og = !tile.global<bf16, 3, 8>
!Lg = !tile.global<f32, 2>
!turns = !tile.turns<3>

// P = 2^(scale S - scale m), as operand of the next product, and each thread's sums of its rows. Where %rim, constant at each
// call, a row may have seen no key yet: it has no maximum.
func.func private @exps(%rim: i1, %s: !S, %m: !r, %l: !t, %scale: f32) -> (!P, !t) {
  %mg = tile.compute select(%rim and %m == -inf, 0, %m) : (i1, !r) -> !r
  %e = tile.compute exp2(fma(%s, %scale, -(%mg * %scale))) approx : (!S, f32, !r) -> !S
  %l1 = tile.fold addf %e init(%l) : !S -> !t
  %p = tile.compute bf16(%e) : !S -> !P
  return %p, %l1 : !P, !t
}

// The end of a block: its last P V lands; O / l, and LSE = ln(sum exp): (m scale + log2 l) ln 2.
func.func private @end(%of: !Of, %V: !Vr, %l: !t, %m: !r, %bh: index, %row: index, %scale: f32, %O: !Og, %LSE: !Lg) {
  %o = tile.land 0 (%of) : !Of
  tile.release %V : !Vr
  %sum = tile.reduce addf %l : !t -> !r
  %o16 = tile.compute bf16(%o * (1 / %sum)) approx : (!O, !r) -> tensor<64x64xbf16, #tile.acc>
  %oq = tile.convert %o16 : tensor<64x64xbf16, #tile.acc> to tensor<64x64xbf16, #tile.quad>
  tile.store %oq, %O[%bh, %row, 0][1, 64, 64] : tensor<64x64xbf16, #tile.quad>, !Og
  %want = tile.present %LSE : !Lg
  scf.if %want {
    %y = tile.compute fma(%m, %scale, log2(%sum)) * 0.6931471805599453 approx : (!r, f32, !r) -> !r
    tile.store %y, %LSE[%bh, %row][1, 64] : !r, !Lg
  }
  return
}

// S of a tile, and with %pend, constant at each call, P V of the one before, which stays in flight.
func.func private @products(%pend: i1, %K: !Kr, %V: !Vr, %T: !turns, %w: index, %q: !qs, %o: !O, %p: !P) -> (!S, !Of) {
  %k = tile.await %K : !Kr
  tile.take %T[%w] : !turns
  %sf = tile.mma %q, %k tb : !qs, !ks -> !Sf
  %s, %of = scf.if %pend -> (!S, !Of) {
    %v = tile.await %V : !Vr
    %f = tile.mma %p, %v acc(%o : !O) : !P, !ks -> !Of
    tile.pass %T[%w] : !turns
    %x = tile.land 1 (%sf) : !Sf
    scf.yield %x, %f : !S, !Of
  } else {
    tile.pass %T[%w] : !turns
    %x = tile.land 0 (%sf) : !Sf
    %none = ub.poison : !Of
    scf.yield %x, %none : !S, !Of
  }
  tile.release %K : !Kr
  return %s, %of : !S, !Of
}

// The rest of a tile: the reference of the exponentials moves where a row grew by more than 2^8, P V of the tile before lands,
// and P of this one is made. %rim as for @exps.
func.func private @step(%rim: i1, %s: !S, %of: !Of, %V: !Vr, %m: !r, %l: !t, %scale: f32, %growth: f32) -> (!r, !t, !O, !P) {
  %t = tile.fold maxnumf %s : !S -> !t
  // whether a row of the warp grew; known before P V is, for the wait must not move up over it
  %tp, %grew = tile.per_warp(%t, %m) : (!t, !r) -> (!t, !tile.warps<i1>) {
  ^bb0(%w: index, %tw: !t1, %mw: !r1):
    %g = tile.compute %tw > %mw + %growth : (!t1, !r1, f32) -> tensor<16x4xi1, #tile.part>
    %any = tile.any %g : tensor<16x4xi1, #tile.part>
    %tw1, %any1 = tile.pin %tw, %any for ptxas : !t1, i1
    tile.yield %tw1, %any1 : !t1, i1
  }
  %o = tile.land 0 (%of) : !Of
  tile.release %V : !Vr
  %m1, %l1, %o1 = tile.per_warp(%grew, %tp, %m, %l, %o) : (!tile.warps<i1>, !t, !r, !t, !O) -> (!r, !t, !O) {
  ^bb0(%w: index, %any: i1, %tw: !t1, %mw: !r1, %lw: !t1, %ow: !O1):
    %n:3 = scf.if %any -> (!r1, !t1, !O1) {
      %q = tile.reduce maxnumf %tw : !t1 -> !r1
      %mx = tile.compute max(%q, %mw) : !r1
      %al = tile.compute max(exp2((%mw - %mx) * %scale), 0) approx : (!r1, !r1, f32) -> !r1 // -inf less -inf: 0
      %ln = tile.compute %lw * %al : (!t1, !r1) -> !t1
      %on = tile.compute %ow * %al : (!O1, !r1) -> !O1
      scf.yield %mx, %ln, %on : !r1, !t1, !O1
    } else {
      scf.yield %mw, %lw, %ow : !r1, !t1, !O1
    }
    tile.yield %n#0, %n#1, %n#2 : !r1, !t1, !O1
  }
  %p, %l2 = func.call @exps(%rim, %s, %m1, %l1, %scale) : (i1, !S, !r, !t, f32) -> (!P, !t)
  return %m1, %l2, %o1, %p : !r, !t, !O, !P
}
