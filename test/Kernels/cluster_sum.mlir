// y[4 g + i] = x[4 g] + .. + x[4 g + i], f32 [R, N], R a multiple of 4: a CTA a row, four a cluster. A CTA waits until the one before
// has stored its row, adds its own to it, and tells the next: a slot whose release comes from another CTA.
!bare = !tile.ring<1>
!c = !tile.cursor<1>
!g = !tile.global<f32, 2, 4>
!v = tensor<512xf32, #tile.lanes<128, 4>>

tile.kernel @sums(%x: !g, %y: !g, %n: index) cluster(4, 1, 1) {
  %c0 = arith.constant 0 : index
  %c512 = arith.constant 512 : index
  %row = tile.cta 0
  %place = affine.apply affine_map<()[r] -> (r mod 4)>()[%row]
  %first = arith.cmpi eq, %place, %c0 : index
  %R = tile.ring full(4 warp) empty(2 thread) : !bare // emptied by this CTA, which saw it full, and by the one before
  tile.role @add group {
    %s = tile.cursor : !c
    tile.acquire %R[%s] : !bare // empty from the beginning
    tile.publish %R[%s] : !bare
    %t = tile.next %s : !c
    tile.acquire %R[%t] : !bare // empty again: the row before is stored
    scf.for %at = %c0 to %n step %c512 {
      %own = tile.load %x[%row, %at][1, 512] : !g -> !v
      %sum = scf.if %first -> (!v) {
        scf.yield %own : !v
      } else {
        %above = affine.apply affine_map<()[r] -> (r - 1)>()[%row]
        %before = tile.load %y[%above, %at][1, 512] : !g -> !v
        %a = arith.addf %before, %own : !v
        scf.yield %a : !v
      }
      tile.store %sum, %y[%row, %at][1, 512] : !v, !g
    }
    tile.publish %R[%t] : !bare
  }
  tile.role @tell thread {
    %s = tile.cursor : !c
    %t = tile.next %s : !c
    tile.await %R[%s] : !bare
    tile.release %R[%s] : !bare
    tile.release %R[%s] if(%first) : !bare // nobody is before the first
    tile.await %R[%t] : !bare
    %c3 = arith.constant 3 : index
    %next = affine.apply affine_map<()[p] -> ((p + 1) mod 4)>()[%place]
    %more = arith.cmpi ne, %place, %c3 : index
    tile.release %R[%s] if(%more) at(%next) : !bare
  }
}

!t = tensor<?x?xf32, #ssm.dims<M, N>>
func.func @forward(%x: !t {ssm.name = "x", ssm.role = #ssm.role<input>}) -> (!t {ssm.name = "out", ssm.role = #ssm.role<output>})
    attributes {ssm.dims = [#ssm.dim<M>, #ssm.dim<N>]} {
  %y = tile.alloc : !t
  %xv = tile.global_view %x sizes [M, N] strides [N, 1] : !t -> !g
  %yv = tile.global_view %y sizes [M, N] strides [N, 1] : !t -> !g
  %n = tile.size N
  tile.launch @sums grid [M, 1, 1] (%xv, %yv, %n) : !g, !g, index
  return %y : !t
}
