//===- Barrier.h - mbarriers and turns --------------------------------------===//
//
// An mbarrier counts arrivals and announced bytes. A wait looks at one bit of the
// phase, as the hardware does; the emulator knows the whole number, so a wait that
// passes two phases off is seen.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "Shadow.h"

namespace ssm::emulator {

class Barrier {
public:
  Barrier(std::string name, int64_t expected, unsigned entries);

  std::string name;
  int64_t expected, arrived = 0, bytes = 0;
  int64_t completed = 0; ///< phases

  /// What is wrong, or an empty string.
  std::string arrive(const Knowledge &known);
  void announce(int64_t count) { bytes += count; }
  /// Bytes of a copy have landed, at the engine's time.
  void land(int64_t count, unsigned engine, uint32_t time);

  enum class Wait { Passes, Blocks, Slips };
  /// Waits for the end of phase `phase` (from 0; -1: for nothing), and learns what those knew who arrived.
  Wait wait(int64_t phase, Knowledge &learn) const;
  /// "3 of 8 arrivals, 16384 bytes missing, 2 phases done"
  std::string state() const;

private:
  void complete();
  Knowledge gathered, known; ///< of the running phase, of those completed
};

/// The named barriers of tile.take and tile.pass.
struct Circle {
  struct Place {
    bool given = false;
    Knowledge known;
  };
  std::vector<Place> places;
};

} // namespace ssm::emulator
