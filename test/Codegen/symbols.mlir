// RUN: %ssm-opt %s --ssm-assign-symbols | FileCheck %s

// Entries get C names, no two the same; what is no entry gets none.
// CHECK: func.func @forward() attributes {ssm.dims = [], ssm.symbol = "bank_forward_entry"}
// CHECK: func.func @init.w() attributes {ssm.dims = [], ssm.symbol = "bank_init_w_entry"}
// CHECK: func.func @init_w() attributes {ssm.dims = [], ssm.symbol = "bank_init_w_2_entry"}
// CHECK: func.func @"\C3\A9"() attributes {ssm.dims = [], ssm.symbol = "bank____entry"}
// CHECK: func.func @helper() {
// CHECK: func.func private @outside() attributes {ssm.dims = []}
module attributes {ssm.layer = "bank"} {
  func.func @forward() attributes {ssm.dims = []} { return }
  func.func @init.w() attributes {ssm.dims = []} { return }
  func.func @init_w() attributes {ssm.dims = []} { return }
  func.func @"\C3\A9"() attributes {ssm.dims = []} { return }
  func.func @helper() { return }
  func.func private @outside() attributes {ssm.dims = []}
}
