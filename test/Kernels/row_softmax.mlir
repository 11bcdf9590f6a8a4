// Softmax of rows of 4096: two rows a warpgroup at a time, the next two loaded while these are worked on.
#l = #tile.lanes<128, 8>
!x = tensor<2x4096xbf16, #l>
!f = tensor<2x4096xf32, #l>
!v = tensor<2xf32, #tile.row<#l>>
!rows = !tile.global<bf16, 2, 8>
!scratch = !tile.smem<2x4xf32>
!t = tensor<?x4096xbf16, #ssm.dims<M, N>>

tile.kernel @row_softmax(%x: !rows, %y: !rows, %rows: index) ctas_per_sm(4) {
  %u = tile.buffer : !scratch // a scratch a reduction: the other one's meeting frees it
  %w = tile.buffer : !scratch
  tile.role @rows group {
    %c2 = arith.constant 2 : index
    %one = arith.constant dense<1.0> : !v
    %log2e = arith.constant dense<1.4426950408889634> : !f
    %cta = tile.cta 0
    %ctas = tile.cta_count 0
    %first = arith.muli %cta, %c2 : index
    %step = arith.muli %ctas, %c2 : index
    %a0 = tile.load %x[%first, 0][2, 4096] : !rows -> !x
    %last = scf.for %r = %first to %rows step %step iter_args(%a = %a0) -> !x {
      %rn = arith.addi %r, %step : index
      %next = tile.load %x[%rn, 0][2, 4096] : !rows -> !x
      %f = arith.extf %a : !x to !f
      %m = tile.reduce maxnumf %f via(%u : !scratch) : !f -> !v
      %mb = tile.broadcast %m : !v to !f
      %s = arith.subf %f, %mb : !f
      %t = arith.mulf %s, %log2e : !f
      %e = math.exp2 %t fastmath<afn> : !f
      %d = tile.reduce addf %e via(%w : !scratch) : !f -> !v
      %i = arith.divf %one, %d fastmath<arcp, afn> : !v
      %ib = tile.broadcast %i : !v to !f
      %o = arith.mulf %e, %ib : !f
      %ob = arith.truncf %o : !f to !x
      tile.store %ob, %y[%r, 0][2, 4096] : !x, !rows
      scf.yield %next : !x
    }
  }
}

func.func @forward(%x: !t {ssm.name = "x", ssm.role = #ssm.role<input>}) -> (!t {ssm.name = "out", ssm.role = #ssm.role<output>})
    attributes {ssm.dims = [#ssm.dim<M>, #ssm.dim<N = 4096>]} {
  %y = tile.alloc : !t
  %xv = tile.global_view %x sizes [M, 4096] strides [4096, 1] : !t -> !rows
  %yv = tile.global_view %y sizes [M, 4096] strides [4096, 1] : !t -> !rows
  %m = tile.size M
  tile.launch @row_softmax grid [min(mul("%sms", 4), ceildiv(M, 2)), 1, 1] (%xv, %yv, %m) : !rows, !rows, index
  return %y : !t
}
