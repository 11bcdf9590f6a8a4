//===- Emit.cpp - LLVM dialect to LLVM IR to an object ----------------------===//
#include "Optimise.h"

#include "ssm/Codegen/Emit.h"

#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Verifier.h"

using namespace llvm;

namespace ssm {

/// What the runtime reads: from its section without loading the artifact, under its
/// symbol after loading it.
static void embed(Module &module, StringRef text, StringRef symbol, StringRef section, bool terminated, uint64_t align) {
  Constant *bytes = ConstantDataArray::getString(module.getContext(), text, /*AddNull=*/terminated);
  auto *global = new GlobalVariable(module, bytes->getType(), /*isConstant=*/true, GlobalValue::ExternalLinkage, bytes,
                                    symbol);
  global->setSection(section);
  global->setAlignment(Align(align));
}

Expected<std::unique_ptr<Module>> translateToLLVMIR(mlir::ModuleOp op, LLVMContext &context, TargetMachine &machine,
                                                    ArrayRef<std::string> symbols, StringRef description,
                                                    StringRef gpuCode) {
  mlir::registerBuiltinDialectTranslation(*op.getContext());
  mlir::registerLLVMDialectTranslation(*op.getContext());
  std::unique_ptr<Module> module = mlir::translateModuleToLLVMIR(op, context, op.getName().value_or("layer"));
  if (!module)
    return createStringError("the lowered module has operations that LLVM IR cannot hold");
  module->setTargetTriple(machine.getTargetTriple());
  module->setDataLayout(machine.createDataLayout());

  StringSet<> exported;
  for (const std::string &symbol : symbols) {
    Function *function = module->getFunction(symbol);
    if (!function || function->isDeclaration())
      return createStringError("the lowered module lacks the entry '" + symbol + "'");
    exported.insert(symbol);
  }
  for (Function &function : *module) {
    if (function.isDeclaration())
      continue;
    if (!exported.contains(function.getName()))
      function.setLinkage(GlobalValue::InternalLinkage);
    function.addFnAttr("target-cpu", machine.getTargetCPU());
    function.addFnAttr("target-features", machine.getTargetFeatureString());
    // Initialisers run once a model, and there are many: they are compiled to be short.
    if (function.getName().starts_with("init."))
      function.addFnAttr(Attribute::OptimizeForSize);
    // 256 bits is what LLVM prefers on a machine with AVX-512; all of it is faster here.
    if (machine.getTargetTriple().isX86())
      function.addFnAttr("prefer-vector-width", "512");
  }
  for (GlobalVariable &global : module->globals())
    if (!global.isDeclaration())
      global.setLinkage(GlobalValue::InternalLinkage);
  if (!description.empty())
    embed(*module, description, "ssm_artifact_json", ".ssm.json", /*terminated=*/true, 1);
  if (!gpuCode.empty())
    embed(*module, gpuCode, "ssm_artifact_gpu", ".ssm.gpu", /*terminated=*/false, 64);
  std::string problem;
  raw_string_ostream os(problem);
  if (verifyModule(*module, &os))
    return createStringError("the translated module is not valid LLVM IR: " + os.str());
  return module;
}

void optimise(Module &module, TargetMachine &machine) {
  // Kernels come as vectors, in loops whose bodies are as long as they should be.
  PipelineTuningOptions tuning;
  tuning.LoopVectorization = true;
  tuning.SLPVectorization = false;
  tuning.LoopUnrolling = false;
  runOptimiser(module, machine, tuning, OptimizationLevel::O2);
}

Error emitObject(Module &module, TargetMachine &machine, raw_pwrite_stream &os) {
  legacy::PassManager passes;
  if (machine.addPassesToEmitFile(passes, os, nullptr, CodeGenFileType::ObjectFile))
    return createStringError("this machine's code generator writes no objects");
  passes.run(module);
  return Error::success();
}

} // namespace ssm
