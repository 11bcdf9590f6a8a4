// RUN: %ssm-opt %s | %ssm-opt | FileCheck %s

// A plan and a ledger are read back as they are printed.
// CHECK: ssm.kernel "sum"(%{{.*}}) plan <form = sequential, own = [B : 1, "3" : 16], step = [L : 32]>
// CHECK-SAME: ledger <bytes = 8, flops = 4, exps = 2, time = 7, floor = 5, bound = "memory", others = [("own B : 2", 9, "more bytes")]>
// CHECK: ssm.launch @sum(%{{.*}}) sizes ["L"]
func.func @forward(%x: tensor<?x3x?xf32, #ssm.dims<B, "3", L>>) -> (tensor<?x3xf32, #ssm.dims<B, "3">>, tensor<?x3xf32, #ssm.dims<B, "3">>) {
  %s = ssm.kernel "sum"(%x) plan <form = sequential, own = [B : 1, "3" : 16], step = [L : 32]>
      ledger <bytes = 8, flops = 4, exps = 2, time = 7, floor = 5, bound = "memory", others = [("own B : 2", 9, "more bytes")]>
      : (tensor<?x3x?xf32, #ssm.dims<B, "3", L>>) -> tensor<?x3xf32, #ssm.dims<B, "3">> {
  ^bb0(%a: tensor<?x3x?xf32, #ssm.dims<B, "3", L>>):
    %0 = ssm.reduce add %a over ["L"] : tensor<?x3x?xf32, #ssm.dims<B, "3", L>> -> tensor<?x3xf32, #ssm.dims<B, "3">>
    ssm.yield %0 : tensor<?x3xf32, #ssm.dims<B, "3">>
  }
  %t = ssm.launch @sum(%x) sizes ["L"] : (tensor<?x3x?xf32, #ssm.dims<B, "3", L>>) -> tensor<?x3xf32, #ssm.dims<B, "3">>
  return %s, %t : tensor<?x3xf32, #ssm.dims<B, "3">>, tensor<?x3xf32, #ssm.dims<B, "3">>
}
