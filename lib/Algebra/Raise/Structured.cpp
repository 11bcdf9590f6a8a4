//===- Structured.cpp - products with a matrix that was written out ---------===//
//
//   %d = ssm.materialize %W; %y = ssm.contract(%d, %x) over ["I"]
//   =>  %y = ssm.apply %W, %x
//
// Over the rows it is the product with the transpose.
//
//===----------------------------------------------------------------------===//
#include "LateBound.h"
#include "Remarks.h"

using namespace mlir;

namespace ssm {

static std::string applies(ContractOp contract, MaterializeOp written, Value &matrix, Value &vector) {
  if (contract.getOperands().size() != 2)
    return "it has further factors";
  if (contract.getDims().size() != 1)
    return "it sums over more than one side of the matrix";
  auto type = llvm::cast<MatrixType>(written.getMatrix().getType());
  vector = contract.getOperands()[contract.getOperands()[0] == written.getResult() ? 1 : 0];
  if (vector == written.getResult())
    return "it multiplies the matrix by itself";
  StringRef summed = llvm::cast<StringAttr>(contract.getDims()[0]).getValue();
  bool columns = summed == type.getColumns().getValue();
  if (!columns && summed != type.getRows().getValue())
    return "it does not sum over a side of the matrix";
  StringAttr kept = columns ? type.getRows() : type.getColumns();
  if (!hasDim(vector, summed) || hasDim(vector, kept.getValue()))
    return "the other factor lacks " + summed.str() + " or has " + kept.getValue().str();
  if (getElement(vector) != type.getElementType() || getElement(contract) != type.getElementType())
    return "the elements are of another type";
  matrix = written.getMatrix();
  if (!columns) {
    OpBuilder b(contract);
    matrix = TransposeOp::create(
        b, contract.getLoc(),
        MatrixType::get(contract.getContext(), type.getColumns(), type.getRows(), type.getElementType()), matrix);
  }
  return "";
}

void raiseStructured(NamedBuilder &b, func::FuncOp function) {
  SmallVector<MaterializeOp> matrices;
  function.walk([&](MaterializeOp written) { matrices.push_back(written); });
  for (MaterializeOp written : matrices) {
    for (Operation *user : llvm::make_early_inc_range(written->getUsers())) {
      auto contract = llvm::dyn_cast<ContractOp>(user);
      if (!contract)
        continue;
      Value matrix, vector;
      std::string why = applies(contract, written, matrix, vector);
      if (!why.empty()) {
        reportDeclined(contract.getLoc(), "structured", "the matrix is written out for this product: " + why);
        continue;
      }
      b.setInsertionPoint(contract);
      b.setLoc(contract.getLoc());
      Value product = ApplyOp::create(b, contract.getType(), matrix, vector);
      contract.getResult().replaceAllUsesWith(product);
      contract->erase();
      reportRaised(written.getLoc(), "structured", "a product with a written-out matrix uses its structure");
    }
  }
}

} // namespace ssm
