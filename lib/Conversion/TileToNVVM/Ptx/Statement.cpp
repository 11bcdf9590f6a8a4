//===- Statement.cpp - statements and intrinsics as operations -----------===//
//
// Statements with effects keep their order, and all are marked convergent when the
// module is translated. Braces keep a statement's registers and labels its own.
//
//===----------------------------------------------------------------------===//
#include "Statement.h"

using namespace mlir;
using llvm::formatv;

namespace ssm::tile::gpu {

Ptx::Values Ptx::assemble(StringRef text, StringRef constraints, ValueRange operands, ArrayRef<Type> results,
                          bool effects) {
  Type type;
  if (results.size() == 1)
    type = results.front();
  else if (!results.empty())
    type = LLVM::LLVMStructType::getLiteral(b.getContext(), results);
  else
    type = LLVM::LLVMVoidType::get(b.getContext());
  auto statement = LLVM::InlineAsmOp::create(
      b, type, operands, text, constraints, effects, /*is_align_stack=*/false, LLVM::tailcallkind::TailCallKind::None,
      LLVM::AsmDialectAttr::get(b.getContext(), LLVM::AsmDialect::AD_ATT), ArrayAttr());
  if (results.size() < 2)
    return results.empty() ? Values() : Values{statement.getRes()};
  Values values;
  for (unsigned i = 0; i < results.size(); ++i)
    values.push_back(LLVM::ExtractValueOp::create(b, statement.getRes(), i));
  return values;
}

Value Ptx::intrinsic(StringRef name, ValueRange operands, Type result) {
  auto call = LLVM::CallIntrinsicOp::create(b, result ? TypeRange(result) : TypeRange(), b.getStringAttr(name),
                                            operands, LLVM::FastmathFlagsAttr());
  return result ? call.getResult(0) : Value();
}

} // namespace ssm::tile::gpu
