//===- Stages.cpp - a module of the ssm dialect to what was asked for -------===//
//
// The pipelines, LLVM's optimiser, code generator and linker, one after the other,
// up to the stage that is written out. Files appear when all has succeeded.
//
//===----------------------------------------------------------------------===//
#include "Stages.h"

#include "Compile.h"
#include "Explain.h"
#include "Gpu.h"
#include "Output.h"

#include "ssm/Codegen/Description.h"
#include "ssm/Codegen/Emit.h"
#include "ssm/Codegen/Target.h"
#include "ssm/Pipelines/Pipelines.h"

#include "mlir/IR/Verifier.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/Support/Path.h"

#include <chrono>

using namespace llvm;

namespace ssm {

char Reported::ID = 0;

static double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}
StageTimer::StageTimer(const Options &options, StringRef name) : show(options.time), name(name.str()), start(now()) {}
StageTimer::~StageTimer() {
  if (show)
    errs() << format("%8.1f ms  %s\n", (now() - start) * 1000, name.c_str());
}

namespace {

class Stages {
public:
  Stages(mlir::ModuleOp module, const Options &options, function_ref<bool()> reported)
      : module(module), options(options), reported(reported) {}

  Error run();

private:
  Error pass(StringRef name, function_ref<void(mlir::OpPassManager &)> pipeline);
  /// The main line up to the functions on buffers that hold the kernels; whether the
  /// stage that was asked for has been written.
  Expected<bool> mainLine();
  /// The same for a GPU, on a copy: machine code and launch plans go beside the entries'
  /// code for the CPU. Whether the stage that was asked for has been written.
  Expected<bool> layerKernels();
  Expected<PlanOptions> planOptions(StringRef target);
  Error checkEntries();
  /// Kernels and entries that launch them, as they are: an artifact for the GPU alone.
  Error runKernels();
  Error writeModule();
  /// LLVM's part: text of the IR, an object, or an artifact.
  Error generate();
  Error writeObject(StringRef object);
  Error writeArtifact(StringRef object);
  /// The file to write: the one asked for, or the layer's name here.
  std::string path(StringRef extension) const;

  mlir::ModuleOp module;
  const Options &options;
  function_ref<bool()> reported;
  Description description;
  std::string gpuCode;
};

Error Stages::pass(StringRef name, function_ref<void(mlir::OpPassManager &)> pipeline) {
  StageTimer timer(options, name);
  mlir::PassManager passes(module.getContext());
  passes.enableVerifier(false); // once a stage: behind every pass it took a sixth of the time
  pipeline(passes);
  if (succeeded(passes.run(module)) && succeeded(mlir::verify(module)))
    return Error::success();
  if (reported())
    return make_error<Reported>();
  return createStringError("the passes " + name + " failed and did not say why: that is a mistake in this compiler");
}

/// A file of the ssm dialect may hold anything.
Error Stages::checkEntries() {
  bool any = false;
  for (auto function : module.getOps<mlir::func::FuncOp>()) {
    if (!function->hasAttr(kSymbolAttr))
      continue;
    any = true;
    mlir::FunctionType type = function.getFunctionType();
    for (mlir::Type value : concat<const mlir::Type>(type.getInputs(), type.getResults()))
      if (!isNamedTensor(value)) {
        std::string text;
        raw_string_ostream(text) << value;
        return createStringError("'" + options.input + "': @" + function.getName() + " takes or returns " + text +
                                 "; an entry of a layer has tensors of named dimensions, as --emit ssm prints them");
      }
  }
  if (!any)
    return createStringError("'" + options.input + "' has no function with ssm.dims, so there is nothing to call");
  return Error::success();
}

std::string Stages::path(StringRef extension) const {
  if (!options.output.empty() && options.output != "-")
    return options.output;
  return (description.layer.empty() ? sys::path::stem(options.input).str() : description.layer) + extension.str();
}

Error Stages::writeModule() {
  std::string text;
  raw_string_ostream os(text);
  module.print(os);
  return writeText(options, text);
}

Error Stages::writeObject(StringRef object) {
  if (options.output == "-")
    return writeText(options, object);
  OutputFiles files;
  if (Error error = files.write(path(".o"), object))
    return error;
  return files.commit();
}

/// The part that all artifacts share lies beside the compiler.
static Expected<std::string> findStub() {
  static int anchor;
  SmallString<256> stub(sys::path::parent_path(sys::path::parent_path(sys::fs::getMainExecutable("ssmc", &anchor))));
  sys::path::append(stub, "lib", "ssm_stub.o");
  if (!sys::fs::exists(stub))
    return createStringError("'" + stub + "', which every artifact contains, is missing; build the target ssm_stub_object");
  return stub.str().str();
}

Error Stages::writeArtifact(StringRef object) {
  StageTimer timer(options, "link");
  Expected<std::string> stub = findStub();
  if (!stub)
    return stub.takeError();
  Expected<ScratchFile> scratch = ScratchFile::create("o");
  if (!scratch)
    return scratch.takeError();
  {
    std::error_code code;
    raw_fd_ostream os(scratch->name(), code);
    if (!code) {
      os << object;
      os.close();
      code = os.error();
      os.clear_error();
    }
    if (code)
      return createStringError("cannot write a temporary file: " + code.message());
  }
  if (options.output == "-") {
    Expected<ScratchFile> linked = ScratchFile::create("so");
    if (!linked)
      return linked.takeError();
    if (Error error = linkArtifact(scratch->name(), *stub, path(".so"), linked->name()))
      return error;
    ErrorOr<std::unique_ptr<MemoryBuffer>> bytes = MemoryBuffer::getFile(linked->name());
    if (!bytes)
      return createStringError("cannot read the linked artifact: " + bytes.getError().message());
    return writeText(options, (*bytes)->getBuffer());
  }

  std::string artifact = path(".so");
  SmallString<256> header(artifact);
  sys::path::replace_extension(header, "h");
  if (header == artifact)
    return createStringError("the header would be written to '" + header + "' too; give the artifact another extension");
  OutputFiles files;
  Expected<std::string> temporary = files.create(artifact);
  if (!temporary)
    return temporary.takeError();
  if (Error error = linkArtifact(scratch->name(), *stub, sys::path::filename(artifact), *temporary))
    return error;
  if (!isSpecialFile(artifact)) // beside a device or a pipe it would have no sense
    if (Error error = files.write(header, makeHeader(description, sys::path::filename(artifact))))
      return error;
  return files.commit();
}

Error Stages::generate() {
  Expected<std::unique_ptr<TargetMachine>> machine = createTargetMachine(options.cpu);
  if (!machine)
    return machine.takeError();
  if (any_of(description.entries, [](const Entry &entry) { return !entry.symbol.empty(); }))
    description.instructions = instructionSets(**machine);
  LLVMContext context;
  std::unique_ptr<Module> code;
  {
    StageTimer timer(options, "translation to LLVM IR");
    std::vector<std::string> symbols;
    for (const Entry &entry : description.entries)
      if (!entry.symbol.empty())
        symbols.push_back(entry.symbol);
    Expected<std::unique_ptr<Module>> translated =
        translateToLLVMIR(module, context, **machine, symbols, toJson(description), gpuCode);
    if (!translated)
      return translated.takeError();
    code = std::move(*translated);
  }
  {
    StageTimer timer(options, "LLVM's optimiser");
    optimise(*code, **machine);
  }
  if (options.stage == Stage::Llvm) {
    std::string text;
    raw_string_ostream os(text);
    code->print(os, nullptr);
    return writeText(options, text);
  }
  SmallVector<char, 0> object;
  {
    StageTimer timer(options, "code generation");
    raw_svector_ostream os(object);
    if (Error error = emitObject(*code, **machine, os))
      return error;
  }
  StringRef bytes(object.data(), object.size());
  return options.stage == Stage::Object ? writeObject(bytes) : writeArtifact(bytes);
}

Error Stages::runKernels() {
  if (!options.forGpu())
    return createStringError("'" + options.input + "' launches kernels, which run on a GPU: give --target sm_90a");
  if (options.stage != Stage::Artifact && options.stage != Stage::Object)
    return createStringError("kernels become an artifact or an object only; ssm-opt shows what is between");
  if (Error error = pass("symbols", [](mlir::OpPassManager &passes) { passes.addPass(createAssignSymbolsPass()); }))
    return error;
  if (Error error = checkEntries())
    return error;
  description = describe(module, options.target);
  if (description.layer.empty()) {
    description.layer = sys::path::stem(options.input).str();
    description.source = sys::path::filename(options.input).str();
  }
  for (Entry &entry : description.entries)
    entry.symbol.clear();
  Expected<GpuCode> code = compileForGpu(module, options, reported);
  if (!code)
    return code.takeError();
  addGpuCode(description, *code, gpuCode);
  mlir::OwningOpRef<mlir::ModuleOp> nothing = mlir::ModuleOp::create(module.getLoc());
  module = *nothing;
  return generate();
}

/// Vectors as wide as the machine's registers.
static TileToVectorOptions vectorsOf(const TargetMachine &machine) {
  std::vector<std::string> sets = instructionSets(machine);
  auto has = [&](StringRef name) { return is_contained(sets, name); };
  TileToVectorOptions options;
  options.vectorBits = has("avx512f") ? 512 : has("avx2") ? 256 : 128;
  options.registers = has("avx512f") ? 32 : 16;
  options.dotBf16 = has("avx512bf16");
  return options;
}

Expected<PlanOptions> Stages::planOptions(StringRef target) {
  PlanOptions plan;
  plan.target = target.str();
  plan.native = target == "cpu" && options.cpu == "native";
  // With a GPU named, plans are for it, and it is what is explained.
  if (!options.planFile.empty() && target == options.target) {
    ErrorOr<std::unique_ptr<MemoryBuffer>> text = MemoryBuffer::getFile(options.planFile, /*IsText=*/true);
    if (!text)
      return createStringError("cannot read '" + options.planFile + "': " + text.getError().message());
    plan.overrides = (*text)->getBuffer().str();
    plan.overridesName = options.planFile;
  }
  return plan;
}

Expected<bool> Stages::layerKernels() {
  Expected<PlanOptions> plan = planOptions(options.target);
  if (!plan)
    return plan.takeError();
  mlir::OwningOpRef<mlir::ModuleOp> copy = module.clone();
  mlir::ModuleOp whole = std::exchange(module, *copy);
  Explanation explanation(module.getContext());
  Error error = pass("plans for " + options.target, [&](mlir::OpPassManager &passes) {
    addFusePipeline(passes, *plan);
    addPlanPipeline(passes, *plan);
  });
  if (!error && options.explain)
    explanation.print(module, options.toStdout() && options.stage != Stage::Artifact ? errs() : outs());
  if (!error)
    error = pass("kernels for " + options.target, [](mlir::OpPassManager &passes) { addAsyncPipeline(passes); });
  if (!error && options.stage == Stage::Async)
    error = writeModule();
  module = whole;
  if (error)
    return std::move(error);
  if (options.stage == Stage::Async)
    return true;
  if (options.stage < Stage::Llvm) // the CPU's stages
    return false;
  Expected<GpuCode> code = compileForGpu(*copy, options, reported);
  if (!code)
    return code.takeError();
  addGpuCode(description, *code, gpuCode);
  return false;
}

Expected<bool> Stages::mainLine() {
  Expected<PlanOptions> plan = planOptions("cpu");
  if (!plan)
    return plan.takeError();
  Expected<std::unique_ptr<TargetMachine>> machine = createTargetMachine(options.cpu);
  if (!machine)
    return machine.takeError();
  TileToVectorOptions vectors = vectorsOf(**machine);
  Explanation explanation(module.getContext());
  const std::tuple<StringRef, Stage, std::function<void(mlir::OpPassManager &)>> stages[] = {
      {"raise", Stage::Raised, [](mlir::OpPassManager &passes) { addRaisePipeline(passes); }},
      {"fuse", Stage::Fused, [&](mlir::OpPassManager &passes) { addFusePipeline(passes, *plan); }},
      {"plan", Stage::Plan, [&](mlir::OpPassManager &passes) { addPlanPipeline(passes, *plan); }},
      {"kernels to tiles", Stage::Tile, [](mlir::OpPassManager &passes) { addKernelPipeline(passes); }},
      {"tiles to vectors", Stage::Vector, [&](mlir::OpPassManager &passes) { addTilePipeline(passes, vectors); }},
  };
  for (const auto &[name, stage, pipeline] : stages) {
    if (Error error = pass(name, pipeline))
      return error;
    if (stage == Stage::Plan && options.explain && !options.forGpu())
      explanation.print(module, options.toStdout() && options.stage != Stage::Artifact ? errs() : outs());
    if (options.stage == stage) {
      if (Error error = writeModule())
        return error;
      return true;
    }
  }
  return false;
}

Error Stages::run() {
  if (launchesKernels(module))
    return runKernels();
  if (Error error = pass("ssm", addSsmPipeline))
    return error;
  if (Error error = checkEntries())
    return error;
  if (options.stage == Stage::Ssm)
    return writeModule();
  if (Error error = pass("structures", addExpandPipeline))
    return error;
  description = describe(module, options.target);
  if (options.stage == Stage::Header)
    return writeText(options, makeHeader(description, description.layer + ".so"));
  if (options.forGpu()) {
    Expected<bool> written = layerKernels();
    if (!written)
      return written.takeError();
    if (*written)
      return Error::success();
  }
  if (options.path == Path::Main) {
    Expected<bool> written = mainLine();
    if (!written)
      return written.takeError();
    if (*written)
      return Error::success();
    // The caller gives the sizes of dimensions that were introduced on the way, too.
    Description after = describe(module, options.target);
    for (auto [entry, now] : zip(description.entries, after.entries))
      if (entry.name == now.name)
        entry.dims = now.dims;
  }
  if (Error error = pass("ssm to linalg", addLinalgPipeline))
    return error;
  if (options.stage == Stage::Linalg)
    return writeModule();
  Expected<std::unique_ptr<TargetMachine>> machine = createTargetMachine(options.cpu);
  if (!machine)
    return machine.takeError();
  if (Error error = pass("linalg to llvm", [&](mlir::OpPassManager &passes) { addLLVMPipeline(passes, convertsF16(**machine)); }))
    return error;
  return generate();
}

} // namespace

Error runStages(mlir::ModuleOp module, const Options &options, function_ref<bool()> reported) {
  return Stages(module, options, reported).run();
}

} // namespace ssm
