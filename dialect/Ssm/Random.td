//===- Random.td - random numbers for initialisers ----------*- tablegen -*-===//
#ifndef SSM_RANDOM_TD
#define SSM_RANDOM_TD

include "Attrs.td"

def Ssm_RandomOp : Ssm_PureOp<"random"> {
  let summary = "random numbers from a counter-based generator";
  let description = [{
    f64 draws in [0, 1) or of the standard normal distribution. Element i in the
    row-major order of the result depends on (seed, stream, i) only.

    ```mlir
    // Before: param C: f32[H, N] = normal(1). After, in the function that draws C:
    %r = ssm.random normal %seed stream 3 : tensor<?x32xf64, #ssm.dims<H, N>>
    ```
  }];
  let arguments = (ins Ssm_DistributionAttr:$distribution, Ssm_IntScalar:$seed, I64Attr:$stream);
  let results = (outs Ssm_Tensor:$result);
  let assemblyFormat = "$distribution $seed `stream` $stream attr-dict `:` type($result)";
  let hasVerifier = 1;
}

#endif
