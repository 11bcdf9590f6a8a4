//===- Datum.h - what a value of the IR is while it is interpreted ----------===//
#pragma once

#include "Shadow.h"
#include "ssm/Emulator/Emulator.h"

#include "ssm/Dialect/Tile/Tile.h"

#include <memory>

namespace ssm::emulator {

/// A tile's elements in row-major order; which register holds them matters only to what
/// the operations say. Floats of any width are floats here.
struct TileValue {
  llvm::SmallVector<int64_t, 4> shape;
  bool isFloat = true;
  std::vector<float> floats;
  std::vector<int32_t> integers;

  static TileValue of(mlir::RankedTensorType type);
  int64_t size() const { return isFloat ? floats.size() : integers.size(); }
};

/// Some of a buffer's elements: a start, sizes, distances in elements.
struct SharedView {
  Storage *storage = nullptr;
  int64_t offset = 0;
  llvm::SmallVector<int64_t, 4> shape, strides;
};

struct GlobalView {
  Array *array = nullptr; ///< null: left out
  int64_t offset = 0;
  llvm::SmallVector<int64_t, 4> shape, strides;
  bool tf32 = false; ///< copies round to it
};

/// A tensor map: as GlobalView, innermost dimension first.
using MapValue = GlobalView;

/// An accumulator that the tensor cores own.
struct Flight {
  TileValue tile;
  uint64_t group = 0; ///< the number of its product among the core's
};

struct Datum {
  enum class Kind { None, Scalar, Float, Tile, Shared, Global, Ring, Cursor, Turns, Flight, Warps, Host };
  Kind kind = Kind::None;
  int64_t scalar = 0; ///< integers; the count of a cursor; the number of a ring or turns
  float real = 0;
  std::shared_ptr<TileValue> tile;
  SharedView shared;
  GlobalView global;
  std::shared_ptr<Flight> flight;
  std::vector<Datum> warps;

  static Datum ofScalar(int64_t value);
  static Datum ofFloat(float value);
  static Datum ofTile(TileValue value);
};

/// What a register holds before anything was put there; it spreads through arithmetic, and to
/// store it is an error.
float poison();
bool isPoison(float value);

/// Rounded to the type's precision, to nearest even.
float roundTo(mlir::Type element, float value);

} // namespace ssm::emulator
