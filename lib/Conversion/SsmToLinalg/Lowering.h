//===- Lowering.h - one function from the ssm dialect to linalg -------------===//
//
// State and building blocks of the reference lowering: which plain tensor stands
// for which value, how long each dimension is, and loops whose operands broadcast
// by name. Each family of operations has a file with a free function
//
//   LogicalResult lower(Lowering &l, SomeOp op);
//
// which reads operands by `l.named(value)` and ends in `l.set(op.getResult(), t)`.
// Sizes are static wherever the function's table knows them, so a name has one
// static size, or is dynamic, throughout a function.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "ssm/Dialect/Ssm/Kernel.h"

#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "llvm/ADT/StringSet.h"

namespace ssm {

/// A plain tensor whose dimensions have these names.
struct Named {
  mlir::Value tensor;
  NamedDims dims;
};

/// What the body of a loop sees: a builder inside it, the operands' elements.
struct Loop {
  mlir::ImplicitLocOpBuilder &b;
  mlir::ValueRange elements;
  llvm::ArrayRef<NamedDim> dims;
  /// The loop's index along a dimension (of type index).
  mlir::Value index(llvm::StringRef dim) const;
};
using LoopBody = llvm::function_ref<mlir::Value(Loop &)>;
/// In a reduction: the element and what was combined so far.
using CombineBody = llvm::function_ref<mlir::Value(Loop &, mlir::Value accumulator)>;

class Lowering {
public:
  Lowering(mlir::func::FuncOp function, mlir::OpBuilder &builder);

  mlir::ImplicitLocOpBuilder b;

  // Values.
  mlir::Value get(mlir::Value value) const { return values.lookup(value); }
  void set(mlir::Value value, mlir::Value lowered) { values.map(value, lowered); }
  /// The plain tensor of a value, with the names of its dimensions.
  Named named(mlir::Value value) const { return {get(value), dimsOf(value.getType())}; }

  /// The buffer of the function's that a result of the function may be written to by
  /// what computes it, or null.
  mlir::Value destination(mlir::Value result) const { return destinations.lookup(result); }
  void setDestination(mlir::Value result, mlir::Value buffer) { destinations[result] = buffer; }

  // Sizes.
  /// Dimensions of a type, static where the function knows the size.
  NamedDims dimsOf(mlir::Type type) const;
  /// A new dimension of that name, as long as the function says.
  NamedDim dim(llvm::StringRef name) const;
  /// The plain tensor type.
  mlir::RankedTensorType plainType(llvm::ArrayRef<NamedDim> dims, mlir::Type element) const;
  mlir::RankedTensorType plainType(mlir::Type type) const;
  /// A dimension's length as index.
  mlir::Value size(llvm::StringRef name);
  mlir::OpFoldResult sizeOf(const NamedDim &dim);
  llvm::SmallVector<mlir::OpFoldResult> sizesOf(llvm::ArrayRef<NamedDim> dims);
  void bindSize(llvm::StringRef name, mlir::Value size);

  // Tensors.
  mlir::Value empty(llvm::ArrayRef<NamedDim> dims, mlir::Type element);
  mlir::Value filled(llvm::ArrayRef<NamedDim> dims, mlir::Value scalar);
  /// The element of a tensor of rank 0.
  mlir::Value scalar(mlir::Value tensor);
  /// A tensor of rank 0.
  mlir::Value fromScalar(mlir::Value element);
  mlir::Value constantIndex(int64_t value);

  // Loops. Operands broadcast by name along the dimensions that they lack.
  /// `into`, if given, is the tensor whose elements are overwritten.
  Named elementwise(llvm::ArrayRef<NamedDim> dims, mlir::Type element, llvm::ArrayRef<Named> operands, LoopBody body,
                    mlir::Value into = {});
  /// Result over `kept`, combined over `removed` from `identity` on.
  Named reduction(llvm::ArrayRef<NamedDim> kept, llvm::ArrayRef<NamedDim> removed, mlir::Value identity,
                  llvm::ArrayRef<Named> operands, CombineBody combine);
  /// In another order of dimensions, broadcast along those that are lacking.
  Named align(Named operand, llvm::ArrayRef<NamedDim> dims);

  // Failures.
  /// `ssm_rt_fail` where the condition holds, inside loops too. The message is led
  /// by the place in the source; %a and %b in it stand for the values (i64 or
  /// index, or null).
  void failIf(mlir::OpBuilder &at, mlir::Value condition, llvm::StringRef message, mlir::Value first = {},
              mlir::Value second = {});
  /// An external function, declared once a module.
  mlir::func::FuncOp external(llvm::StringRef name, mlir::FunctionType type);
  /// The address of a NUL-terminated string.
  mlir::Value string(mlir::OpBuilder &b, llvm::StringRef text);

  mlir::LogicalResult lower(mlir::Operation *op);
  mlir::LogicalResult lowerBlock(mlir::Block &block);

private:
  mlir::AffineMap mapFor(llvm::ArrayRef<NamedDim> operand, llvm::ArrayRef<NamedDim> loop) const;

  mlir::ModuleOp module;
  mlir::IRMapping values;
  llvm::DenseMap<mlir::Value, mlir::Value> destinations;
  llvm::StringMap<int64_t> staticSizes;
  llvm::StringSet<> emptyDims; // of the constant size 0
  llvm::StringMap<mlir::Value> dynamicSizes;
};

/// Which dimensions of a join's operand make each of the result's, where they lie in that
/// order in memory already.
std::optional<llvm::SmallVector<mlir::ReassociationIndices>> joinedInOrder(JoinOp op);
/// A join's operand in the buffer of its result; null where it lies otherwise there.
mlir::Value bufferBeforeJoin(Lowering &l, JoinOp op, mlir::Value buffer);

/// Where the elements of one step lie in a tensor along a dimension.
struct Slice {
  llvm::SmallVector<mlir::OpFoldResult> offsets, sizes, strides;
};
Slice sliceAt(Lowering &l, llvm::ArrayRef<NamedDim> dims, llvm::StringRef dim, mlir::Value index);

/// The type in which a sum or a product of this element type runs: f64 for reals.
mlir::Type accumulationType(mlir::Type element);

/// log(sum(exp(x))) over the removed dimensions, stable.
Named logSumExp(Lowering &l, Named operand, llvm::ArrayRef<NamedDim> kept, llvm::ArrayRef<NamedDim> removed);

mlir::LogicalResult lower(Lowering &l, MapOp op);
mlir::LogicalResult lower(Lowering &l, PosOp op);
mlir::LogicalResult lower(Lowering &l, SizeOfOp op);
mlir::LogicalResult lower(Lowering &l, CheckOp op);
mlir::LogicalResult lower(Lowering &l, ReduceOp op);
mlir::LogicalResult lower(Lowering &l, ContractOp op);
mlir::LogicalResult lower(Lowering &l, AlignOp op);
mlir::LogicalResult lower(Lowering &l, RenameOp op);
mlir::LogicalResult lower(Lowering &l, GatherOp op);
mlir::LogicalResult lower(Lowering &l, ScatterAddOp op);
mlir::LogicalResult lower(Lowering &l, ShiftOp op);
mlir::LogicalResult lower(Lowering &l, ScanOp op);
mlir::LogicalResult lower(Lowering &l, SoftmaxOp op);
mlir::LogicalResult lower(Lowering &l, CumulateOp op);
mlir::LogicalResult lower(Lowering &l, ArgmaxOp op);
mlir::LogicalResult lower(Lowering &l, ConcatOp op);
mlir::LogicalResult lower(Lowering &l, SplitOp op);
mlir::LogicalResult lower(Lowering &l, JoinOp op);
mlir::LogicalResult lower(Lowering &l, ConvOp op);
/// By the runtime's convolution (Services.cpp).
mlir::LogicalResult lowerTransformed(Lowering &l, ConvOp op);
mlir::LogicalResult lower(Lowering &l, FftOp op);
mlir::LogicalResult lower(Lowering &l, RandomOp op);
mlir::LogicalResult lower(Lowering &l, LaunchOp op);

/// Fails the call where sizes do not fit on which operations rely (renames to a
/// dimension with a size of its own, modes of a Fourier transform). Returns
/// whether all fit, or null where there is nothing to ask.
mlir::Value checkSizes(Lowering &l, mlir::func::FuncOp function);

} // namespace ssm
