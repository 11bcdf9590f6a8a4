//===- OnlineFold.td - raised: sums bound late to a maximum ---*- tablegen -*-===//
//
// Online softmax and its kin: sums of exponentials relative to a maximum over the
// same dimension, which one pass can take because an older reference is exchanged
// for a newer one by a factor.
//
//===----------------------------------------------------------------------===//
#ifndef SSM_ONLINEFOLD_TD
#define SSM_ONLINEFOLD_TD

include "Attrs.td"

def Ssm_OnlineFoldOp : Ssm_PureOp<"online_fold", [AttrSizedOperandSegments]> {
  let summary = "sums of exponentials under a running maximum";
  let description = [{
    Results: the maximum r of `reference` over the dimensions of `max`, and for each
    sum the total over its own dimensions of exp(exponent - r) times its factors;
    `exponent` is the reference where it is not given. Where r is -inf, 0 stands in
    its place under the exponential. The dimensions that every sum and the maximum
    have in common can be walked in one pass, in any order and in parts:

      r' = max(r, part's r),  sum' = exp(r - r') sum + exp(part's r - r') part's sum

    `free_reference`: all that is made of the results is the same for every r (a
    quotient of two sums, r + log of a sum), so that an older maximum will do as
    long as nothing overflows.

    Before
    ```mlir
    %p = ssm.softmax %s over ["M"] : tensor<?x?xf32, #ssm.dims<L, M>>
    %y = ssm.contract(%p, %v) over ["M"] : ...
    ```
    After
    ```mlir
    %r, %sum, %acc = ssm.online_fold max(%s : tensor<?x?xf32, #ssm.dims<L, M>>) over ["M"]
      sum(() over ["M"], (%v) over ["M"] : tensor<?x?xf32, #ssm.dims<M, E>>) free_reference
      -> tensor<?xf32, #ssm.dims<L>>, tensor<?xf32, #ssm.dims<L>>, tensor<?x?xf32, #ssm.dims<L, E>>
    %y = %acc / %sum, 0 where %sum is 0
    ```
  }];
  let arguments = (ins Ssm_Tensor:$reference, StrArrayAttr:$maxDims, Optional<Ssm_Tensor>:$exponent,
                       Variadic<Ssm_Tensor>:$factors, DenseI64ArrayAttr:$factorCounts, ArrayAttr:$over,
                       UnitAttr:$freeReference);
  let results = (outs Ssm_Tensor:$maximum, Variadic<Ssm_Tensor>:$sums);
  let assemblyFormat = [{
    `max` `(` $reference `:` type($reference) `)` `over` $maxDims
    (`exponent` `(` $exponent^ `:` type($exponent) `)`)?
    `sum` `(` custom<Products>($factors, type($factors), $factorCounts, $over) `)`
    (`free_reference` $freeReference^)? attr-dict `->` type(results)
  }];
  let extraClassDeclaration = [{
    /// One sum: the factors beside the exponential, its dimensions, its result.
    struct Sum {
      ::mlir::OperandRange factors;
      ::llvm::SmallVector<::llvm::StringRef> over;
      ::mlir::Value result;
    };
    ::llvm::SmallVector<Sum> getTerms();
    ::mlir::Value getExponentOrReference() { return getExponent() ? getExponent() : getReference(); }
    /// What one pass may walk: the dimensions of the maximum that every sum has.
    ::llvm::SmallVector<::llvm::StringRef> getFoldedDims();
  }];
  let hasVerifier = 1;
}

#endif
