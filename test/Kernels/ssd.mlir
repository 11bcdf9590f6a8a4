// Mamba-2's scan: S_t = exp(-dt_t exp(A_log)) S_t-1 + dt_t x_t B_t^T, y_t = S_t C_t + skip x_t, in chunks of 64. x, y bf16
// [B, L, H, 64], B, C bf16 [B, L, 128], dt f32 [B, L, H], states f32 [B, H, 64, 128]. A CTA walks one sequence for two heads:
// B, C and G = C B^T are shared, S stays in registers. In log2 units, l the sum of a chunk's decays up to a position and Q its
// end: a chunk adds Y = 2^l S C^T + (G * 2^(l_i - l_j) dt_j, lower triangle) x, and S = 2^l_Q S + (2^(l_Q - l) dt x)^T B.
// No exponent is positive but log2 dt. Blocks of 16 columns before the diagonal use 2^(l_i - l_e) * 2^(l_e - l_j) dt_j, e the
// block's end; those after it are zeroed once and never written. Past L copies bring zeros, and dt = 0.
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

tile.kernel @ssd(%xm: !xm, %ym: !ym, %bm: !bm, %cm: !bm, %dt: !tile.global<f32, 3>, %alog: !tile.global<f32, 1>,
                 %skip: !tile.global<f32, 1>, %s0: !st, %sf: !st, %chunks: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c4 = arith.constant 4 : index
  %z = arith.constant 0.0 : f32
  %b = tile.cta 2
  %pair = tile.cta 0
  %h0 = affine.apply affine_map<()[p] -> (2 * p)>()[%pair]
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
      %t = affine.apply affine_map<()[i] -> (64 * i)>()[%i]
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
    %x0 = tile.load %dt[%b, 0, %h][1, 128, 1] : !tile.global<f32, 3> -> !v // two chunks at a time
    %e = scf.for %i = %c0 to %chunks step %c2 iter_args(%x = %x0) -> (!v) {
      %t2 = affine.apply affine_map<()[i] -> (64 * i + 128)>()[%i]
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
      %t = affine.apply affine_map<()[i] -> (64 * i)>()[%i]
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
    %has = tile.present %s0 : !st
    %first = scf.if %has -> (!S) {
      %x = tile.load %s0[%b, %h, 0, 0][1, 1, 64, 128] : !st -> !S
      scf.yield %x : !S
    } else {
      %x = tile.broadcast %z : f32 to !S
      scf.yield %x : !S
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
    scf.if %hasf {
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
  %chunks = tile.size ceildiv(L, 64)
  tile.launch @ssd grid [div(H, 2), 1, B] (%xm, %ym, %bm, %cm, %dtv, %av, %kv, %iv, %fv, %chunks)
    : !xm, !ym, !bm, !bm, !tile.global<f32, 3>, !tile.global<f32, 1>, !tile.global<f32, 1>, !st, !st, index
  return %y, %sf : !xt, !stt
}
