//===- Resources.h - what the asynchronous form's operations touch ----------===//
//
// Side-effect resources. A barrier operation also reads and writes shared memory,
// so that a load never meets its twin across a wait.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "mlir/Interfaces/SideEffectInterfaces.h"

namespace ssm::tile {

#define SSM_TILE_RESOURCE(CLASS, NAME)                                                                                 \
  struct CLASS : mlir::SideEffects::Resource::Base<CLASS> {                                                            \
    llvm::StringRef getName() final { return NAME; }                                                                   \
  };
SSM_TILE_RESOURCE(GlobalMemory, "tile.global")
SSM_TILE_RESOURCE(SharedMemory, "tile.shared")
SSM_TILE_RESOURCE(Barriers, "tile.barriers")
SSM_TILE_RESOURCE(ProductsInFlight, "tile.products")
SSM_TILE_RESOURCE(BulkStores, "tile.bulk")
SSM_TILE_RESOURCE(SchedulePoint, "tile.schedule")
#undef SSM_TILE_RESOURCE

} // namespace ssm::tile
