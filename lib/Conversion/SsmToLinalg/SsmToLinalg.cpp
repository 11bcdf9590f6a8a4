//===- SsmToLinalg.cpp - the pass convert-ssm-to-linalg ---------------------===//
//
// Makes each function anew on plain buffers (the form is in Passes.h), and lowers
// its body operation by operation.
//
//===----------------------------------------------------------------------===//
#include "Functions.h"
#include "Lowering.h"
#include "ssm/Conversion/Passes.h"

#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;

namespace ssm {

/// The buffer's type: what is stored, row-major; bool takes a byte.
static MemRefType bufferType(Lowering &l, Type type) {
  RankedTensorType plain = l.plainType(type);
  Type element = plain.getElementType();
  if (element.isInteger(1))
    element = IntegerType::get(type.getContext(), 8);
  return MemRefType::get(plain.getShape(), element);
}

static ArrayAttr shapeAttr(OpBuilder &b, Type type) {
  SmallVector<Attribute> names;
  for (const NamedDim &d : getDims(type))
    names.push_back(d.name);
  return b.getArrayAttr(names);
}

/// A function of the ssm dialect. Kernels that were made apart are on buffers already.
static bool isOfTensors(func::FuncOp function) {
  FunctionType type = function.getFunctionType();
  return function->hasAttr(kDimsAttr) || !llvm::any_of(type.getInputs(), llvm::IsaPred<MemRefType>);
}

static LogicalResult convert(func::FuncOp function, OpBuilder &builder) {
  Lowering l(function, builder);
  MLIRContext *context = function.getContext();
  FunctionType type = function.getFunctionType();
  auto table = function->getAttrOfType<ArrayAttr>(kDimsAttr);
  if (!table)
    table = builder.getArrayAttr({});

  SmallVector<Type> arguments;
  SmallVector<DictionaryAttr> attributes;
  for (Type t : llvm::concat<const Type>(type.getInputs(), type.getResults())) {
    if (!isNamedTensor(t))
      return function.emitOpError() << "takes or returns " << t << ", which has no buffer";
    arguments.push_back(bufferType(l, t));
    attributes.push_back(builder.getDictionaryAttr(builder.getNamedAttr(kShapeAttr, shapeAttr(builder, t))));
  }
  unsigned buffers = arguments.size();
  arguments.append(table.size(), builder.getIndexType());
  attributes.resize(arguments.size(), builder.getDictionaryAttr({}));

  builder.setInsertionPoint(function);
  auto lowered = func::FuncOp::create(builder, function.getLoc(), function.getName(),
                                      FunctionType::get(context, arguments, {}));
  for (NamedAttribute attribute : function->getDiscardableAttrs())
    lowered->setAttr(attribute.getName(), attribute.getValue());
  lowered.setAllArgAttrs(attributes);
  lowered.setVisibility(function.getVisibility());

  Block *entry = lowered.addEntryBlock();
  l.b.setInsertionPointToStart(entry);
  for (auto [dim, argument] : llvm::zip(table.getAsRange<DimAttr>(), entry->getArguments().drop_front(buffers)))
    l.bindSize(dim.getName(), argument);
  func::ReturnOp ret = func::ReturnOp::create(l.b, ValueRange{});
  l.b.setInsertionPoint(ret);
  if (Value fit = checkSizes(l, function)) {
    auto body = scf::IfOp::create(l.b, TypeRange{}, fit, /*withElseRegion=*/false);
    l.b.setInsertionPointToStart(body.thenBlock());
  }

  Block &source = function.getBody().front();
  for (auto [from, to] : llvm::zip(source.getArguments(), entry->getArguments())) {
    RankedTensorType plain = l.plainType(from.getType());
    auto memref = llvm::cast<MemRefType>(to.getType());
    Value tensor = bufferization::ToTensorOp::create(
        l.b, RankedTensorType::get(plain.getShape(), memref.getElementType()), to, /*restrict=*/true,
        /*writable=*/false);
    if (plain.getElementType() != memref.getElementType())
      tensor = l.elementwise(l.dimsOf(from.getType()), plain.getElementType(), {{tensor, l.dimsOf(from.getType())}},
                             [&](Loop &loop) {
                               return emitCast(loop.b, loop.b.getLoc(), loop.elements[0], plain.getElementType());
                             })
                   .tensor;
    l.set(from, tensor);
  }
  ValueRange results = source.getTerminator()->getOperands();
  for (auto [i, result] : llvm::enumerate(results)) {
    if (llvm::count(results, result) != 1 || !result.hasOneUse() || result.getType() != type.getResult(i))
      continue;
    Value buffer = entry->getArgument(type.getNumInputs() + i);
    auto join = result.getDefiningOp<JoinOp>();
    if (join && join.getOperand().getDefiningOp<LaunchOp>() && join.getOperand().hasOneUse()) {
      Value parts = bufferBeforeJoin(l, join, buffer);
      if (!parts)
        continue;
      l.setDestination(join.getOperand(), parts);
      l.setDestination(result, buffer);
    } else if (result.getDefiningOp<LaunchOp>()) {
      l.setDestination(result, buffer);
    }
  }
  if (failed(l.lowerBlock(source)))
    return failure();
  for (auto [i, result] : llvm::enumerate(results)) {
    Value buffer = entry->getArgument(type.getNumInputs() + i);
    if (l.destination(result))
      continue;
    Named value = l.align(l.named(result), l.dimsOf(type.getResult(i)));
    Type stored = llvm::cast<MemRefType>(buffer.getType()).getElementType();
    if (stored != getElement(result))
      value = l.elementwise(value.dims, stored, {value}, [&](Loop &loop) -> Value {
        return arith::ExtUIOp::create(loop.b, stored, loop.elements[0]);
      });
    auto store = bufferization::MaterializeInDestinationOp::create(l.b, Type(), value.tensor, buffer);
    store.setRestrict(true);
    store.setWritable(true);
  }
  function.erase();
  return success();
}

namespace {
struct ConvertSsmToLinalg : PassWrapper<ConvertSsmToLinalg, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(ConvertSsmToLinalg)
  StringRef getArgument() const override { return "convert-ssm-to-linalg"; }
  StringRef getDescription() const override {
    return "Lower functions of the ssm dialect to linalg on plain buffers, operation by operation";
  }
  void getDependentDialects(DialectRegistry &registry) const override {
    registry.insert<linalg::LinalgDialect, bufferization::BufferizationDialect, LLVM::LLVMDialect, math::MathDialect,
                    memref::MemRefDialect, scf::SCFDialect, tensor::TensorDialect>();
  }
  void runOnOperation() override {
    OpBuilder builder(&getContext());
    for (auto function : llvm::make_early_inc_range(getOperation().getOps<func::FuncOp>()))
      if (!function.isExternal() && isOfTensors(function) && failed(convert(function, builder)))
        return signalPassFailure();
  }
};
} // namespace

std::unique_ptr<Pass> createConvertSsmToLinalgPass() { return std::make_unique<ConvertSsmToLinalg>(); }

} // namespace ssm
