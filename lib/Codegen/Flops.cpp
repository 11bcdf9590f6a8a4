//===- Flops.cpp - how many scalar operations a call takes ------------------===//
//
// Counts operations on reals, op by op, as a polynomial in the dimensions: an
// addition, comparison or elementary function is 1, a complex addition 2, a
// complex product 6. Movement, casts and whole-number work are free.
//
//   sum[N] C * x  (complex, [B, L, N])   ->   ["mul", 8, "B", "L", "N"]
//
//===----------------------------------------------------------------------===//
#include "ssm/Codegen/Description.h"

#include "llvm/ADT/TypeSwitch.h"

#include <map>

using namespace mlir;

namespace ssm {
namespace {

using Factors = std::vector<std::string>; // names, or the JSON text of an expression, sorted

class Counter {
public:
  explicit Counter(func::FuncOp function) {
    if (auto dims = function->getAttrOfType<ArrayAttr>(kDimsAttr))
      for (auto dim : dims.getAsRange<DimAttr>())
        if (dim.getSize() && dim.getSize().constantValue())
          constants[dim.getName().str()] = *dim.getSize().constantValue();
    countRegion(function.getBody(), {});
  }

  llvm::json::Value json() const {
    llvm::json::Array terms;
    for (const auto &[factors, count] : total)
      if (count != 0)
        terms.push_back(term(factors, count));
    if (terms.empty())
      return 0;
    if (terms.size() == 1)
      return std::move(terms[0]);
    terms.insert(terms.begin(), "add");
    return terms;
  }

private:
  static llvm::json::Value term(const Factors &factors, int64_t count) {
    if (factors.empty())
      return count;
    llvm::json::Array product{"mul"};
    if (count != 1)
      product.push_back(count);
    for (const std::string &factor : factors) {
      if (factor.starts_with("[")) // an expression, see countFft
        product.push_back(cantFail(llvm::json::parse(factor)));
      else
        product.push_back(factor);
    }
    if (product.size() == 2)
      return std::move(product[1]);
    return product;
  }

  /// Adds `each` operations for every element of `dims` in every run of the enclosing scans.
  void add(int64_t each, ArrayRef<NamedDim> dims, const Factors &outer, Factors more = {}) {
    if (each == 0)
      return;
    Factors all = outer;
    all.insert(all.end(), more.begin(), more.end());
    for (const NamedDim &dim : dims)
      all.push_back(dim.name.str());
    Factors open;
    for (const std::string &factor : all) {
      auto known = constants.find(factor);
      if (known != constants.end())
        each = std::min<uint64_t>(llvm::SaturatingMultiply<uint64_t>(each, known->second), INT64_MAX);
      else
        open.push_back(factor);
    }
    llvm::sort(open);
    int64_t &sum = total[open];
    sum = std::min<uint64_t>(llvm::SaturatingAdd<uint64_t>(sum, each), INT64_MAX);
  }

  static bool isComplex(Value value) { return llvm::isa<ComplexType>(getElement(value)); }
  static bool isReal(Value value) { return llvm::isa<FloatType>(getElement(value)); }
  /// Cost of combining two elements by a sum or by a product.
  static int64_t sum(Value value) { return isComplex(value) ? 2 : isReal(value) ? 1 : 0; }
  static int64_t product(Value value) { return isComplex(value) ? 6 : isReal(value) ? 1 : 0; }

  static int64_t perElement(MapOp op) {
    Value in = op.getOperands().front();
    switch (op.getFn()) {
    case MapFn::Select:
    case MapFn::Complex:
    case MapFn::Re:
    case MapFn::Im:
    case MapFn::Conj:
    case MapFn::Cast:
      return 0;
    case MapFn::Mul:
      return product(in);
    case MapFn::Div:
      return isComplex(in) ? 11 : sum(in);
    default:
      return sum(in);
    }
  }

  static int64_t perCombination(Monoid monoid, Value in) {
    if (monoid == Monoid::LogSumExp)
      return 3 * sum(in);
    return monoid == Monoid::Mul ? product(in) : sum(in);
  }

  void countContract(ContractOp op, const Factors &outer) {
    int64_t each = (op.getOperands().size() - 1) * product(op.getResult());
    if (!op.getDims().empty())
      each += sum(op.getResult());
    add(each, uniteDims(op.getOperands()), outer);
  }

  /// 5 n log2 n real operations for a complex transform, half of that for a real one.
  void countFft(FftOp op, const Factors &outer) {
    bool inverse = op.getKind() == FftKind::Irfft || op.getKind() == FftKind::Ifft;
    StringRef n = inverse ? op.getTo() : op.getFrom();
    bool real = op.getKind() == FftKind::Rfft || op.getKind() == FftKind::Irfft;
    NamedDims rows = withoutDims(getDims(inverse ? op.getResult() : op.getOperand()), {n});
    std::string log;
    llvm::raw_string_ostream(log) << llvm::json::Value(llvm::json::Array{"log2ceil", n.str()});
    add(real ? 3 : 5, rows, outer, {n.str(), log});
  }

  void countOp(Operation &op, const Factors &outer) {
    llvm::TypeSwitch<Operation *>(&op)
        .Case([&](MapOp map) { add(perElement(map), getDims(map.getResult()), outer); })
        .Case([&](ReduceOp reduce) {
          add(perCombination(reduce.getMonoid(), reduce.getOperand()), getDims(reduce.getOperand()), outer);
        })
        .Case([&](CumulateOp cumulate) {
          add(perCombination(cumulate.getMonoid(), cumulate.getOperand()), getDims(cumulate.getOperand()), outer);
        })
        .Case([&](ArgmaxOp argmax) { add(sum(argmax.getOperand()), getDims(argmax.getOperand()), outer); })
        .Case([&](SoftmaxOp softmax) { add(5, getDims(softmax.getOperand()), outer); })
        .Case([&](ContractOp contract) { countContract(contract, outer); })
        .Case([&](ScatterAddOp scatter) { add(sum(scatter.getOperand()), getDims(scatter.getOperand()), outer); })
        .Case([&](ConvOp conv) {
          Factors taps = {conv.getKernelDim().str()};
          add(product(conv.getResult()) + sum(conv.getResult()), getDims(conv.getResult()), outer, taps);
        })
        .Case([&](FftOp fft) { countFft(fft, outer); })
        .Case([&](ScanOp scan) {
          Factors inside = outer;
          inside.push_back(scan.getDim().str());
          countRegion(scan.getBody(), inside);
        });
  }

  void countRegion(Region &region, const Factors &outer) {
    for (Operation &op : region.getOps())
      countOp(op, outer);
  }

  std::map<std::string, int64_t> constants;
  std::map<Factors, int64_t> total;
};

} // namespace

llvm::json::Value countFlops(func::FuncOp function) { return Counter(function).json(); }

} // namespace ssm
