//===- ssm-emulate.cpp - tile kernels on the CPU, checked -------------------===//
//
// Reads a module with an entry that launches asynchronous tile kernels, gives it
// arrays from .npy files, runs it under several schedules and writes the results.
//
//===----------------------------------------------------------------------===//
#include "ssm/Dialect/Ssm/Ssm.h"
#include "ssm/Emulator/Emulator.h"
#include "ssm/Pipelines/Pipelines.h"

#include "io/Npy.h"

#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/Support/SourceMgr.h"

#include <CLI/CLI.hpp>

#include <fstream>
#include <iostream>

using namespace mlir;
using namespace ssm;

namespace {

struct Options {
  std::string file, entry = "forward", out;
  std::vector<std::string> inputs, dims;
  unsigned seeds = 4;
  int64_t sms = 2;
  bool once = false;
};

[[noreturn]] void die(const std::string &what) {
  std::cerr << "ssm-emulate: error: " << what << "\n";
  std::exit(1);
}

io::Array readFile(const std::string &path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file)
    die("cannot open '" + path + "'");
  int64_t size = file.tellg();
  file.seekg(0);
  try {
    return io::readNpy(size, [&](char *data, int64_t count) { file.read(data, count); }, path);
  } catch (const io::FileError &error) {
    die(error.what());
  }
}

/// A file's values in the precision of the argument.
emulator::Array load(const std::string &path, Type element) {
  io::Array file = readFile(path);
  emulator::Array array;
  array.shape = file.shape;
  array.element = element;
  if (auto complex = dyn_cast<ComplexType>(element)) { // its parts side by side
    try {
      std::vector<char> bytes = io::convert(file, SSM_C64, path);
      array.shape.push_back(2);
      array.element = complex.getElementType();
      array.floats.resize(array.size());
      std::memcpy(array.floats.data(), bytes.data(), bytes.size());
    } catch (const io::FileError &error) {
      die(error.what());
    }
    return array;
  }
  bool isFloat = isa<FloatType>(element);
  ssm_dtype dtype = element.isBF16() ? SSM_BF16 : element.isF16() ? SSM_F16 : isFloat ? SSM_F32 : SSM_I32;
  try {
    std::vector<char> bytes = io::convert(file, dtype, path);
    if (dtype == SSM_F32) {
      array.floats.resize(array.size());
      std::memcpy(array.floats.data(), bytes.data(), bytes.size());
    } else if (dtype == SSM_I32) {
      array.integers.resize(array.size());
      std::memcpy(array.integers.data(), bytes.data(), bytes.size());
    } else {
      for (int64_t i = 0; i < array.size(); ++i) {
        uint16_t bits;
        std::memcpy(&bits, bytes.data() + 2 * i, 2);
        llvm::APFloat value(cast<FloatType>(element).getFloatSemantics(), llvm::APInt(16, bits));
        bool lost;
        value.convert(llvm::APFloat::IEEEsingle(), llvm::APFloat::rmNearestTiesToEven, &lost);
        array.floats.push_back(value.convertToFloat());
      }
    }
  } catch (const io::FileError &error) {
    die(error.what());
  }
  return array;
}

/// NAME=VALUE in two.
std::pair<std::string, std::string> named(const std::string &text) {
  size_t at = text.find('=');
  if (at == std::string::npos || at == 0)
    die("'" + text + "' should read NAME=VALUE");
  return {text.substr(0, at), text.substr(at + 1)};
}

/// Arguments from their files; sizes from their shapes and from --dims.
void bind(func::FuncOp entry, const Options &options, llvm::StringMap<emulator::Array> &arguments, llvm::StringMap<int64_t> &sizes) {
  for (const std::string &text : options.dims) {
    auto [name, value] = named(text);
    char *end;
    sizes[name] = std::strtoll(value.c_str(), &end, 10);
    if (*end || value.empty())
      die("the size of '" + name + "' should be a number, not '" + value + "'");
  }
  for (const std::string &text : options.inputs) {
    auto [name, path] = named(text);
    bool found = false;
    for (auto [i, argument] : llvm::enumerate(entry.getArguments())) {
      auto own = entry.getArgAttrOfType<StringAttr>(i, kNameAttr);
      if (!own || own.getValue() != name)
        continue;
      found = true;
      auto type = cast<RankedTensorType>(argument.getType());
      emulator::Array array = load(path, type.getElementType());
      NamedDims dims = getDims(type);
      bool pairs = isa<ComplexType>(type.getElementType());
      if (dims.size() + pairs != array.shape.size())
        die(name + " in '" + path + "' has " + std::to_string(array.shape.size()) + " dimensions, expected " + formatDims(dims));
      for (auto [dim, size] : llvm::zip_first(dims, array.shape)) {
        auto [it, isNew] = sizes.try_emplace(dim.name.getValue(), size);
        if ((dim.isStatic() && dim.size != size) || it->second != size)
          die(name + ": " + dim.name.str() + " is " + std::to_string(size) + ", expected " +
              std::to_string(dim.isStatic() ? dim.size : it->second));
      }
      arguments[name] = std::move(array);
    }
    if (!found)
      die("the entry has no argument '" + name + "'");
  }
  if (auto table = entry->getAttrOfType<ArrayAttr>(kDimsAttr))
    for (auto dim : table.getAsRange<DimAttr>())
      if (dim.getSize())
        if (std::optional<int64_t> constant = dim.getSize().constantValue())
          sizes.try_emplace(dim.getName().getValue(), *constant);
}

void writeResult(const std::string &path, const emulator::Array &array) {
  std::remove(path.c_str()); // of an earlier run
  try {
    if (array.integers.empty())
      io::writeNpy(path, SSM_F32, array.shape, array.floats.data());
    else
      io::writeNpy(path, SSM_I32, array.shape, array.integers.data());
  } catch (const io::FileError &error) {
    die(error.what());
  }
}

bool equal(const emulator::Array &a, const emulator::Array &b) {
  return a.integers == b.integers && a.floats.size() == b.floats.size() &&
         std::memcmp(a.floats.data(), b.floats.data(), a.floats.size() * sizeof(float)) == 0;
}

int emulateFile(const Options &options) {
  DialectRegistry registry;
  registerDialects(registry);
  MLIRContext context(registry);
  llvm::SourceMgr sources;
  SourceMgrDiagnosticHandler handler(sources, &context);
  std::string problem;
  OwningOpRef<ModuleOp> module = parseSourceFile<ModuleOp>(options.file, sources, &context);
  if (!module)
    return 1;
  PassManager passes(&context);
  addTileLinkPipeline(passes);
  if (failed(passes.run(*module)))
    return 1;
  auto entry = module->lookupSymbol<func::FuncOp>(options.entry);
  if (!entry || entry.isExternal())
    die("'" + options.file + "' has no entry @" + options.entry);
  llvm::StringMap<int64_t> sizes;
  llvm::StringMap<emulator::Array> arguments;
  bind(entry, options, arguments, sizes);

  std::vector<emulator::Schedule> all = emulator::schedules(emulator::countCores(entry), options.seeds);
  if (options.once)
    all.resize(1);
  llvm::StringMap<emulator::Array> first;
  for (const emulator::Schedule &schedule : all) {
    FailureOr<llvm::StringMap<emulator::Array>> results = emulator::emulate(entry, arguments, sizes, schedule, options.sms);
    if (failed(results))
      return 1;
    if (&schedule == &all.front())
      first = std::move(*results);
    else
      for (auto &result : *results)
        if (!equal(result.second, first[result.first()]))
          die("under the schedule '" + schedule.name() + "' the result " + result.first().str() + " differs from that in turn");
  }
  std::cout << all.size() << (all.size() == 1 ? " schedule" : " schedules, equal results") << "\n";
  if (!options.out.empty())
    for (auto &result : first)
      writeResult(options.out + "/" + result.first().str() + ".npy", result.second);
  return 0;
}

} // namespace

int main(int argc, char **argv) {
  Options options;
  CLI::App app("runs asynchronous tile kernels on the CPU under several schedules and reports what a GPU would get wrong\n\n"
               "  ssm-emulate softmax.mlir x=x.npy --out results\n");
  app.add_option("FILE", options.file, "MLIR text with an entry that launches tile kernels")->required();
  app.add_option("NAME=FILE", options.inputs, "arguments, as .npy");
  app.add_option("--entry", options.entry, "the function to call (forward)");
  app.add_option("--dims", options.dims, "sizes that no argument fixes, NAME=SIZE")->delimiter(',');
  app.add_option("--out", options.out, "folder for the results, NAME.npy");
  app.add_option("--seeds", options.seeds, "random schedules beside the fixed ones (4)");
  app.add_option("--sms", options.sms, "multiprocessors of the GPU that is played (2)");
  app.add_flag("--once", options.once, "one schedule only: each role in turn, copies at once");
  CLI11_PARSE(app, argc, argv);
  return emulateFile(options);
}
