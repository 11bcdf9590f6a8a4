// out = x by one warp a row.
!x = tensor<?x64xf32, #ssm.dims<M, N>>
!v = !tile.global<f32, 2, 2>
!t = tensor<1x64xf32, #tile.lanes<32, 2>>
tile.kernel @copy(%x: !v, %y: !v) {
  %row = tile.cta 0
  tile.role @rows warp {
    %t = tile.load %x[%row, 0][1, 64] : !v -> !t
    tile.store %t, %y[%row, 0][1, 64] : !t, !v
  }
}
func.func @forward(%x: !x {ssm.name = "x", ssm.role = #ssm.role<input>}) -> (!x {ssm.name = "out", ssm.role = #ssm.role<output>})
    attributes {ssm.dims = [#ssm.dim<M>, #ssm.dim<N = 64>]} {
  %y = tile.alloc : !x
  %a = tile.global_view %x sizes [M, 64] strides [64, 1] : !x -> !v
  %b = tile.global_view %y sizes [M, 64] strides [64, 1] : !x -> !v
  tile.launch @copy grid [M, 1, 1] (%a, %b) : !v, !v
  return %y : !x
}
