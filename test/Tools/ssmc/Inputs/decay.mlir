module attributes {ssm.layer = "decay", ssm.source = "decay.ssm", ssm.stepped = "L"} {
  func.func @forward(%u: tensor<?x?x?xf32, #ssm.dims<B, L, H>> {ssm.name = "u", ssm.role = #ssm.role<input>},
                     %a: tensor<?xf32, #ssm.dims<H>> {ssm.name = "a", ssm.role = #ssm.role<param>},
                     %c: tensor<?x?xf32, #ssm.dims<H, O>> {ssm.name = "c", ssm.role = #ssm.role<param>},
                     %h0: tensor<?x?xf32, #ssm.dims<B, H>> {ssm.name = "h", ssm.role = #ssm.role<state>})
      -> (tensor<?x?x?xf32, #ssm.dims<B, L, O>> {ssm.name = "out", ssm.role = #ssm.role<output>},
          tensor<?x?xf32, #ssm.dims<B, H>> {ssm.name = "h", ssm.role = #ssm.role<state>})
      attributes {ssm.dims = [#ssm.dim<B>, #ssm.dim<L>, #ssm.dim<H>, #ssm.dim<O>]} {
    %ea = ssm.map exp(%a) : (tensor<?xf32, #ssm.dims<H>>) -> tensor<?xf32, #ssm.dims<H>>
    %last, %all = ssm.scan "L" init(%h0 : tensor<?x?xf32, #ssm.dims<B, H>>) over(%u : tensor<?x?x?xf32, #ssm.dims<B, L, H>>)
        final(tensor<?x?xf32, #ssm.dims<B, H>>) stacked(tensor<?x?x?xf32, #ssm.dims<B, L, H>>) {
    ^bb0(%l: tensor<i64>, %h: tensor<?x?xf32, #ssm.dims<B, H>>, %ul: tensor<?x?xf32, #ssm.dims<B, H>>):
      %0 = ssm.map mul(%ea, %h) : (tensor<?xf32, #ssm.dims<H>>, tensor<?x?xf32, #ssm.dims<B, H>>) -> tensor<?x?xf32, #ssm.dims<B, H>>
      %1 = ssm.map add(%0, %ul) : (tensor<?x?xf32, #ssm.dims<B, H>>, tensor<?x?xf32, #ssm.dims<B, H>>) -> tensor<?x?xf32, #ssm.dims<B, H>>
      ssm.yield %1, %1 : tensor<?x?xf32, #ssm.dims<B, H>>, tensor<?x?xf32, #ssm.dims<B, H>>
    }
    %y = ssm.contract(%all, %c) over ["H"] : (tensor<?x?x?xf32, #ssm.dims<B, L, H>>, tensor<?x?xf32, #ssm.dims<H, O>>) -> tensor<?x?x?xf32, #ssm.dims<B, L, O>>
    return %y, %last : tensor<?x?x?xf32, #ssm.dims<B, L, O>>, tensor<?x?xf32, #ssm.dims<B, H>>
  }
}
