//===- Range.h - the part of a folded dimension that a mask leaves ----------===//
#pragma once

#include "Emitter.h"

namespace ssm {

/// What a fold over a dimension has to walk, in elements: [lo, hi). Outside of it every
/// term is the fold's identity. In [fullLo, fullHi) no mask is needed: each select of
/// `open` is its value there. All begin and end at whole steps, but for `hi`.
struct FoldRange {
  mlir::Value lo, hi, fullLo, fullHi;
  /// Whether what lies before or behind the full part may be other than empty.
  bool mixedBefore = false, mixedBehind = false;
  llvm::SmallVector<std::pair<mlir::Value, mlir::Value>> open;
};

/// The range of `dim`, taken `step` at a time, where a fold's terms may differ from the
/// identity: each value with the monoid under which it is folded. What is outside for one
/// value has to be outside for all, unless `anySkips` (factors of a product).
FoldRange foldRange(Emitter &e, llvm::ArrayRef<std::pair<mlir::Value, Monoid>> terms, bool anySkips,
                    mlir::StringAttr dim, int64_t step, const Coords &at);

/// Walks the range: with its masks where it needs them, without where not.
mlir::FailureOr<Tile> walkRange(Emitter &e, const FoldRange &range, mlir::StringAttr dim, int64_t step,
                                const Tile &inits, Emitter::LoopBody body);

} // namespace ssm
