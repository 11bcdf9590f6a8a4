//===- EmitPtx.cpp - LLVM dialect to PTX ------------------------------------===//
#include "Optimise.h"

#include "ssm/Codegen/Gpu.h"

#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/NVVM/NVVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/IR/InlineAsm.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Verifier.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/TargetSelect.h"

#include <mutex>

using namespace llvm;

namespace ssm {

/// sm_90a's bulk copies, clusters and wgmma with their later forms; older chips need
/// no newer PTX than drivers of their time read.
static StringRef ptxFeature(StringRef chip) { return chip.starts_with("sm_8") || chip.starts_with("sm_7") ? "+ptx80" : "+ptx86"; }

Expected<std::unique_ptr<TargetMachine>> createGpuMachine(StringRef chip) {
  static std::once_flag once;
  std::call_once(once, [] {
    LLVMInitializeNVPTXTargetInfo();
    LLVMInitializeNVPTXTarget();
    LLVMInitializeNVPTXTargetMC();
    LLVMInitializeNVPTXAsmPrinter();
  });
  Triple triple("nvptx64-nvidia-cuda");
  std::string problem;
  const Target *target = TargetRegistry::lookupTarget(triple, problem);
  if (!target)
    return createStringError("this LLVM has no NVPTX back end: " + problem);
  std::unique_ptr<MCSubtargetInfo> info(target->createMCSubtargetInfo(triple, "", ""));
  if (!info->isCPUStringValid(chip) || !chip.starts_with("sm_"))
    return createStringError("unknown GPU '" + chip + "'; LLVM knows names such as 'sm_80' and 'sm_90a'");
  return std::unique_ptr<TargetMachine>(target->createTargetMachine(triple, chip, ptxFeature(chip), TargetOptions(),
                                                                    Reloc::PIC_, std::nullopt,
                                                                    CodeGenOptLevel::Aggressive));
}

/// Statements with effects are met by all threads of a warp together: barriers, products
/// and copies. Nothing may make them depend on more conditions, or duplicate them.
static void markConvergent(Module &module) {
  for (Function &function : module)
    for (Instruction &instruction : instructions(function))
      if (auto *call = dyn_cast<CallInst>(&instruction))
        if (auto *statement = dyn_cast<InlineAsm>(call->getCalledOperand()); statement && statement->hasSideEffects())
          call->setConvergent();
}

static void optimiseKernels(Module &module, TargetMachine &machine) {
  PipelineTuningOptions tuning;
  // A register tile is scalars, and stays so; vectors stand where they are meant.
  tuning.LoopVectorization = false;
  tuning.SLPVectorization = false;
  // What should be unrolled was; a loop that remains is one of hundreds of instructions,
  // or one that waits.
  tuning.LoopUnrolling = false;
  runOptimiser(module, machine, tuning, OptimizationLevel::O3);
}

Expected<std::string> emitPtx(mlir::ModuleOp op, StringRef chip) {
  Expected<std::unique_ptr<TargetMachine>> machine = createGpuMachine(chip);
  if (!machine)
    return machine.takeError();
  mlir::registerBuiltinDialectTranslation(*op.getContext());
  mlir::registerLLVMDialectTranslation(*op.getContext());
  mlir::registerNVVMDialectTranslation(*op.getContext());
  LLVMContext context;
  std::unique_ptr<Module> module = mlir::translateModuleToLLVMIR(op, context, op.getName().value_or("kernels"));
  if (!module)
    return createStringError("the lowered kernels have operations that LLVM IR cannot hold");
  module->setTargetTriple((*machine)->getTargetTriple());
  module->setDataLayout((*machine)->createDataLayout());
  std::string problem;
  raw_string_ostream os(problem);
  if (verifyModule(*module, &os))
    return createStringError("the translated kernels are not valid LLVM IR: " + problem);
  markConvergent(*module);
  optimiseKernels(*module, **machine);

  SmallVector<char, 0> text;
  raw_svector_ostream ptx(text);
  legacy::PassManager passes;
  if ((*machine)->addPassesToEmitFile(passes, ptx, nullptr, CodeGenFileType::AssemblyFile))
    return createStringError("LLVM's NVPTX back end writes no PTX");
  passes.run(*module);
  return std::string(text.data(), text.size());
}

} // namespace ssm
