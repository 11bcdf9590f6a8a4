//===- Target.cpp - the CPU that is compiled for ----------------------------===//
#include "ssm/Codegen/Target.h"

#include "llvm/ADT/StringMap.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/SubtargetFeature.h"

#include <mutex>

using namespace llvm;

namespace ssm {

static void initialiseOnce() {
  static std::once_flag once;
  std::call_once(once, [] {
    InitializeNativeTarget();
    InitializeNativeTargetAsmPrinter();
  });
}

/// The features of this machine, as the `+avx2,-sse4a` that LLVM takes.
static std::string hostFeatures() {
  SubtargetFeatures features;
  for (const auto &feature : sys::getHostCPUFeatures())
    features.AddFeature(feature.first(), feature.second);
  return features.getString();
}

static Error unknownCpu(StringRef cpu, const MCSubtargetInfo &info) {
  std::string text;
  raw_string_ostream os(text);
  os << "unknown CPU '" << cpu << "'; give 'native', 'x86-64-v2', 'x86-64-v3', 'x86-64-v4' or one of LLVM's names";
  StringRef best;
  unsigned distance = 1 + cpu.size() / 3;
  for (const SubtargetSubTypeKV &known : info.getAllProcessorDescriptions()) {
    unsigned d = cpu.edit_distance(known.Key, /*AllowReplacements=*/true, distance);
    if (d < distance || (d == distance && best.empty())) {
      best = known.Key;
      distance = d;
    }
  }
  if (!best.empty())
    os << "; did you mean '" << best << "'?";
  return createStringError(os.str());
}

Expected<std::unique_ptr<TargetMachine>> createTargetMachine(StringRef cpu) {
  initialiseOnce();
  Triple triple(sys::getProcessTriple());
  std::string error;
  const Target *target = TargetRegistry::lookupTarget(triple, error);
  if (!target)
    return createStringError("no code generator for this machine: " + error);
  std::string name = cpu.str(), features;
  if (cpu == "native") {
    name = sys::getHostCPUName().str();
    features = hostFeatures();
  }
  std::unique_ptr<MCSubtargetInfo> info(target->createMCSubtargetInfo(triple, "", ""));
  if (!info->isCPUStringValid(name))
    return unknownCpu(cpu, *info);
  TargetOptions options;
  return std::unique_ptr<TargetMachine>(target->createTargetMachine(triple, name, features, options, Reloc::PIC_,
                                                                    std::nullopt, CodeGenOptLevel::Default));
}

std::vector<std::string> instructionSets(const TargetMachine &machine) {
  std::vector<std::string> sets;
  if (machine.getTargetTriple().isX86())
    for (StringRef name :
         {"sse4.2", "popcnt", "sse4a", "avx", "avx2", "fma", "fma4", "xop", "f16c", "bmi", "bmi2", "lzcnt", "movbe", "gfni",
          "vpclmulqdq", "avxvnni", "avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl", "avx512vnni", "avx512bf16",
          "avx512fp16", "avx512vbmi", "avx512vbmi2", "avx512ifma", "avx512bitalg", "avx512vpopcntdq"})
      if (machine.getMCSubtargetInfo()->checkFeatures(("+" + name).str()))
        sets.push_back(name.str());
  return sets;
}

bool convertsF16(const TargetMachine &machine) {
  const MCSubtargetInfo &info = *machine.getMCSubtargetInfo();
  return !machine.getTargetTriple().isX86() || info.checkFeatures("+f16c");
}

} // namespace ssm
