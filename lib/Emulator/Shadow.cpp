//===- Shadow.cpp - who wrote and read shared memory, and when --------------===//
#include "Shadow.h"

#include <algorithm>

using namespace llvm;

namespace ssm::emulator {

void join(Clock &into, const Clock &other) {
  for (size_t i = 0; i < into.size(); ++i)
    into[i] = std::max(into[i], other[i]);
}

void Knowledge::join(const Knowledge &other) {
  emulator::join(writes, other.writes);
  emulator::join(fenced, other.fenced);
  emulator::join(reads, other.reads);
}

Storage::Storage(std::string name, int64_t elements, int64_t elementBytes, bool isFloat, unsigned warps)
    : name(std::move(name)), isFloat(isFloat), elementBytes(elementBytes), warps(warps),
      words((elements * elementBytes + 3) / 4), reads(words.size() * warps) {
  if (isFloat)
    floats.resize(elements);
  else
    integers.resize(elements);
}

std::string Storage::read(int64_t element, unsigned warp, const Knowledge &known) {
  Word &w = word(element);
  if (w.landing)
    return "reads bytes of " + name + " that a copy is still bringing";
  if (w.writer == Nobody)
    return "reads bytes of " + name + " that nothing has written";
  if (known.writes[w.writer] < w.time)
    return "reads bytes of " + name + " without having waited for " + (w.byCopy ? "the copy that brings them" : "the warp that writes them");
  readsOf(element)[warp] = known.writes[warp];
  return {};
}

std::string Storage::checkWrite(int64_t element, const Knowledge &known) {
  Word &w = word(element);
  if (w.landing)
    return "writes bytes of " + name + " that a copy is still bringing";
  if (w.open)
    return "writes bytes of " + name + " that a product or a copy to global memory is still reading";
  const uint32_t *read = readsOf(element);
  for (unsigned i = 0; i < warps; ++i)
    if (read[i] > known.reads[i])
      return "writes bytes of " + name + " that warp " + std::to_string(i) + " may still be reading";
  if (w.writer != Nobody && known.writes[w.writer] < w.time)
    return "writes bytes of " + name + " that " + (w.byCopy ? "a copy" : "another warp") + " writes too, unordered";
  return {};
}

std::string Storage::write(int64_t element, unsigned warp, const Knowledge &known) {
  std::string wrong = checkWrite(element, known);
  Word &w = word(element);
  w = {int16_t(warp), false, false, 0, known.writes[warp]};
  return wrong;
}

std::string Storage::openRead(int64_t element, ArrayRef<const Knowledge *> known) {
  Word &w = word(element);
  ++w.open;
  if (w.landing)
    return "reads bytes of " + name + " that a copy is still bringing";
  if (w.writer == Nobody)
    return "reads bytes of " + name + " that nothing has written";
  for (const Knowledge *k : known) {
    if (k->writes[w.writer] < w.time)
      return "reads bytes of " + name + " without having waited for " + (w.byCopy ? "the copy that brings them" : "the warp that writes them");
    if (!w.byCopy && k->fenced[w.writer] < w.time)
      return "reads bytes of " + name + ", written by ordinary stores, with no tile.fence between";
  }
  return {};
}

void Storage::closeRead(int64_t element, ArrayRef<unsigned> readers, ArrayRef<Knowledge> all) {
  Word &w = word(element);
  if (w.open)
    --w.open;
  for (unsigned warp : readers)
    readsOf(element)[warp] = std::max(readsOf(element)[warp], all[warp].writes[warp]);
}

std::string Storage::startCopy(int64_t element, const Knowledge &known) {
  if (element * elementBytes % 4 != 0)
    return {}; // its word is on its way already
  std::string wrong = checkWrite(element, known);
  word(element).landing = true;
  return wrong;
}

void Storage::land(int64_t element, uint32_t engineTime) {
  word(element) = {int16_t(warps + 1), false, true, 0, engineTime};
}

void Storage::landStore(int64_t element, unsigned warp, uint32_t time) {
  word(element) = {int16_t(warp), false, false, 0, time};
}

void Storage::fill(int64_t element) { word(element) = {int16_t(warps), false, false, 0, 1}; }

} // namespace ssm::emulator
