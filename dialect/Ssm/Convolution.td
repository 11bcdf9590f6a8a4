//===- Convolution.td - P6, P8: convolutions and Fourier ----*- tablegen -*-===//
#ifndef SSM_CONVOLUTION_TD
#define SSM_CONVOLUTION_TD

include "Attrs.td"

def Ssm_ConvOp : Ssm_PureOp<"conv"> {
  let summary = "convolution along a dimension";
  let description = [{
    y[l] = sum over j of kernel[j] u[i(l, j)], j along `kernelDim`, zero outside:
    `causal` i = l - j, `anticausal` l + j, `circular` (l - j) mod size(L), `same`
    l + (size(K) - 1) div 2 - j. All other dimensions broadcast by name. Where
    kernelDim is dim itself the kernel has the input's length. A carried history
    is written with `ssm.concat` before it. `transformed` says how, not what: the
    runtime takes it by Fourier transforms of blocks (real elements only; ssm-fuse
    sets it where that takes less time).

    ```mlir
    // Before: conv[L, K](u, k). After:
    %y = ssm.conv causal %u along "L", %k along "K"
      : tensor<?x?xf32, #ssm.dims<H, L>>, tensor<?x4xf32, #ssm.dims<H, K>> -> tensor<?x?xf32, #ssm.dims<H, L>>
    ```
  }];
  let arguments = (ins Ssm_ConvModeAttr:$mode, Ssm_Tensor:$operand, StrAttr:$dim, Ssm_Tensor:$kernel, StrAttr:$kernelDim,
                       UnitAttr:$transformed);
  let results = (outs Ssm_Tensor:$result);
  let assemblyFormat = "$mode $operand `along` $dim `,` $kernel `along` $kernelDim (`transformed` $transformed^)? attr-dict `:` type($operand) `,` type($kernel) `->` type($result)";
  let builders = [OpBuilder<(ins "::ssm::ConvMode":$mode, "::mlir::Value":$operand, "::llvm::StringRef":$dim,
                                 "::mlir::Value":$kernel, "::llvm::StringRef":$kernelDim)>];
  let hasVerifier = 1;
}

def Ssm_FftOp : Ssm_PureOp<"fft"> {
  let summary = "Fourier transform of one dimension, with a choice of modes";
  let description = [{
    `rfft` takes a real operand along `from` to the first size(to) modes of its
    half spectrum; `fft` a complex one to size(to) modes of both signs, ceil(K/2)
    from 0 up and then floor(K/2) below 0. `irfft` and `ifft` invert them from
    modes `from` to size(to) points, zero in the modes that are not given, scaled
    by 1 / size(to); `irfft` ignores the imaginary part of the modes 0 and n/2.
    More modes than the transform has fail at run time. Transforms of several
    dimensions are chains of these.

    ```mlir
    // Before: rfft[X -> K] x. After:
    %k = ssm.fft rfft %x "X" to "K" : tensor<?x?xf32, #ssm.dims<B, X>> -> tensor<?x16xcomplex<f32>, #ssm.dims<B, K>>
    ```
  }];
  let arguments = (ins Ssm_FftKindAttr:$kind, Ssm_Tensor:$operand, StrAttr:$from, StrAttr:$to);
  let results = (outs Ssm_Tensor:$result);
  let assemblyFormat = "$kind $operand $from `to` $to attr-dict `:` type($operand) `->` type($result)";
  let hasVerifier = 1;
}

#endif
