//===- Scan.td - P5: recurrences ----------------------------*- tablegen -*-===//
#ifndef SSM_SCAN_TD
#define SSM_SCAN_TD

include "Attrs.td"
include "Recurrence.td"

def Ssm_ScanOp : Ssm_Op<"scan", [AttrSizedOperandSegments, AttrSizedResultSegments,
    RecursiveMemoryEffects, SingleBlock]> {
  let summary = "sequential recurrence along a dimension";
  let description = [{
    Runs the body once for each index of the dimension, in order (from the end if
    `reverse`). The block's arguments are the index (i64 scalar), the carries, and
    the operands of `over` with the dimension removed. The body may use values
    from outside that lack the dimension. `ssm.yield` gives the next carries and
    then the outputs, which are stacked along the dimension. Results: the final
    carries (the initial ones where the dimension is empty), then the outputs.
    `carries(...)`, which ssm-raise sets, says of each carry how it enters its next value
    and what kept the scan a scan.

    ```mlir
    // Before: scan[L] h = h0 { a * h + u }. After:
    %last, %all = ssm.scan "L" init(%h0 : tensor<?xf32, #ssm.dims<B>>) over(%u : tensor<?x?xf32, #ssm.dims<B, L>>)
        final(tensor<?xf32, #ssm.dims<B>>) stacked(tensor<?x?xf32, #ssm.dims<B, L>>) {
    ^bb0(%l: tensor<i64>, %h: tensor<?xf32, #ssm.dims<B>>, %ul: tensor<?xf32, #ssm.dims<B>>):
      %0 = ssm.map mul(%a, %h) : (tensor<f32>, tensor<?xf32, #ssm.dims<B>>) -> tensor<?xf32, #ssm.dims<B>>
      %1 = ssm.map add(%0, %ul) : (tensor<?xf32, #ssm.dims<B>>, tensor<?xf32, #ssm.dims<B>>) -> tensor<?xf32, #ssm.dims<B>>
      ssm.yield %1, %1 : tensor<?xf32, #ssm.dims<B>>, tensor<?xf32, #ssm.dims<B>>
    }
    ```
  }];
  let arguments = (ins StrAttr:$dim, UnitAttr:$reverse, Variadic<Ssm_Tensor>:$inits, Variadic<Ssm_Tensor>:$slices,
                       OptionalAttr<Ssm_CarryArrayAttr>:$carryKinds);
  let results = (outs Variadic<Ssm_Tensor>:$finals, Variadic<Ssm_Tensor>:$outputs);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    $dim (`reverse` $reverse^)? `init` `(` ($inits^ `:` type($inits))? `)`
    `over` `(` ($slices^ `:` type($slices))? `)`
    (`final` `(` type($finals)^ `)`)? (`stacked` `(` type($outputs)^ `)`)? (`carries` `(` $carryKinds^ `)`)? $body attr-dict
  }];
  let builders = [
    // Of whose carries nothing is known.
    OpBuilder<(ins "::mlir::TypeRange":$finals, "::mlir::TypeRange":$outputs, "::mlir::StringAttr":$dim,
                   "::mlir::UnitAttr":$reverse, "::mlir::ValueRange":$inits, "::mlir::ValueRange":$slices),
      [{ build($_builder, $_state, finals, outputs, dim, reverse, inits, slices, ::mlir::ArrayAttr()); }]>,
    OpBuilder<(ins "::mlir::TypeRange":$finals, "::mlir::TypeRange":$outputs, "::llvm::StringRef":$dim,
                   "bool":$reverse, "::mlir::ValueRange":$inits, "::mlir::ValueRange":$slices),
      [{ build($_builder, $_state, finals, outputs, dim, reverse, inits, slices, ::mlir::ArrayAttr()); }]>];
  let extraClassDeclaration = [{
    ::mlir::BlockArgument getPosition() { return getBody().getArgument(0); }
    ::llvm::MutableArrayRef<::mlir::BlockArgument> getCarries() {
      return getBody().getArguments().slice(1, getInits().size());
    }
    ::llvm::MutableArrayRef<::mlir::BlockArgument> getSliceArguments() {
      return getBody().getArguments().drop_front(1 + getInits().size());
    }
    /// The terminator's operands: the next carries, and the outputs.
    ::mlir::OperandRange getNextCarries();
    ::mlir::OperandRange getYieldedOutputs();
  }];
  let hasVerifier = 1;
  let hasRegionVerifier = 1;
  let hasCanonicalizer = 1;
}

def Ssm_YieldOp : Ssm_Op<"yield", [Pure, Terminator, ReturnLike]> {
  let summary = "end of an ssm region";
  let description = [{
    Hands values to the operation around it.

    ```mlir
    // Before: the value of a scan's body, { ... h }. After: carried on, and stacked
    ssm.yield %h, %h : tensor<f32>, tensor<f32>
    ```
  }];
  let arguments = (ins Variadic<Ssm_Tensor>:$values);
  let assemblyFormat = "($values^ `:` type($values))? attr-dict";
  let builders = [OpBuilder<(ins), [{ build($_builder, $_state, ::mlir::ValueRange()); }]>];
}

#endif
