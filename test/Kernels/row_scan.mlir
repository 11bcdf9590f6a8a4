// Running sums along rows: a row a warp, 1024 columns a step, the next ones under way, the sum so far carried on.
#l = #tile.lanes<32, 8>
!x = tensor<4x1024xbf16, #l>
!f = tensor<4x1024xf32, #l>
!v = tensor<4xf32, #tile.row<#l>>
!rows = !tile.global<bf16, 2, 8>
!t = tensor<?x?xbf16, #ssm.dims<M, N>>

tile.kernel @row_scan(%x: !rows, %y: !rows, %columns: index) ctas_per_sm(6) {
  tile.role @rows group {
    %c0 = arith.constant 0 : index
    %c1024 = arith.constant 1024 : index
    %zero = arith.constant dense<0.0> : !v
    %cta = tile.cta 0
    %row = affine.apply affine_map<()[i] -> (4 * i)>()[%cta]
    %a0 = tile.load %x[%row, 0][4, 1024] : !rows -> !x
    %e:2 = scf.for %j = %c0 to %columns step %c1024 iter_args(%a = %a0, %sum = %zero) -> (!x, !v) {
      %jn = arith.addi %j, %c1024 : index
      %next = tile.load %x[%row, %jn][4, 1024] : !rows -> !x
      %f = arith.extf %a : !x to !f
      %s = tile.scan addf %f : !f
      %before = tile.broadcast %sum : !v to !f
      %t = arith.addf %s, %before : !f
      %b = arith.truncf %t : !f to !x
      tile.store %b, %y[%row, %j][4, 1024] : !x, !rows
      %whole = tile.reduce addf %f : !f -> !v
      %sn = arith.addf %sum, %whole : !v
      scf.yield %next, %sn : !x, !v
    }
  }
}

func.func @forward(%x: !t {ssm.name = "x", ssm.role = #ssm.role<input>}) -> (!t {ssm.name = "out", ssm.role = #ssm.role<output>})
    attributes {ssm.dims = [#ssm.dim<M>, #ssm.dim<N>]} {
  %y = tile.alloc : !t
  %xv = tile.global_view %x sizes [M, N] strides [N, 1] : !t -> !rows
  %yv = tile.global_view %y sizes [M, N] strides [N, 1] : !t -> !rows
  %n = tile.size N
  tile.launch @row_scan grid [ceildiv(M, 4), 1, 1] (%xv, %yv, %n) : !rows, !rows, index
  return %y : !t
}
