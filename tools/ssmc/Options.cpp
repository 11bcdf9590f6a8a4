//===- Options.cpp - ssmc's command line ------------------------------------===//
#include "Options.h"

#include "ssm/Frontend/Diagnostics.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/CommandLine.h"

using namespace llvm;

namespace ssm {
namespace {

constexpr StringLiteral overview = R"(compiles a layer written in the .ssm language

  ssmc s4d.ssm                       the file's last layer, to s4d.so and s4d.h here
  ssmc s4d.ssm -o out/bank.so        to out/bank.so and out/bank.h
  ssmc zoo.ssm --layer mgk           another layer of the file
  ssmc s4d.ssm --dims N=16,B=1       constants and sizes, fixed when compiling
  ssmc s4d.ssm --emit ssm            show what the compiler made of it, as text
  ssmc s4d.ssm --cpu x86-64-v3       for other machines than this one
  ssmc s4d.ssm --target sm_90a       for an NVIDIA GPU too, beside the code for the CPU
  ssmc gemm.mlir --target sm_90a     kernels of the tile dialect, for a GPU

Look at the result with `ssm-run s4d.so --list`, run it with `ssm-run s4d.so forward u=u.npy`,
or load it in Python: `import ssm; m = ssm.load("s4d.so")`.
)";

constexpr StringLiteral stages[] = {"ast",    "ssm",  "raised", "fused",  "plan",   "tile",
                                    "vector", "async", "linalg", "llvm", "object", "header", "artifact"};
constexpr StringLiteral paths[] = {"main", "reference"};
constexpr StringLiteral targets[] = {"cpu", "sm_90a"};

cl::OptionCategory category("Options of ssmc");
cl::opt<std::string> input(cl::Positional, cl::desc("FILE.ssm"), cl::cat(category));
cl::opt<std::string> layer("layer", cl::value_desc("NAME"), cl::cat(category),
                           cl::desc("the layer to compile (default: the last in the file)"));
cl::list<std::string> dims("dims", cl::value_desc("D=64,N=16"), cl::cat(category),
                           cl::desc("sizes of dimensions and values of constants; the rest stays open"));
cl::opt<std::string> target("target", cl::value_desc("NAME"), cl::init("cpu"), cl::cat(category),
                            cl::desc("what to compile for: cpu (default), or sm_90a, NVIDIA's Hopper, whose\n"
                                     "code the artifact then holds too"));
cl::opt<bool> checked("checked", cl::cat(category),
                      cl::desc("bound every wait of a GPU's kernels: one that would hang reports where"));
cl::opt<std::string> emit("emit", cl::value_desc("STAGE"), cl::init("artifact"), cl::cat(category),
                          cl::desc("stop at and write out:\n"
                                   "  ast       the syntax tree\n"
                                   "  ssm       the layer in the ssm dialect, its step derived\n"
                                   "  raised    what was recognised in it\n"
                                   "  fused     gathered into kernels\n"
                                   "  plan      each kernel with its plan\n"
                                   "  tile      programs over tiles\n"
                                   "  vector    loops over vectors\n"
                                   "  async     with --target sm_90a: kernels and their launches\n"
                                   "  linalg    loops and linear algebra on tensors: all of it with --path reference,\n"
                                   "            with main what no kernel holds\n"
                                   "  llvm      optimised LLVM IR\n"
                                   "  object    LAYER.o\n"
                                   "  header    the C header\n"
                                   "  artifact  LAYER.so and LAYER.h (default)"));
cl::opt<std::string> output("o", cl::value_desc("OUT"), cl::cat(category),
                            cl::desc("where to write; `-` is standard output, the default for text"));
cl::list<std::string> includeDirs("I", cl::value_desc("DIR"), cl::Prefix, cl::cat(category),
                                  cl::desc("where `import` looks after the importing file's folder\n(the library, std/..., is found by itself)"));
cl::opt<std::string> cpu("cpu", cl::value_desc("NAME"), cl::init("native"), cl::cat(category),
                         cl::desc("native (default), x86-64-v3, or another of LLVM's names"));
cl::opt<std::string> pathName("path", cl::value_desc("LINE"), cl::init("main"), cl::cat(category),
                              cl::desc("main (recognised, fused and planned; default) or reference (plain, operation by\n"
                                       "operation: what the other is checked against)"));
cl::opt<std::string> planFile("plan", cl::value_desc("FILE"), cl::cat(category),
                              cl::desc("plans that come before the compiler's own: KERNEL = <form = ..., own = [D : 16], ...>,\n"
                                       "a line each; --emit plan and --explain show what there is to change"));
cl::opt<bool> explain("explain", cl::cat(category),
                      cl::desc("say what became one kernel, what did not and why, and each kernel's plan beside others"));
cl::opt<bool> showTime("time", cl::cat(category), cl::desc("print how long each stage took"));

std::string oneOf(ArrayRef<StringLiteral> words) {
  SmallVector<StringRef> refs(words.begin(), words.end());
  return join(refs, ", ");
}

Error unknownWord(StringRef option, StringRef given, ArrayRef<StringLiteral> known) {
  SmallVector<StringRef> words(known.begin(), known.end());
  StringRef near = nearest(given, words);
  std::string guess = near.empty() ? "" : "; did you mean '" + near.str() + "'?";
  return createStringError("--" + option + " " + given + ": expected one of " + oneOf(known) + guess);
}

/// `D=64,N=16`.
Error readDims(StringRef text, StringMap<int64_t> &sizes) {
  SmallVector<StringRef> entries;
  text.split(entries, ',');
  for (StringRef entry : entries) {
    auto [left, right] = entry.split('=');
    StringRef name = left.trim(), value = right.trim();
    std::string where = "--dims " + text.str() + ": ";
    if (!entry.contains('=') || name.empty() || value.empty())
      return createStringError(where + "expected NAME=SIZE, found '" + entry + "'");
    StringRef digits = value;
    bool negative = digits.consume_front("-");
    if (digits.empty() || !all_of(digits, isDigit))
      return createStringError(where + "the size of '" + name + "' is no whole number: '" + value + "'");
    int64_t size;
    if (negative && digits.find_first_not_of('0') != StringRef::npos)
      return createStringError(where + "the size of '" + name + "' is negative");
    if (digits.getAsInteger(10, size))
      return createStringError(where + "the size of '" + name + "' is larger than 9223372036854775807");
    if (!sizes.try_emplace(name, size).second && sizes[name] != size)
      return createStringError(where + "'" + name + "' is given twice, as " + std::to_string(sizes[name]) + " and " +
                               std::to_string(size));
  }
  return Error::success();
}

} // namespace

Expected<Options> parseCommandLine(int argc, char **argv) {
  cl::HideUnrelatedOptions(category);
  cl::SetVersionPrinter([](raw_ostream &os) { os << "ssmc, on LLVM " LLVM_VERSION_STRING "\n"; });
  cl::ParseCommandLineOptions(argc, argv, overview);

  Options options;
  if (input.empty())
    return createStringError("no input file; `ssmc FILE.ssm` compiles one, `ssmc --help` says more");
  options.input = input;
  options.layer = layer;
  options.output = output;
  options.cpu = cpu;
  options.time = showTime;
  options.target = target;
  options.checked = checked;
  options.includeDirs = includeDirs;
  const StringLiteral *stage = find(stages, StringRef(emit));
  if (stage == std::end(stages))
    return unknownWord("emit", emit, stages);
  options.stage = static_cast<Stage>(stage - stages);
  const StringLiteral *line = find(paths, StringRef(pathName));
  if (line == std::end(paths))
    return unknownWord("path", pathName, paths);
  options.path = static_cast<Path>(line - paths);
  options.planFile = planFile;
  options.explain = explain;
  if (options.stage == Stage::Async && !options.forGpu())
    return createStringError("--emit async shows kernels for a GPU; add --target sm_90a");
  if (options.path == Path::Reference) {
    if (options.stage >= Stage::Raised && options.stage <= Stage::Vector)
      return createStringError("--emit " + emit + " shows a stage of the main line; leave out --path reference");
    if (explain || !planFile.empty())
      return createStringError(StringRef(explain ? "--explain" : "--plan") + " is about the main line; leave out --path reference");
  }
  if (!is_contained(targets, StringRef(target)))
    return unknownWord("target", target, targets);
  if (layer.getNumOccurrences() && layer.empty())
    return createStringError("--layer needs a name");
  for (const std::string &text : dims)
    if (Error error = readDims(text, options.dims))
      return error;
  return options;
}

} // namespace ssm
