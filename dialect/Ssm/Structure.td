//===- Structure.td - P9: structured matrices ---------------*- tablegen -*-===//
#ifndef SSM_STRUCTURE_TD
#define SSM_STRUCTURE_TD

include "Attrs.td"

def Ssm_MatrixType : TypeDef<Ssm_Dialect, "Matrix"> {
  let mnemonic = "matrix";
  let summary = "a matrix known by its structure";
  let description = [{
    `!ssm.matrix<O x I x f32>`: rows O, columns I, the element type in which it
    multiplies. It exists as a value only; `ssm.materialize` writes it out.
  }];
  let parameters = (ins "::mlir::StringAttr":$rows, "::mlir::StringAttr":$columns, "::mlir::Type":$elementType);
  let assemblyFormat = "`<` custom<DimName>($rows) `x` custom<DimName>($columns) `,` $elementType `>`";
}

def Ssm_StructuredOp : Ssm_PureOp<"structured"> {
  let summary = "a structured matrix from its stored parts";
  let description = [{
    The structures, their parts (in this order) and `arguments`:
    diagonal [I]; lowrank left [O, R], right [R, I]; block_diagonal {n} blocks
    [n, O/n, I/n]; flat_butterfly {block, factors} blocks [n, k + 1, O/n, I/n];
    block_sparse {block, count} blocks [z, b, b], rows [z], columns [z] (i64);
    monarch {k} first [k, I/k, I/k], second [I/k, O k/I, k]; butterfly twiddles
    [m, n/2, 2, 2]; toeplitz diagonals [O + I - 1]; circulant column [I]. Parts
    may have further dimensions, which broadcast (a matrix for each element).

    ```mlir
    // Before: param W: lowrank<32> f32[O, I] = ... After, where W is used:
    %W = ssm.structured lowrank(%left, %right) {parameters = array<i64: 32>} : (tensor<?x32xf32, #ssm.dims<O, R>>, tensor<32x?xf32, #ssm.dims<R, I>>) -> !ssm.matrix<O x I, f32>
    ```
  }];
  let arguments = (ins Ssm_StructureAttr:$structure, Variadic<Ssm_Tensor>:$parts,
                       DefaultValuedAttr<DenseI64ArrayAttr, "{}">:$parameters);
  let results = (outs Ssm_MatrixType:$result);
  let assemblyFormat = "$structure `(` $parts `)` attr-dict `:` functional-type($parts, $result)";
  let hasVerifier = 1;
}

def Ssm_MatrixAddOp : Ssm_PureOp<"matrix_add", [AllTypesMatch<["lhs", "rhs", "result"]>]> {
  let summary = "sum of structured matrices";
  let description = [{
    ```mlir
    // Before: W + U. After:
    %S = ssm.matrix_add %W, %U : !ssm.matrix<O x I, f32>
    ```
  }];
  let arguments = (ins Ssm_MatrixType:$lhs, Ssm_MatrixType:$rhs);
  let results = (outs Ssm_MatrixType:$result);
  let assemblyFormat = "$lhs `,` $rhs attr-dict `:` qualified(type($result))";
  let hasVerifier = 1;
}

def Ssm_MatrixScaleOp : Ssm_PureOp<"matrix_scale", [AllTypesMatch<["matrix", "result"]>]> {
  let summary = "structured matrix times a value that lacks its rows and columns";
  let description = [{
    ```mlir
    // Before: g * W. After:
    %S = ssm.matrix_scale %W by %g : !ssm.matrix<O x I, f32>, tensor<f32>
    ```
  }];
  let arguments = (ins Ssm_MatrixType:$matrix, Ssm_Tensor:$factor);
  let results = (outs Ssm_MatrixType:$result);
  let assemblyFormat = "$matrix `by` $factor attr-dict `:` qualified(type($result)) `,` type($factor)";
  let hasVerifier = 1;
}

def Ssm_MatrixMulOp : Ssm_PureOp<"matrix_mul"> {
  let summary = "product of structured matrices";
  let description = [{
    `lhs` [O, J] times `rhs` [J, I].

    ```mlir
    // Before: sum[J] A * B. After:
    %P = ssm.matrix_mul %A, %B : !ssm.matrix<O x J, f32>, !ssm.matrix<J x I, f32> -> !ssm.matrix<O x I, f32>
    ```
  }];
  let arguments = (ins Ssm_MatrixType:$lhs, Ssm_MatrixType:$rhs);
  let results = (outs Ssm_MatrixType:$result);
  let assemblyFormat = "$lhs `,` $rhs attr-dict `:` qualified(type($lhs)) `,` qualified(type($rhs)) `->` qualified(type($result))";
  let hasVerifier = 1;
}

def Ssm_TransposeOp : Ssm_PureOp<"matrix_transpose"> {
  let summary = "rows for columns";
  let description = [{
    ```mlir
    // Before: sum[O] W * y, the transpose's product. After, and applied:
    %T = ssm.matrix_transpose %W : !ssm.matrix<O x I, f32> -> !ssm.matrix<I x O, f32>
    ```
  }];
  let arguments = (ins Ssm_MatrixType:$matrix);
  let results = (outs Ssm_MatrixType:$result);
  let assemblyFormat = "$matrix attr-dict `:` qualified(type($matrix)) `->` qualified(type($result))";
  let hasVerifier = 1;
  let hasFolder = 1;
}

def Ssm_ApplyOp : Ssm_PureOp<"apply"> {
  let summary = "structured matrix times vectors";
  let description = [{
    Sums over the matrix's columns: the operand has the dimension I and not O, the
    result O and not I; other dimensions are carried along. Sums run in the
    result's element type.

    ```mlir
    // Before: sum[I] W * x. After:
    %y = ssm.apply %W, %x : !ssm.matrix<O x I, f32>, tensor<?x?xf32, #ssm.dims<T, I>> -> tensor<?x?xf32, #ssm.dims<T, O>>
    ```
  }];
  let arguments = (ins Ssm_MatrixType:$matrix, Ssm_Tensor:$operand);
  let results = (outs Ssm_Tensor:$result);
  let assemblyFormat = "$matrix `,` $operand attr-dict `:` qualified(type($matrix)) `,` type($operand) `->` qualified(type($result))";
  let hasVerifier = 1;
}

def Ssm_MaterializeOp : Ssm_PureOp<"materialize"> {
  let summary = "a structured matrix written out";
  let description = [{
    ```mlir
    // Before: exp(W). After, with a warning of its size, and the exponential of that:
    %D = ssm.materialize %W : !ssm.matrix<O x I, f32> -> tensor<?x?xf32, #ssm.dims<O, I>>
    ```
  }];
  let arguments = (ins Ssm_MatrixType:$matrix);
  let results = (outs Ssm_Tensor:$result);
  let assemblyFormat = "$matrix attr-dict `:` qualified(type($matrix)) `->` qualified(type($result))";
  let hasVerifier = 1;
}

#endif
