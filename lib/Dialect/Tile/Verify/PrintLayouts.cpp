//===- PrintLayouts.cpp - tile-print-layouts --------------------------------===//
#include "Verify.h"
#include "ssm/Dialect/Tile/Verify.h"
#include "ssm/Layout/Layout.h"

#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace ssm::tile;

namespace ssm {
namespace {

/// Each type once, with the warps that hold it.
struct TilePrintLayouts : PassWrapper<TilePrintLayouts, OperationPass<>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(TilePrintLayouts)
  StringRef getArgument() const final { return "tile-print-layouts"; }
  StringRef getDescription() const final { return "Draw the layouts of register tiles and shared buffers"; }

  void runOnOperation() final {
    llvm::SetVector<std::pair<Type, int64_t>> types;
    getOperation()->walk([&](Operation *op) {
      for (Type type : op->getResultTypes()) {
        if (auto flight = dyn_cast<FlightType>(type))
          type = flight.getTile();
        if (isRegisterTile(type))
          types.insert({type, warpsOf(op)});
        if (auto smem = dyn_cast<SmemType>(type); smem && smem.getSwizzle())
          types.insert({type, 0});
        if (auto ring = dyn_cast<RingType>(type))
          for (Type part : ring.getParts())
            if (cast<SmemType>(part).getSwizzle())
              types.insert({part, 0});
      }
    });
    for (auto [type, warps] : types) {
      if (auto smem = dyn_cast<SmemType>(type)) {
        llvm::errs() << layout::draw(smem) << "\n";
        continue;
      }
      std::string why;
      auto tile = cast<RankedTensorType>(type);
      if (std::optional<layout::Registers> registers = layout::Registers::make(tile, warps, why))
        llvm::errs() << layout::draw(*registers) << "\n";
      else
        llvm::errs() << tile << ": " << why << "\n\n";
    }
  }
};

} // namespace

std::unique_ptr<Pass> createTilePrintLayoutsPass() { return std::make_unique<TilePrintLayouts>(); }

} // namespace ssm
