//===- Draw.cpp - layouts as text -------------------------------------------===//
#include "ssm/Layout/Shared.h"

#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace ssm::tile;

namespace ssm::layout {

/// Column heads, then a line a row; `cell` writes an element.
static void table(llvm::raw_ostream &os, int64_t rows, int64_t columns, int64_t maxRows, int64_t maxColumns, unsigned width,
                  llvm::function_ref<std::string(int64_t, int64_t)> cell) {
  int64_t shownRows = std::min(rows, maxRows), shownColumns = std::min(columns, maxColumns);
  os << "     ";
  for (int64_t c = 0; c < shownColumns; ++c)
    os << llvm::right_justify(std::to_string(c), width);
  os << (shownColumns < columns ? " ..\n" : "\n");
  for (int64_t r = 0; r < shownRows; ++r) {
    os << llvm::right_justify(std::to_string(r), 4) << " ";
    for (int64_t c = 0; c < shownColumns; ++c)
      os << llvm::right_justify(cell(r, c), width);
    os << "\n";
  }
  if (shownRows < rows)
    os << "  ..\n";
}

std::string draw(const Registers &registers, int64_t maxRows, int64_t maxColumns) {
  std::string text;
  llvm::raw_string_ostream os(text);
  RankedTensorType type = registers.type();
  os << type << " in " << registers.threads() << " threads: " << registers.count() << " elements, " << registers.words()
     << " registers a thread";
  if (registers.replication() > 1)
    os << ", each element in " << registers.replication() << " threads";
  os << "\nwarp.lane:register of each element's first holder\n";
  std::vector<std::vector<Holder>> all = holders(registers);
  bool vector = type.getRank() == 1 || layoutRank(layoutOf(type)) == 1;
  int64_t columns = type.getShape().back(), rows = vector ? 1 : type.getDimSize(type.getRank() - 2);
  table(os, rows, columns, maxRows, maxColumns, 9, [&](int64_t r, int64_t c) -> std::string {
    if (all[r * columns + c].empty())
      return "-";
    Holder first = all[r * columns + c].front();
    return std::to_string(first.thread / 32) + "." + std::to_string(first.thread % 32) + ":" + std::to_string(first.reg);
  });
  return text;
}

std::string draw(SmemType type, int64_t maxRows, int64_t maxColumns) {
  std::string text;
  llvm::raw_string_ostream os(text);
  int64_t bytes = type.getElementBits() / 8, chunk = std::max<int64_t>(1, 16 / bytes);
  os << type << ": " << type.getBytes() << " bytes";
  if (type.getSwizzle())
    os << ", panels of " << type.getPanelColumns() << " columns, " << type.getPanelBytes() << " bytes apart";
  os << "\nbyte at which each 16-byte chunk of a row lies\n";
  int64_t columns = llvm::divideCeil(type.getColumns(), chunk);
  table(os, type.getRows(), columns, maxRows, maxColumns / chunk, 7, [&](int64_t r, int64_t c) {
    SmallVector<int64_t> index(type.getRank(), 0);
    if (!index.empty())
      index.back() = c * chunk;
    if (type.getRank() > 1)
      index[type.getRank() - 2] = r;
    return std::to_string(byteOffset(type, index));
  });
  return text;
}

} // namespace ssm::layout
