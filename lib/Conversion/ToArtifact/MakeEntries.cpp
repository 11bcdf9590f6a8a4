//===- MakeEntries.cpp - the pass ssm-make-entries --------------------------===//
//
// An entry reads its pointers and sizes from two arrays, describes each buffer as
// dense and row-major, and calls the function that works on memrefs.
//
//===----------------------------------------------------------------------===//
#include "ssm/Codegen/Description.h"
#include "ssm/Conversion/Passes.h"
#include "ssm/Conversion/ToArtifact.h"

#include "mlir/Conversion/LLVMCommon/TypeConverter.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

using namespace mlir;

namespace ssm {
namespace {

class EntryMaker {
public:
  explicit EntryMaker(ModuleOp module)
      : module(module), converter(module.getContext()), pointer(LLVM::LLVMPointerType::get(module.getContext())),
        i32(IntegerType::get(module.getContext(), 32)), i64(IntegerType::get(module.getContext(), 64)) {}

  LogicalResult make(func::FuncOp function);

private:
  LLVM::LLVMFuncOp service(StringRef name, Type result);
  Value load(ImplicitLocOpBuilder &b, Type type, Value array, unsigned index);
  /// The descriptor of a dense buffer as memref, null after a message.
  Value describe(ImplicitLocOpBuilder &b, func::FuncOp function, unsigned argument, Value address);

  ModuleOp module;
  LLVMTypeConverter converter;
  Type pointer, i32, i64;
  llvm::StringMap<Value> sizes;
};

LLVM::LLVMFuncOp EntryMaker::service(StringRef name, Type result) {
  if (auto function = module.lookupSymbol<LLVM::LLVMFuncOp>(name))
    return function;
  OpBuilder top = OpBuilder::atBlockBegin(module.getBody());
  return LLVM::LLVMFuncOp::create(top, module.getLoc(), name, LLVM::LLVMFunctionType::get(result, {}));
}

Value EntryMaker::load(ImplicitLocOpBuilder &b, Type type, Value array, unsigned index) {
  Value address = LLVM::GEPOp::create(b, pointer, type, array, ArrayRef<LLVM::GEPArg>{static_cast<int32_t>(index)});
  return LLVM::LoadOp::create(b, type, address);
}

Value EntryMaker::describe(ImplicitLocOpBuilder &b, func::FuncOp function, unsigned argument, Value address) {
  auto type = llvm::cast<MemRefType>(function.getArgumentTypes()[argument]);
  auto names = function.getArgAttrOfType<ArrayAttr>(argument, kShapeAttr);
  if (!names || static_cast<int64_t>(names.size()) != type.getRank() || !type.getLayout().isIdentity()) {
    function.emitOpError() << "argument " << argument << " must be dense, and " << kShapeAttr
                           << " must name its dimensions";
    return {};
  }
  SmallVector<Value> lengths, strides(type.getRank());
  for (auto [size, name] : llvm::zip(type.getShape(), names.getAsRange<StringAttr>())) {
    Value length = ShapedType::isDynamic(size) ? sizes.lookup(name.getValue())
                                               : LLVM::ConstantOp::create(b, i64, b.getI64IntegerAttr(size)).getResult();
    if (!length) {
      function.emitOpError() << "argument " << argument << " has the dimension " << name << ", which "
                             << kDimsAttr << " lacks";
      return {};
    }
    lengths.push_back(length);
  }
  Value stride = LLVM::ConstantOp::create(b, i64, b.getI64IntegerAttr(1));
  for (int64_t k = type.getRank(); k-- > 0;) {
    strides[k] = stride;
    if (k > 0)
      stride = LLVM::MulOp::create(b, stride, lengths[k]);
  }

  // {allocated, aligned, offset, sizes, strides}
  Value descriptor = LLVM::PoisonOp::create(b, converter.convertType(type));
  auto put = [&](Value value, ArrayRef<int64_t> at) {
    descriptor = LLVM::InsertValueOp::create(b, descriptor, value, at);
  };
  put(address, {0});
  put(address, {1});
  put(LLVM::ConstantOp::create(b, i64, b.getI64IntegerAttr(0)), {2});
  for (int64_t k = 0; k < type.getRank(); ++k) {
    put(lengths[k], {3, k});
    put(strides[k], {4, k});
  }
  return UnrealizedConversionCastOp::create(b, type, descriptor).getResult(0);
}

LogicalResult EntryMaker::make(func::FuncOp function) {
  StringRef symbol = function->getAttrOfType<StringAttr>(kSymbolAttr);
  if (module.lookupSymbol(symbol))
    return function.emitOpError() << "the symbol '" << symbol << "' is taken";
  auto table = function->getAttrOfType<ArrayAttr>(kDimsAttr);
  unsigned dims = table ? table.size() : 0;
  ArrayRef<Type> types = function.getArgumentTypes();
  if (types.size() < dims || function.getNumResults() != 0)
    return function.emitOpError() << "takes " << types.size() << " arguments and returns " << function.getNumResults()
                                  << " results; an entry takes buffers and an index for each of " << dims
                                  << " dimensions, and returns nothing";
  unsigned buffers = types.size() - dims;
  for (auto [i, type] : llvm::enumerate(types))
    if (i < buffers ? !llvm::isa<MemRefType>(type) : !type.isIndex())
      return function.emitOpError() << "argument " << i << " of an entry cannot be of type " << type;

  ImplicitLocOpBuilder b = ImplicitLocOpBuilder::atBlockEnd(function.getLoc(), module.getBody());
  auto entry = LLVM::LLVMFuncOp::create(b, symbol, LLVM::LLVMFunctionType::get(i32, {pointer, pointer}));
  Block *body = entry.addEntryBlock(b);
  b.setInsertionPointToStart(body);
  LLVM::CallOp::create(b, service("ssm_rt_enter", LLVM::LLVMVoidType::get(b.getContext())), ValueRange{});
  sizes.clear();
  SmallVector<Value> operands, indices;
  if (table)
    for (auto [i, dim] : llvm::enumerate(table.getAsRange<DimAttr>())) {
      Value size = load(b, i64, body->getArgument(1), i);
      sizes[dim.getName()] = size;
      indices.push_back(arith::IndexCastOp::create(b, b.getIndexType(), size));
    }
  for (unsigned i = 0; i < buffers; ++i) {
    Value buffer = describe(b, function, i, load(b, pointer, body->getArgument(0), i));
    if (!buffer)
      return failure();
    operands.push_back(buffer);
  }
  llvm::append_range(operands, indices);
  func::CallOp::create(b, function, operands);
  Value code = LLVM::CallOp::create(b, service("ssm_rt_failed", i32), ValueRange{}).getResult();
  LLVM::ReturnOp::create(b, code);
  function.setPrivate();
  return success();
}

struct MakeEntries : PassWrapper<MakeEntries, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(MakeEntries)
  StringRef getArgument() const override { return "ssm-make-entries"; }
  StringRef getDescription() const override { return "Give every entry an exported function of the artifact's ABI"; }
  void getDependentDialects(DialectRegistry &registry) const override {
    registry.insert<arith::ArithDialect, LLVM::LLVMDialect>();
  }
  void runOnOperation() override {
    EntryMaker maker(getOperation());
    SmallVector<func::FuncOp> functions(getOperation().getOps<func::FuncOp>());
    for (func::FuncOp function : functions)
      if (function->hasAttr(kSymbolAttr) && failed(maker.make(function)))
        return signalPassFailure();
  }
};

} // namespace

std::unique_ptr<Pass> createMakeEntriesPass() { return std::make_unique<MakeEntries>(); }

} // namespace ssm
