//===- Enumerate.cpp - who holds each element, by listing -------------------===//
#include "ssm/Layout/Layout.h"

namespace ssm::layout {

std::vector<std::vector<Holder>> holders(const Registers &registers) {
  std::vector<std::vector<Holder>> all(registers.type().getNumElements());
  for (int64_t thread = 0; thread < registers.threads(); ++thread)
    for (int64_t reg = 0; reg < registers.count(); ++reg) {
      int64_t linear = 0;
      for (auto [i, index] : llvm::enumerate(registers.element(thread, reg)))
        linear = linear * registers.type().getDimSize(i) + index;
      all[linear].push_back({thread, reg});
    }
  return all;
}

} // namespace ssm::layout
