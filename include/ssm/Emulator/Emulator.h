//===- Emulator.h - run an asynchronous kernel on the CPU -------------------===//
//
// Interprets an entry that launches tile kernels: every role instance is a core,
// barriers, phases, asynchronous copies, products in flight and proxies are
// modelled, and what a GPU would get wrong silently is an error with a location:
// reads of what no copy has brought, writes over what is still being read, missing
// fences, phases that slip, deadlock with who waits for what.
//
//   for (const Schedule &schedule : schedules(cores, 4))
//     emulate(entry, arguments, sizes, schedule)     // the same results under each
//
//===----------------------------------------------------------------------===//
#pragma once

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/StringMap.h"

#include <cstdint>
#include <string>
#include <vector>

namespace ssm::emulator {

/// A dense array in global memory. Elements of any float type are held as float,
/// exactly; integers and bools as int32.
struct Array {
  std::vector<int64_t> shape;
  mlir::Type element;
  std::vector<float> floats;
  std::vector<int32_t> integers;

  int64_t size() const;
};

/// In which order cores and copies take their steps.
struct Schedule {
  enum class Kind {
    InTurn,     ///< each core until it waits, copies at once
    LateCopies, ///< copies land only when no core can go on
    Starve,     ///< one core runs only when no other can
    Random      ///< a core stops at any operation, copies land at any time
  };
  Kind kind = Kind::InTurn;
  uint64_t number = 0; ///< the starved core, or the seed

  std::string name() const;
};

/// In turn, late copies, each of `cores` starved, and `seeds` random ones.
std::vector<Schedule> schedules(unsigned cores, unsigned seeds);

/// The most role instances of a kernel that the entry launches.
unsigned countCores(mlir::func::FuncOp entry);

/// Calls the entry. `arguments` by ssm.name; `sizes` are all of its dimensions. `multiprocessors`
/// is what "%sms" stands for. The results by name, or failure after diagnostics.
mlir::FailureOr<llvm::StringMap<Array>> emulate(mlir::func::FuncOp entry, llvm::StringMap<Array> &arguments,
                                                const llvm::StringMap<int64_t> &sizes, const Schedule &schedule,
                                                int64_t multiprocessors = 2);

} // namespace ssm::emulator
