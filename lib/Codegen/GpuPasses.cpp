//===- GpuPasses.cpp - PTX and cubins as attributes of a module -------------===//
#include "ssm/Codegen/Gpu.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/IR/Builders.h"

using namespace mlir;

namespace ssm {
namespace {

StringRef chipOf(ModuleOp module) {
  auto chip = module->getAttrOfType<StringAttr>(kChipAttr);
  return chip ? chip.getValue() : StringRef(kDefaultChip);
}

DictionaryAttr toAttribute(const PtxasKernel &kernel, ArrayRef<std::string> codes, Builder &b) {
  SmallVector<Attribute> notes;
  for (const std::string &code : codes)
    notes.push_back(b.getStringAttr(code));
  return b.getDictionaryAttr({b.getNamedAttr("registers", b.getI64IntegerAttr(kernel.registers)),
                              b.getNamedAttr("stack", b.getI64IntegerAttr(kernel.stack)),
                              b.getNamedAttr("spill_stores", b.getI64IntegerAttr(kernel.spillStores)),
                              b.getNamedAttr("spill_loads", b.getI64IntegerAttr(kernel.spillLoads)),
                              b.getNamedAttr("shared", b.getI64IntegerAttr(kernel.shared)),
                              b.getNamedAttr("barriers", b.getI64IntegerAttr(kernel.barriers)),
                              b.getNamedAttr("codes", b.getArrayAttr(notes))});
}

struct EmitPtx : PassWrapper<EmitPtx, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(EmitPtx)
  StringRef getArgument() const final { return "ssm-emit-ptx"; }
  StringRef getDescription() const final { return "Print a module of llvm and nvvm functions as PTX, into tile.ptx"; }
  void getDependentDialects(DialectRegistry &registry) const final {
    registry.insert<LLVM::LLVMDialect, NVVM::NVVMDialect>();
  }

  void runOnOperation() final {
    ModuleOp module = getOperation();
    llvm::Expected<std::string> ptx = emitPtx(module, chipOf(module));
    if (!ptx) {
      module.emitError(llvm::toString(ptx.takeError()));
      return signalPassFailure();
    }
    module->setAttr(kPtxAttr, StringAttr::get(&getContext(), *ptx));
  }
};

struct RunPtxas : PassWrapper<RunPtxas, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(RunPtxas)
  StringRef getArgument() const final { return "ssm-run-ptxas"; }
  StringRef getDescription() const final {
    return "Assemble a module's tile.ptx into tile.cubin, with ptxas's report on each kernel";
  }

  void runOnOperation() final {
    ModuleOp module = getOperation();
    auto fail = [&](const llvm::Twine &message) {
      module.emitError(message);
      signalPassFailure();
    };
    auto ptx = module->getAttrOfType<StringAttr>(kPtxAttr);
    if (!ptx)
      return fail("there is no PTX to assemble: run ssm-emit-ptx first");
    llvm::Expected<Ptxas> ptxas = findPtxas();
    if (!ptxas)
      return fail(llvm::toString(ptxas.takeError()));
    llvm::Expected<Cubin> cubin = runPtxas(*ptxas, ptx.getValue(), chipOf(module));
    if (!cubin)
      return fail(llvm::toString(cubin.takeError()));
    Builder b(&getContext());
    module->setAttr(kCubinAttr, b.getStringAttr(cubin->bytes));
    module->setAttr(kPtxasVersionAttr, b.getStringAttr(ptxas->version));
    module->removeAttr(kPtxAttr);
    for (const PtxasKernel &kernel : cubin->report.kernels)
      if (auto function = module.lookupSymbol<LLVM::LLVMFuncOp>(kernel.name))
        function->setAttr(kPtxasReportAttr, toAttribute(kernel, cubin->report.codes, b));
    for (const std::string &message : cubin->report.messages)
      module.emitWarning(message);
  }
};

struct ReportRegisters : PassWrapper<ReportRegisters, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(ReportRegisters)
  StringRef getArgument() const final { return "ssm-report-registers"; }
  StringRef getDescription() const final { return "Print what ptxas found of each kernel beside the estimates"; }

  void runOnOperation() final {
    getOperation().walk([](LLVM::LLVMFuncOp function) {
      auto report = function->getAttrOfType<DictionaryAttr>(kPtxasReportAttr);
      if (!report)
        return;
      auto number = [](DictionaryAttr entry, StringRef name) { return entry.getAs<IntegerAttr>(name).getInt(); };
      InFlightDiagnostic remark = function.emitRemark() << number(report, "registers") << " registers a thread at entry, ";
      if (int64_t spilled = number(report, "spill_stores"))
        remark << spilled << " bytes of spills";
      else
        remark << "no spills";
      auto estimates = function->getAttrOfType<ArrayAttr>(kEstimateAttr);
      for (auto [i, attribute] : llvm::enumerate(estimates ? estimates.getValue() : ArrayRef<Attribute>())) {
        auto entry = cast<DictionaryAttr>(attribute);
        remark << (i ? ", @" : "; tiles by estimate: @") << entry.getAs<StringAttr>("role").getValue() << " " << number(entry, "tiles");
        if (entry.get("budget"))
          remark << " of " << number(entry, "budget");
      }
    });
  }
};

} // namespace

std::unique_ptr<Pass> createReportRegistersPass() { return std::make_unique<ReportRegisters>(); }
std::unique_ptr<Pass> createEmitPtxPass() { return std::make_unique<EmitPtx>(); }
std::unique_ptr<Pass> createRunPtxasPass() { return std::make_unique<RunPtxas>(); }

} // namespace ssm
