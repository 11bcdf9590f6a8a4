// O = softmax(scale Q K^T, masked below the bottom-right diagonal) V, bf16 [B H, L, 128]; LSE f32 [B H, L], may be left out. As
// attention_d64_causal.mlir with two warpgroups, blocks of 128 queries, no turns, and O rescaled after the exponentials.
#causal = affine_set<(r, c)[row, j, last] : (r + row - c - 128 * j >= 0, last - c - 128 * j >= 0)>
!S = tensor<64x128xf32, #tile.acc>
!P = tensor<64x128xbf16, #tile.acc>
!O = tensor<64x128xf32, #tile.acc>
!O16 = tensor<64x128xbf16, #tile.acc>
!Oq = tensor<64x128xbf16, #tile.quad>
!r = tensor<64xf32, #tile.row>
!rb = tensor<64xi1, #tile.row>
!t = tensor<64x4xf32, #tile.part>
!O1 = tensor<16x128xf32, #tile.acc>
!r1 = tensor<16xf32, #tile.row>
!t1 = tensor<16x4xf32, #tile.part>
!c = !tile.cursor<2>
!Qr = !tile.ring<2, q: 128x128xbf16 sw128, at: 2xi32>
!Kr = !tile.ring<2, k: 128x128xbf16 sw128>
!Vr = !tile.ring<2, v: 128x128xbf16 sw128>
!qs = !tile.smem<64x128xbf16, sw128, rows = 128>
!ks = !tile.smem<128x128xbf16, sw128>
!Sf = !tile.flight<!S>
!Of = !tile.flight<!O>
!qm = !tile.map<bf16, 64x128x2x1, sw128>
!km = !tile.map<bf16, 64x128x2x1, sw128>
!Og = !tile.global<bf16, 3, 8>
!Lg = !tile.global<f32, 2>

// Key tiles that queries below `end` see.
func.func private @tiles(%end: index, %off: index, %all: index) -> index {
  %n = affine.apply affine_map<()[e, o] -> ((e + o + 127) floordiv 128)>()[%end, %off]
  %m = affine.min affine_map<()[n, a] -> (n, a)>()[%n, %all]
  %k = affine.max affine_map<()[m] -> (m, 1)>()[%m]
  return %k : index
}

// A block as Q's slot announces it: this warpgroup's queries; the head, the first query, the key tiles of the block, and those
// of this warpgroup (none if it has no query).
func.func private @block(%Q: !Qr, %qc: !c, %w: index, %Lq: index, %off: index, %all: index) -> (!qs, index, index, index, index) {
  %c0 = arith.constant 0 : index
  %q, %at = tile.await %Q[%qc] : !Qr
  %bh32 = tile.load %at[0] : !tile.smem<2xi32> -> i32
  %m32 = tile.load %at[1] : !tile.smem<2xi32> -> i32
  %bh = arith.index_cast %bh32 : i32 to index
  %m0 = arith.index_cast %m32 : i32 to index
  %end = affine.apply affine_map<()[m] -> (m + 128)>()[%m0]
  %nb = func.call @tiles(%end, %off, %all) : (index, index, index) -> index
  %row = affine.apply affine_map<()[m, w] -> (m + 64 * w)>()[%m0, %w]
  %wend = affine.apply affine_map<()[m, w] -> (m + 64 * w + 64)>()[%m0, %w]
  %n = func.call @tiles(%wend, %off, %all) : (index, index, index) -> index
  %any = arith.cmpi slt, %row, %Lq : index
  %nw = arith.select %any, %n, %c0 : index
  %w64 = affine.apply affine_map<()[w] -> (64 * w)>()[%w]
  %qw = tile.sub %q[%w64, 0][64, 128] : !tile.smem<128x128xbf16, sw128>
  return %qw, %bh, %m0, %nb, %nw : !qs, index, index, index, index
}

// P = 2^(scale S - scale m), as operand of the next product, and each thread's sums of its rows.
func.func private @exps(%s: !S, %m: !r, %l: !t, %scale: f32) -> (!P, !t) {
  %inf = arith.constant 0xFF800000 : f32
  %ninf = tile.broadcast %inf : f32 to !r
  %z = arith.constant 0.0 : f32
  %zero = tile.broadcast %z : f32 to !r
  %seen = arith.cmpf une, %m, %ninf : !r
  %mg = arith.select %seen, %m, %zero : !rb, !r // a row that has seen no key yet
  %sr = tile.broadcast %scale : f32 to !r
  %ms = arith.mulf %mg, %sr : !r
  %neg = arith.negf %ms : !r
  %sb = tile.broadcast %scale : f32 to !S
  %nb = tile.broadcast %neg : !r to !S
  %x = math.fma %s, %sb, %nb : !S
  %e = math.exp2 %x fastmath<afn> : !S
  %l1 = tile.fold addf %e init(%l) : !S -> !t
  %p = arith.truncf %e : !S to !P
  return %p, %l1 : !P, !t
}

// O / l, and LSE = ln(sum exp): (m scale + log2 l) ln 2.
func.func private @out(%o: !O, %l: !t, %m: !r, %bh: index, %row: index, %scale: f32, %O: !Og, %LSE: !Lg) {
  %c1 = arith.constant 1.0 : f32
  %one = tile.broadcast %c1 : f32 to !r
  %sum = tile.reduce addf %l : !t -> !r
  %inv = arith.divf %one, %sum fastmath<arcp, afn> : !r
  %ib = tile.broadcast %inv : !r to !O
  %on = arith.mulf %o, %ib : !O
  %o16 = arith.truncf %on : !O to !O16
  %oq = tile.convert %o16 : !O16 to !Oq
  tile.store %oq, %O[%bh, %row, 0][1, 64, 128] : !Oq, !Og
  %want = tile.present %LSE : !Lg
  scf.if %want {
    %ln2 = arith.constant 0.6931471805599453 : f32
    %lb = tile.broadcast %ln2 : f32 to !r
    %sb = tile.broadcast %scale : f32 to !r
    %lg = math.log2 %sum fastmath<afn> : !r
    %x = math.fma %m, %sb, %lg : !r
    %y = arith.mulf %x, %lb : !r
    tile.store %y, %LSE[%bh, %row][1, 64] : !r, !Lg
  }
  return
}

// The first S of a block. With %pend, constant at each call, the last P V of the block before goes with it, and that block's O
// is written. Tiles that no query of this warpgroup sees are passed by.
func.func private @start(%pend: i1, %K: !Kr, %V: !Vr, %w: index, %q: !qs, %kc: !c, %vc: !c, %o: !O, %p: !P, %l: !t,
                         %m: !r, %bh: index, %row0: index, %nb: index, %nw: index, %row: index, %off: index, %Lk: index,
                         %scale: f32, %O: !Og, %LSE: !Lg) -> (!c, !c, !r, !t, !P) {
  %c1 = arith.constant 1 : index
  %z = arith.constant 0.0 : f32
  %inf = arith.constant 0xFF800000 : f32
  %zt = tile.broadcast %z : f32 to !t
  %k0 = scf.for %i = %nw to %nb step %c1 iter_args(%a = %kc) -> (!c) {
    %u = tile.await %K[%a] : !Kr
    tile.release %K[%a] : !Kr
    %n = tile.next %a : !c
    scf.yield %n : !c
  }
  %k = tile.await %K[%k0] : !Kr
  %sf = tile.mma %q, %k tb : !qs, !ks -> !Sf
  %of = scf.if %pend -> (!Of) {
    %v = tile.await %V[%vc] : !Vr
    %f = tile.mma %p, %v acc(%o : !O) : !P, !ks -> !Of
    scf.yield %f : !Of
  } else {
    %f = ub.poison : !Of
    scf.yield %f : !Of
  }
  %sa = scf.if %pend -> (!S) {
    %x = tile.land 1 (%sf) : !Sf
    scf.yield %x : !S
  } else {
    %x = tile.land 0 (%sf) : !Sf
    scf.yield %x : !S
  }
  tile.release %K[%k0] : !Kr
  %k1 = tile.next %k0 : !c
  %j = affine.apply affine_map<()[n] -> (n - 1)>()[%nw]
  %seen = arith.addi %row, %off : index
  %last = arith.subi %Lk, %c1 : index
  %s = tile.mask %sa in #causal[%seen, %j, %last] else %inf : !S
  %t = tile.fold maxnumf %s : !S -> !t
  %m1 = tile.reduce maxnumf %t : !t -> !r
  %p1, %l1 = func.call @exps(%s, %m1, %zt, %scale) : (!S, !r, !t, f32) -> (!P, !t)
  %v0 = scf.if %pend -> (!c) {
    %oa = tile.land 0 (%of) : !Of
    tile.release %V[%vc] : !Vr
    func.call @out(%oa, %l, %m, %bh, %row0, %scale, %O, %LSE) : (!O, !t, !r, index, index, f32, !Og, !Lg) -> ()
    %n = tile.next %vc : !c
    scf.yield %n : !c
  } else {
    scf.yield %vc : !c
  }
  %v1 = scf.for %i = %nw to %nb step %c1 iter_args(%a = %v0) -> (!c) {
    %u = tile.await %V[%a] : !Vr
    tile.release %V[%a] : !Vr
    %n = tile.next %a : !c
    scf.yield %n : !c
  }
  return %k1, %v1, %m1, %l1, %p1 : !c, !c, !r, !t, !P
}

tile.kernel @attention(%qm: !qm, %km: !km, %vm: !km, %O: !Og, %LSE: !Lg, %counter: !tile.global<i32, 0>, %Lq: index, %Lk: index,
                       %BH: index, %heads: index, %scale: f32) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %false = arith.constant false
  %true = arith.constant true
  %z = arith.constant 0.0 : f32
  %inf = arith.constant 0xFF800000 : f32
  %c8 = arith.constant 8.0 : f32
  %cta = tile.cta 0
  %ctas = tile.cta_count 0
  %off = arith.subi %Lk, %Lq : index
  %last = arith.subi %Lk, %c1 : index
  %blocks = affine.apply affine_map<()[l] -> (l ceildiv 128)>()[%Lq]
  %all = affine.apply affine_map<()[l] -> (l ceildiv 128)>()[%Lk]
  %total = arith.muli %blocks, %BH : index
  %Q = tile.ring full(1 thread) empty(2 group) : !Qr
  %K = tile.ring full(1 thread) empty(2 group) : !Kr
  %V = tile.ring full(1 thread) empty(2 group) : !Vr
  tile.role @copy thread regs(40) {
    %s0 = tile.cursor : !c
    %per = arith.muli %blocks, %heads : index
    %e:4 = scf.while (%t = %cta, %kc = %s0, %vc = %s0, %qc = %s0) : (index, !c, !c, !c) -> (index, !c, !c, !c) {
      %go = arith.cmpi slt, %t, %total : index
      scf.condition(%go) %t, %kc, %vc, %qc : index, !c, !c, !c
    } do {
    ^bb0(%t: index, %kc: !c, %vc: !c, %qc: !c):
      // the next block's number is asked for now and used when this one's copies are all under way
      %drawn = tile.atomic_add %counter[], %c1 : !tile.global<i32, 0>
      %section = arith.divui %t, %per : index
      %in = arith.remui %t, %per : index
      %first = arith.muli %section, %heads : index
      %left = arith.subi %BH, %first : index
      %here = arith.minui %heads, %left : index
      %back = arith.divui %in, %here : index
      %h = arith.remui %in, %here : index
      %bh = arith.addi %first, %h : index
      %m0 = affine.apply affine_map<()[b, i] -> (128 * b - 128 * i - 128)>()[%blocks, %back]
      %end = affine.apply affine_map<()[m] -> (m + 128)>()[%m0]
      %n = func.call @tiles(%end, %off, %all) : (index, index, index) -> index
      %jl = arith.subi %n, %c1 : index
      %k0 = affine.apply affine_map<()[j] -> (128 * j)>()[%jl]
      tile.fetch %K[%kc] k = %km[0, %k0, 0, %bh] : !Kr, !km
      %k1 = tile.next %kc : !c
      tile.fetch %Q[%qc] q = %qm[0, %m0, 0, %bh], at = (%bh, %m0) : !Qr, !qm
      %q1 = tile.next %qc : !c
      %kv:2 = scf.for %i = %c0 to %jl step %c1 iter_args(%a = %k1, %b = %vc) -> (!c, !c) {
        %kr = affine.apply affine_map<()[j, i] -> (128 * j - 128 * i - 128)>()[%jl, %i]
        %vr = affine.apply affine_map<()[j, i] -> (128 * j - 128 * i)>()[%jl, %i]
        tile.fetch %K[%a] k = %km[0, %kr, 0, %bh] : !Kr, !km
        tile.fetch %V[%b] v = %vm[0, %vr, 0, %bh] : !Vr, !km
        %an = tile.next %a : !c
        %bn = tile.next %b : !c
        scf.yield %an, %bn : !c, !c
      }
      tile.fetch %V[%kv#1] v = %vm[0, 0, 0, %bh] : !Vr, !km
      %v1 = tile.next %kv#1 : !c
      // every block draws once; the one that draws the last number leaves the counter at 0
      %final = affine.apply affine_map<()[n] -> (n - 1)>()[%total]
      %reset = arith.cmpi eq, %drawn, %final : index
      scf.if %reset {
        %zero = arith.constant 0 : i32
        tile.store %zero, %counter[] : i32, !tile.global<i32, 0>
      }
      %t1 = arith.addi %drawn, %ctas : index
      scf.yield %t1, %kv#0, %v1, %q1 : index, !c, !c, !c
    }
    tile.fetch %Q[%e#3] at = (-1, 0) : !Qr
  }
  tile.role @rows group x 2 regs(232) {
  ^bb0(%w: index):
    %s0 = tile.cursor : !c
    %c8r = arith.divf %c8, %scale fastmath<arcp, afn> : f32
    %zo = tile.broadcast %z : f32 to !O
    %po = ub.poison : !O
    %pp = ub.poison : !P
    %pt = ub.poison : !t
    %pr = ub.poison : !r
    %ends:8 = scf.while (%qc0 = %s0, %kc0 = %s0, %vc0 = %s0) : (!c, !c, !c) -> (!c, !c, !c, !qs, index, index, index, index) {
      %q, %bh, %m0, %nb, %nw = func.call @block(%Q, %qc0, %w, %Lq, %off, %all)
        : (!Qr, !c, index, index, index, index) -> (!qs, index, index, index, index)
      %go = arith.cmpi sge, %bh, %c0 : index
      scf.condition(%go) %qc0, %kc0, %vc0, %q, %bh, %m0, %nb, %nw : !c, !c, !c, !qs, index, index, index, index
    } do {
    ^bb0(%qc0: !c, %kc0: !c, %vc0: !c, %q0: !qs, %bh0: index, %m00: index, %nb0: index, %nw0: index):
      %some = arith.cmpi sgt, %nw0, %c0 : index
      %next:3 = scf.if %some -> (!c, !c, !c) {
        %row0 = affine.apply affine_map<()[m, w] -> (m + 64 * w)>()[%m00, %w]
        %a:5 = func.call @start(%false, %K, %V, %w, %q0, %kc0, %vc0, %po, %pp, %pt, %pr, %bh0, %row0, %nb0, %nw0, %row0, %off,
                                %Lk, %scale, %O, %LSE)
          : (i1, !Kr, !Vr, index, !qs, !c, !c, !O, !P, !t, !r, index, index, index, index, index, index, index, f32, !Og,
             !Lg) -> (!c, !c, !r, !t, !P)
        // one row block a round, its first P pending
        %z3:11 = scf.while (%bh = %bh0, %row = %row0, %nw = %nw0, %q = %q0, %qc = %qc0, %kc = %a#0, %vc = %a#1, %m = %a#2,
                            %l = %a#3, %o = %zo, %p = %a#4)
          : (index, index, index, !qs, !c, !c, !c, !r, !t, !O, !P) -> (index, index, index, !qs, !c, !c, !c, !r, !t, !O, !P) {
          %seen = arith.addi %row, %off : index
          %j0 = arith.subi %nw, %c1 : index
          %crossed = affine.apply affine_map<()[s, j] -> (j - (s + 1) floordiv 128)>()[%seen, %j0]
          %nd0 = affine.min affine_map<()[c, j] -> (c, j)>()[%crossed, %j0]
          %nd = affine.max affine_map<()[c] -> (c, 0)>()[%nd0]
          // tiles that the diagonal crosses, then the others
          %st:6 = scf.for %pass = %c0 to %c2 step %c1 iter_args(%ka = %kc, %va = %vc, %m2 = %m, %l2 = %l, %o2 = %o, %p2 = %p)
              -> (!c, !c, !r, !t, !O, !P) {
            %masked = arith.cmpi eq, %pass, %c0 : index
            %lo = arith.select %masked, %c0, %nd : index
            %hi = arith.select %masked, %nd, %j0 : index
            %in:6 = scf.for %i = %lo to %hi step %c1 iter_args(%kb = %ka, %vb = %va, %mb = %m2, %lb = %l2, %ob = %o2, %pb = %p2)
                -> (!c, !c, !r, !t, !O, !P) {
              %k = tile.await %K[%kb] : !Kr
              %sf = tile.mma %q, %k tb : !qs, !ks -> !Sf
              %v = tile.await %V[%vb] : !Vr
              %of = tile.mma %pb, %v acc(%ob : !O) : !P, !ks -> !Of
              %sa = tile.land 1 (%sf) : !Sf
              tile.release %K[%kb] : !Kr
              %j = affine.apply affine_map<()[j, i] -> (j - 1 - i)>()[%j0, %i]
              %s = tile.mask %sa in #causal[%seen, %j, %last] else %inf if(%masked) : !S
              %loc = tile.fold maxnumf %s : !S -> !t
              %m1, %l1, %al, %grew = tile.per_warp(%loc, %mb, %lb) : (!t, !r, !t) -> (!r, !t, !r, !tile.warps<i1>) {
              ^bb0(%wi: index, %lw: !t1, %mw: !r1, %sw: !t1):
                %grow = tile.broadcast %c8r : f32 to !r1
                %limit = arith.addf %mw, %grow : !r1
                %lp = tile.broadcast %limit : !r1 to !t1
                %g = arith.cmpf ogt, %lw, %lp : !t1
                %any = tile.any %g : tensor<16x4xi1, #tile.part>
                %n:3 = scf.if %any -> (!r1, !t1, !r1) {
                  %q1 = tile.reduce maxnumf %lw : !t1 -> !r1
                  %mx = arith.maxnumf %q1, %mw : !r1
                  %df = arith.subf %mw, %mx : !r1
                  %sr = tile.broadcast %scale : f32 to !r1
                  %ds = arith.mulf %df, %sr : !r1
                  %al0 = math.exp2 %ds fastmath<afn> : !r1
                  %z1 = tile.broadcast %z : f32 to !r1
                  %al1 = arith.maxnumf %al0, %z1 : !r1 // -inf less -inf: 0
                  %alp = tile.broadcast %al1 : !r1 to !t1
                  %s1 = arith.mulf %sw, %alp : !t1
                  scf.yield %mx, %s1, %al1 : !r1, !t1, !r1
                } else {
                  %none = ub.poison : !r1
                  scf.yield %mw, %sw, %none : !r1, !t1, !r1
                }
                tile.yield %n#0, %n#1, %n#2, %any : !r1, !t1, !r1, i1
              }
              %oa = tile.land 0 (%of) : !Of
              tile.release %V[%vb] : !Vr
              %p1, %l3 = func.call @exps(%s, %m1, %l1, %scale) : (!S, !r, !t, f32) -> (!P, !t)
              %o1 = tile.per_warp(%oa, %al, %grew) : (!O, !r, !tile.warps<i1>) -> (!O) {
              ^bb0(%wi: index, %ow: !O1, %aw: !r1, %gw: i1):
                %x = scf.if %gw -> (!O1) {
                  %alo = tile.broadcast %aw : !r1 to !O1
                  %y = arith.mulf %ow, %alo : !O1
                  scf.yield %y : !O1
                } else {
                  scf.yield %ow : !O1
                }
                tile.yield %x : !O1
              }
              %kn = tile.next %kb : !c
              %vn = tile.next %vb : !c
              scf.yield %kn, %vn, %m1, %l3, %o1, %p1 : !c, !c, !r, !t, !O, !P
            }
            scf.yield %in#0, %in#1, %in#2, %in#3, %in#4, %in#5 : !c, !c, !r, !t, !O, !P
          } {tile.unroll}
          tile.release %Q[%qc] : !Qr
          %qn = tile.next %qc : !c
          %h:5 = func.call @block(%Q, %qn, %w, %Lq, %off, %all)
            : (!Qr, !c, index, index, index, index) -> (!qs, index, index, index, index)
          %isHead = arith.cmpi sge, %h#1, %c0 : index
          %isSeen = arith.cmpi sgt, %h#4, %c0 : index
          %more = arith.andi %isHead, %isSeen : i1
          %rown = affine.apply affine_map<()[m, w] -> (m + 64 * w)>()[%h#2, %w]
          %nk:5 = scf.if %more -> (!c, !c, !r, !t, !P) {
            %b:5 = func.call @start(%true, %K, %V, %w, %h#0, %st#0, %st#1, %st#4, %st#5, %st#3, %st#2, %bh, %row, %h#3, %h#4,
                                    %rown, %off, %Lk, %scale, %O, %LSE)
              : (i1, !Kr, !Vr, index, !qs, !c, !c, !O, !P, !t, !r, index, index, index, index, index, index, index, f32,
                 !Og, !Lg) -> (!c, !c, !r, !t, !P)
            scf.yield %b#0, %b#1, %b#2, %b#3, %b#4 : !c, !c, !r, !t, !P
          } else {
            %v = tile.await %V[%st#1] : !Vr
            %of = tile.mma %st#5, %v acc(%st#4 : !O) : !P, !ks -> !Of
            %oa = tile.land 0 (%of) : !Of
            tile.release %V[%st#1] : !Vr
            func.call @out(%oa, %st#3, %st#2, %bh, %row, %scale, %O, %LSE) : (!O, !t, !r, index, index, f32, !Og, !Lg) -> ()
            %vn = tile.next %st#1 : !c
            scf.yield %st#0, %vn, %pr, %pt, %pp : !c, !c, !r, !t, !P
          }
          scf.condition(%more) %h#1, %rown, %h#4, %h#0, %qn, %nk#0, %nk#1, %nk#2, %nk#3, %zo, %nk#4
            : index, index, index, !qs, !c, !c, !c, !r, !t, !O, !P
        } do {
        ^bb0(%y0: index, %y1: index, %y2: index, %y3: !qs, %y4: !c, %y5: !c, %y6: !c, %y7: !r, %y8: !t, %y9: !O, %y10: !P):
          scf.yield %y0, %y1, %y2, %y3, %y4, %y5, %y6, %y7, %y8, %y9, %y10
            : index, index, index, !qs, !c, !c, !c, !r, !t, !O, !P
        }
        scf.yield %z3#4, %z3#5, %z3#6 : !c, !c, !c
      } else {
        tile.release %Q[%qc0] : !Qr
        %k:2 = scf.for %i = %c0 to %nb0 step %c1 iter_args(%a = %kc0, %b = %vc0) -> (!c, !c) {
          %u = tile.await %K[%a] : !Kr
          tile.release %K[%a] : !Kr
          %x = tile.await %V[%b] : !Vr
          tile.release %V[%b] : !Vr
          %an = tile.next %a : !c
          %bn = tile.next %b : !c
          scf.yield %an, %bn : !c, !c
        }
        %qn = tile.next %qc0 : !c
        scf.yield %qn, %k#0, %k#1 : !c, !c, !c
      }
      scf.yield %next#0, %next#1, %next#2 : !c, !c, !c
    }
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
  %BH = tile.size mul(B, H)
  %heads = tile.size min(mul(B, H), max(1, floordiv(69632, max(M, 1)))) // whose keys and values fit 34 MiB of L2
  %scale = arith.constant 0.12751741 : f32 // log2(e) / sqrt(128)
  tile.launch @attention grid [min("%sms", mul(B, H, ceildiv(L, 128))), 1, 1]
    (%qm, %km, %vm, %ov, %lv, %cv, %Lq, %Lk, %BH, %heads, %scale)
    : !qm, !km, !km, !Og, !Lg, !tile.global<i32, 0>, index, index, index, index, f32
  return %o, %lse : !qt, !lt
}
