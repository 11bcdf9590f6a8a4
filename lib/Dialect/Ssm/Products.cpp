//===- Products.cpp - lists of products, each summed over dimensions --------===//
#include "Products.h"

using namespace mlir;

namespace ssm {

llvm::SmallVector<Product> splitProducts(OperandRange factors, llvm::ArrayRef<int64_t> counts, ArrayAttr over) {
  llvm::SmallVector<Product> list;
  unsigned begin = 0;
  for (auto [count, dims] : llvm::zip_equal(counts, over)) {
    Product product{factors.slice(begin, count), {}};
    for (auto name : llvm::cast<ArrayAttr>(dims).getAsValueRange<StringAttr>())
      product.over.push_back(name);
    list.push_back(std::move(product));
    begin += count;
  }
  return list;
}

LogicalResult verifyProducts(Operation *op, OperandRange factors, llvm::ArrayRef<int64_t> counts, ArrayAttr over,
                             unsigned results) {
  if (counts.size() != over.size())
    return op->emitOpError() << "counts the factors of " << counts.size() << " products and names the dimensions of "
                             << over.size();
  if (counts.size() != results)
    return op->emitOpError() << "has " << counts.size() << " products and " << results << " results for them";
  int64_t total = 0;
  for (int64_t count : counts) {
    if (count < 0)
      return op->emitOpError() << "counts " << count << " factors";
    total += count;
  }
  if (total != static_cast<int64_t>(factors.size()))
    return op->emitOpError() << "counts " << total << " factors, it has " << factors.size();
  for (Attribute dims : over) {
    auto names = llvm::dyn_cast<ArrayAttr>(dims);
    if (!names || !llvm::all_of(names, llvm::IsaPred<StringAttr>))
      return op->emitOpError() << "sums over a list of names, not " << dims;
    llvm::SmallDenseSet<Attribute> seen;
    for (Attribute name : names)
      if (!seen.insert(name).second)
        return op->emitOpError() << "names dimension " << name << " twice";
  }
  return success();
}

ParseResult parseProducts(OpAsmParser &parser, llvm::SmallVectorImpl<OpAsmParser::UnresolvedOperand> &factors,
                          llvm::SmallVectorImpl<Type> &types, DenseI64ArrayAttr &counts, ArrayAttr &over) {
  llvm::SmallVector<int64_t> sizes;
  llvm::SmallVector<Attribute> dims;
  while (sizes.empty() || succeeded(parser.parseOptionalComma())) {
    unsigned before = factors.size();
    ArrayAttr names;
    if (sizes.empty()) { // there may be none at all
      if (failed(parser.parseOptionalLParen()))
        break;
      if (parser.parseOperandList(factors) || parser.parseRParen())
        return failure();
    } else if (parser.parseOperandList(factors, OpAsmParser::Delimiter::Paren)) {
      return failure();
    }
    if (parser.parseKeyword("over") || parser.parseAttribute(names))
      return failure();
    sizes.push_back(factors.size() - before);
    dims.push_back(names);
  }
  if (!factors.empty() && (parser.parseColon() || parser.parseTypeList(types)))
    return failure();
  counts = parser.getBuilder().getDenseI64ArrayAttr(sizes);
  over = parser.getBuilder().getArrayAttr(dims);
  return success();
}

void printProducts(OpAsmPrinter &printer, Operation *, OperandRange factors, TypeRange types, DenseI64ArrayAttr counts,
                   ArrayAttr over) {
  unsigned begin = 0;
  llvm::interleaveComma(llvm::zip_equal(counts.asArrayRef(), over), printer, [&](auto product) {
    auto [count, dims] = product;
    printer << "(" << factors.slice(begin, count) << ") over " << dims;
    begin += count;
  });
  if (!factors.empty())
    printer << " : " << types;
}

} // namespace ssm
