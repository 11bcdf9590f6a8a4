// O = softmax(scale Q K^T, masked below the bottom-right diagonal) V, bf16 [B H, L, 64]; LSE f32 [B H, L], may be left out.
// Persistent: the copy role draws row blocks of 192 queries from a counter, the longest of a section of heads first, and says
// with each Q which one it is (-1: no more). Three warpgroups of 64 rows meet the keys 128 at a time, from the diagonal back;
// they take turns at the tensor cores. S of a tile and P V of the one before are in flight together; the first S of a block
// goes with the last P V of the block before. What each does to a tile is in parts/attention_d64.mlir.
#causal = affine_set<(r, c)[row, j, last] : (r + row - c - 128 * j >= 0, last - c - 128 * j >= 0)>
!S = tensor<64x128xf32, #tile.acc>
!P = tensor<64x128xbf16, #tile.acc>
!O = tensor<64x64xf32, #tile.acc>
!r = tensor<64xf32, #tile.row>
!t = tensor<64x4xf32, #tile.part>
!Qr = !tile.ring<2, q: 192x64xbf16 sw128, at: 2xi32>
!Kr = !tile.ring<2, k: 128x64xbf16 sw128>
!Vr = !tile.ring<2, v: 128x64xbf16 sw128>
!qs = !tile.smem<64x64xbf16, sw128, rows = 192>
!ks = !tile.smem<128x64xbf16, sw128>
!Of = !tile.flight<!O>
!qm = !tile.map<bf16, 64x192x1x1, sw128>
!km = !tile.map<bf16, 64x128x1x1, sw128>
!Og = !tile.global<bf16, 3, 8>
!Lg = !tile.global<f32, 2>
!turns = !tile.turns<3>
!begin = (i1, !Kr, !Vr, !turns, index, !qs, !r, !t, !O, !P, index, index, index, index, index, index, index, f32, !Og, !Lg)
  -> (!r, !t, !P)

func.func private @exps(i1, !S, !r, !t, f32) -> (!P, !t) attributes {tile.from = "parts/attention_d64.mlir"}
func.func private @end(!Of, !Vr, !t, !r, index, index, f32, !Og, !Lg) attributes {tile.from = "parts/attention_d64.mlir"}
func.func private @products(i1, !Kr, !Vr, !turns, index, !qs, !O, !P) -> (!S, !Of) attributes {tile.from = "parts/attention_d64.mlir"}
func.func private @step(i1, !S, !Of, !Vr, !r, !t, f32, f32) -> (!r, !t, !O, !P) attributes {tile.from = "parts/attention_d64.mlir"}

// Key tiles that queries below `end` see.
func.func private @tiles(%end: index, %off: index, %all: index) -> index {
  %n = tile.compute max(min((%end + %off + 127) floordiv 128, %all), 1) : index
  return %n : index
}

// The beginning of a block; with %pend the last P V of the block before goes with it. Tiles that no query of this warpgroup
// sees are passed by.
func.func private @start(%pend: i1, %K: !Kr, %V: !Vr, %T: !turns, %w: index, %q: !qs, %m: !r, %l: !t, %o: !O, %p: !P, %bh: index,
                         %row: index, %nrow: index, %nb: index, %nw: index, %off: index, %Lk: index, %scale: f32, %O: !Og, %LSE: !Lg)
    -> (!r, !t, !P) {
  %c1 = arith.constant 1 : index
  %rim = arith.constant true
  %zero = arith.constant dense<0.0> : !t
  %inf = arith.constant 0xFF800000 : f32
  scf.for %i = %nw to %nb step %c1 {
    tile.await %K : !Kr
    tile.release %K : !Kr
  }
  %sa, %of = func.call @products(%pend, %K, %V, %T, %w, %q, %o, %p) : (i1, !Kr, !Vr, !turns, index, !qs, !O, !P) -> (!S, !Of)
  %j = tile.compute %nw - 1 : index
  %last = tile.compute %Lk - 1 : index
  %seen = tile.compute %nrow + %off : index
  %s = tile.mask %sa in #causal[%seen, %j, %last] else %inf : !S
  %t = tile.fold maxnumf %s : !S -> !t
  %m1 = tile.reduce maxnumf %t : !t -> !r
  %p1, %l1 = func.call @exps(%rim, %s, %m1, %zero, %scale) : (i1, !S, !r, !t, f32) -> (!P, !t)
  scf.if %pend {
    func.call @end(%of, %V, %l, %m, %bh, %row, %scale, %O, %LSE) : (!Of, !Vr, !t, !r, index, index, f32, !Og, !Lg) -> ()
  }
  scf.for %i = %nw to %nb step %c1 {
    tile.take %T[%w] : !turns
    tile.pass %T[%w] : !turns
    tile.await %V : !Vr
    tile.release %V : !Vr
  }
  return %m1, %l1, %p1 : !r, !t, !P
}

tile.kernel @attention(%qm: !qm, %km: !km, %vm: !km, %O: !Og, %LSE: !Lg, %counter: !tile.global<i32, 0>, %Lq: index, %Lk: index,
                       %BH: index, %heads: index, %scale: f32, %growth: f32) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %no = arith.constant false
  %yes = arith.constant true
  %inf = arith.constant 0xFF800000 : f32
  %cta = tile.cta 0
  %ctas = tile.cta_count 0
  %off = tile.compute %Lk - %Lq : index
  %blocks = tile.compute %Lq ceildiv 192 : index
  %all = tile.compute %Lk ceildiv 128 : index
  %Q = tile.ring full(1 thread) empty(3 group) : !Qr
  %K = tile.ring full(1 thread) empty(3 group) : !Kr
  %V = tile.ring full(1 thread) empty(3 group) : !Vr
  %T = tile.turns : !turns
  tile.role @copy thread regs(32) {
    scf.while (%t = %cta) : (index) -> index {
      %go = tile.compute %t < %blocks * %BH : index -> i1
      scf.condition(%go) %t : index
    } do {
    ^bb0(%t: index):
      // the next block's number is asked for now and used when this one's copies are all under way
      %drawn = tile.atomic_add %counter[], %c1 : !tile.global<i32, 0>
      %first = tile.compute divui(%t, %blocks * %heads) * %heads : index
      %in = tile.compute remui(%t, %blocks * %heads) : index
      %here = tile.compute min(%heads, %BH - %first) : index
      %bh = tile.compute %first + remui(%in, %here) : index
      %end = tile.compute 192 * (%blocks - divui(%in, %here)) : index
      %m0 = tile.compute %end - 192 : index
      %n = func.call @tiles(%end, %off, %all) : (index, index, index) -> index
      %jl = tile.compute %n - 1 : index
      %k0 = tile.compute 128 * %jl : index
      tile.fetch %K k = %km[0, %k0, 0, %bh] : !Kr, !km
      tile.fetch %Q q = %qm[0, %m0, 0, %bh], at = (%bh, %m0) : !Qr, !qm
      scf.for %i = %c0 to %jl step %c1 { // V of a tile, after K of the next
        %vr = tile.compute 128 * (%jl - %i) : index
        %kr = tile.compute 128 * (%jl - %i) - 128 : index
        tile.fetch %K k = %km[0, %kr, 0, %bh] : !Kr, !km
        tile.fetch %V v = %vm[0, %vr, 0, %bh] : !Vr, !km
      }
      tile.fetch %V v = %vm[0, 0, 0, %bh] : !Vr, !km
      // every block draws once; the one that draws the last number leaves the counter at 0
      %reset = tile.compute %drawn == %blocks * %BH - 1 : index -> i1
      scf.if %reset {
        tile.store %c0, %counter[] : index, !tile.global<i32, 0>
      }
      %next = tile.compute %drawn + %ctas : index
      scf.yield %next : index
    }
    tile.fetch %Q at = (-1, 0) : !Qr
  }
  tile.role @rows group x 3 regs(160) {
  ^bb0(%w: index):
    %w64 = tile.compute 64 * %w : index
    %zo = arith.constant dense<0.0> : !O
    %pp = ub.poison : !P
    %pt = ub.poison : !t
    %pr = ub.poison : !r
    // the next block's beginning with the end of the one before, where there are both; then its other tiles
    %z:8 = scf.while (%pend = %no, %bh = %c0, %row = %c0, %m = %pr, %l = %pt, %o = %zo, %p = %pp)
        : (i1, index, index, !r, !t, !O, !P) -> (i1, !qs, index, index, index, !r, !t, !P) {
      %blocked, %at = tile.await %Q : !Qr
      %q = tile.sub %blocked[%w64, 0][64, 64] : !tile.smem<192x64xbf16, sw128>
      %nbh = tile.load %at[0] : !tile.smem<2xi32> -> index
      %m0 = tile.load %at[1] : !tile.smem<2xi32> -> index
      %nrow = tile.compute %m0 + %w64 : index
      %end = tile.compute %m0 + 192 : index
      %nb = func.call @tiles(%end, %off, %all) : (index, index, index) -> index
      %wend = tile.compute %nrow + 64 : index
      %wn = func.call @tiles(%wend, %off, %all) : (index, index, index) -> index
      %nw = tile.compute select(%nrow < %Lq, %wn, 0) : index // key tiles of this warpgroup
      %go = tile.compute %nbh >= 0 : index -> i1
      %more = tile.compute %nbh >= 0 and %nrow < %Lq : index -> i1
      %a:3 = scf.if %more -> (!r, !t, !P) {
        %b:3 = scf.if %pend -> (!r, !t, !P) {
          %x:3 = func.call @start(%yes, %K, %V, %T, %w, %q, %m, %l, %o, %p, %bh, %row, %nrow, %nb, %nw, %off, %Lk, %scale, %O, %LSE) : !begin
          scf.yield %x#0, %x#1, %x#2 : !r, !t, !P
        } else {
          %x:3 = func.call @start(%no, %K, %V, %T, %w, %q, %m, %l, %o, %p, %bh, %row, %nrow, %nb, %nw, %off, %Lk, %scale, %O, %LSE) : !begin
          scf.yield %x#0, %x#1, %x#2 : !r, !t, !P
        }
        scf.yield %b#0, %b#1, %b#2 : !r, !t, !P
      } else {
        scf.if %pend {
          %v = tile.await %V : !Vr
          %of = tile.mma %p, %v acc(%o : !O) : !P, !ks -> !Of
          func.call @end(%of, %V, %l, %m, %bh, %row, %scale, %O, %LSE) : (!Of, !Vr, !t, !r, index, index, f32, !Og, !Lg) -> ()
        }
        %skip = tile.compute select(%go, %nb, 0) : (i1, index) -> index // no query here: its tiles pass by
        scf.for %i = %c0 to %skip step %c1 {
          tile.take %T[%w] : !turns
          tile.pass %T[%w] : !turns
          tile.await %K : !Kr
          tile.release %K : !Kr
          tile.await %V : !Vr
          tile.release %V : !Vr
        }
        scf.yield %pr, %pt, %pp : !r, !t, !P
      }
      scf.condition(%go) %more, %q, %nw, %nbh, %nrow, %a#0, %a#1, %a#2 : i1, !qs, index, index, index, !r, !t, !P
    } do {
    ^bb0(%pend: i1, %q: !qs, %nw: index, %bh: index, %row: index, %m: !r, %l: !t, %p: !P):
      %j0 = tile.compute %nw - 1 : index
      %last = tile.compute %Lk - 1 : index
      %seen = tile.compute %row + %off : index
      %nd = tile.compute max(min(%j0 - (%seen + 1) floordiv 128, %j0), 0) : index
      // tiles that the diagonal crosses, then the others
      %st:4 = scf.for %pass = %c0 to %c2 step %c1 iter_args(%ma = %m, %la = %l, %oa = %zo, %pa = %p) -> (!r, !t, !O, !P) {
        %masked = tile.compute %pass == 0 : index -> i1
        %lo = tile.compute select(%masked, 0, %nd) : (i1, index) -> index
        %hi = tile.compute select(%masked, %nd, %j0) : (i1, index, index) -> index
        %in:4 = scf.for %i = %lo to %hi step %c1 iter_args(%mb = %ma, %lb = %la, %ob = %oa, %pb = %pa) -> (!r, !t, !O, !P) {
          %sa, %of = func.call @products(%yes, %K, %V, %T, %w, %q, %ob, %pb) : (i1, !Kr, !Vr, !turns, index, !qs, !O, !P) -> (!S, !Of)
          %j = tile.compute %j0 - 1 - %i : index
          %s = tile.mask %sa in #causal[%seen, %j, %last] else %inf if(%masked) : !S
          %n:4 = func.call @step(%yes, %s, %of, %V, %mb, %lb, %scale, %growth) : (i1, !S, !Of, !Vr, !r, !t, f32, f32) -> (!r, !t, !O, !P)
          scf.yield %n#0, %n#1, %n#2, %n#3 : !r, !t, !O, !P
        }
        scf.yield %in#0, %in#1, %in#2, %in#3 : !r, !t, !O, !P
      } {tile.unroll}
      tile.release %Q : !Qr
      scf.yield %pend, %bh, %row, %st#0, %st#1, %st#2, %st#3 : i1, index, index, !r, !t, !O, !P
    }
    tile.release %Q : !Qr // which said that there are no more
  }
}

!qt = tensor<?x?x?x64xbf16, #ssm.dims<B, H, L, D>>
!kt = tensor<?x?x?x64xbf16, #ssm.dims<B, H, M, D>>
!lt = tensor<?x?x?xf32, #ssm.dims<B, H, L>>
func.func @forward(%q: !qt {ssm.name = "q", ssm.role = #ssm.role<input>}, %k: !kt {ssm.name = "k", ssm.role = #ssm.role<input>},
                   %v: !kt {ssm.name = "v", ssm.role = #ssm.role<input>})
    -> (!qt {ssm.name = "out", ssm.role = #ssm.role<output>}, !lt {ssm.name = "lse", ssm.role = #ssm.role<output>, ssm.optional})
    attributes {ssm.dims = [#ssm.dim<B>, #ssm.dim<H>, #ssm.dim<L>, #ssm.dim<M>, #ssm.dim<D = 64>]} {
  %o = tile.alloc : !qt
  %lse = tile.alloc : !lt
  %counter = tile.alloc init(zero_once) : tensor<i32>
  %qm = tile.tensor_map %q dims [64, L, 1, mul(B, H)] strides [64, 64, mul(L, 64)] : !qt -> !qm
  %km = tile.tensor_map %k dims [64, M, 1, mul(B, H)] strides [64, 64, mul(M, 64)] : !kt -> !km
  %vm = tile.tensor_map %v dims [64, M, 1, mul(B, H)] strides [64, 64, mul(M, 64)] : !kt -> !km
  %ov = tile.global_view %o sizes [mul(B, H), L, 64] strides [mul(L, 64), 64, 1] : !qt -> !Og
  %lv = tile.global_view %lse sizes [mul(B, H), L] strides [L, 1] : !lt -> !Lg
  %cv = tile.global_view %counter sizes [] strides [] : tensor<i32> -> !tile.global<i32, 0>
  %Lq = tile.size L
  %Lk = tile.size M
  %BH = tile.size mul(B, H)
  %heads = tile.size min(mul(B, H), max(1, floordiv(139264, max(M, 1)))) // whose keys and values fit 34 MiB of L2
  %scale = arith.constant 0.18033688 : f32 // log2(e) / sqrt(64)
  %growth = arith.constant 44.361419 : f32 // 8 / scale
  tile.launch @attention grid [min("%sms", mul(B, H, ceildiv(L, 192))), 1, 1]
    (%qm, %km, %vm, %ov, %lv, %cv, %Lq, %Lk, %BH, %heads, %scale, %growth)
    : !qm, !km, !km, !Og, !Lg, !tile.global<i32, 0>, index, index, index, index, f32, f32
  return %o, %lse : !qt, !lt
}
