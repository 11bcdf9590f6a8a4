// A dimension of an entry: open, constant or computed.
#ifndef SSM_RUNTIME_CORE_DIM_H
#define SSM_RUNTIME_CORE_DIM_H

#include "core/Expression.h"
#include "ssm/runtime.h"

#include <cstdint>
#include <string>

namespace ssm::rt {

struct Dim {
  std::string name;
  ssm_dim_kind kind = SSM_OPEN;
  int64_t size = -1; ///< of a constant one
  Expression expression;
  std::string text; ///< for people
};

} // namespace ssm::rt
#endif
