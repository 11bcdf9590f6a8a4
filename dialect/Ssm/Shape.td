//===- Shape.td - P14: names, order, picking, shifting ------*- tablegen -*-===//
#ifndef SSM_SHAPE_TD
#define SSM_SHAPE_TD

include "Attrs.td"

def Ssm_AlignOp : Ssm_PureOp<"align"> {
  let summary = "bring to an order of dimensions, broadcast along those it lacks";
  let description = [{
    ```mlir
    // Before: return y, in a layer -> f32[B, L, H]. After:
    %r = ssm.align %y : tensor<?x?xf32, #ssm.dims<L, B>> -> tensor<?x?x?xf32, #ssm.dims<B, L, H>>
    ```
  }];
  let arguments = (ins Ssm_Tensor:$operand);
  let results = (outs Ssm_Tensor:$result);
  let assemblyFormat = "$operand attr-dict `:` type($operand) `->` type($result)";
  let hasVerifier = 1;
  let hasFolder = 1;
}

def Ssm_RenameOp : Ssm_PureOp<"rename"> {
  let summary = "rename dimensions";
  let description = [{
    All at once. Where the new name has a size of its own the two must agree.

    ```mlir
    // Before: x[L -> M]. After:
    %r = ssm.rename %x ["L"] to ["M"] : tensor<?x?xf32, #ssm.dims<B, L>> -> tensor<?x?xf32, #ssm.dims<B, M>>
    ```
  }];
  let arguments = (ins Ssm_Tensor:$operand, StrArrayAttr:$from, StrArrayAttr:$to);
  let results = (outs Ssm_Tensor:$result);
  let assemblyFormat = "$operand $from `to` $to attr-dict `:` type($operand) `->` type($result)";
  let hasVerifier = 1;
  let hasFolder = 1;
}

def Ssm_GatherOp : Ssm_PureOp<"gather"> {
  let summary = "pick elements along dimensions by index";
  let description = [{
    `x[L = i]`: the dimensions of the i64 index take L's place; one that x also
    has (and that is not picked) is walked along with it. A negative index counts
    from the end. An index out of range fails the call and reads nothing outside.

    ```mlir
    // Before: x[L = -1]. After, with the constant -1:
    %y = ssm.gather %x at ["L"] (%i) : tensor<?x?xf32, #ssm.dims<B, L>>, (tensor<i64>) -> tensor<?xf32, #ssm.dims<B>>
    ```
  }];
  let arguments = (ins Ssm_Tensor:$operand, StrArrayAttr:$dims, Variadic<Ssm_IntTensor>:$indices);
  let results = (outs Ssm_Tensor:$result);
  let assemblyFormat = "$operand `at` $dims `(` $indices `)` attr-dict `:` type($operand) `,` `(` type($indices) `)` `->` type($result)";
  let builders = [OpBuilder<(ins "::mlir::Value":$operand, "::llvm::ArrayRef<::llvm::StringRef>":$dims,
                                 "::mlir::ValueRange":$indices)>];
  let hasVerifier = 1;
  let hasFolder = 1;
}

def Ssm_ScatterAddOp : Ssm_PureOp<"scatter_add"> {
  let summary = "add elements along a dimension at places by index";
  let description = [{
    y[r] = the sum of x[z] over all z with index[z] = r; zero where there is none.
    `into` takes the place of `dim`. Other dimensions of the index are the
    operand's too and walked along. A negative index counts from the end; one out
    of range fails the call and writes nothing.

    ```mlir
    // Before: ssm.apply of a block_sparse matrix. After, the products brought to their rows:
    %y = ssm.scatter_add %x along "z" at %rows into "r"
      : tensor<?x?xf32, #ssm.dims<B, z>>, tensor<?xi64, #ssm.dims<z>> -> tensor<?x?xf32, #ssm.dims<B, r>>
    ```
  }];
  let arguments = (ins Ssm_Tensor:$operand, StrAttr:$dim, Ssm_IntTensor:$index, StrAttr:$into);
  let results = (outs Ssm_Tensor:$result);
  let assemblyFormat = "$operand `along` $dim `at` $index `into` $into attr-dict `:` type($operand) `,` type($index) `->` type($result)";
  let hasVerifier = 1;
}

def Ssm_ShiftOp : Ssm_PureOp<"shift", [AllTypesMatch<["operand", "result"]>]> {
  let summary = "read earlier along a dimension, zero outside";
  let description = [{
    y[l] = x[l - amount]; later if the amount is negative.

    ```mlir
    // Before: shift[L](x, k). After:
    %y = ssm.shift %x along "L" by %k : tensor<?x?xf32, #ssm.dims<B, L>>
    ```
  }];
  let arguments = (ins Ssm_Tensor:$operand, StrAttr:$dim, Ssm_IntScalar:$amount);
  let results = (outs Ssm_Tensor:$result);
  let assemblyFormat = "$operand `along` $dim `by` $amount attr-dict `:` type($result)";
  let hasVerifier = 1;
  let hasFolder = 1;
}

def Ssm_ConcatOp : Ssm_PureOp<"concat"> {
  let summary = "one dimension after another";
  let description = [{
    The operand's elements along `first` followed by the other's along `second`,
    under the name `to`. Both have the same other dimensions.

    ```mlir
    // Before: conv[L, K](u, k) in a layer with states. After, the inputs still needed in front:
    %e = ssm.concat %h along "K", %u along "L" to "E"
      : tensor<?x3xf32, #ssm.dims<B, K>>, tensor<?x?xf32, #ssm.dims<B, L>> -> tensor<?x?xf32, #ssm.dims<B, E>>
    ```
  }];
  let arguments = (ins Ssm_Tensor:$lhs, StrAttr:$first, Ssm_Tensor:$rhs, StrAttr:$second, StrAttr:$to);
  let results = (outs Ssm_Tensor:$result);
  let assemblyFormat = "$lhs `along` $first `,` $rhs `along` $second `to` $to attr-dict `:` type($lhs) `,` type($rhs) `->` type($result)";
  let hasVerifier = 1;
}

def Ssm_SplitOp : Ssm_PureOp<"split"> {
  let summary = "read a dimension as several, the last running fastest";
  let description = [{
    ```mlir
    // Before: ssm.apply of a monarch matrix. After, the vector as blocks:
    %k = ssm.split %x "I" into ["k", "p"] : tensor<?x64xf32, #ssm.dims<T, I>> -> tensor<?x8x8xf32, #ssm.dims<T, k, p>>
    ```
  }];
  let arguments = (ins Ssm_Tensor:$operand, StrAttr:$dim, StrArrayAttr:$into);
  let results = (outs Ssm_Tensor:$result);
  let assemblyFormat = "$operand $dim `into` $into attr-dict `:` type($operand) `->` type($result)";
  let hasVerifier = 1;
  let hasFolder = 1;
}

def Ssm_JoinOp : Ssm_PureOp<"join"> {
  let summary = "read several dimensions as one, the last running fastest";
  let description = [{
    The dimensions need not be neighbours; the joined one takes the first's place.

    ```mlir
    // Before: ssm.apply of a monarch matrix. After, the blocks as a vector:
    %x = ssm.join %k ["k", "p"] into "I" : tensor<?x8x8xf32, #ssm.dims<T, k, p>> -> tensor<?x64xf32, #ssm.dims<T, I>>
    ```
  }];
  let arguments = (ins Ssm_Tensor:$operand, StrArrayAttr:$dims, StrAttr:$into);
  let results = (outs Ssm_Tensor:$result);
  let assemblyFormat = "$operand $dims `into` $into attr-dict `:` type($operand) `->` type($result)";
  let hasVerifier = 1;
  let hasFolder = 1;
}

#endif
