//===- Header.cpp - the C header beside an artifact -------------------------===//
//
// One inline function an entry, usable from C99 and C++: it takes each argument
// and result under its own name and the open dimensions by value, works out the
// computed ones and hands all of it to the entry's exported symbol.
//
//===----------------------------------------------------------------------===//
#include "HeaderNames.h"
#include "ssm/Codegen/Description.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/FormatVariadic.h"

namespace ssm {
namespace {

/// What a size expression needs in C; exact ones clear `*ok`.
constexpr llvm::StringLiteral sizeHelpers = R"(
#ifndef SSM_SIZE_FUNCTIONS
#define SSM_SIZE_FUNCTIONS
static inline int64_t ssm_size_floordiv(int64_t a, int64_t b, int *ok) {
  if (b == 0) return *ok = 0;
  return a / b - ((a % b != 0) && ((a < 0) != (b < 0)));
}
static inline int64_t ssm_size_ceildiv(int64_t a, int64_t b, int *ok) { return -ssm_size_floordiv(-a, b, ok); }
static inline int64_t ssm_size_mod(int64_t a, int64_t b, int *ok) { return a - b * ssm_size_floordiv(a, b, ok); }
static inline int64_t ssm_size_min(int64_t a, int64_t b) { return a < b ? a : b; }
static inline int64_t ssm_size_max(int64_t a, int64_t b) { return a > b ? a : b; }
static inline int64_t ssm_size_div(int64_t a, int64_t b, int *ok) {
  if (b == 0 || a % b != 0) return *ok = 0;
  return a / b;
}
static inline int64_t ssm_size_log2(int64_t a, int *ok) {
  int64_t n = 0;
  if (a <= 0 || (a & (a - 1))) return *ok = 0;
  while (a >>= 1) ++n;
  return n;
}
static inline int64_t ssm_size_pow2(int64_t a, int *ok) {
  if (a < 0 || a > 62) return *ok = 0;
  return (int64_t)1 << a;
}
static inline int64_t ssm_size_pow2part(int64_t a) { return a ? (a & -a) : 1; }
static inline int64_t ssm_size_gcd(int64_t a, int64_t b) {
  while (b) { int64_t r = a % b; a = b; b = r; }
  return a < 0 ? -a : a;
}
#endif
)";

llvm::StringRef cType(llvm::StringRef dtype) {
  if (dtype == "f64" || dtype == "c128")
    return "double";
  if (dtype == "f32" || dtype == "c64")
    return "float";
  if (dtype == "bf16" || dtype == "f16")
    return "uint16_t";
  if (dtype == "bool")
    return "uint8_t";
  return dtype == "i32" ? "int32_t" : "int64_t";
}

std::string bracketed(llvm::ArrayRef<std::string> names) { return "[" + llvm::join(names, ", ") + "]"; }

/// Text in a comment must not end it.
std::string commentText(llvm::StringRef text) {
  std::string result = text.str();
  for (size_t at; (at = result.find("*/")) != std::string::npos;)
    result.replace(at, 2, "* /");
  return result;
}

class EntryWriter {
public:
  EntryWriter(const Entry &entry, llvm::StringRef function, llvm::raw_ostream &os)
      : entry(entry), function(function), os(os) {
    for (llvm::StringRef local : {"ssm_buffers", "ssm_sizes", "ssm_ok"})
      names.reserve(local);
    for (const EntryValue &value : entry.arguments)
      argumentNames.push_back(names.make(value.name));
    for (const EntryValue &value : entry.results)
      resultNames.push_back(names.make(value.name, value.role == Role::State ? "_new" : ""));
    for (const EntryDim &dim : entry.dims)
      dimNames[dim.name] = names.make(dim.name);
  }

  void write() {
    documentation();
    prototype();
    body();
  }

private:
  void line(llvm::StringRef name, const EntryValue &value, llvm::StringRef role) {
    os << " *   " << llvm::left_justify(name, 14) << " " << role << ", " << value.dtype << bracketed(value.dims)
       << "\n";
  }

  void documentation() {
    os << "\n/* The entry `" << commentText(entry.name) << "`.\n";
    for (auto [name, value] : llvm::zip_equal(argumentNames, entry.arguments))
      line(name, value, value.role == Role::Input ? "input" : stringifyRole(value.role));
    for (auto [name, value] : llvm::zip_equal(resultNames, entry.results))
      line(name, value, value.role == Role::State ? "written: the state afterwards" : "written");
    for (const EntryDim &dim : entry.dims)
      if (dim.size) {
        os << " *   " << llvm::left_justify(dimNames[dim.name], 14) << " = ";
        os << llvm::formatv("{0}", toJson(dim.size)) << "\n";
      }
    os << " */\n";
  }

  void prototype() {
    std::vector<std::string> parameters;
    for (auto [name, value] : llvm::zip_equal(argumentNames, entry.arguments)) {
      if (value.role == Role::Seed)
        parameters.push_back("int64_t " + name);
      else
        parameters.push_back(("const " + cType(value.dtype) + " *").str() + name);
    }
    for (auto [name, value] : llvm::zip_equal(resultNames, entry.results))
      parameters.push_back((cType(value.dtype) + " *").str() + name);
    for (const EntryDim &dim : entry.dims)
      if (!dim.size)
        parameters.push_back("int64_t " + dimNames[dim.name]);
    os << "static inline int32_t " << function << "(" << (parameters.empty() ? "void" : llvm::join(parameters, ", "))
       << ") {\n";
  }

  /// A size in C.
  std::string expression(SizeAttr size) {
    if (size.getOp() == SizeOp::Const)
      return "INT64_C(" + std::to_string(size.getValue()) + ")";
    if (size.getOp() == SizeOp::Dim)
      return dimNames.lookup(size.getDim().getValue());
    std::vector<std::string> operands;
    for (mlir::Attribute operand : size.getOperands())
      operands.push_back(expression(llvm::cast<SizeAttr>(operand)));
    if (size.getOp() == SizeOp::Add || size.getOp() == SizeOp::Sub || size.getOp() == SizeOp::Mul) {
      llvm::StringRef sign = size.getOp() == SizeOp::Add ? " + " : size.getOp() == SizeOp::Sub ? " - " : " * ";
      return "(" + llvm::join(operands, sign) + ")";
    }
    std::string name = "ssm_size_" + stringifySizeOp(size.getOp()).str();
    if (size.getOp() == SizeOp::Min || size.getOp() == SizeOp::Max) {
      std::string result = operands.front();
      for (const std::string &operand : llvm::drop_begin(operands))
        result = name + "(" + result + ", " + operand + ")";
      return result;
    }
    bool total = size.getOp() == SizeOp::Pow2Part || size.getOp() == SizeOp::Gcd;
    return name + "(" + llvm::join(operands, ", ") + (total ? ")" : ", &ssm_ok)");
  }

  /// Computed sizes may use each other: those first that are used.
  void computedSizes() {
    llvm::StringSet<> done;
    auto ready = [&](auto &self, SizeAttr size) -> bool {
      if (size.getOp() == SizeOp::Dim)
        return done.contains(size.getDim().getValue());
      return llvm::all_of(size.getOperands(),
                          [&](mlir::Attribute operand) { return self(self, llvm::cast<SizeAttr>(operand)); });
    };
    std::vector<const EntryDim *> waiting;
    for (const EntryDim &dim : entry.dims) {
      if (dim.size)
        waiting.push_back(&dim);
      else
        done.insert(dim.name);
    }
    for (bool progress = true; progress;) {
      progress = false;
      for (const EntryDim *&dim : waiting) {
        if (!dim || !ready(ready, dim->size))
          continue;
        os << "  const int64_t " << dimNames[dim->name] << " = " << expression(dim->size) << ";\n";
        done.insert(dim->name);
        dim = nullptr;
        progress = true;
      }
    }
  }

  void body() {
    os << "  int ssm_ok = 1;\n";
    computedSizes();
    std::vector<std::string> buffers, sizes, checks = {"!ssm_ok"};
    for (auto [name, value] : llvm::zip_equal(argumentNames, entry.arguments))
      buffers.push_back((value.role == Role::Seed ? "(void *)&" : "(void *)") + name);
    for (const std::string &name : resultNames)
      buffers.push_back(name);
    for (const EntryDim &dim : entry.dims) {
      sizes.push_back(dimNames[dim.name]);
      if (!dim.size || !dim.size.constantValue())
        checks.push_back(dimNames[dim.name] + " < 0");
    }
    os << "  if (" << llvm::join(checks, " || ") << ") return -1;\n";
    // An array has at least one element in C.
    os << "  void *const ssm_buffers[] = {" << (buffers.empty() ? "0" : llvm::join(buffers, ", ")) << "};\n";
    os << "  const int64_t ssm_sizes[] = {" << (sizes.empty() ? "0" : llvm::join(sizes, ", ")) << "};\n";
    os << "  return " << function << "_symbol(ssm_buffers, ssm_sizes);\n}\n";
  }

  const Entry &entry;
  llvm::StringRef function;
  llvm::raw_ostream &os;
  CNames names;
  std::vector<std::string> argumentNames, resultNames;
  llvm::StringMap<std::string> dimNames;
};

} // namespace

std::string makeHeader(const Description &description, llvm::StringRef artifact) {
  std::string text;
  llvm::raw_string_ostream os(text);
  CNames functions;
  std::string layer = CNames().make(description.layer), guard = "SSM_LAYER_" + layer + "_H";
  os << "/* The layer `" << layer << "`, compiled from " << commentText(description.source) << ".\n"
     << " *\n"
     << " * Link with " << commentText(artifact) << ", or load it with libssm, which also gives it threads and Fourier\n"
     << " * transforms; alone it runs on the calling thread. Every array is dense, the last dimension\n"
     << " * running fastest; results overlap nothing. c64 and c128 are pairs (re, im); bf16 and f16 are\n"
     << " * their 16 bits; bool is 0 or 1. A function returns 0, or something else where it failed:\n"
     << " * a size that does not work out, an index out of range.\n"
     << " * Made by ssmc; changes here are lost.\n"
     << " */\n"
     << "#ifndef " << guard << "\n#define " << guard << "\n\n#include <stdint.h>\n"
     << sizeHelpers << "\n#ifdef __cplusplus\nextern \"C\" {\n#endif\n\n";
  std::vector<std::string> names;
  std::vector<Entry> entries; // what has code for a GPU alone is called through the runtime
  llvm::copy_if(description.entries, std::back_inserter(entries), [](const Entry &e) { return !e.symbol.empty(); });
  for (const Entry &entry : entries) {
    names.push_back(functions.make(layer + "_" + entry.name));
    os << "int32_t " << names.back() << "_symbol(void *const *buffers, const int64_t *sizes) __asm__(\""
       << entry.symbol << "\");\n";
  }
  os << "\n#ifdef __cplusplus\n}\n#endif\n";
  for (auto [entry, name] : llvm::zip_equal(entries, names))
    EntryWriter(entry, name, os).write();
  os << "\n#endif\n";
  return text;
}

} // namespace ssm
