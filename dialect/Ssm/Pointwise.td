//===- Pointwise.td - P1: maps, positions, sizes ------------*- tablegen -*-===//
#ifndef SSM_POINTWISE_TD
#define SSM_POINTWISE_TD

include "Attrs.td"

def Ssm_MapOp : Ssm_PureOp<"map"> {
  let summary = "pointwise function, broadcast by name";
  let description = [{
    Applies a scalar function to every element. Operands broadcast by dimension
    name; the result has the union of their dimensions (any order; builders give
    the order of first appearance). Arithmetic runs in the element type: i64, f32,
    f64, complex<f32>, complex<f64>, i1 for logic. Stored types (bf16, f16, i32)
    must be cast first; only `cast` and `select` accept them. Operands other than
    `select`'s condition have one element type.

    `div` of integers does not exist (cast first); `floordiv` and `mod` round
    towards minus infinity and give 0 for a divisor of 0. `complex` makes a
    complex value from two reals. `cast` rounds to nearest even; real to integer
    truncates and saturates; to i1 tests for non-zero.

    ```mlir
    // Before: exp(log_dt) * A, one real per H, one complex per H and N. After:
    %0 = ssm.map exp(%log_dt) : (tensor<?xf32, #ssm.dims<H>>) -> tensor<?xf32, #ssm.dims<H>>
    %1 = ssm.map cast(%0) : (tensor<?xf32, #ssm.dims<H>>) -> tensor<?xcomplex<f32>, #ssm.dims<H>>
    %2 = ssm.map mul(%1, %A) : (tensor<?xcomplex<f32>, #ssm.dims<H>>, tensor<?x32xcomplex<f32>, #ssm.dims<H, N>>)
           -> tensor<?x32xcomplex<f32>, #ssm.dims<H, N>>
    ```
  }];
  let arguments = (ins Ssm_MapFnAttr:$fn, Variadic<Ssm_Tensor>:$operands);
  let results = (outs Ssm_Tensor:$result);
  let assemblyFormat = "$fn `(` $operands `)` attr-dict `:` functional-type($operands, $result)";
  let builders = [
    // The result type follows from the function and the operands.
    OpBuilder<(ins "::ssm::MapFn":$fn, "::mlir::ValueRange":$operands)>,
    // A cast.
    OpBuilder<(ins "::mlir::Value":$operand, "::mlir::Type":$elementType)>];
  let hasVerifier = 1;
  let hasFolder = 1;
  let hasCanonicalizer = 1;
}

def Ssm_PosOp : Ssm_PureOp<"pos"> {
  let summary = "index along a dimension";
  let description = [{
    The i64 vector 0, 1, ..., size(L) - 1 with the dimension L.

    ```mlir
    // Before: pos(L). After:
    %l = ssm.pos "L" : tensor<?xi64, #ssm.dims<L>>
    ```
  }];
  let arguments = (ins StrAttr:$dim);
  let results = (outs Ssm_IntTensor:$result);
  let assemblyFormat = "$dim attr-dict `:` type($result)";
  let hasVerifier = 1;
}

def Ssm_SizeOfOp : Ssm_PureOp<"size"> {
  let summary = "length of a dimension";
  let description = [{
    The length of a dimension of the function, as an i64 scalar. The name stands
    in the function's `ssm.dims`.

    ```mlir
    // Before: size(L). After:
    %n = ssm.size "L" : tensor<i64>
    ```
  }];
  let arguments = (ins StrAttr:$dim);
  let results = (outs Ssm_IntScalar:$result);
  let assemblyFormat = "$dim attr-dict `:` type($result)";
  let hasFolder = 1;
}

def Ssm_CheckOp : Ssm_Op<"check", [MemoryEffects<[MemWrite]>]> {
  let summary = "run-time condition on sizes or indices";
  let description = [{
    Where the condition is false the call fails with the message, in which `%a`
    and `%b` stand for the two values. Later results are unspecified but safe.

    ```mlir
    // Before: the blocks of a block_sparse parameter, placed by its index parts. After, among others:
    ssm.check %ok, "a block lies at block %a of 'I', which has %b" (%place, %count)
    ```
  }];
  let arguments = (ins Ssm_BoolScalar:$condition, StrAttr:$message, Variadic<Ssm_IntScalar>:$values);
  let assemblyFormat = "$condition `,` $message (`(` $values^ `)`)? attr-dict";
  let hasVerifier = 1;
  let hasCanonicalizeMethod = 1;
}

#endif
