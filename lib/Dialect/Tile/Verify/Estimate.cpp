//===- Estimate.cpp - tile-estimate-registers -------------------------------===//
#include "Verify.h"
#include "ssm/Codegen/Gpu.h"
#include "ssm/Dialect/Tile/Verify.h"

using namespace mlir;
using namespace ssm::tile;

namespace ssm {
namespace {

struct TileEstimateRegisters : PassWrapper<TileEstimateRegisters, OperationPass<>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(TileEstimateRegisters)
  StringRef getArgument() const final { return "tile-estimate-registers"; }
  StringRef getDescription() const final { return "Note on each kernel the registers that its roles' tiles take"; }

  void runOnOperation() final {
    getOperation()->walk([](KernelOp kernel) {
      Builder b(kernel.getContext());
      SmallVector<Attribute> roles;
      for (auto role : kernel.getBody().getOps<RoleOp>()) {
        SmallVector<NamedAttribute> entry = {b.getNamedAttr("role", b.getStringAttr(role.getName())),
                                             b.getNamedAttr("tiles", b.getI64IntegerAttr(estimateRegisters(role)))};
        if (role.getRegs())
          entry.push_back(b.getNamedAttr("budget", b.getI64IntegerAttr(*role.getRegs())));
        roles.push_back(b.getDictionaryAttr(entry));
      }
      kernel->setAttr(kEstimateAttr, b.getArrayAttr(roles));
    });
  }
};

} // namespace

std::unique_ptr<Pass> createTileEstimateRegistersPass() { return std::make_unique<TileEstimateRegisters>(); }

} // namespace ssm
