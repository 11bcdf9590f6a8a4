// O = softmax(scale Q K^T) V, bf16 [B H, L, 64]; LSE f32 [B H, L], may be left out. As attention_d64_causal.mlir without its
// diagonal: every row meets every key, and only the first tile of a block may reach past the last one.
#tail = affine_set<(r, c)[j, last] : (last - c - 128 * j >= 0)>
!S = tensor<64x128xf32, #tile.acc>
!P = tensor<64x128xbf16, #tile.acc>
!O = tensor<64x64xf32, #tile.acc>
!O16 = tensor<64x64xbf16, #tile.acc>
!Oq = tensor<64x64xbf16, #tile.quad>
!r = tensor<64xf32, #tile.row>
!rb = tensor<64xi1, #tile.row>
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

// A block as Q's slot announces it: this warpgroup's queries, the head, the first query, and its key tiles (none if it has no
// query).
func.func private @block(%Q: !Qr, %qc: !c, %w: index, %Lq: index, %all: index) -> (!qs, index, index, index) {
  %c0 = arith.constant 0 : index
  %q, %at = tile.await %Q[%qc] : !Qr
  %bh32 = tile.load %at[0] : !tile.smem<2xi32> -> i32
  %m32 = tile.load %at[1] : !tile.smem<2xi32> -> i32
  %bh = arith.index_cast %bh32 : i32 to index
  %m0 = arith.index_cast %m32 : i32 to index
  %row = affine.apply affine_map<()[m, w] -> (m + 64 * w)>()[%m0, %w]
  %any = arith.cmpi slt, %row, %Lq : index
  %nw = arith.select %any, %all, %c0 : index
  %w64 = affine.apply affine_map<()[w] -> (64 * w)>()[%w]
  %qw = tile.sub %q[%w64, 0][64, 64] : !tile.smem<192x64xbf16, sw128>
  return %qw, %bh, %m0, %nw : !qs, index, index, index
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
  tile.store %oq, %O[%bh, %row, 0][1, 64, 64] : !Oq, !Og
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
// is written.
func.func private @start(%pend: i1, %K: !Kr, %V: !Vr, %T: !turns, %w: index, %q: !qs, %kc: !c, %vc: !c, %o: !O, %p: !P, %l: !t,
                         %m: !r, %bh: index, %row0: index, %nw: index, %Lk: index, %scale: f32, %O: !Og, %LSE: !Lg)
    -> (!c, !c, !r, !t, !P) {
  %c1 = arith.constant 1 : index
  %z = arith.constant 0.0 : f32
  %inf = arith.constant 0xFF800000 : f32
  %zt = tile.broadcast %z : f32 to !t
  %k = tile.await %K[%kc] : !Kr
  tile.take %T[%w] : !turns
  %sf = tile.mma %q, %k tb : !qs, !ks -> !Sf
  %of = scf.if %pend -> (!Of) {
    %v = tile.await %V[%vc] : !Vr
    %f = tile.mma %p, %v acc(%o : !O) : !P, !ks -> !Of
    scf.yield %f : !Of
  } else {
    %f = ub.poison : !Of
    scf.yield %f : !Of
  }
  tile.pass %T[%w] : !turns
  %sa = scf.if %pend -> (!S) {
    %x = tile.land 1 (%sf) : !Sf
    scf.yield %x : !S
  } else {
    %x = tile.land 0 (%sf) : !Sf
    scf.yield %x : !S
  }
  tile.release %K[%kc] : !Kr
  %k1 = tile.next %kc : !c
  %j = affine.apply affine_map<()[n] -> (n - 1)>()[%nw]
  %last = arith.subi %Lk, %c1 : index
  %end = affine.apply affine_map<()[n] -> (128 * n)>()[%nw]
  %past = arith.cmpi sgt, %end, %Lk : index
  %s = tile.mask %sa in #tail[%j, %last] else %inf if(%past) : !S
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
  return %k1, %v0, %m1, %l1, %p1 : !c, !c, !r, !t, !P
}

tile.kernel @attention(%qm: !qm, %km: !km, %vm: !km, %O: !Og, %LSE: !Lg, %counter: !tile.global<i32, 0>, %Lq: index, %Lk: index,
                       %BH: index, %scale: f32) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %false = arith.constant false
  %true = arith.constant true
  %z = arith.constant 0.0 : f32
  %inf = arith.constant 0xFF800000 : f32
  %c8 = arith.constant 8.0 : f32
  %cta = tile.cta 0
  %ctas = tile.cta_count 0
  %blocks = affine.apply affine_map<()[l] -> (l ceildiv 192)>()[%Lq]
  %all = affine.apply affine_map<()[l] -> (l ceildiv 128)>()[%Lk]
  %total = arith.muli %blocks, %BH : index
  %Q = tile.ring full(1 thread) empty(3 group) : !Qr
  %K = tile.ring full(1 thread) empty(3 group) : !Kr
  %V = tile.ring full(1 thread) empty(3 group) : !Vr
  %T = tile.turns : !turns
  tile.role @copy thread regs(32) {
    %s0 = tile.cursor : !c
    %e:4 = scf.while (%t = %cta, %kc = %s0, %vc = %s0, %qc = %s0) : (index, !c, !c, !c) -> (index, !c, !c, !c) {
      %go = arith.cmpi slt, %t, %total : index
      scf.condition(%go) %t, %kc, %vc, %qc : index, !c, !c, !c
    } do {
    ^bb0(%t: index, %kc: !c, %vc: !c, %qc: !c):
      // the next block's number is asked for now and used when this one's copies are all under way
      %drawn = tile.atomic_add %counter[], %c1 : !tile.global<i32, 0>
      %bh = arith.divui %t, %blocks : index
      %i0 = arith.remui %t, %blocks : index
      %m0 = affine.apply affine_map<()[i] -> (192 * i)>()[%i0]
      %jl = arith.subi %all, %c1 : index
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
  tile.role @rows group x 3 regs(160) {
  ^bb0(%w: index):
    %s0 = tile.cursor : !c
    %c8r = arith.divf %c8, %scale fastmath<arcp, afn> : f32
    %zo = tile.broadcast %z : f32 to !O
    %po = ub.poison : !O
    %pp = ub.poison : !P
    %pt = ub.poison : !t
    %pr = ub.poison : !r
    %ends:7 = scf.while (%qc0 = %s0, %kc0 = %s0, %vc0 = %s0) : (!c, !c, !c) -> (!c, !c, !c, !qs, index, index, index) {
      %q, %bh, %m0, %nw = func.call @block(%Q, %qc0, %w, %Lq, %all) : (!Qr, !c, index, index, index) -> (!qs, index, index, index)
      %go = arith.cmpi sge, %bh, %c0 : index
      scf.condition(%go) %qc0, %kc0, %vc0, %q, %bh, %m0, %nw : !c, !c, !c, !qs, index, index, index
    } do {
    ^bb0(%qc0: !c, %kc0: !c, %vc0: !c, %q0: !qs, %bh0: index, %m00: index, %nw0: index):
      %some = arith.cmpi sgt, %nw0, %c0 : index
      %next:3 = scf.if %some -> (!c, !c, !c) {
        %row0 = affine.apply affine_map<()[m, w] -> (m + 64 * w)>()[%m00, %w]
        %a:5 = func.call @start(%false, %K, %V, %T, %w, %q0, %kc0, %vc0, %po, %pp, %pt, %pr, %bh0, %row0, %nw0, %Lk, %scale, %O, %LSE)
          : (i1, !Kr, !Vr, !turns, index, !qs, !c, !c, !O, !P, !t, !r, index, index, index, index, f32, !Og, !Lg)
          -> (!c, !c, !r, !t, !P)
        // one row block a round, its first P pending
        %z3:11 = scf.while (%bh = %bh0, %row = %row0, %nw = %nw0, %q = %q0, %qc = %qc0, %kc = %a#0, %vc = %a#1, %m = %a#2,
                            %l = %a#3, %o = %zo, %p = %a#4)
          : (index, index, index, !qs, !c, !c, !c, !r, !t, !O, !P) -> (index, index, index, !qs, !c, !c, !c, !r, !t, !O, !P) {
          %j0 = arith.subi %nw, %c1 : index
          %st:6 = scf.for %i = %c0 to %j0 step %c1 iter_args(%kb = %kc, %vb = %vc, %mb = %m, %lb = %l, %ob = %o, %pb = %p)
              -> (!c, !c, !r, !t, !O, !P) {
            %k = tile.await %K[%kb] : !Kr
            tile.take %T[%w] : !turns
            %sf = tile.mma %q, %k tb : !qs, !ks -> !Sf
            %v = tile.await %V[%vb] : !Vr
            %of = tile.mma %pb, %v acc(%ob : !O) : !P, !ks -> !Of
            tile.pass %T[%w] : !turns
            %sa = tile.land 1 (%sf) : !Sf
            tile.release %K[%kb] : !Kr
            %loc0 = tile.fold maxnumf %sa : !S -> !t
            %loc = tile.pin %loc0 for ptxas : !t // else the wait for P V moves up over the maxima
            %oa = tile.land 0 (%of) : !Of
            tile.release %V[%vb] : !Vr
            %m1, %l1, %o1 = tile.per_warp(%loc, %mb, %lb, %oa) : (!t, !r, !t, !O) -> (!r, !t, !O) {
            ^bb0(%wi: index, %lw: !t1, %mw: !r1, %sw: !t1, %ow: !O1):
              %grow = tile.broadcast %c8r : f32 to !r1
              %limit = arith.addf %mw, %grow : !r1
              %lp = tile.broadcast %limit : !r1 to !t1
              %g = arith.cmpf ogt, %lw, %lp : !t1
              %any = tile.any %g : tensor<16x4xi1, #tile.part>
              %n:3 = scf.if %any -> (!r1, !t1, !O1) {
                %q1 = tile.reduce maxnumf %lw : !t1 -> !r1
                %mx = arith.maxnumf %q1, %mw : !r1
                %df = arith.subf %mw, %mx : !r1
                %sr = tile.broadcast %scale : f32 to !r1
                %ds = arith.mulf %df, %sr : !r1
                %al0 = math.exp2 %ds fastmath<afn> : !r1
                %z1 = tile.broadcast %z : f32 to !r1
                %al = arith.maxnumf %al0, %z1 : !r1 // -inf less -inf: 0
                %alp = tile.broadcast %al : !r1 to !t1
                %s1 = arith.mulf %sw, %alp : !t1
                %alo = tile.broadcast %al : !r1 to !O1
                %o1 = arith.mulf %ow, %alo : !O1
                scf.yield %mx, %s1, %o1 : !r1, !t1, !O1
              } else {
                scf.yield %mw, %sw, %ow : !r1, !t1, !O1
              }
              tile.yield %n#0, %n#1, %n#2 : !r1, !t1, !O1
            }
            %p1, %l3 = func.call @exps(%sa, %m1, %l1, %scale) : (!S, !r, !t, f32) -> (!P, !t)
            %kn = tile.next %kb : !c
            %vn = tile.next %vb : !c
            scf.yield %kn, %vn, %m1, %l3, %o1, %p1 : !c, !c, !r, !t, !O, !P
          }
          tile.release %Q[%qc] : !Qr
          %qn = tile.next %qc : !c
          %h:4 = func.call @block(%Q, %qn, %w, %Lq, %all) : (!Qr, !c, index, index, index) -> (!qs, index, index, index)
          %isHead = arith.cmpi sge, %h#1, %c0 : index
          %isSeen = arith.cmpi sgt, %h#3, %c0 : index
          %more = arith.andi %isHead, %isSeen : i1
          %rown = affine.apply affine_map<()[m, w] -> (m + 64 * w)>()[%h#2, %w]
          %nk:5 = scf.if %more -> (!c, !c, !r, !t, !P) {
            %b:5 = func.call @start(%true, %K, %V, %T, %w, %h#0, %st#0, %st#1, %st#4, %st#5, %st#3, %st#2, %bh, %row, %h#3, %Lk,
                                    %scale, %O, %LSE)
              : (i1, !Kr, !Vr, !turns, index, !qs, !c, !c, !O, !P, !t, !r, index, index, index, index, f32, !Og, !Lg)
              -> (!c, !c, !r, !t, !P)
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
          scf.condition(%more) %h#1, %rown, %h#3, %h#0, %qn, %nk#0, %nk#1, %nk#2, %nk#3, %zo, %nk#4
            : index, index, index, !qs, !c, !c, !c, !r, !t, !O, !P
        } do {
        ^bb0(%y0: index, %y1: index, %y2: index, %y3: !qs, %y4: !c, %y5: !c, %y6: !c, %y7: !r, %y8: !t, %y9: !O, %y10: !P):
          scf.yield %y0, %y1, %y2, %y3, %y4, %y5, %y6, %y7, %y8, %y9, %y10
            : index, index, index, !qs, !c, !c, !c, !r, !t, !O, !P
        }
        scf.yield %z3#4, %z3#5, %z3#6 : !c, !c, !c
      } else {
        tile.release %Q[%qc0] : !Qr
        %k:2 = scf.for %i = %c0 to %all step %c1 iter_args(%a = %kc0, %b = %vc0) -> (!c, !c) {
          tile.take %T[%w] : !turns
          tile.pass %T[%w] : !turns
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
  %scale = arith.constant 0.18033688 : f32 // log2(e) / sqrt(64)
  tile.launch @attention grid [min("%sms", mul(B, H, ceildiv(L, 192))), 1, 1]
    (%qm, %km, %vm, %ov, %lv, %cv, %Lq, %Lk, %BH, %scale)
    : !qm, !km, !km, !Og, !Lg, !tile.global<i32, 0>, index, index, index, f32
  return %o, %lse : !qt, !lt
}
