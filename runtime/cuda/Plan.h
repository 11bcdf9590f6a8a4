// How an entry runs on a GPU: which kernels in which order, with what grid and arguments, as the member
// "cuda" of the entry's description says (see runtime/README.md). Sizes are expressions over the entry's
// dimensions and the names of `deviceNames`.
#ifndef SSM_RUNTIME_CUDA_PLAN_H
#define SSM_RUNTIME_CUDA_PLAN_H

#include "core/Dim.h"

#include <nlohmann/json_fwd.hpp>

#include <array>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace ssm::rt {
struct Entry;
}

namespace ssm::rt::cuda {

/// What expressions may name beside dimensions: the number of multiprocessors, the bytes of L2.
constexpr const char *deviceNames[] = {"%sms", "%l2"};

/// Code of an artifact for one kind of GPU.
struct CodeModule {
  std::string target, ptxas; ///< "sm_90a"; the assembler's version
  int64_t offset = 0, size = 0;
};

/// Memory on the device beside arguments and results.
struct Workspace {
  enum Zero { Never, Once, EachCall };
  std::string name;
  Expression bytes;
  Zero zero = Never;
};

/// Buffers are counted: the entry's arguments, its results, the plan's workspaces.
struct PointerArgument {
  int32_t buffer = 0;
  Expression offset;
  int64_t alignment = 1;
  Expression extent;     ///< the bytes that are reached from there on; 0: not said
  bool optional = false; ///< null where the caller gives no such buffer
};
struct MapArgument {
  static constexpr size_t maxRank = 5;
  int32_t buffer = 0;
  Expression offset;
  int32_t dtype = 0; ///< the driver's number
  int64_t elementSize = 0;
  std::vector<Expression> dims, strides; ///< innermost first; strides in bytes, without the innermost
  std::array<uint32_t, maxRank> box = {}, steps = {};
  int32_t interleave = 0, swizzle = 0, promotion = 0, fill = 0; ///< the driver's numbers
  int64_t swizzleBytes = 0, interleaveBytes = 0;
};
struct ScalarArgument {
  enum Kind { I32, I64, F32 };
  Kind kind = I32;
  Expression value; ///< of an integer
  float real = 0;
};
using KernelArgument = std::variant<PointerArgument, MapArgument, ScalarArgument>;

/// A size that the kernel takes for a multiple: its vectors lie inside or outside of the buffer as a whole.
struct Requirement {
  int32_t buffer = 0;
  Expression size;
  int64_t multiple = 1;
};

struct Launch {
  int32_t module = 0;
  std::string kernel;
  std::array<Expression, 3> grid;
  std::array<uint32_t, 3> block = {1, 1, 1}, cluster = {1, 1, 1};
  Expression sharedBytes;
  std::vector<KernelArgument> arguments;
  std::vector<Requirement> requirements;
  std::vector<Expression> where; ///< it fits where none is negative
  bool otherwise = false;        ///< runs where the launch before it does not fit
};

struct Plan {
  std::string target;
  std::vector<Dim> dims; ///< the entry's, then `deviceNames`
  std::vector<Workspace> workspaces;
  std::vector<int32_t> cleared; ///< results that are set to zero before each call
  std::vector<Launch> launches;
};

std::vector<CodeModule> parseModules(const nlohmann::json &json);
/// Throws SSM_ERROR_NOT_ARTIFACT.
Plan parsePlan(const nlohmann::json &json, const Entry &entry, const std::vector<CodeModule> &modules);

/// Whether code for `target` ("sm_90a") runs on a device of this compute capability.
bool runsOn(const std::string &target, int32_t major, int32_t minor);

} // namespace ssm::rt::cuda
#endif
