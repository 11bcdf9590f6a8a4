// Rows and columns of an outer product, which is used twice and so is kept in memory.
module attributes {ssm.layer = "outer", ssm.source = "outer.ssm"} {
  func.func @forward(%u: tensor<?xf32, #ssm.dims<L>> {ssm.name = "u", ssm.role = #ssm.role<input>},
                     %v: tensor<?xf32, #ssm.dims<M>> {ssm.name = "v", ssm.role = #ssm.role<input>})
      -> (tensor<?xf32, #ssm.dims<L>> {ssm.name = "out0", ssm.role = #ssm.role<output>},
          tensor<?xf32, #ssm.dims<M>> {ssm.name = "out1", ssm.role = #ssm.role<output>})
      attributes {ssm.dims = [#ssm.dim<L>, #ssm.dim<M>]} {
    %p = ssm.map mul(%u, %v) : (tensor<?xf32, #ssm.dims<L>>, tensor<?xf32, #ssm.dims<M>>) -> tensor<?x?xf32, #ssm.dims<L, M>>
    %0 = ssm.reduce add %p over ["M"] : tensor<?x?xf32, #ssm.dims<L, M>> -> tensor<?xf32, #ssm.dims<L>>
    %1 = ssm.reduce add %p over ["L"] : tensor<?x?xf32, #ssm.dims<L, M>> -> tensor<?xf32, #ssm.dims<M>>
    return %0, %1 : tensor<?xf32, #ssm.dims<L>>, tensor<?xf32, #ssm.dims<M>>
  }
}
