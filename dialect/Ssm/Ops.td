//===- Ops.td - all operations of the ssm dialect -----------*- tablegen -*-===//
//
// One file a family. Places kept for later families: discretisation (P7), charts,
// iteration and small linear algebra (P10 to P12), fused kernels.
//
//===----------------------------------------------------------------------===//
include "Pointwise.td"
include "Reduce.td"
include "Shape.td"
include "Scan.td"
include "Recurrence.td"
include "OnlineFold.td"
include "Convolution.td"
include "Structure.td"
include "Random.td"
