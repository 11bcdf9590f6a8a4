//===- AsyncCompute.td - arithmetic as expressions ----------*- tablegen -*-===//
#ifndef TILE_ASYNC_COMPUTE_TD
#define TILE_ASYNC_COMPUTE_TD

include "AsyncTypes.td"

def Tile_ExprAttr : Tile_Attr<"Expr", "expr"> {
  let summary = "an expression over numbered operands";
  let description = [{
    A leaf is an operand, written `x[0]`, or a number; everything else is a function of
    expressions, whose names and spellings are the table in lib/Dialect/Tile/Expr.cpp:
    `or and == < <= > >= + - * / floordiv ceildiv mod` between operands, `-x`, and
    `f(x, ..)` for the others.

    ```mlir
    #tile.expr<exp2(x[0] * x[1] - x[2] * x[1])>
    ```
  }];
  let parameters = (ins StringRefParameter<"the function; empty for a leaf">:$function,
                        "::mlir::Attribute":$leaf, ArrayRefParameter<"::mlir::Attribute">:$operands);
  let hasCustomAssemblyFormat = 1;
  let extraClassDeclaration = [{
    static ExprAttr operand(::mlir::MLIRContext *context, int64_t number);
    static ExprAttr number(::mlir::TypedAttr value);
    static ExprAttr call(::mlir::MLIRContext *context, ::llvm::StringRef function, ::llvm::ArrayRef<ExprAttr> operands);
    /// An operand's number, a number's value (an i64 or f64 attribute), or nothing.
    std::optional<int64_t> operandNumber() const;
    ::mlir::TypedAttr numberValue() const;
    ExprAttr operandAt(unsigned i) const;
  }];
}

def Tile_ComputeOp : Tile_PureOp<"compute"> {
  let summary = "an expression of tiles and scalars";
  let description = [{
    What would be a line of `arith`, `math` and `tile.broadcast` for each function:
    `tile-expand-compute` writes them. Operands meet in the larger of their types: a scalar
    is spread over a tile, a row or a col over the tile whose row or col it is (a row and a
    col over the result's); inner functions are computed before that, on what is small.
    Numbers take the type of what they meet. Types are those of the operands in the order of
    their first appearance; one type alone is that of all, and of the result where no other
    is given. `approx` grants exp2, log2 and division the hardware's approximations.

    ```mlir
    %t = tile.compute 64 * %b + 64 * (%n - %i - 1) : index
    %p = tile.compute exp2(%s * %scale - %m * %scale) approx : (!S, f32, !row) -> !S
    // after
    %0 = tile.broadcast %scale : f32 to !S
    %1 = arith.mulf %s, %0 : !S
    ..
    ```
  }];
  let arguments = (ins Variadic<AnyType>:$inputs, Tile_ExprAttr:$expression, UnitAttr:$approx);
  let results = (outs AnyType:$result);
  let hasCustomAssemblyFormat = 1;
  let hasVerifier = 1;
}

#endif
