// What attention at D 128 is made of, with the causal mask and without.
!S = tensor<64x128xf32, #tile.acc>
!P = tensor<64x128xbf16, #tile.acc>
!O = tensor<64x128xf32, #tile.acc>
!r = tensor<64xf32, #tile.row>
!t = tensor<64x4xf32, #tile.part>
!Kr = !tile.ring<2, k: 128x128xbf16 sw128>
!Vr = !tile.ring<2, v: 128x128xbf16 sw128>
!qs = !tile.smem<64x128xbf16, sw128, rows = 128>
!ks = !tile.smem<128x128xbf16, sw128>
!Sf = !tile.flight<!S>
!Of = !tile.flight<!O>
!Og = !tile.global<bf16, 3, 8>
!Lg = !tile.global<f32, 2>

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
  %o16 = tile.compute bf16(%o * (1 / %sum)) approx : (!O, !r) -> tensor<64x128xbf16, #tile.acc>
  %oq = tile.convert %o16 : tensor<64x128xbf16, #tile.acc> to tensor<64x128xbf16, #tile.quad>
  tile.store %oq, %O[%bh, %row, 0][1, 64, 128] : tensor<64x128xbf16, #tile.quad>, !Og
  %want = tile.present %LSE : !Lg
  scf.if %want {
    %y = tile.compute fma(%m, %scale, log2(%sum)) * 0.6931471805599453 approx : (!r, f32, !r) -> !r
    tile.store %y, %LSE[%bh, %row][1, 64] : !r, !Lg
  }
  return
}

// S of a tile, and with %pend, constant at each call, P V of the one before, which stays in flight.
func.func private @products(%pend: i1, %K: !Kr, %V: !Vr, %q: !qs, %o: !O, %p: !P) -> (!S, !Of) {
  %k = tile.await %K : !Kr
  %sf = tile.mma %q, %k tb : !qs, !ks -> !Sf
  %s, %of = scf.if %pend -> (!S, !Of) {
    %v = tile.await %V : !Vr
    %f = tile.mma %p, %v acc(%o : !O) : !P, !ks -> !Of
    %x = tile.land 1 (%sf) : !Sf
    scf.yield %x, %f : !S, !Of
  } else {
    %x = tile.land 0 (%sf) : !Sf
    %none = ub.poison : !Of
    scf.yield %x, %none : !S, !Of
  }
  tile.release %K : !Kr
  return %s, %of : !S, !Of
}
