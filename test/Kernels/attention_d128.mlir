// O = softmax(scale Q K^T) V, bf16 [B H, L, 128]; LSE f32 [B H, L], may be left out. As attention_d64.mlir with two warpgroups,
// blocks of 128 queries, and no turns at the tensor cores.
#tail = affine_set<(r, c)[n, l] : (l - c - 128 * n + 127 >= 0)>
!S = tensor<64x128xf32, #tile.acc>
!P = tensor<64x128xbf16, #tile.acc>
!O = tensor<64x128xf32, #tile.acc>
!r = tensor<64xf32, #tile.row>
!t = tensor<64x4xf32, #tile.part>
!O1 = tensor<16x128xf32, #tile.acc>
!r1 = tensor<16xf32, #tile.row>
!t1 = tensor<16x4xf32, #tile.part>
!Qr = !tile.ring<2, q: 128x128xbf16 sw128, at: 2xi32>
!Kr = !tile.ring<2, k: 128x128xbf16 sw128>
!Vr = !tile.ring<2, v: 128x128xbf16 sw128>
!qs = !tile.smem<64x128xbf16, sw128, rows = 128>
!ks = !tile.smem<128x128xbf16, sw128>
!Of = !tile.flight<!O>
!qm = !tile.map<bf16, 64x128x2x1, sw128>
!km = !tile.map<bf16, 64x128x2x1, sw128>
!Og = !tile.global<bf16, 3, 8>
!Lg = !tile.global<f32, 2>
!begin = (i1, !Kr, !Vr, !qs, !r, !t, !O, !P, index, index, index, index, f32, !Og, !Lg) -> (!r, !t, !P)

func.func private @exps(i1, !S, !r, !t, f32) -> (!P, !t) attributes {tile.from = "parts/attention_d128.mlir"}
func.func private @end(!Of, !Vr, !t, !r, index, index, f32, !Og, !Lg) attributes {tile.from = "parts/attention_d128.mlir"}
func.func private @products(i1, !Kr, !Vr, !qs, !O, !P) -> (!S, !Of) attributes {tile.from = "parts/attention_d128.mlir"}

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
      %al = tile.compute exp2((%mw - %mx) * %scale) approx : (!r1, !r1, f32) -> !r1
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

// The beginning of a block; with %pend the last P V of the block before goes with it.
func.func private @start(%pend: i1, %K: !Kr, %V: !Vr, %q: !qs, %m: !r, %l: !t, %o: !O, %p: !P, %bh: index,
                         %row: index, %all: index, %Lk: index, %scale: f32, %O: !Og, %LSE: !Lg) -> (!r, !t, !P) {
  %rim = arith.constant false
  %zero = arith.constant dense<0.0> : !t
  %inf = arith.constant 0xFF800000 : f32
  %sa, %of = func.call @products(%pend, %K, %V, %q, %o, %p) : (i1, !Kr, !Vr, !qs, !O, !P) -> (!S, !Of)
  %past = tile.compute 128 * %all > %Lk : index -> i1
  %s = tile.mask %sa in #tail[%all, %Lk] else %inf if(%past) : !S
  %t = tile.fold maxnumf %s : !S -> !t
  %m1 = tile.reduce maxnumf %t : !t -> !r
  %p1, %l1 = func.call @exps(%rim, %s, %m1, %zero, %scale) : (i1, !S, !r, !t, f32) -> (!P, !t)
  scf.if %pend {
    func.call @end(%of, %V, %l, %m, %bh, %row, %scale, %O, %LSE) : (!Of, !Vr, !t, !r, index, index, f32, !Og, !Lg) -> ()
  }
  return %m1, %l1, %p1 : !r, !t, !P
}

tile.kernel @attention(%qm: !qm, %km: !km, %vm: !km, %O: !Og, %LSE: !Lg, %counter: !tile.global<i32, 0>, %Lq: index, %Lk: index,
                       %total: index, %scale: f32, %growth: f32) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %no = arith.constant false
  %yes = arith.constant true
  %cta = tile.cta 0
  %ctas = tile.cta_count 0
  %blocks = tile.compute %Lq ceildiv 128 : index
  %all = tile.compute %Lk ceildiv 128 : index
  %jl = tile.compute %all - 1 : index
  %Q = tile.ring full(1 thread) empty(2 group) : !Qr
  %K = tile.ring full(1 thread) empty(2 group) : !Kr
  %V = tile.ring full(1 thread) empty(2 group) : !Vr
  tile.role @copy thread regs(40) {
    scf.while (%t = %cta) : (index) -> index {
      %go = tile.compute %t < %total : index -> i1
      scf.condition(%go) %t : index
    } do {
    ^bb0(%t: index):
      // the next block's number is asked for now and used when this one's copies are all under way
      %drawn = tile.atomic_add %counter[], %c1 : !tile.global<i32, 0>
      %bh = tile.compute divui(%t, %blocks) : index
      %m0 = tile.compute 128 * remui(%t, %blocks) : index
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
      %reset = tile.compute %drawn == %total - 1 : index -> i1
      scf.if %reset {
        tile.store %c0, %counter[] : index, !tile.global<i32, 0>
      }
      %next = tile.compute %drawn + %ctas : index
      scf.yield %next : index
    }
    tile.fetch %Q at = (-1, 0) : !Qr
  }
  tile.role @rows group x 2 regs(232) {
  ^bb0(%w: index):
    %w64 = tile.compute 64 * %w : index
    %zo = arith.constant dense<0.0> : !O
    %pp = ub.poison : !P
    %pt = ub.poison : !t
    %pr = ub.poison : !r
    // the next block's beginning with the end of the one before, where there are both; then its other tiles
    %z:7 = scf.while (%pend = %no, %bh = %c0, %row = %c0, %m = %pr, %l = %pt, %o = %zo, %p = %pp)
        : (i1, index, index, !r, !t, !O, !P) -> (i1, !qs, index, index, !r, !t, !P) {
      %blocked, %at = tile.await %Q : !Qr
      %q = tile.sub %blocked[%w64, 0][64, 128] : !tile.smem<128x128xbf16, sw128>
      %nbh = tile.load %at[0] : !tile.smem<2xi32> -> index
      %m0 = tile.load %at[1] : !tile.smem<2xi32> -> index
      %nrow = tile.compute %m0 + %w64 : index
      %go = tile.compute %nbh >= 0 : index -> i1
      %more = tile.compute %nbh >= 0 and %nrow < %Lq : index -> i1
      %a:3 = scf.if %more -> (!r, !t, !P) {
        %b:3 = scf.if %pend -> (!r, !t, !P) {
          %x:3 = func.call @start(%yes, %K, %V, %q, %m, %l, %o, %p, %bh, %row, %all, %Lk, %scale, %O, %LSE) : !begin
          scf.yield %x#0, %x#1, %x#2 : !r, !t, !P
        } else {
          %x:3 = func.call @start(%no, %K, %V, %q, %m, %l, %o, %p, %bh, %row, %all, %Lk, %scale, %O, %LSE) : !begin
          scf.yield %x#0, %x#1, %x#2 : !r, !t, !P
        }
        scf.yield %b#0, %b#1, %b#2 : !r, !t, !P
      } else {
        scf.if %pend {
          %v = tile.await %V : !Vr
          %of = tile.mma %p, %v acc(%o : !O) : !P, !ks -> !Of
          func.call @end(%of, %V, %l, %m, %bh, %row, %scale, %O, %LSE) : (!Of, !Vr, !t, !r, index, index, f32, !Og, !Lg) -> ()
        }
        %skip = tile.compute select(%go, %all, 0) : (i1, index) -> index // no query here: its tiles pass by
        scf.for %i = %c0 to %skip step %c1 {
          tile.await %K : !Kr
          tile.release %K : !Kr
          tile.await %V : !Vr
          tile.release %V : !Vr
        }
        scf.yield %pr, %pt, %pp : !r, !t, !P
      }
      scf.condition(%go) %more, %q, %nbh, %nrow, %a#0, %a#1, %a#2 : i1, !qs, index, index, !r, !t, !P
    } do {
    ^bb0(%pend: i1, %q: !qs, %bh: index, %row: index, %m: !r, %l: !t, %p: !P):
      %j0 = tile.compute select(%pend, %jl, 0) : (i1, index) -> index
      %st:4 = scf.for %i = %c0 to %j0 step %c1 iter_args(%mb = %m, %lb = %l, %ob = %zo, %pb = %p) -> (!r, !t, !O, !P) {
        %s, %of = func.call @products(%yes, %K, %V, %q, %ob, %pb) : (i1, !Kr, !Vr, !qs, !O, !P) -> (!S, !Of)
        %n:4 = func.call @step(%no, %s, %of, %V, %mb, %lb, %scale, %growth) : (i1, !S, !Of, !Vr, !r, !t, f32, f32) -> (!r, !t, !O, !P)
        scf.yield %n#0, %n#1, %n#2, %n#3 : !r, !t, !O, !P
      }
      tile.release %Q : !Qr
      scf.yield %pend, %bh, %row, %st#0, %st#1, %st#2, %st#3 : i1, index, index, !r, !t, !O, !P
    }
    tile.release %Q : !Qr // which said that there are no more
  }
}

!qt = tensor<?x?x?x128xbf16, #ssm.dims<B, H, L, D>>
!kt = tensor<?x?x?x128xbf16, #ssm.dims<B, H, M, D>>
!lt = tensor<?x?x?xf32, #ssm.dims<B, H, L>>
func.func @forward(%q: !qt {ssm.name = "q", ssm.role = #ssm.role<input>}, %k: !kt {ssm.name = "k", ssm.role = #ssm.role<input>},
                   %v: !kt {ssm.name = "v", ssm.role = #ssm.role<input>})
    -> (!qt {ssm.name = "out", ssm.role = #ssm.role<output>}, !lt {ssm.name = "lse", ssm.role = #ssm.role<output>, ssm.optional})
    attributes {ssm.dims = [#ssm.dim<B>, #ssm.dim<H>, #ssm.dim<L>, #ssm.dim<M>, #ssm.dim<D = 128>]} {
  %o = tile.alloc : !qt
  %lse = tile.alloc : !lt
  %counter = tile.alloc init(zero_once) : tensor<i32>
  %qm = tile.tensor_map %q dims [64, L, 2, mul(B, H)] strides [128, 64, mul(L, 128)] : !qt -> !qm
  %km = tile.tensor_map %k dims [64, M, 2, mul(B, H)] strides [128, 64, mul(M, 128)] : !kt -> !km
  %vm = tile.tensor_map %v dims [64, M, 2, mul(B, H)] strides [128, 64, mul(M, 128)] : !kt -> !km
  %ov = tile.global_view %o sizes [mul(B, H), L, 128] strides [mul(L, 128), 128, 1] : !qt -> !Og
  %lv = tile.global_view %lse sizes [mul(B, H), L] strides [L, 1] : !lt -> !Lg
  %cv = tile.global_view %counter sizes [] strides [] : tensor<i32> -> !tile.global<i32, 0>
  %Lq = tile.size L
  %Lk = tile.size M
  %total = tile.size mul(B, H, ceildiv(L, 128))
  %scale = arith.constant 0.12751741 : f32 // log2(e) / sqrt(128)
  %growth = arith.constant 62.736531 : f32 // 8 / scale
  tile.launch @attention grid [min("%sms", mul(B, H, ceildiv(L, 128))), 1, 1]
    (%qm, %km, %vm, %ov, %lv, %cv, %Lq, %Lk, %total, %scale, %growth)
    : !qm, !km, !km, !Og, !Lg, !tile.global<i32, 0>, index, index, index, f32, f32
  return %o, %lse : !qt, !lt
}
