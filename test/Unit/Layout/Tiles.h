// Types for the tests of layouts, from text.
#pragma once

#include "ssm/Layout/Shared.h"

#include "mlir/AsmParser/AsmParser.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/MLIRContext.h"

#include <gtest/gtest.h>

namespace ssm::layout {

/// One context for all tests of a program.
inline mlir::MLIRContext &context() {
  static mlir::MLIRContext instance;
  static bool loaded = (instance.loadDialect<tile::TileDialect, mlir::func::FuncDialect>(), true);
  (void)loaded;
  return instance;
}

inline mlir::Type type(llvm::StringRef text) { return mlir::parseType(text, &context()); }
inline mlir::Attribute attribute(llvm::StringRef text) { return mlir::parseAttribute(text, &context()); }
inline mlir::RankedTensorType tensor(llvm::StringRef text) { return llvm::cast<mlir::RankedTensorType>(type(text)); }
inline tile::SmemType smem(llvm::StringRef text) { return llvm::cast<tile::SmemType>(type(text)); }

inline Registers registers(llvm::StringRef text, int64_t warps) {
  std::string why;
  std::optional<Registers> made = Registers::make(tensor(text), warps, why);
  EXPECT_TRUE(made) << text.str() << ": " << why;
  return *made;
}

} // namespace ssm::layout
