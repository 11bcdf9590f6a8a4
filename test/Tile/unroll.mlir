// Marked loops are unrolled, inner ones with them; others stay.
// RUN: ssm-opt %s --tile-unroll --canonicalize | FileCheck %s
// RUN: ssm-opt %s --tile-unroll --canonicalize | FileCheck %s --check-prefix=FEW

func.func private @use(index)

// CHECK-LABEL: @marked
// CHECK-DAG: %[[C0:.*]] = arith.constant 0
// CHECK-DAG: %[[C1:.*]] = arith.constant 1
// CHECK-DAG: %[[C4:.*]] = arith.constant 4
// CHECK-DAG: %[[C5:.*]] = arith.constant 5
// CHECK: call @use(%[[C0]])
// CHECK-NEXT: call @use(%[[C1]])
// CHECK-NEXT: call @use(%[[C4]])
// CHECK-NEXT: call @use(%[[C5]])
// CHECK-NEXT: scf.for
// FEW: scf.for
// FEW-NOT: scf.for
func.func @marked(%n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  scf.for %i = %c0 to %c2 step %c1 {
    scf.for %j = %c0 to %c2 step %c1 {
      %k = affine.apply affine_map<()[i, j] -> (4 * i + j)>()[%i, %j]
      func.call @use(%k) : (index) -> ()
    } {tile.unroll}
  } {tile.unroll}
  scf.for %i = %c0 to %n step %c1 {
    func.call @use(%i) : (index) -> ()
  }
  return
}
