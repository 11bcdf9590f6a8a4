// O and LSE as in attention_d64_causal.mlir without its diagonal: only the first tile of a block may reach past the last key.
#tail = affine_set<(r, c)[n, l] : (l - c - 128 * n + 127 >= 0)>
!S = tensor<64x128xf32, #tile.acc>
!P = tensor<64x128xbf16, #tile.acc>
!O = tensor<64x64xf32, #tile.acc>
!r = tensor<64xf32, #tile.row>
!t = tensor<64x4xf32, #tile.part>
!O1 = tensor<16x64xf32, #tile.acc>
!r1 = tensor<16xf32, #tile.row>
!t1 = tensor<16x4xf32, #tile.part>
!c = !tile.cursor<2>
!Qr = !tile.ring<2, q: 192x64xbf16 sw128, at: 2xi32>
!Kr = !tile.ring<2, k: 128x64xbf16 sw128>
!Vr = !tile.ring<2, v: 128x64xbf16 sw128>
!qs = !tile.smem<64x64xbf16, sw128, rows = 192>
!ks = !tile.smem<128x64xbf16, sw128>
!Sf = !tile.flight<!S>
!Of = !tile.flight<!O>
!qm = !tile.map<bf16, 64x192x1x1, sw128>
!km = !tile.map<bf16, 64x128x1x1, sw128>
!Og = !tile.global<bf16, 3, 8>
!Lg = !tile.global<f32, 2>
!turns = !tile.turns<3>

// P = 2^(scale S - scale m), as operand of the next product, and each thread's sums of its rows.
func.func private @exps(%s: !S, %m: !r, %l: !t, %scale: f32) -> (!P, !t) {
  %sr = tile.broadcast %scale : f32 to !r
  %ms = arith.mulf %m, %sr : !r
  %neg = arith.negf %ms : !r
  %sb = tile.broadcast %scale : f32 to !S
  %nb = tile.broadcast %neg : !r to !S
  %x = math.fma %s, %sb, %nb : !S
  %e = math.exp2 %x fastmath<afn> : !S
  %l1 = tile.fold addf %e init(%l) : !S -> !t
  %p = arith.truncf %e : !S to !P
  return %p, %l1 : !P, !t
}

// The end of a block: its last P V lands; O / l, and LSE = ln(sum exp): (m scale + log2 l) ln 2.
func.func private @end(%of: !Of, %V: !Vr, %vc: !c, %l: !t, %m: !r, %bh: index, %row: index, %scale: f32, %O: !Og,
                       %LSE: !Lg) -> !c {
  %o = tile.land 0 (%of) : !Of
  tile.release %V[%vc] : !Vr
  %one = arith.constant dense<1.0> : !r
  %sum = tile.reduce addf %l : !t -> !r
  %inv = arith.divf %one, %sum fastmath<arcp, afn> : !r
  %ib = tile.broadcast %inv : !r to !O
  %on = arith.mulf %o, %ib : !O
  %o16 = arith.truncf %on : !O to tensor<64x64xbf16, #tile.acc>
  %oq = tile.convert %o16 : tensor<64x64xbf16, #tile.acc> to tensor<64x64xbf16, #tile.quad>
  tile.store %oq, %O[%bh, %row, 0][1, 64, 64] : tensor<64x64xbf16, #tile.quad>, !Og
  %want = tile.present %LSE : !Lg
  scf.if %want {
    %ln2 = arith.constant dense<0.6931471805599453> : !r
    %sb = tile.broadcast %scale : f32 to !r
    %lg = math.log2 %sum fastmath<afn> : !r
    %x = math.fma %m, %sb, %lg : !r
    %y = arith.mulf %x, %ln2 : !r
    tile.store %y, %LSE[%bh, %row][1, 64] : !r, !Lg
  }
  %n = tile.next %vc : !c
  return %n : !c
}

// S of a tile, and with %pend, constant at each call, P V of the one before, which stays in flight.
func.func private @products(%pend: i1, %K: !Kr, %V: !Vr, %T: !turns, %w: index, %q: !qs, %c: !c, %vc: !c, %o: !O, %p: !P)
    -> (!S, !Of) {
  %k = tile.await %K[%c] : !Kr
  tile.take %T[%w] : !turns
  %sf = tile.mma %q, %k tb : !qs, !ks -> !Sf
  %s, %of = scf.if %pend -> (!S, !Of) {
    %v = tile.await %V[%vc] : !Vr
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
  tile.release %K[%c] : !Kr
  return %s, %of : !S, !Of
}

// The beginning of a block; with %pend the last P V of the block before goes with it.
func.func private @start(%pend: i1, %K: !Kr, %V: !Vr, %T: !turns, %w: index, %q: !qs, %c: !c, %vc: !c, %m: !r, %l: !t,
                         %o: !O, %p: !P, %bh: index, %row: index, %all: index, %Lk: index, %scale: f32, %O: !Og,
                         %LSE: !Lg) -> (!c, !c, !r, !t, !P) {
  %zero = arith.constant dense<0.0> : !t
  %inf = arith.constant 0xFF800000 : f32
  %sa, %of = func.call @products(%pend, %K, %V, %T, %w, %q, %c, %vc, %o, %p)
    : (i1, !Kr, !Vr, !turns, index, !qs, !c, !c, !O, !P) -> (!S, !Of)
  %next = tile.next %c : !c
  %end = affine.apply affine_map<()[n] -> (128 * n)>()[%all]
  %past = arith.cmpi sgt, %end, %Lk : index
  %s = tile.mask %sa in #tail[%all, %Lk] else %inf if(%past) : !S
  %t = tile.fold maxnumf %s : !S -> !t
  %m1 = tile.reduce maxnumf %t : !t -> !r
  %p1, %l1 = func.call @exps(%s, %m1, %zero, %scale) : (!S, !r, !t, f32) -> (!P, !t)
  %v0 = scf.if %pend -> (!c) {
    %n = func.call @end(%of, %V, %vc, %l, %m, %bh, %row, %scale, %O, %LSE)
      : (!Of, !Vr, !c, !t, !r, index, index, f32, !Og, !Lg) -> !c
    scf.yield %n : !c
  } else {
    scf.yield %vc : !c
  }
  return %next, %v0, %m1, %l1, %p1 : !c, !c, !r, !t, !P
}

tile.kernel @attention(%qm: !qm, %km: !km, %vm: !km, %O: !Og, %LSE: !Lg, %counter: !tile.global<i32, 0>, %Lq: index, %Lk: index,
                       %total: index, %scale: f32, %growth: f32) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %no = arith.constant false
  %yes = arith.constant true
  %cta = tile.cta 0
  %ctas = tile.cta_count 0
  %blocks = affine.apply affine_map<()[l] -> (l ceildiv 192)>()[%Lq]
  %all = affine.apply affine_map<()[l] -> (l ceildiv 128)>()[%Lk]
  %jl = arith.subi %all, %c1 : index
  %Q = tile.ring full(1 thread) empty(3 group) : !Qr
  %K = tile.ring full(1 thread) empty(3 group) : !Kr
  %V = tile.ring full(1 thread) empty(3 group) : !Vr
  %T = tile.turns : !turns
  tile.role @copy thread regs(32) {
    %s0 = tile.cursor : !c
    %e:3 = scf.while (%t = %cta, %c = %s0, %qc = %s0) : (index, !c, !c) -> (index, !c, !c) {
      %go = arith.cmpi slt, %t, %total : index
      scf.condition(%go) %t, %c, %qc : index, !c, !c
    } do {
    ^bb0(%t: index, %c: !c, %qc: !c):
      // the next block's number is asked for now and used when this one's copies are all under way
      %drawn = tile.atomic_add %counter[], %c1 : !tile.global<i32, 0>
      %bh = arith.divui %t, %blocks : index
      %i0 = arith.remui %t, %blocks : index
      %m0 = affine.apply affine_map<()[i] -> (192 * i)>()[%i0]
      %k0 = affine.apply affine_map<()[j] -> (128 * j)>()[%jl]
      tile.fetch %K[%c] k = %km[0, %k0, 0, %bh] : !Kr, !km
      tile.fetch %Q[%qc] q = %qm[0, %m0, 0, %bh], at = (%bh, %m0) : !Qr, !qm
      %q1 = tile.next %qc : !c
      %e1 = scf.for %i = %c0 to %jl step %c1 iter_args(%a = %c) -> (!c) { // V of a tile, after K of the next
        %kr = affine.apply affine_map<()[j, i] -> (128 * j - 128 * i - 128)>()[%jl, %i]
        %vr = affine.apply affine_map<()[j, i] -> (128 * j - 128 * i)>()[%jl, %i]
        %an = tile.next %a : !c
        tile.fetch %K[%an] k = %km[0, %kr, 0, %bh] : !Kr, !km
        tile.fetch %V[%a] v = %vm[0, %vr, 0, %bh] : !Vr, !km
        scf.yield %an : !c
      }
      tile.fetch %V[%e1] v = %vm[0, 0, 0, %bh] : !Vr, !km
      %n1 = tile.next %e1 : !c
      // every block draws once; the one that draws the last number leaves the counter at 0
      %final = arith.subi %total, %c1 : index
      %reset = arith.cmpi eq, %drawn, %final : index
      scf.if %reset {
        tile.store %c0, %counter[] : index, !tile.global<i32, 0>
      }
      %t1 = arith.addi %drawn, %ctas : index
      scf.yield %t1, %n1, %q1 : index, !c, !c
    }
    tile.fetch %Q[%e#2] at = (-1, 0) : !Qr
  }
  tile.role @rows group x 3 regs(160) {
  ^bb0(%w: index):
    %s0 = tile.cursor : !c
    %w64 = affine.apply affine_map<()[w] -> (64 * w)>()[%w]
    %zo = arith.constant dense<0.0> : !O
    %pp = ub.poison : !P
    %pt = ub.poison : !t
    %pr = ub.poison : !r
    // the next block's beginning with the end of the one before, where there are both; then its other tiles
    %z:10 = scf.while (%pend = %no, %qc = %s0, %c = %s0, %vc = %s0, %bh = %c0, %row = %c0, %m = %pr, %l = %pt, %o = %zo, %p = %pp)
        : (i1, !c, !c, !c, index, index, !r, !t, !O, !P) -> (i1, !qs, !c, !c, !c, index, index, !r, !t, !P) {
      %q3, %at = tile.await %Q[%qc] : !Qr
      %q = tile.sub %q3[%w64, 0][64, 64] : !tile.smem<192x64xbf16, sw128>
      %nbh = tile.load %at[0] : !tile.smem<2xi32> -> index
      %m0 = tile.load %at[1] : !tile.smem<2xi32> -> index
      %nrow = arith.addi %m0, %w64 : index
      %any = arith.cmpi slt, %nrow, %Lq : index
      %go = arith.cmpi sge, %nbh, %c0 : index
      %more = arith.andi %go, %any : i1
      %a:5 = scf.if %more -> (!c, !c, !r, !t, !P) {
        %b:5 = scf.if %pend -> (!c, !c, !r, !t, !P) {
          %x:5 = func.call @start(%yes, %K, %V, %T, %w, %q, %c, %vc, %m, %l, %o, %p, %bh, %row, %all, %Lk, %scale, %O, %LSE)
            : (i1, !Kr, !Vr, !turns, index, !qs, !c, !c, !r, !t, !O, !P, index, index, index, index, f32, !Og, !Lg)
              -> (!c, !c, !r, !t, !P)
          scf.yield %x#0, %x#1, %x#2, %x#3, %x#4 : !c, !c, !r, !t, !P
        } else {
          %x:5 = func.call @start(%no, %K, %V, %T, %w, %q, %c, %vc, %m, %l, %o, %p, %bh, %row, %all, %Lk, %scale, %O, %LSE)
            : (i1, !Kr, !Vr, !turns, index, !qs, !c, !c, !r, !t, !O, !P, index, index, index, index, f32, !Og, !Lg)
              -> (!c, !c, !r, !t, !P)
          scf.yield %x#0, %x#1, %x#2, %x#3, %x#4 : !c, !c, !r, !t, !P
        }
        scf.yield %b#0, %b#1, %b#2, %b#3, %b#4 : !c, !c, !r, !t, !P
      } else {
        %v0 = scf.if %pend -> (!c) {
          %v = tile.await %V[%vc] : !Vr
          %of = tile.mma %p, %v acc(%o : !O) : !P, !ks -> !Of
          %n = func.call @end(%of, %V, %vc, %l, %m, %bh, %row, %scale, %O, %LSE)
            : (!Of, !Vr, !c, !t, !r, index, index, f32, !Og, !Lg) -> !c
          scf.yield %n : !c
        } else {
          scf.yield %vc : !c
        }
        %skip = arith.select %go, %all, %c0 : index // no query here: its tiles pass by
        %x:2 = scf.for %i = %c0 to %skip step %c1 iter_args(%a = %c, %b = %v0) -> (!c, !c) {
          tile.take %T[%w] : !turns
          tile.pass %T[%w] : !turns
          %u = tile.await %K[%a] : !Kr
          tile.release %K[%a] : !Kr
          %v = tile.await %V[%b] : !Vr
          tile.release %V[%b] : !Vr
          %an = tile.next %a : !c
          %bn = tile.next %b : !c
          scf.yield %an, %bn : !c, !c
        }
        scf.yield %x#0, %x#1, %pr, %pt, %pp : !c, !c, !r, !t, !P
      }
      scf.condition(%go) %more, %q, %qc, %a#0, %a#1, %nbh, %nrow, %a#2, %a#3, %a#4
        : i1, !qs, !c, !c, !c, index, index, !r, !t, !P
    } do {
    ^bb0(%pend: i1, %q: !qs, %qc: !c, %c: !c, %vc: !c, %bh: index, %row: index, %m: !r, %l: !t, %p: !P):
      %j0 = arith.select %pend, %jl, %c0 : index
      %st:6 = scf.for %i = %c0 to %j0 step %c1 iter_args(%cb = %c, %vb = %vc, %mb = %m, %lb = %l, %ob = %zo, %pb = %p)
          -> (!c, !c, !r, !t, !O, !P) {
        %sa, %of = func.call @products(%yes, %K, %V, %T, %w, %q, %cb, %vb, %ob, %pb)
          : (i1, !Kr, !Vr, !turns, index, !qs, !c, !c, !O, !P) -> (!S, !Of)
        %loc = tile.fold maxnumf %sa : !S -> !t
        // whether a row of the warp grew by more than 2^8; known before P V is, for the wait must not move up over it
        %lp, %grew = tile.per_warp(%loc, %mb) : (!t, !r) -> (!t, !tile.warps<i1>) {
        ^bb0(%wi: index, %lw: !t1, %mw: !r1):
          %grow = tile.broadcast %growth : f32 to !r1
          %limit = arith.addf %mw, %grow : !r1
          %lb1 = tile.broadcast %limit : !r1 to !t1
          %g = arith.cmpf ogt, %lw, %lb1 : !t1
          %any = tile.any %g : tensor<16x4xi1, #tile.part>
          %lw1, %any1 = tile.pin %lw, %any for ptxas : !t1, i1
          tile.yield %lw1, %any1 : !t1, i1
        }
        %oa = tile.land 0 (%of) : !Of
        tile.release %V[%vb] : !Vr
        %m1, %l1, %o1 = tile.per_warp(%grew, %lp, %mb, %lb, %oa) : (!tile.warps<i1>, !t, !r, !t, !O) -> (!r, !t, !O) {
        ^bb0(%wi: index, %any: i1, %lw: !t1, %mw: !r1, %sw: !t1, %ow: !O1):
          %n:3 = scf.if %any -> (!r1, !t1, !O1) {
            %q1 = tile.reduce maxnumf %lw : !t1 -> !r1
            %mx = arith.maxnumf %q1, %mw : !r1
            %df = arith.subf %mw, %mx : !r1
            %sr = tile.broadcast %scale : f32 to !r1
            %ds = arith.mulf %df, %sr : !r1
            %al = math.exp2 %ds fastmath<afn> : !r1
            %alp = tile.broadcast %al : !r1 to !t1
            %s1 = arith.mulf %sw, %alp : !t1
            %alo = tile.broadcast %al : !r1 to !O1
            %y = arith.mulf %ow, %alo : !O1
            scf.yield %mx, %s1, %y : !r1, !t1, !O1
          } else {
            scf.yield %mw, %sw, %ow : !r1, !t1, !O1
          }
          tile.yield %n#0, %n#1, %n#2 : !r1, !t1, !O1
        }
        %p1, %l3 = func.call @exps(%sa, %m1, %l1, %scale) : (!S, !r, !t, f32) -> (!P, !t)
        %cn = tile.next %cb : !c
        %vn = tile.next %vb : !c
        scf.yield %cn, %vn, %m1, %l3, %o1, %p1 : !c, !c, !r, !t, !O, !P
      }
      tile.release %Q[%qc] : !Qr
      %qn = tile.next %qc : !c
      scf.yield %pend, %qn, %st#0, %st#1, %bh, %row, %st#2, %st#3, %st#4, %st#5 : i1, !c, !c, !c, index, index, !r, !t, !O, !P
    }
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
  %total = tile.size mul(B, H, ceildiv(L, 192))
  %scale = arith.constant 0.18033688 : f32 // log2(e) / sqrt(64)
  %growth = arith.constant 44.361419 : f32 // 8 / scale
  tile.launch @attention grid [min("%sms", mul(B, H, ceildiv(L, 192))), 1, 1]
    (%qm, %km, %vm, %ov, %lv, %cv, %Lq, %Lk, %total, %scale, %growth)
    : !qm, !km, !km, !Og, !Lg, !tile.global<i32, 0>, index, index, index, f32, f32
  return %o, %lse : !qt, !lt
}
