//===- DimTable.cpp - every dimension of the module, with what is known -----===//
#include "DimTable.h"

#include "llvm/ADT/StringExtras.h"

using namespace mlir;

namespace ssm {

StringAttr DimTable::add(llvm::StringRef name) {
  auto dim = StringAttr::get(context, name);
  auto [entry, isNew] = entries.insert({dim, Entry()});
  if (!isNew)
    return dim;
  int64_t size;
  if (llvm::all_of(name, llvm::isDigit) && !name.getAsInteger(10, size)) {
    entry->second.size = SizeAttr::constant(context, size);
  } else if (auto found = given.find(name); found != given.end()) {
    used.insert(name);
    entry->second.size = SizeAttr::constant(context, found->second);
  }
  return dim;
}

StringAttr DimTable::addFresh(llvm::StringRef name, SizeAttr size) {
  std::string fresh = name.str();
  for (unsigned n = 2; contains(fresh); ++n)
    fresh = (name + "_" + llvm::Twine(n)).str();
  auto dim = StringAttr::get(context, fresh);
  entries.insert({dim, Entry{size, {}, false}});
  return dim;
}

std::optional<int64_t> DimTable::constantSize(StringAttr dim) const {
  SizeAttr known = size(dim);
  return known ? known.constantValue() : std::nullopt;
}

SizeAttr DimTable::reference(StringAttr dim) const {
  std::optional<int64_t> known = constantSize(dim);
  return known ? SizeAttr::constant(context, *known) : SizeAttr::ofDim(dim);
}

void DimTable::setDefault(StringAttr dim, SizeAttr size) {
  Entry &entry = entries[dim];
  if (!entry.size && !entry.fallback)
    entry.fallback = size;
}

NamedDim DimTable::named(StringAttr dim) const {
  NamedDim result{dim};
  if (std::optional<int64_t> known = constantSize(dim))
    result.size = *known;
  return result;
}

NamedDims DimTable::named(llvm::ArrayRef<StringAttr> dims) const {
  NamedDims result;
  for (StringAttr dim : dims)
    result.push_back(named(dim));
  return result;
}

llvm::SmallVector<StringAttr> DimTable::all() const { return llvm::to_vector(llvm::make_first_range(entries)); }

static void collectDims(SizeAttr size, llvm::SmallVectorImpl<StringAttr> &dims) {
  if (size.getOp() == SizeOp::Dim)
    dims.push_back(size.getDim());
  for (Attribute operand : size.getOperands())
    collectDims(llvm::cast<SizeAttr>(operand), dims);
}

/// Whether the size follows from the dimension's own.
bool DimTable::restsOn(SizeAttr size, StringAttr dim) const {
  llvm::SmallVector<StringAttr> needed;
  collectDims(size, needed);
  return llvm::any_of(needed, [&](StringAttr other) {
    SizeAttr known = this->size(other);
    return other == dim || (known && restsOn(known, dim));
  });
}

void DimTable::finish() {
  for (auto &[dim, entry] : entries)
    if (!entry.size && !entry.fixed && entry.fallback && !restsOn(entry.fallback, dim))
      entry.size = entry.fallback;
}

void DimTable::collect(StringAttr dim, llvm::SmallVectorImpl<StringAttr> &order) const {
  if (llvm::is_contained(order, dim))
    return;
  llvm::SmallVector<StringAttr> needed;
  if (SizeAttr known = size(dim))
    collectDims(known, needed);
  for (StringAttr other : needed)
    collect(other, order);
  if (!llvm::is_contained(order, dim))
    order.push_back(dim);
}

ArrayAttr DimTable::table(llvm::ArrayRef<StringAttr> dims) const {
  llvm::SmallVector<StringAttr> order;
  for (StringAttr dim : dims)
    collect(dim, order);
  llvm::SmallVector<Attribute> result;
  for (StringAttr dim : order)
    result.push_back(DimAttr::get(context, dim, size(dim)));
  return ArrayAttr::get(context, result);
}

} // namespace ssm
