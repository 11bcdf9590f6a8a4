//===- Shadow.h - who wrote and read shared memory, and when ----------------===//
//
// Time is a vector with an entry a warp, one for the prologue and one for the copy
// engine. A warp knows of an event if its clock has reached the event's time; it
// learns by waiting on a barrier at which somebody who knew arrived. Three clocks a
// warp: what it knows of ordinary writes, which of them a proxy fence has made
// visible to the tensor cores and the copy engine, and what it knows of reads (a
// product, which all four warps start together, tells each of the others' reads).
//
// A word (4 bytes) remembers its last writer, each warp's last read, and how many
// asynchronous reads are under way. So one schedule finds races that no run shows.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "llvm/ADT/SmallVector.h"

#include <cstdint>
#include <string>
#include <vector>

namespace ssm::emulator {

using Clock = llvm::SmallVector<uint32_t, 24>;
void join(Clock &into, const Clock &other);

/// What a warp, or a barrier, knows.
struct Knowledge {
  Clock writes, fenced, reads;
  void join(const Knowledge &other);
};

/// A buffer, or one part of one slot of a ring.
class Storage {
public:
  Storage(std::string name, int64_t elements, int64_t elementBytes, bool isFloat, unsigned warps);

  std::string name;
  std::vector<float> floats;
  std::vector<int32_t> integers;
  bool isFloat;

  int64_t size() const { return isFloat ? floats.size() : integers.size(); }

  /// Each returns what is wrong, or an empty string.
  std::string read(int64_t element, unsigned warp, const Knowledge &known);
  std::string write(int64_t element, unsigned warp, const Knowledge &known);
  /// A read by tensor cores or the copy engine on behalf of warps that know `known`; open until `closeRead`.
  std::string openRead(int64_t element, llvm::ArrayRef<const Knowledge *> known);
  void closeRead(int64_t element, llvm::ArrayRef<unsigned> warps, llvm::ArrayRef<Knowledge> all);
  /// A copy is on its way here: it was started by a warp that knows `known`. Copies bring whole words.
  std::string startCopy(int64_t element, const Knowledge &known);
  void land(int64_t element, uint32_t engineTime);
  /// The same by a warp's own copies, which count as its stores.
  void landStore(int64_t element, unsigned warp, uint32_t time);
  /// The prologue writes: everybody knows.
  void fill(int64_t element);

private:
  enum : int16_t { Nobody = -1 };
  struct Word {
    int16_t writer = Nobody; ///< an index of the clock
    bool landing = false, byCopy = false;
    uint16_t open = 0;
    uint32_t time = 0;
  };
  Word &word(int64_t element) { return words[element * elementBytes / 4]; }
  uint32_t *readsOf(int64_t element) { return &reads[element * elementBytes / 4 * warps]; }
  std::string checkWrite(int64_t element, const Knowledge &known);

  int64_t elementBytes;
  unsigned warps;
  std::vector<Word> words;
  std::vector<uint32_t> reads;
};

} // namespace ssm::emulator
