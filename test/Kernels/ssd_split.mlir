// ssd.mlir for few sequences: each is cut into segments that are walked at once, in two passes.
!G = tensor<64x64xf32, #tile.acc>
!X = tensor<64x64xbf16, #tile.acc>
!S = tensor<64x128xf32, #tile.acc>
!S16 = tensor<64x128xbf16, #tile.acc>
!b = tensor<16x16xf32, #tile.acc>
!b16 = tensor<16x16xbf16, #tile.acc>
!v = tensor<128xf32, #tile.lanes<32, 2>>
!v1 = tensor<64xf32, #tile.lanes<32, 2>>
!row2 = tensor<2x64xf32, #tile.row>
!row2w = tensor<2x16xf32, #tile.row>
!roww = tensor<16xf32, #tile.row>
!col = tensor<64xf32, #tile.col>
!colw = tensor<16xf32, #tile.col>
!col2 = tensor<2x64xf32, #tile.col>
!col2b = tensor<2x16xf32, #tile.col>
!c3 = !tile.cursor<3>
!c2 = !tile.cursor<2>
!c4 = !tile.cursor<4>
!Xr = !tile.ring<3, x: 2x64x64xbf16 sw128>
!BCr = !tile.ring<3, b: 64x128xbf16 sw128, c: 64x128xbf16 sw128>
!Dr = !tile.ring<4, v: 2x5x64xf32>
!Mr = !tile.ring<2, m: 2x64x64xbf16 sw128>
!Yr = !tile.ring<2 x 2, y: 64x64xbf16 sw128>
!xm = !tile.map<bf16, 64x64x2x1, sw128>
!bm = !tile.map<bf16, 64x64x2x1, sw128>
!ym = !tile.map<bf16, 64x64x1x1, sw128>
!st = !tile.global<f32, 4, 2>
!vs = !tile.smem<2x5x64xf32>
!ms = !tile.smem<2x64x64xbf16, sw128>
!tile64 = !tile.smem<64x64xbf16, sw128>
!bs = !tile.smem<64x128xbf16, sw128>
!lg = !tile.global<f32, 2, 4>
!dg = !tile.global<f32, 1>
!Xs = !tile.ring<5, x: 2x64x64xbf16 sw128>
!Bs = !tile.ring<5, b: 64x128xbf16 sw128>
!Ds = !tile.ring<8, v: 2x64xf32, stop: 2xf32>
!c5 = !tile.cursor<5>
!c8 = !tile.cursor<8>

// Whether chunk i, and all before it, weigh nothing in the segment's final state, for both heads. Waits for the chunk's vectors.
func.func private @weightless(%D: !Ds, %i: index) -> i1 {
  %c0 = arith.constant 0.0 : f32
  %d = tile.cursor %i : !c8
  %v, %stop = tile.await %D[%d] observe : !Ds
  %next = affine.apply affine_map<()[i] -> (i + 1)>()[%i]
  %n32 = arith.index_cast %next : index to i32
  %want = arith.sitofp %n32 : i32 to f32
  %s0 = tile.load %stop[0] relaxed : !tile.smem<2xf32> -> f32
  %s1 = tile.load %stop[1] relaxed : !tile.smem<2xf32> -> f32
  %e0 = arith.cmpf oeq, %s0, %want : f32
  %e1 = arith.cmpf oeq, %s1, %want : f32
  %is = arith.cmpf ogt, %want, %c0 : f32
  %both = arith.andi %e0, %e1 : i1
  %r = arith.andi %both, %is : i1
  return %r : i1
}

// Whether a role goes on with chunk i of n: `at` is the chunk whose flags decide.
func.func private @goes_on(%D: !Ds, %i: index, %n: index, %at: index) -> i1 {
  %in = arith.cmpi slt, %i, %n : index
  %go = scf.if %in -> (i1) {
    %true = arith.constant true
    %stop = func.call @weightless(%D, %at) : (!Ds, index) -> i1
    %no = arith.xori %stop, %true : i1
    scf.yield %no : i1
  } else {
    scf.yield %in : i1
  }
  return %go : i1
}

// First pass: the local state of every segment but the last, from zero, and the decay over it. It walks backwards, so that nothing
// is rescaled, and ends when both heads' decay from a chunk to the segment's end is below 2^-150, zero in f32: the flags in a
// vector's slot are the chunk's number plus one (an old slot's are not mistaken for it), and every role reads them.
tile.kernel @local(%xm: !xm, %bm: !bm, %dt: !tile.global<f32, 3>, %alog: !tile.global<f32, 1>, %local: !lg, %decays: !dg, %H: index,
                   %per: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %z = arith.constant 0.0 : f32
  %b = tile.cta 2
  %pair = tile.cta 0
  %h0 = affine.apply affine_map<()[p] -> (2 * p)>()[%pair]
  %segment = tile.cta 1
  %left = tile.cta_count 1
  %segments = arith.addi %left, %c1 : index
  %begin = arith.muli %segment, %per : index
  %X = tile.ring full(1 thread) empty(8 warp) : !Xs
  %B = tile.ring full(1 thread) empty(8 warp) : !Bs
  %D = tile.ring full(2 warp) empty(8 warp) : !Ds
  tile.fill %D, 0.0 : f32 in !Ds
  tile.role @copy_b thread regs(40) {
    %s = tile.cursor : !c5
    %e:2 = scf.while (%i = %c0, %c = %s) : (index, !c5) -> (index, !c5) {
      %go = func.call @goes_on(%D, %i, %per, %i) : (!Ds, index, index, index) -> i1
      scf.condition(%go) %i, %c : index, !c5
    } do {
    ^bb0(%i: index, %c: !c5):
      %t = affine.apply affine_map<()[b, p, i] -> (64 * b + 64 * p - 64 * i - 64)>()[%begin, %per, %i]
      tile.fetch %B[%c] b = %bm[0, %t, 0, %b] : !Bs, !bm
      %n = tile.next %c : !c5
      %i1 = arith.addi %i, %c1 : index
      scf.yield %i1, %n : index, !c5
    }
  }
  tile.role @decay warp x 2 regs(40) {
  ^bb0(%hd: index):
    %h = arith.addi %h0, %hd : index
    %log2e = arith.constant 1.44269504 : f32
    %al = tile.load %alog[%h] : !tile.global<f32, 1> -> f32
    %a2 = arith.mulf %al, %log2e : f32
    %ea = math.exp2 %a2 fastmath<afn> : f32
    %na = arith.negf %ea : f32
    %nl = arith.mulf %na, %log2e : f32
    %rate = tile.broadcast %nl : f32 to !v1
    %least = arith.constant -150.0 : f32
    %limit = tile.broadcast %least : f32 to !v1
    %zv = tile.broadcast %z : f32 to !v1
    %t0 = affine.apply affine_map<()[b, p] -> (64 * b + 64 * p - 64)>()[%begin, %per]
    %x0 = tile.load %dt[%b, %t0, %h][1, 64, 1] : !tile.global<f32, 3> -> !v1
    // %sum: log2 of the decay over the chunks after this one, the same in every element
    %e:3 = scf.while (%i = %c0, %x = %x0, %sum = %zv) : (index, !v1, !v1) -> (index, !v1, !v1) {
      // the slot still holds the chunk eight before: if the others stopped there, none will free it
      %old = affine.apply affine_map<()[i] -> (i - 8)>()[%i]
      %go = func.call @goes_on(%D, %i, %per, %old) : (!Ds, index, index, index) -> i1
      scf.condition(%go) %i, %x, %sum : index, !v1, !v1
    } do {
    ^bb0(%i: index, %x: !v1, %sum: !v1):
      %i1 = arith.addi %i, %c1 : index
      %more = arith.cmpi slt, %i1, %per : index
      %nx = scf.if %more -> (!v1) {
        %tn = affine.apply affine_map<()[b, p, i] -> (64 * b + 64 * p - 64 * i - 64)>()[%begin, %per, %i1]
        %y = tile.load %dt[%b, %tn, %h][1, 64, 1] : !tile.global<f32, 3> -> !v1
        scf.yield %y : !v1
      } else {
        scf.yield %zv : !v1
      }
      %a = arith.mulf %x, %rate : !v1
      %l = tile.scan addf %a : !v1
      %lq = tile.gather %l by affine_map<(i) -> (63)> : !v1
      %dq = arith.subf %lq, %l : !v1
      %tail = arith.addf %dq, %sum : !v1
      %et = math.exp2 %tail fastmath<afn> : !v1
      %w = arith.mulf %et, %x : !v1
      %small = arith.cmpf ole, %sum, %limit : !v1
      %gone = tile.any %small : tensor<64xi1, #tile.lanes<32, 2>>
      %n32 = arith.index_cast %i1 : index to i32
      %number = arith.sitofp %n32 : i32 to f32
      %flag = arith.select %gone, %number, %z : f32
      %d = tile.cursor %i : !c8
      %v, %stop = tile.acquire %D[%d] : !Ds
      tile.store %w, %v[%hd, 0] : !v1, !tile.smem<2x64xf32>
      tile.store %flag, %stop[%hd] relaxed : f32, !tile.smem<2xf32>
      tile.publish %D[%d] : !Ds
      %sum1 = arith.addf %sum, %lq : !v1
      scf.yield %i1, %nx, %sum1 : index, !v1, !v1
    }
    %all = math.exp2 %e#2 fastmath<afn> : !v1
    %row = arith.muli %b, %H : index
    %rh = arith.addi %row, %h : index
    %base = arith.muli %rh, %segments : index
    %at = arith.addi %base, %segment : index
    %place = tile.global %decays[%at] sizes [1] strides [1] : !dg to !dg
    tile.store %all, %place[0][64] : !v1, !dg // one of its equal elements lies inside the view
  }
  tile.role @copy_x thread regs(40) {
    %s = tile.cursor : !c5
    %e:2 = scf.while (%i = %c0, %c = %s) : (index, !c5) -> (index, !c5) {
      %go = func.call @goes_on(%D, %i, %per, %i) : (!Ds, index, index, index) -> i1
      scf.condition(%go) %i, %c : index, !c5
    } do {
    ^bb0(%i: index, %c: !c5):
      %t = affine.apply affine_map<()[b, p, i] -> (64 * b + 64 * p - 64 * i - 64)>()[%begin, %per, %i]
      tile.fetch %X[%c] x = %xm[0, %t, %h0, %b] : !Xs, !xm
      %n = tile.next %c : !c5
      %i1 = arith.addi %i, %c1 : index
      scf.yield %i1, %n : index, !c5
    }
  }
  tile.role @head group x 2 regs(152) {
  ^bb0(%hd: index):
    %s5 = tile.cursor : !c5
    %zero = tile.broadcast %z : f32 to !S
    %e:3 = scf.while (%i = %c0, %c = %s5, %s = %zero) : (index, !c5, !S) -> (index, !c5, !S) {
      %go = func.call @goes_on(%D, %i, %per, %i) : (!Ds, index, index, index) -> i1
      scf.condition(%go) %i, %c, %s : index, !c5, !S
    } do {
    ^bb0(%i: index, %c: !c5, %s: !S):
      %bb = tile.await %B[%c] : !Bs
      %d = tile.cursor %i : !c8
      %v, %stop = tile.slot %D[%d] : !Ds
      %x = tile.await %X[%c] : !Xs
      %xt = tile.load %x[%hd, 0, 0][1, 64, 64] transpose : !ms -> !X
      %w = tile.load %v[%hd, 0][1, 64] : !tile.smem<2x64xf32> -> !col
      %xf = arith.extf %xt : !X to !G
      %wb = tile.broadcast %w : !col to !G
      %xw = arith.mulf %xf, %wb : !G
      %x16 = arith.truncf %xw : !G to !X
      %xs = tile.pin %x16 for llvm : !X
      tile.release %X[%c] : !Xs
      %sf = tile.mma %xs, %bb acc(%s : !S) : !X, !bs -> !tile.flight<!S>
      %s1 = tile.land 0 (%sf) : !tile.flight<!S>
      tile.release %B[%c] : !Bs
      tile.release %D[%d] : !Ds
      %n = tile.next %c : !c5
      %i1 = arith.addi %i, %c1 : index
      scf.yield %i1, %n, %s1 : index, !c5, !S
    }
    %h = arith.addi %h0, %hd : index
    %row = arith.muli %b, %H : index
    %rh = arith.addi %row, %h : index
    %base = arith.muli %rh, %segments : index
    %at = arith.addi %base, %segment : index
    tile.store %e#2, %local[%at, 0] image : !S, !lg
  }
}

// The mask of a warp's own diagonal block, with the skip term on it.
func.func private @own(%gw: tensor<16x64xf32, #tile.acc>, %l: !row2w, %kw: !col2, %skip0: f32, %skip1: f32, %m: !ms, %r0: index, %kk: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %z = arith.constant 0.0 : f32
  %inf = arith.constant 0xFF800000 : f32
  %o = affine.apply affine_map<()[k] -> (16 * k)>()[%kk]
  %g1 = tile.slice %gw[0, %o] : tensor<16x64xf32, #tile.acc> to !b
  scf.for %hd = %c0 to %c2 step %c1 {
    %second = arith.cmpi ne, %hd, %c0 : index
    %sk = arith.select %second, %skip1, %skip0 : f32
    %skb = tile.broadcast %sk : f32 to !b
    %l1 = tile.slice %l[%hd, 0] : !row2w to !roww
    %lb = tile.broadcast %l1 : !roww to !b
    %k1 = tile.slice %kw[%hd, %o] : !col2 to !colw
    %kb = tile.broadcast %k1 : !colw to !b
    %ar = arith.subf %lb, %kb : !b
    %am = tile.mask %ar in affine_set<(r, c) : (r - c >= 0)>[] else %inf : !b
    %ex = math.exp2 %am fastmath<afn> : !b
    %sd = tile.mask %skb in affine_set<(r, c) : (r - c == 0)>[] else %z : !b
    %x = math.fma %g1, %ex, %sd : !b
    %x16 = arith.truncf %x : !b to !b16
    tile.store %x16, %m[%hd, %r0, %o] : !b16, !ms
  } {tile.unroll}
  return
}

// Of a block before it: G 2^(l - le) times 2^(le - l) dt.
func.func private @before(%gw: tensor<16x64xf32, #tile.acc>, %l: !row2w, %kw: !col2, %le0: f32, %le1: f32, %m: !ms, %r0: index, %kk: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %o = affine.apply affine_map<()[k] -> (16 * k)>()[%kk]
  %g1 = tile.slice %gw[0, %o] : tensor<16x64xf32, #tile.acc> to !b
  scf.for %hd = %c0 to %c2 step %c1 {
    %second = arith.cmpi ne, %hd, %c0 : index
    %le = arith.select %second, %le1, %le0 : f32
    %leb = tile.broadcast %le : f32 to !roww
    %l1 = tile.slice %l[%hd, 0] : !row2w to !roww
    %df = arith.subf %l1, %leb : !roww
    %rf = math.exp2 %df fastmath<afn> : !roww
    %rb = tile.broadcast %rf : !roww to !b
    %u1 = tile.slice %kw[%hd, %o] : !col2 to !colw
    %ub = tile.broadcast %u1 : !colw to !b
    %p = arith.mulf %g1, %rb : !b
    %x = arith.mulf %p, %ub : !b
    %x16 = arith.truncf %x : !b to !b16
    tile.store %x16, %m[%hd, %r0, %o] : !b16, !ms
  } {tile.unroll}
  return
}

// Second pass: every segment's walk as in ssd.mlir, from the sum of the local states before it; the last one writes the final state.
tile.kernel @walk(%xm: !xm, %ym: !ym, %bm: !bm, %cm: !bm, %dt: !tile.global<f32, 3>, %alog: !tile.global<f32, 1>,
                 %skip: !tile.global<f32, 1>, %s0: !st, %sf: !st, %local: !lg, %decays: !dg,
                  %H: index, %total: index, %per: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c4 = arith.constant 4 : index
  %z = arith.constant 0.0 : f32
  %b = tile.cta 2
  %pair = tile.cta 0
  %h0 = affine.apply affine_map<()[p] -> (2 * p)>()[%pair]
  %segment = tile.cta 1
  %segments = tile.cta_count 1
  %begin = arith.muli %segment, %per : index
  %chunks = affine.min affine_map<()[t, b, p] -> (t - b, p)>()[%total, %begin, %per]
  %X = tile.ring full(1 thread) empty(8 warp) : !Xr
  %BC = tile.ring full(1 thread) empty(12 warp) : !BCr
  %D = tile.ring full(2 warp) empty(12 warp) : !Dr // a head: l, l - log2 dt, 2^l, 2^(lQ - l) dt, 2^(le - l) dt
  %M = tile.ring full(4 warp) empty(8 warp) : !Mr
  %Y = tile.ring full(4 warp) empty(1 thread) : !Yr
  tile.fill %M, 0.0 : bf16 in !Mr
  tile.fence
  tile.role @copy thread regs(40) {
    %s = tile.cursor : !c3
    %e = scf.for %i = %c0 to %chunks step %c1 iter_args(%c = %s) -> (!c3) {
      %t = affine.apply affine_map<()[i, b] -> (64 * i + 64 * b)>()[%i, %begin]
      %d = tile.cursor %i : !c4
      %seen = tile.await %D[%d] observe : !Dr // B, C are announced after the vectors: one wait for both
      tile.fetch %BC[%c] b = %bm[0, %t, 0, %b], c = %cm[0, %t, 0, %b] : !BCr, !bm, !bm
      tile.fetch %X[%c] x = %xm[0, %t, %h0, %b] : !Xr, !xm
      %n = tile.next %c : !c3
      scf.yield %n : !c3
    }
  }
  tile.role @decay warp x 2 regs(40) {
  ^bb0(%hd: index):
    %h = arith.addi %h0, %hd : index
    %log2e = arith.constant 1.44269504 : f32
    %al = tile.load %alog[%h] : !tile.global<f32, 1> -> f32
    %a2 = arith.mulf %al, %log2e : f32
    %ea = math.exp2 %a2 fastmath<afn> : f32
    %na = arith.negf %ea : f32
    %nl = arith.mulf %na, %log2e : f32
    %rate = tile.broadcast %nl : f32 to !v
    %t0 = affine.apply affine_map<()[b] -> (64 * b)>()[%begin]
    %x0 = tile.load %dt[%b, %t0, %h][1, 128, 1] : !tile.global<f32, 3> -> !v // two chunks at a time
    %e = scf.for %i = %c0 to %chunks step %c2 iter_args(%x = %x0) -> (!v) {
      %t2 = affine.apply affine_map<()[i, b] -> (64 * i + 64 * b + 128)>()[%i, %begin]
      %nx = tile.load %dt[%b, %t2, %h][1, 128, 1] : !tile.global<f32, 3> -> !v // and one iteration ahead
      %a = arith.mulf %x, %rate : !v
      %l = tile.scan addf %a within 64 : !v
      %lq = tile.gather %l by affine_map<(i) -> (i floordiv 64 * 64 + 63)> : !v
      %le = tile.gather %l by affine_map<(i) -> (i floordiv 16 * 16 + 15)> : !v
      %ldt = math.log2 %x fastmath<afn> : !v
      %k = arith.subf %l, %ldt : !v
      %el = math.exp2 %l fastmath<afn> : !v
      %dq = arith.subf %lq, %l : !v
      %eq = math.exp2 %dq fastmath<afn> : !v
      %wv = arith.mulf %eq, %x : !v
      %de = arith.subf %le, %l : !v
      %ee = math.exp2 %de fastmath<afn> : !v
      %u = arith.mulf %ee, %x : !v
      scf.for %j = %c0 to %c2 step %c1 {
        %ij = affine.apply affine_map<()[i, j] -> (i + j)>()[%i, %j]
        %at = affine.apply affine_map<()[j] -> (64 * j)>()[%j]
        %ok = arith.cmpi slt, %ij, %chunks : index
        %d = tile.cursor %ij : !c4
        scf.if %ok {
          %v = tile.acquire %D[%d] : !Dr
          %l1 = tile.slice %l[%at] : !v to !v1
          %k1 = tile.slice %k[%at] : !v to !v1
          %e1 = tile.slice %el[%at] : !v to !v1
          %w1 = tile.slice %wv[%at] : !v to !v1
          %u1 = tile.slice %u[%at] : !v to !v1
          tile.store %l1, %v[%hd, 0, 0] : !v1, !vs
          tile.store %k1, %v[%hd, 1, 0] : !v1, !vs
          tile.store %e1, %v[%hd, 2, 0] : !v1, !vs
          tile.store %w1, %v[%hd, 3, 0] : !v1, !vs
          tile.store %u1, %v[%hd, 4, 0] : !v1, !vs
          tile.publish %D[%d] : !Dr
        }
      } {tile.unroll}
      scf.yield %nx : !v
    }
  }
  tile.role @send thread regs(40) {
    %s = tile.cursor : !c2
    %e:2 = scf.for %i = %c0 to %chunks step %c1 iter_args(%c = %s, %before = %s) -> (!c2, !c2) {
      %t = affine.apply affine_map<()[i, b] -> (64 * i + 64 * b)>()[%i, %begin]
      scf.for %hd = %c0 to %c2 step %c1 {
        %h = arith.addi %h0, %hd : index
        %y = tile.await %Y[%hd][%c] : !Yr
        tile.fence // by the one reader: 260 cycles once, not in every warp that writes
        tile.send %y -> %ym[0, %t, %h, %b] : !tile64, !ym
      } {tile.unroll}
      tile.send_wait 2 read
      %late = arith.cmpi ne, %i, %c0 : index
      scf.for %hd = %c0 to %c2 step %c1 {
        tile.release %Y[%hd][%before] if(%late) : !Yr
      } {tile.unroll}
      %n = tile.next %c : !c2
      scf.yield %n, %c : !c2, !c2
    }
    tile.send_wait 0
  }
  tile.role @mask group regs(88) {
    %s3 = tile.cursor : !c3
    %s2 = tile.cursor : !c2
    %inf = arith.constant 0xFF800000 : f32
    %h1 = arith.addi %h0, %c1 : index
    %skip0 = tile.load %skip[%h0] : !tile.global<f32, 1> -> f32
    %skip1 = tile.load %skip[%h1] : !tile.global<f32, 1> -> f32
    %e:2 = scf.for %i = %c0 to %chunks step %c1 iter_args(%c = %s3, %mc = %s2) -> (!c3, !c2) {
      %bb, %cc = tile.await %BC[%c] : !BCr
      %gf = tile.mma %cc, %bb tb : !bs, !bs -> !tile.flight<!G>
      %d = tile.cursor %i : !c4
      %v = tile.slot %D[%d] : !Dr // full since B and C are
      %lr = tile.load %v[0, 0, 0][2, 1, 64] : !vs -> !row2
      // a warp's columns: l - log2 dt for its diagonal block, 2^(le - l) dt for those before it
      %kv = tile.per_warp() : () -> (!tile.warps<!col2>) {
      ^bb0(%w0: index):
        %w = tile.pin %w0 for llvm : index // chosen anew for each chunk, else four registers hold the choices
        %none = ub.poison : !col2
        %k = scf.for %kk = %c0 to %c4 step %c1 iter_args(%u = %none) -> (!col2) {
          %c3 = arith.constant 3 : index
          %own = arith.cmpi eq, %kk, %w : index
          %end = arith.cmpi eq, %kk, %c3 : index // comes before no warp's own block
          %dg = arith.ori %own, %end : i1
          %which = arith.select %dg, %c1, %c4 : index
          %o = affine.apply affine_map<()[k] -> (16 * k)>()[%kk]
          %y = tile.load %v[0, %which, %o][2, 1, 16] : !vs -> !col2b
          %ins = tile.insert %y, %u[0, %o] : !col2b into !col2
          scf.yield %ins : !col2
        } {tile.unroll}
        tile.yield %k : !col2
      }
      // l at the ends of blocks 0 to 2, here and not in the blocks: while the product is under way
      %le00 = tile.load %v[0, 0, 15] : !vs -> f32
      %le01 = tile.load %v[0, 0, 31] : !vs -> f32
      %le02 = tile.load %v[0, 0, 47] : !vs -> f32
      %le10 = tile.load %v[1, 0, 15] : !vs -> f32
      %le11 = tile.load %v[1, 0, 31] : !vs -> f32
      %le12 = tile.load %v[1, 0, 47] : !vs -> f32
      %m = tile.acquire %M[%mc] : !Mr
      %g = tile.land 0 (%gf) : !tile.flight<!G>
      tile.per_warp(%g, %lr, %kv) : (!G, !row2, !tile.warps<!col2>) -> () {
      ^bb0(%w0: index, %gw: tensor<16x64xf32, #tile.acc>, %l: !row2w, %kw: !col2):
        %r0 = affine.apply affine_map<()[w] -> (16 * w)>()[%w0]
        %w = tile.pin %w0 for llvm : index // else each branch has addresses of its own in registers
        %sk0, %sk1 = tile.pin %skip0, %skip1 for llvm : f32, f32 // their use is chosen for each chunk as well
        // Blocks in turn up to the warp's own: after it nothing of the others is alive.
        %k0 = arith.constant 0 : index
        %k1 = arith.constant 1 : index
        %k2 = arith.constant 2 : index
        %k3 = arith.constant 3 : index
        %is0 = arith.cmpi eq, %w, %k0 : index
        scf.if %is0 {
          func.call @own(%gw, %l, %kw, %sk0, %sk1, %m, %r0, %k0) : (tensor<16x64xf32, #tile.acc>, !row2w, !col2, f32, f32, !ms, index, index) -> ()
        } else {
          func.call @before(%gw, %l, %kw, %le00, %le10, %m, %r0, %k0) : (tensor<16x64xf32, #tile.acc>, !row2w, !col2, f32, f32, !ms, index, index) -> ()
          %is1 = arith.cmpi eq, %w, %k1 : index
          scf.if %is1 {
            func.call @own(%gw, %l, %kw, %sk0, %sk1, %m, %r0, %k1) : (tensor<16x64xf32, #tile.acc>, !row2w, !col2, f32, f32, !ms, index, index) -> ()
          } else {
            func.call @before(%gw, %l, %kw, %le01, %le11, %m, %r0, %k1) : (tensor<16x64xf32, #tile.acc>, !row2w, !col2, f32, f32, !ms, index, index) -> ()
            %is2 = arith.cmpi eq, %w, %k2 : index
            scf.if %is2 {
              func.call @own(%gw, %l, %kw, %sk0, %sk1, %m, %r0, %k2) : (tensor<16x64xf32, #tile.acc>, !row2w, !col2, f32, f32, !ms, index, index) -> ()
            } else {
              func.call @before(%gw, %l, %kw, %le02, %le12, %m, %r0, %k2) : (tensor<16x64xf32, #tile.acc>, !row2w, !col2, f32, f32, !ms, index, index) -> ()
              func.call @own(%gw, %l, %kw, %sk0, %sk1, %m, %r0, %k3) : (tensor<16x64xf32, #tile.acc>, !row2w, !col2, f32, f32, !ms, index, index) -> ()
            }
          }
        }
        tile.yield
      }
      tile.fence
      tile.publish %M[%mc] : !Mr
      tile.release %BC[%c] : !BCr
      tile.release %D[%d] : !Dr
      %cn = tile.next %c : !c3
      %mn = tile.next %mc : !c2
      scf.yield %cn, %mn : !c3, !c2
    }
  }
  tile.role @head group x 2 regs(192) {
  ^bb0(%hd: index):
    %s3 = tile.cursor : !c3
    %s2 = tile.cursor : !c2
    %h = arith.addi %h0, %hd : index
    // the local states of the segments before this one, the nearest first, until their weight is zero
    %none = tile.broadcast %z : f32 to !S
    %one = arith.constant 1.0 : f32
    %heads = arith.muli %b, %H : index
    %bh = arith.addi %heads, %h : index
    %base = arith.muli %bh, %segments : index
    %near = arith.subi %segment, %c1 : index
    %sum:3 = scf.while (%i = %near, %w = %one, %s = %none) : (index, f32, !S) -> (index, f32, !S) {
      %in = arith.cmpi sge, %i, %c0 : index
      %weighs = arith.cmpf one, %w, %z : f32
      %go = arith.andi %in, %weighs : i1
      scf.condition(%go) %i, %w, %s : index, f32, !S
    } do {
    ^bb0(%i: index, %w: f32, %s: !S):
      %at = arith.addi %base, %i : index
      %d = tile.load %decays[%at] : !dg -> f32
      %l = tile.load %local[%at, 0] image : !lg -> !S
      %wb = tile.broadcast %w : f32 to !S
      %s1 = math.fma %l, %wb, %s : !S
      %w1 = arith.mulf %w, %d : f32
      %before = arith.subi %i, %c1 : index
      scf.yield %before, %w1, %s1 : index, f32, !S
    }
    %has = tile.present %s0 : !st
    %first = scf.if %has -> (!S) {
      %x = tile.load %s0[%b, %h, 0, 0][1, 1, 64, 128] : !st -> !S
      %wb = tile.broadcast %sum#1 : f32 to !S
      %y = math.fma %x, %wb, %sum#2 : !S
      scf.yield %y : !S
    } else {
      scf.yield %sum#2 : !S
    }
    %e:4 = scf.for %i = %c0 to %chunks step %c1 iter_args(%c = %s3, %mc = %s2, %yc = %s2, %s = %first) -> (!c3, !c2, !c2, !S) {
      %bb, %cc = tile.await %BC[%c] : !BCr
      %s16 = arith.truncf %s : !S to !S16
      %yf = tile.mma %s16, %cc tb : !S16, !bs -> !tile.flight<!G> // Y^T[p, i] = sum over n of S[p, n] C[i, n]
      %x = tile.await %X[%c] : !Xr
      %xt = tile.load %x[%hd, 0, 0][1, 64, 64] transpose : !ms -> !X
      %d = tile.cursor %i : !c4
      %v = tile.slot %D[%d] : !Dr
      %w = tile.load %v[%hd, 3, 0][1, 1, 64] : !vs -> !col
      %dec = tile.load %v[%hd, 2, 63] : !vs -> f32
      %db = tile.broadcast %dec : f32 to !S
      %sd = arith.mulf %s, %db : !S
      %xf = arith.extf %xt : !X to !G
      %wb = tile.broadcast %w : !col to !G
      %xw = arith.mulf %xf, %wb : !G
      %x16 = arith.truncf %xw : !G to !X
      %xs = tile.pin %x16 for llvm : !X
      tile.release %X[%c] : !Xr
      %ev = tile.load %v[%hd, 2, 0][1, 1, 64] : !vs -> !col
      %sfl = tile.mma %xs, %bb acc(%sd : !S) : !X, !bs -> !tile.flight<!S> // S = 2^lQ S + (w x)^T B
      %y1 = tile.land 1 (%yf) : !tile.flight<!G>
      %eb = tile.broadcast %ev : !col to !G
      %y2 = arith.mulf %y1, %eb : !G
      %m2 = tile.await %M[%mc] : !Mr
      %m = tile.sub %m2[%hd, 0, 0][1, 64, 64] : !ms
      %yg = tile.mma %xt, %m tb acc(%y2 : !G) : !X, !tile64 -> !tile.flight<!G> // Y^T += x^T M^T
      %y3, %s1 = tile.land 0 (%yg, %sfl) : !tile.flight<!G>, !tile.flight<!S>
      tile.release %M[%mc] : !Mr
      tile.release %BC[%c] : !BCr
      tile.release %D[%d] : !Dr
      %y16 = arith.truncf %y3 : !G to !X
      %ys = tile.acquire %Y[%hd][%yc] : !Yr
      tile.store %y16, %ys[0, 0] transpose : !X, !tile64
      tile.publish %Y[%hd][%yc] : !Yr
      %cn = tile.next %c : !c3
      %mn = tile.next %mc : !c2
      %yn = tile.next %yc : !c2
      scf.yield %cn, %mn, %yn, %s1 : !c3, !c2, !c2, !S
    }
    %hasf = tile.present %sf : !st
    %after = arith.addi %segment, %c1 : index
    %last = arith.cmpi eq, %after, %segments : index
    %write = arith.andi %hasf, %last : i1
    scf.if %write {
      tile.store %e#3, %sf[%b, %h, 0, 0][1, 1, 64, 128] : !S, !st
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
  %gv = tile.global_view %decays sizes [mul(B, H, max(1, ceildiv(ceildiv(L, 64), ceildiv(max(1, ceildiv(L, 64)), max(1, floordiv("%sms", max(1, mul(B, floordiv(H, 2)))))))))] strides [1] : tensor<?xf32> -> !dg
  tile.launch @local grid [div(H, 2), sub(max(1, ceildiv(ceildiv(L, 64), ceildiv(max(1, ceildiv(L, 64)), max(1, floordiv("%sms", max(1, mul(B, floordiv(H, 2)))))))), 1), B] (%xm, %bm, %dtv, %av, %lv, %gv, %H, %per)
    : !xm, !bm, !tile.global<f32, 3>, !tile.global<f32, 1>, !lg, !dg, index, index
  tile.launch @walk grid [div(H, 2), max(1, ceildiv(ceildiv(L, 64), ceildiv(max(1, ceildiv(L, 64)), max(1, floordiv("%sms", max(1, mul(B, floordiv(H, 2)))))))), B] (%xm, %ym, %bm, %cm, %dtv, %av, %kv, %iv, %fv, %lv, %gv, %H, %chunks, %per)
    : !xm, !ym, !bm, !bm, !tile.global<f32, 3>, !tile.global<f32, 1>, !tile.global<f32, 1>, !st, !st, !lg, !dg, index, index, index
  return %y, %sf : !xt, !stt
}
