//===- Target.h - what a machine can do, as data ----------------------------===//
//
// Read from tables (lib/Target/*.target): a key, a value, its unit, and where the
// number comes from. What a table lacks has a value that is safe anywhere, and the
// ledger says so.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <string>

namespace ssm {

struct Counts;

/// One entry of a table.
struct TargetValue {
  double value = 0;
  std::string unit, provenance;
};

class Target {
public:
  /// The built-in table of that name ("cpu"); an error names those that there are.
  static llvm::Expected<Target> find(llvm::StringRef name);
  /// Those that there are.
  static llvm::SmallVector<llvm::StringRef> names();
  /// A table in text form. `name` is for messages.
  static llvm::Expected<Target> parse(llvm::StringRef text, llvm::StringRef name);

  /// Puts in what can be asked of the machine that this runs on: cores, width of
  /// vectors, caches.
  void detectHost();

  llvm::StringRef name() const { return label; }
  double get(llvm::StringRef key) const;
  /// Null where the table lacks the key.
  const TargetValue *lookup(llvm::StringRef key) const;
  const llvm::StringMap<TargetValue> &values() const { return table; }

  /// The table has the instruction, or the property.
  bool has(llvm::StringRef key) const { return lookup(key) != nullptr; }
  bool isGpu() const { return llvm::StringRef(label).starts_with("sm_"); }
  int64_t cores() const { return static_cast<int64_t>(get("cores")); }
  int64_t vectorBytes() const { return static_cast<int64_t>(get("vector_bytes")); }
  /// The longest dimension of known size that an item holds whole.
  int64_t longestWhole() const { return static_cast<int64_t>(get("longest_whole")); }
  /// Bytes that an item's carries and accumulators may take.
  int64_t itemBytes() const { return static_cast<int64_t>(get("item_bytes")); }
  /// Seconds, on all cores.
  double memoryTime(double bytes) const { return bytes / get("memory_bandwidth"); }
  double computeTime(const Counts &counts) const;

private:
  std::string label;
  llvm::StringMap<TargetValue> table;
};

} // namespace ssm
