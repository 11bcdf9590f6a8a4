//===- Reduce.td - P2, P3: reductions, softmax, contractions -*- tablegen -*-===//
#ifndef SSM_REDUCE_TD
#define SSM_REDUCE_TD

include "Attrs.td"

def Ssm_ReduceOp : Ssm_PureOp<"reduce"> {
  let summary = "combine along dimensions";
  let description = [{
    Combines the elements along the named dimensions, which the result lacks. An
    empty dimension gives the identity. `logsumexp` subtracts a running maximum
    and gives -inf where all elements are -inf.

    ```mlir
    // Before: max[M] s. After:
    %m = ssm.reduce max %s over ["M"] : tensor<?x?xf32, #ssm.dims<L, M>> -> tensor<?xf32, #ssm.dims<L>>
    ```
  }];
  let arguments = (ins Ssm_MonoidAttr:$monoid, Ssm_Tensor:$operand, StrArrayAttr:$dims);
  let results = (outs Ssm_Tensor:$result);
  let assemblyFormat = "$monoid $operand `over` $dims attr-dict `:` type($operand) `->` type($result)";
  let builders = [OpBuilder<(ins "::ssm::Monoid":$monoid, "::mlir::Value":$operand,
                                 "::llvm::ArrayRef<::llvm::StringRef>":$dims)>];
  let hasVerifier = 1;
  let hasFolder = 1;
  let hasCanonicalizer = 1;
}

def Ssm_ArgmaxOp : Ssm_PureOp<"argmax"> {
  let summary = "index of the first largest element along a dimension";
  let description = [{
    i64; NaN counts as largest; an empty dimension fails at run time.

    ```mlir
    // Before: argmax[M] s. After:
    %i = ssm.argmax %s over "M" : tensor<?x?xf32, #ssm.dims<L, M>> -> tensor<?xi64, #ssm.dims<L>>
    ```
  }];
  let arguments = (ins Ssm_Tensor:$operand, StrAttr:$dim);
  let results = (outs Ssm_IntTensor:$result);
  let assemblyFormat = "$operand `over` $dim attr-dict `:` type($operand) `->` type($result)";
  let hasVerifier = 1;
}

def Ssm_SoftmaxOp : Ssm_PureOp<"softmax", [AllTypesMatch<["operand", "result"]>]> {
  let summary = "exponentials normalised along dimensions";
  let description = [{
    exp(x - max) / sum(exp(x - max)) over the named dimensions together; 0 where
    every element is -inf. Real elements.

    ```mlir
    // Before: softmax[M] s. After:
    %p = ssm.softmax %s over ["M"] : tensor<?x?xf32, #ssm.dims<L, M>>
    ```
  }];
  let arguments = (ins Ssm_Tensor:$operand, StrArrayAttr:$dims);
  let results = (outs Ssm_Tensor:$result);
  let assemblyFormat = "$operand `over` $dims attr-dict `:` type($result)";
  let builders = [OpBuilder<(ins "::mlir::Value":$operand, "::llvm::ArrayRef<::llvm::StringRef>":$dims)>];
  let hasVerifier = 1;
}

def Ssm_CumulateOp : Ssm_PureOp<"cumulate", [AllTypesMatch<["operand", "result"]>]> {
  let summary = "running combination along a dimension";
  let description = [{
    Element l of the result combines elements 0 to l of the operand.

    ```mlir
    // Before: cumsum[L] x. After:
    %c = ssm.cumulate add %x along "L" : tensor<?x?xf32, #ssm.dims<B, L>>
    ```
  }];
  let arguments = (ins Ssm_MonoidAttr:$monoid, Ssm_Tensor:$operand, StrAttr:$dim);
  let results = (outs Ssm_Tensor:$result);
  let assemblyFormat = "$monoid $operand `along` $dim attr-dict `:` type($result)";
  let builders = [OpBuilder<(ins "::ssm::Monoid":$monoid, "::mlir::Value":$operand, "::llvm::StringRef":$dim)>];
  let hasVerifier = 1;
}

def Ssm_ContractOp : Ssm_PureOp<"contract"> {
  let summary = "sum of products by dimension name";
  let description = [{
    Multiplies the operands, broadcast by name, and sums over the named
    dimensions. A summed dimension occurs in at least one operand. Sums run in the
    element type (f32, f64, their complex, i64); operands may be stored in bf16 or
    f16 where the result is f32.

    ```mlir
    // Before: sum[D] q * k. After:
    %s = ssm.contract(%q, %k) over ["D"] : (tensor<?x64xf32, #ssm.dims<L, D>>, tensor<?x64xf32, #ssm.dims<M, D>>)
           -> tensor<?x?xf32, #ssm.dims<L, M>>
    ```
  }];
  let arguments = (ins Variadic<Ssm_Tensor>:$operands, StrArrayAttr:$dims);
  let results = (outs Ssm_Tensor:$result);
  let assemblyFormat = "`(` $operands `)` `over` $dims attr-dict `:` functional-type($operands, $result)";
  let builders = [OpBuilder<(ins "::mlir::ValueRange":$operands, "::llvm::ArrayRef<::llvm::StringRef>":$dims)>];
  let hasVerifier = 1;
  let hasCanonicalizer = 1;
}

#endif
