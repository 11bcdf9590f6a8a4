// The roles of Mamba-2's scan in chunks of 64, as ssd.mlir and ssd_split.mlir put them together: from chunk `begin` of sequence
// b on, `chunks` of them, for the heads h0 and h0 + 1.
!G = tensor<64x64xf32, #tile.acc>
!Gw = tensor<16x64xf32, #tile.acc>
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
!vs = !tile.smem<2x5x64xf32>
!ms = !tile.smem<2x64x64xbf16, sw128>
!tile64 = !tile.smem<64x64xbf16, sw128>
!bs = !tile.smem<64x128xbf16, sw128>
!block = (!Gw, !row2w, !col2, f32, f32, !ms, index, index) -> ()

func.func private @copy(%BC: !BCr, %X: !Xr, %D: !Dr, %xm: !xm, %bm: !bm, %cm: !bm, %b: index, %h0: index, %begin: index, %chunks: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.for %i = %c0 to %chunks step %c1 {
    %t = tile.compute 64 * %i + 64 * %begin : index
    tile.await %D observe : !Dr // B, C are announced after the vectors: one wait for both
    tile.fetch %BC b = %bm[0, %t, 0, %b], c = %cm[0, %t, 0, %b] : !BCr, !bm, !bm
    tile.fetch %X x = %xm[0, %t, %h0, %b] : !Xr, !xm
  }
  return
}

// A head's vectors of each chunk: l, l - log2 dt, 2^l, 2^(lQ - l) dt, 2^(le - l) dt.
func.func private @decay(%D: !Dr, %dt: !g3, %alog: !g1, %b: index, %h0: index, %hd: index, %begin: index, %chunks: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %h = tile.compute %h0 + %hd : index
  %al = tile.load %alog[%h] : !g1 -> f32
  %rate = tile.compute -exp2(%al * 1.44269504) * 1.44269504 approx : f32
  %t0 = tile.compute 64 * %begin : index
  %x0 = tile.load %dt[%b, %t0, %h][1, 128, 1] : !g3 -> !v // two chunks at a time
  %e = scf.for %i = %c0 to %chunks step %c2 iter_args(%x = %x0) -> (!v) {
    %t2 = tile.compute 64 * %i + 64 * %begin + 128 : index
    %nx = tile.load %dt[%b, %t2, %h][1, 128, 1] : !g3 -> !v // and one iteration ahead
    %a = tile.compute %x * %rate : (!v, f32) -> !v
    %l = tile.scan addf %a within 64 : !v
    %lq = tile.gather %l by affine_map<(i) -> (i floordiv 64 * 64 + 63)> : !v
    %le = tile.gather %l by affine_map<(i) -> (i floordiv 16 * 16 + 15)> : !v
    %k = tile.compute %l - log2(%x) approx : !v
    %el = tile.compute exp2(%l) approx : !v
    %w = tile.compute exp2(%lq - %l) * %x approx : !v
    %u = tile.compute exp2(%le - %l) * %x approx : !v
    scf.for %j = %c0 to %c2 step %c1 {
      %at = tile.compute 64 * %j : index
      %ok = tile.compute %i + %j < %chunks : index -> i1
      scf.if %ok {
        %v = tile.acquire %D : !Dr
        %l1 = tile.slice %l[%at] : !v to !v1
        %k1 = tile.slice %k[%at] : !v to !v1
        %e1 = tile.slice %el[%at] : !v to !v1
        %w1 = tile.slice %w[%at] : !v to !v1
        %u1 = tile.slice %u[%at] : !v to !v1
        tile.store %l1, %v[%hd, 0, 0] : !v1, !vs
        tile.store %k1, %v[%hd, 1, 0] : !v1, !vs
        tile.store %e1, %v[%hd, 2, 0] : !v1, !vs
        tile.store %w1, %v[%hd, 3, 0] : !v1, !vs
        tile.store %u1, %v[%hd, 4, 0] : !v1, !vs
        tile.publish %D : !Dr
      }
    } {tile.unroll}
    scf.yield %nx : !v
  }
  return
}

func.func private @send(%Y: !Yr, %ym: !ym, %b: index, %h0: index, %begin: index, %chunks: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %s = tile.cursor : !tile.cursor<2>
  %e:2 = scf.for %i = %c0 to %chunks step %c1 iter_args(%c = %s, %before = %s) -> (!tile.cursor<2>, !tile.cursor<2>) {
    %t = tile.compute 64 * %i + 64 * %begin : index
    scf.for %hd = %c0 to %c2 step %c1 {
      %h = tile.compute %h0 + %hd : index
      %y = tile.await %Y[%hd][%c] : !Yr
      tile.fence // by the one reader: 260 cycles once, not in every warp that writes
      tile.send %y -> %ym[0, %t, %h, %b] : !tile64, !ym
    } {tile.unroll}
    tile.send_wait 2 read
    %late = arith.cmpi ne, %i, %c0 : index
    scf.for %hd = %c0 to %c2 step %c1 {
      tile.release %Y[%hd][%before] if(%late) : !Yr
    } {tile.unroll}
    %n = tile.next %c : !tile.cursor<2>
    scf.yield %n, %c : !tile.cursor<2>, !tile.cursor<2>
  }
  tile.send_wait 0
  return
}

// The mask of a warp's own diagonal block, with the skip term on it.
func.func private @own(%gw: !Gw, %l: !row2w, %kw: !col2, %skip0: f32, %skip1: f32, %m: !ms, %r0: index, %kk: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %z = arith.constant 0.0 : f32
  %inf = arith.constant 0xFF800000 : f32
  %o = tile.compute 16 * %kk : index
  %g1 = tile.slice %gw[0, %o] : !Gw to !b
  scf.for %hd = %c0 to %c2 step %c1 {
    %l1 = tile.slice %l[%hd, 0] : !row2w to !roww
    %k1 = tile.slice %kw[%hd, %o] : !col2 to !colw
    %ar = tile.compute %l1 - %k1 : (!roww, !colw) -> !b
    %am = tile.mask %ar in affine_set<(r, c) : (r - c >= 0)>[] else %inf : !b
    %sk = tile.compute select(%hd == 0, %skip0, %skip1) : (index, f32, f32) -> !b
    %sd = tile.mask %sk in affine_set<(r, c) : (r - c == 0)>[] else %z : !b
    %x = tile.compute bf16(fma(%g1, exp2(%am), %sd)) approx : !b -> !b16
    tile.store %x, %m[%hd, %r0, %o] : !b16, !ms
  } {tile.unroll}
  return
}

// Of a block before it: G 2^(l - le) times 2^(le - l) dt.
func.func private @before(%gw: !Gw, %l: !row2w, %kw: !col2, %le0: f32, %le1: f32, %m: !ms, %r0: index, %kk: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %o = tile.compute 16 * %kk : index
  %g1 = tile.slice %gw[0, %o] : !Gw to !b
  scf.for %hd = %c0 to %c2 step %c1 {
    %le = tile.compute select(%hd == 0, %le0, %le1) : (index, f32, f32) -> f32
    %l1 = tile.slice %l[%hd, 0] : !row2w to !roww
    %u1 = tile.slice %kw[%hd, %o] : !col2 to !colw
    %x = tile.compute bf16(%g1 * exp2(%l1 - %le) * %u1) approx : (!b, !roww, f32, !colw) -> !b16
    tile.store %x, %m[%hd, %r0, %o] : !b16, !ms
  } {tile.unroll}
  return
}

// G = C B^T, decayed, for both heads.
func.func private @mask(%BC: !BCr, %D: !Dr, %M: !Mr, %skip: !g1, %h0: index, %chunks: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c3 = arith.constant 3 : index
  %c4 = arith.constant 4 : index
  %h1 = tile.compute %h0 + 1 : index
  %skip0 = tile.load %skip[%h0] : !g1 -> f32
  %skip1 = tile.load %skip[%h1] : !g1 -> f32
  scf.for %i = %c0 to %chunks step %c1 {
    %bb, %cc = tile.await %BC : !BCr
    %gf = tile.mma %cc, %bb tb : !bs, !bs -> !tile.flight<!G>
    %v = tile.slot %D : !Dr // full since B and C are
    %lr = tile.load %v[0, 0, 0][2, 1, 64] : !vs -> !row2
    // a warp's columns: l - log2 dt for its diagonal block, 2^(le - l) dt for those before it
    %kv = tile.per_warp() : () -> (!tile.warps<!col2>) {
    ^bb0(%w0: index):
      %w = tile.pin %w0 for llvm : index // chosen anew for each chunk, else four registers hold the choices
      %none = ub.poison : !col2
      %k = scf.for %kk = %c0 to %c4 step %c1 iter_args(%u = %none) -> (!col2) {
        %o = tile.compute 16 * %kk : index
        %which = tile.compute select(%kk == %w or %kk == 3, 1, 4) : index // block 3 comes before no warp's own
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
    %m = tile.acquire %M : !Mr
    %g = tile.land 0 (%gf) : !tile.flight<!G>
    tile.per_warp(%g, %lr, %kv) : (!G, !row2, !tile.warps<!col2>) -> () {
    ^bb0(%w0: index, %gw: !Gw, %l: !row2w, %kw: !col2):
      %r0 = tile.compute 16 * %w0 : index
      %w = tile.pin %w0 for llvm : index // else each branch has addresses of its own in registers
      %sk0, %sk1 = tile.pin %skip0, %skip1 for llvm : f32, f32 // their use is chosen for each chunk as well
      // Blocks in turn up to the warp's own: after it nothing of the others is alive.
      %is0 = tile.compute %w == 0 : index -> i1
      scf.if %is0 {
        func.call @own(%gw, %l, %kw, %sk0, %sk1, %m, %r0, %c0) : !block
      } else {
        func.call @before(%gw, %l, %kw, %le00, %le10, %m, %r0, %c0) : !block
        %is1 = tile.compute %w == 1 : index -> i1
        scf.if %is1 {
          func.call @own(%gw, %l, %kw, %sk0, %sk1, %m, %r0, %c1) : !block
        } else {
          func.call @before(%gw, %l, %kw, %le01, %le11, %m, %r0, %c1) : !block
          %is2 = tile.compute %w == 2 : index -> i1
          scf.if %is2 {
            func.call @own(%gw, %l, %kw, %sk0, %sk1, %m, %r0, %c2) : !block
          } else {
            func.call @before(%gw, %l, %kw, %le02, %le12, %m, %r0, %c2) : !block
            func.call @own(%gw, %l, %kw, %sk0, %sk1, %m, %r0, %c3) : !block
          }
        }
      }
    }
    tile.fence
    tile.publish %M : !Mr
    tile.release %BC : !BCr
    tile.release %D : !Dr
  }
  return
}

// A head's outputs, and its state after the last chunk.
func.func private @head(%BC: !BCr, %X: !Xr, %D: !Dr, %M: !Mr, %Y: !Yr, %hd: index, %first: !S, %chunks: index) -> !S {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %final = scf.for %i = %c0 to %chunks step %c1 iter_args(%s = %first) -> (!S) {
    %bb, %cc = tile.await %BC : !BCr
    %s16 = tile.compute bf16(%s) : !S -> !S16
    %yf = tile.mma %s16, %cc tb : !S16, !bs -> !tile.flight<!G> // Y^T[p, i] = sum over n of S[p, n] C[i, n]
    %x = tile.await %X : !Xr
    %xt = tile.load %x[%hd, 0, 0][1, 64, 64] transpose : !ms -> !X
    %v = tile.slot %D : !Dr
    %w = tile.load %v[%hd, 3, 0][1, 1, 64] : !vs -> !col
    %dec = tile.load %v[%hd, 2, 63] : !vs -> f32
    %sd = tile.compute %s * %dec : (!S, f32) -> !S
    %x16 = tile.compute bf16(f32(%xt) * %w) : (!X, !col) -> !X
    %xs = tile.pin %x16 for llvm : !X
    tile.release %X : !Xr
    %ev = tile.load %v[%hd, 2, 0][1, 1, 64] : !vs -> !col
    %sf = tile.mma %xs, %bb acc(%sd : !S) : !X, !bs -> !tile.flight<!S> // S = 2^lQ S + (w x)^T B
    %y1 = tile.land 1 (%yf) : !tile.flight<!G>
    %y2 = tile.compute %y1 * %ev : (!G, !col) -> !G
    %m2 = tile.await %M : !Mr
    %m = tile.sub %m2[%hd, 0, 0][1, 64, 64] : !ms
    %yg = tile.mma %xt, %m tb acc(%y2 : !G) : !X, !tile64 -> !tile.flight<!G> // Y^T += x^T M^T
    %y3, %s1 = tile.land 0 (%yg, %sf) : !tile.flight<!G>, !tile.flight<!S>
    tile.release %M : !Mr
    tile.release %BC : !BCr
    tile.release %D : !Dr
    %y16 = tile.compute bf16(%y3) : !G -> !X
    %ys = tile.acquire %Y[%hd][] : !Yr
    tile.store %y16, %ys[0, 0] transpose : !X, !tile64
    tile.publish %Y[%hd][] : !Yr
    scf.yield %s1 : !S
  }
  return %final : !S
}
