// Every rule of the table: what it promises of registers and lanes holds of the lists.
#include "Tiles.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/Parser/Parser.h"

#include <map>
#include <set>

using namespace ssm::layout;

namespace {

Rule rule(Change change, llvm::StringRef from, llvm::StringRef to, llvm::StringRef element = "f32", int64_t warps = 4) {
  return ruleFor(change, attribute(from), attribute(to), type(element), warps);
}

/// For each thread and register of `to`, whether a register of the same thread in `from` holds
/// `source(index)`; `lanes`: of the same warp instead.
bool within(const Registers &from, const Registers &to, int64_t threads,
            llvm::function_ref<std::vector<int64_t>(llvm::ArrayRef<int64_t>)> source) {
  std::map<std::pair<int64_t, std::vector<int64_t>>, int64_t> held; // by group of threads
  for (int64_t t = 0; t < from.threads(); ++t)
    for (int64_t r = 0; r < from.count(); ++r) {
      auto index = from.element(t, r);
      held[{t / threads, std::vector<int64_t>(index.begin(), index.end())}] = r;
    }
  for (int64_t t = 0; t < to.threads(); ++t)
    for (int64_t r = 0; r < to.count(); ++r)
      if (!held.count({t / threads, source(to.element(t, r))}))
        return false;
  return true;
}

std::vector<int64_t> same(llvm::ArrayRef<int64_t> index) { return index.vec(); }

TEST(Convert, RowsAndColumnsBroadcastWithinAThread) {
  EXPECT_EQ(rule(Change::Broadcast, "#tile.row", "#tile.acc").way, Way::Renaming);
  EXPECT_TRUE(within(registers("tensor<64xf32, #tile.row>", 4), registers("tensor<64x32xf32, #tile.acc>", 4), 1,
                     [](auto i) { return std::vector<int64_t>{i[0]}; }));
  EXPECT_EQ(rule(Change::Broadcast, "#tile.row", "#tile.part").way, Way::Renaming);
  EXPECT_TRUE(within(registers("tensor<64xf32, #tile.row>", 4), registers("tensor<64x4xf32, #tile.part>", 4), 1,
                     [](auto i) { return std::vector<int64_t>{i[0]}; }));
  EXPECT_EQ(rule(Change::Broadcast, "#tile.col", "#tile.acc").way, Way::Renaming);
  EXPECT_TRUE(within(registers("tensor<32xf32, #tile.col>", 4), registers("tensor<64x32xf32, #tile.acc>", 4), 1,
                     [](auto i) { return std::vector<int64_t>{i[1]}; }));
  EXPECT_EQ(rule(Change::Broadcast, "#tile.row<#tile.lanes<32, 8>>", "#tile.lanes<32, 8>").way, Way::Renaming);
  EXPECT_TRUE(within(registers("tensor<8xf32, #tile.row<#tile.lanes<32, 8>>>", 4),
                     registers("tensor<8x256xf32, #tile.lanes<32, 8>>", 4), 1,
                     [](auto i) { return std::vector<int64_t>{i[0]}; }));
  // No row of an accumulator is held where a lanes tile needs it.
  EXPECT_EQ(rule(Change::Broadcast, "#tile.row", "#tile.lanes<32, 8>").way, Way::Refused);
  EXPECT_EQ(rule(Change::Broadcast, "#tile.col", "#tile.part").way, Way::Refused);
}

TEST(Convert, AccumulatorToQuadStaysInTheQuad) {
  Rule r = rule(Change::Convert, "#tile.acc", "#tile.quad", "bf16");
  EXPECT_EQ(r.way, Way::Shuffles);
  EXPECT_EQ(r.shuffles, 1);
  Registers acc = registers("tensor<64x64xbf16, #tile.acc>", 4), quad = registers("tensor<64x64xbf16, #tile.quad>", 4);
  EXPECT_TRUE(within(acc, quad, 4, same));
  EXPECT_FALSE(within(acc, quad, 1, same));
  EXPECT_EQ(rule(Change::Convert, "#tile.quad", "#tile.acc", "bf16").way, Way::Shuffles);
  EXPECT_EQ(rule(Change::Convert, "#tile.acc", "#tile.quad", "f32").way, Way::Refused);
}

TEST(Convert, WhatLeavesTheWarpGoesThroughABuffer) {
  EXPECT_EQ(rule(Change::Convert, "#tile.acc", "#tile.acc").way, Way::Same);
  EXPECT_EQ(rule(Change::Convert, "#tile.acc", "#tile.lanes<32, 2>").way, Way::Shared);
  EXPECT_EQ(rule(Change::Convert, "#tile.row", "#tile.col").way, Way::Shared);
  EXPECT_FALSE(within(registers("tensor<64xf32, #tile.row>", 4), registers("tensor<64xf32, #tile.col>", 4), 32, same));
  EXPECT_EQ(rule(Change::Convert, "#tile.lanes<32, 2>", "#tile.opb", "bf16").way, Way::Refused);
  EXPECT_EQ(rule(Change::Convert, "#tile.part", "#tile.acc").way, Way::Refused);
}

/// Threads that hold something of one row (dim 0) of a tile.
size_t threadsOfARow(const Registers &r) {
  std::set<int64_t> threads;
  for (int64_t t = 0; t < r.threads(); ++t)
    for (int64_t i = 0; i < r.count(); ++i)
      if (r.element(t, i)[0] == 0)
        threads.insert(t);
  return threads.size();
}

TEST(Convert, ReductionsCrossWhatTheRuleSays) {
  EXPECT_EQ(rule(Change::ReduceColumns, "#tile.acc", "#tile.part").way, Way::Renaming);
  Rule row = rule(Change::ReduceColumns, "#tile.part", "#tile.row");
  EXPECT_EQ(row.way, Way::Shuffles);
  EXPECT_EQ(1u << int(row.shuffles), threadsOfARow(registers("tensor<64x4xf32, #tile.part>", 4)));
  Rule lanes = rule(Change::ReduceColumns, "#tile.lanes<8, 4>", "#tile.row<#tile.lanes<8, 4>>");
  EXPECT_EQ(lanes.way, Way::Shuffles);
  EXPECT_EQ(1u << int(lanes.shuffles), threadsOfARow(registers("tensor<16x64xf32, #tile.lanes<8, 4>>", 4)));
  Rule wide = rule(Change::ReduceColumns, "#tile.lanes<128, 8>", "#tile.row<#tile.lanes<128, 8>>");
  EXPECT_EQ(wide.way, Way::Shared);
  EXPECT_EQ(rule(Change::ReduceRows, "#tile.acc", "#tile.col", "f32", 1).way, Way::Shuffles);
  EXPECT_EQ(rule(Change::ReduceRows, "#tile.acc", "#tile.col", "f32", 4).way, Way::Shared);
  EXPECT_EQ(rule(Change::ReduceRows, "#tile.lanes<32, 8>", "#tile.col").way, Way::Refused);
}

/// Whether the operation is accepted by its verifier.
bool accepted(const std::string &op, const std::string &from, const std::string &to) {
  mlir::ScopedDiagnosticHandler quiet(&context(), [](mlir::Diagnostic &) { return mlir::success(); });
  std::string text = "func.func @f(%a: " + from + ") { %b = " + op + " %a : " + from + " to " + to + "\n return }";
  return bool(mlir::parseSourceString<mlir::ModuleOp>(text, &context()));
}

// The operations' verifiers and the table say the same.
TEST(Convert, VerifiersAgreeWithTheTable) {
  const std::string tiles[] = {"#tile.acc", "#tile.part", "#tile.quad", "#tile.lanes<32, 8>", "#tile.opb"};
  for (std::string from : {"#tile.row", "#tile.col", "#tile.row<#tile.lanes<32, 8>>"})
    for (const std::string &to : tiles) {
      bool half = to == "#tile.quad" || to == "#tile.opb"; // they hold no f32: no type to broadcast to
      std::string rows = from == "#tile.col" && to != "#tile.part" ? "256" : "64";
      std::string columns = to == "#tile.part" ? "4" : "256";
      bool expected = !half && rule(Change::Broadcast, from, to).way == Way::Renaming;
      EXPECT_EQ(accepted("tile.broadcast", "tensor<" + rows + "xf32, " + from + ">", "tensor<64x" + columns + "xf32, " + to + ">"),
                expected)
          << from << " to " << to;
    }
  for (std::string from : {"#tile.acc", "#tile.quad", "#tile.lanes<32, 8>"})
    for (std::string to : {"#tile.acc", "#tile.quad", "#tile.lanes<32, 8>", "#tile.opb"}) {
      Way way = rule(Change::Convert, from, to, "bf16").way;
      EXPECT_EQ(accepted("tile.convert", "tensor<64x256xbf16, " + from + ">", "tensor<64x256xbf16, " + to + ">"),
                way == Way::Same || way == Way::Shuffles)
          << from << " to " << to;
    }
}

} // namespace
