//===- Barrier.cpp - mbarriers ----------------------------------------------===//
#include "Barrier.h"

namespace ssm::emulator {

Barrier::Barrier(std::string name, int64_t expected, unsigned entries) : name(std::move(name)), expected(expected) {
  for (Knowledge *k : {&gathered, &known})
    for (Clock *clock : {&k->writes, &k->fenced, &k->reads})
      clock->assign(entries, 0);
}

void Barrier::complete() {
  if (arrived < expected || bytes != 0)
    return;
  arrived = 0;
  ++completed;
  known = gathered;
}

std::string Barrier::arrive(const Knowledge &other) {
  gathered.join(other);
  if (++arrived > expected)
    return "arrives at " + name + " when all " + std::to_string(expected) + " arrivals of the phase are there";
  complete();
  return {};
}

void Barrier::land(int64_t count, unsigned engine, uint32_t time) {
  bytes -= count;
  gathered.writes[engine] = std::max(gathered.writes[engine], time);
  complete();
}

Barrier::Wait Barrier::wait(int64_t phase, Knowledge &learn) const {
  if (((completed ^ (phase + 1)) & 1) != 0)
    return Wait::Blocks;
  if (completed != phase + 1)
    return Wait::Slips;
  learn.join(known);
  return Wait::Passes;
}

std::string Barrier::state() const {
  std::string text = std::to_string(arrived) + " of " + std::to_string(expected) + " arrivals";
  if (bytes != 0)
    text += ", " + std::to_string(bytes) + " bytes missing";
  return text + ", " + std::to_string(completed) + " phases done";
}

} // namespace ssm::emulator
