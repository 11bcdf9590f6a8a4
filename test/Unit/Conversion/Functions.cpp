//===- Functions.cpp - the artifact with every pointwise function -----------===//
#include "Functions.h"

#include "gtest/gtest.h"

#include <dlfcn.h>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <unistd.h>

namespace {

using Names = std::vector<std::string>;

const Names kReals = {"f32", "f64"}, kComplex = {"complex<f32>", "complex<f64>"};
const Names kStored = {"i1", "i32", "i64", "bf16", "f16", "f32", "f64"};

Names split(const char *words) {
  std::istringstream in(words);
  Names result;
  for (std::string word; in >> word;)
    result.push_back(word);
  return result;
}

/// The module's text, function by function.
class Module {
public:
  void add(const std::string &fn, const Names &operands, const std::string &result) {
    std::string name = fn, arguments, values, types;
    for (size_t i = 0; i < operands.size(); ++i) {
      const char *comma = i ? ", " : "";
      std::string value = "%" + std::to_string(i);
      name += "." + operands[i];
      arguments += comma + value + ": " + tensor(operands[i]);
      values += comma + value;
      types += comma + tensor(operands[i]);
    }
    text += "func.func @\"" + name + "." + result + "\"(" + arguments + ") -> " + tensor(result) +
            " attributes {ssm.dims = [#ssm.dim<L>]} {\n  %r = ssm.map " + fn + "(" + values + ") : (" + types +
            ") -> " + tensor(result) + "\n  return %r : " + tensor(result) + "\n}\n";
  }
  /// To the same type where `result` is empty.
  void addAll(const char *fns, const Names &elements, size_t arity, const std::string &result = "") {
    for (const std::string &fn : split(fns))
      for (const std::string &element : elements)
        add(fn, Names(arity, element), result.empty() ? element : result);
  }
  std::string text;

private:
  static std::string tensor(const std::string &element) { return "tensor<?x" + element + ", #ssm.dims<L>>"; }
};

std::string moduleText() {
  Module m;
  m.addAll("add sub mul div pow min max floordiv mod", kReals, 2);
  m.addAll("add sub mul pow min max floordiv mod", {"i64"}, 2);
  m.addAll("add sub mul div pow", kComplex, 2);
  m.addAll("neg abs sign floor ceil exp expm1 log log1p sqrt rsqrt sin cos tanh sigmoid softplus relu elu gelu "
           "gelu_tanh silu",
           kReals, 1);
  m.addAll("neg abs sign relu", {"i64"}, 1);
  m.addAll("neg exp expm1 log log1p sqrt rsqrt sin cos tanh sigmoid silu conj", kComplex, 1);
  m.addAll("lt le gt ge", {"i64", "f32", "f64"}, 2, "i1");
  m.addAll("eq ne", {"i1", "i64", "f32", "f64", "complex<f32>", "complex<f64>"}, 2, "i1");
  m.addAll("and or", {"i1"}, 2);
  m.addAll("not", {"i1"}, 1);
  for (const char *part : {"f32", "f64"}) {
    std::string whole = std::string("complex<") + part + ">";
    m.add("complex", {part, part}, whole);
    m.addAll("re im abs", {whole}, 1, part);
  }
  for (const char *element : {"i1", "i64", "f32", "complex<f64>"})
    m.add("select", {"i1", element, element}, element);
  for (const std::string &from : kStored) {
    for (const std::string &to : kStored)
      m.add("cast", {from}, to);
    m.addAll("cast", {from}, 1, "complex<f32>");
    m.addAll("cast", {from}, 1, "complex<f64>");
  }
  for (const std::string &from : kComplex)
    for (const char *to : {"i1", "complex<f32>", "complex<f64>"})
      m.add("cast", {from}, to);
  return m.text;
}

void *compile() {
  namespace fs = std::filesystem;
  std::string pattern = fs::temp_directory_path() / "ssm-functions-XXXXXX";
  fs::path folder = mkdtemp(pattern.data());
  std::ofstream(folder / "functions.mlir") << moduleText();
  auto quoted = [&](const char *name) { return " '" + (folder / name).string() + "'"; };
  // The compiler lies beside this program. Functions rounded at every step are the reference path's: kernels may round
  // a product and a sum once, and their functions are judged in test/Execute/Tile/functions.test.
  fs::path compiler = fs::read_symlink("/proc/self/exe").parent_path() / "ssmc";
  std::string command = "'" + compiler.string() + "'" + quoted("functions.mlir") + " --path reference -o" + quoted("functions.so");
  void *library = nullptr;
  if (std::system(command.c_str()) != 0)
    ADD_FAILURE() << "ssmc refuses the module";
  else if (!(library = dlopen((folder / "functions.so").c_str(), RTLD_NOW)))
    ADD_FAILURE() << dlerror();
  fs::remove_all(folder);
  return library;
}

} // namespace

Kernel find(const std::string &name) {
  static void *library = compile();
  std::string symbol;
  for (char c : name)
    symbol += std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
  symbol += "_entry";
  auto kernel = library ? reinterpret_cast<Kernel>(dlsym(library, symbol.c_str())) : nullptr;
  EXPECT_TRUE(kernel) << "there is no function " << name;
  return kernel;
}
