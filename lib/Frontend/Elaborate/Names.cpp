//===- Names.cpp - names of values and dimensions ---------------------------===//
#include "Elaborator.h"

using namespace mlir;

namespace ssm {

Location Elaborator::location(llvm::SMLoc loc) {
  if (!loc.isValid())
    return UnknownLoc::get(&context);
  Position position = diags.position(loc);
  return FileLineColLoc::get(&context, position.file, position.line, position.column);
}

void Elaborator::at(Scope &scope, llvm::SMLoc loc) {
  Location here = location(loc);
  for (Scope *inner = &scope; inner->caller; inner = inner->caller)
    here = CallSiteLoc::get(here, location(inner->callLoc));
  emit.b.setLoc(here);
}

static llvm::StringRef describe(Binding::What what) {
  switch (what) {
  case Binding::Argument:
    return "argument";
  case Binding::Constant:
    return "constant";
  case Binding::Param:
    return "parameter";
  case Binding::State:
    return "state";
  case Binding::Let:
    return "value";
  case Binding::Carry:
    return "carried value";
  }
  return "";
}

bool Elaborator::bind(Env &env, const ast::Ident &name, Binding::What what, Val value, StringRef mayReplaceState) {
  Binding binding{what, value, rangeOf(name), static_cast<unsigned>(frames.size())};
  auto [place, isNew] = env.names.insert({name.name, binding});
  if (isNew)
    return true;
  Binding &old = place->second;
  bool replaces = old.what == Binding::State && !mayReplaceState.empty() && old.value.state == mayReplaceState;
  if (!replaces) {
    auto message = diags.error(rangeOf(name), "'" + name.name + "' is bound twice in this block");
    message.note(old.range, ("the " + describe(old.what) + " is bound here").str());
    if (old.what == Binding::State)
      message.note("only the 'let' whose scan advances a state may take its name");
    return false;
  }
  env.replaced.push_back({name.name, old});
  old = binding;
  return true;
}

void Elaborator::warnUnused(Env &env) {
  auto warn = [&](StringRef name, const Binding &binding) {
    if (binding.used || name.starts_with("_") || binding.what == Binding::Carry)
      return;
    if (binding.what == Binding::Constant && env.scope.mentioned.contains(name))
      return;
    if (binding.what == Binding::State && advances.count(std::string(binding.value.state)))
      return;
    diags.warning(binding.range, (describe(binding.what) + " '" + name + "' is not used").str());
  };
  for (auto &[name, binding] : env.replaced)
    warn(name, binding);
  for (auto &[name, binding] : env.names)
    warn(name, binding);
}

Val Elaborator::enter(Val value, unsigned depth) {
  for (Frame *frame : ArrayRef(frames).drop_front(depth)) {
    if (value.isMatrix()) {
      MatrixType type = value.matrix();
      if (type.getRows() != frame->dim && type.getColumns() != frame->dim)
        continue;
      // The scan walks along rows or columns: it needs them written out.
      OpBuilder::InsertionGuard guard(emit.b);
      emit.b.restoreInsertionPoint(frame->outside);
      value = emit.materialize(value);
    }
    if (!hasDim(value.v, frame->dim))
      continue;
    Value &slice = frame->slices[value.v];
    if (!slice)
      slice = frame->block->addArgument(
          getTensorType(withoutDims(value.dims(), {frame->dim.getValue()}), getElement(value.v)), value.v.getLoc());
    value.v = slice;
  }
  return value;
}

Val Elaborator::lookup(const ast::NameExpr &expr, Env &env) {
  for (Env *at = &env; at; at = at->parent) {
    if (at->failed.contains(expr.name))
      return {};
    auto found = at->names.find(expr.name);
    if (found == at->names.end())
      continue;
    Binding &binding = found->second;
    binding.used = true;
    return enter(binding.value, binding.depth);
  }
  if (expr.name == "pi")
    return emit.real(3.14159265358979323846);
  if (expr.name == "inf")
    return emit.real(std::numeric_limits<double>::infinity());
  llvm::SMRange range = rangeOf(expr);
  if (initialising) {
    return fail(diags.error(range, "'" + expr.name + "' is not known in an initialiser")
                    .note("an initialiser may use constants, 'pos', 'size', 'normal', 'uniform' and 'kaiming'"));
  }
  std::vector<StringRef> known;
  for (Env *at = &env; at; at = at->parent)
    for (auto &[name, binding] : at->names)
      known.push_back(name);
  auto message = diags.error(range, "there is no value '" + expr.name + "'");
  message.suggest(expr.name, known);
  if (auto dim = env.scope.dims.find(expr.name); dim != env.scope.dims.end())
    message.note(dim->second.bound, "'" + expr.name + "' is a dimension: write size(" + expr.name + ") or pos(" +
                                        expr.name + ")");
  else if (program.lookup(expr.name))
    message.note("'" + expr.name + "' is a layer: call it with '(...)'");
  return fail(message);
}

Frame *Elaborator::scanning(StringAttr dim) {
  for (Frame *frame : frames)
    if (frame->dim == dim)
      return frame;
  return nullptr;
}

StringAttr Elaborator::dimension(const ast::Ident &name, Env &env) {
  env.scope.mentioned.insert(name.name);
  auto found = env.scope.dims.find(name.name);
  if (found == env.scope.dims.end()) {
    std::vector<StringRef> known;
    for (auto &[other, dim] : env.scope.dims)
      known.push_back(other);
    auto message = diags.error(rangeOf(name), "there is no dimension '" + name.name + "'");
    message.suggest(name.name, known);
    return {};
  }
  return found->second.name;
}

StringAttr Elaborator::typeDimension(const ast::TypeDim &dim, Scope &scope) {
  if (dim.ragged) {
    diags.error(rangeOf(dim), "ragged dimensions are not supported yet")
        .note("give the lengths as an argument and mask by them");
    return {};
  }
  scope.mentioned.insert(dim.name);
  if (auto known = scope.dims.find(dim.name); known != scope.dims.end())
    return known->second.name;
  std::string name = dim.literal ? std::to_string(*dim.literal) : scope.prefix + dim.name.str();
  StringAttr entered = dims.add(name);
  scope.dims[dim.name.str()] = {entered, dim.loc};
  return entered;
}

StringAttr Elaborator::madeDimension(const ast::Ident &name, SizeAttr size, Env &env) {
  env.scope.mentioned.insert(name.name);
  auto found = env.scope.dims.find(name.name);
  if (found == env.scope.dims.end()) {
    StringAttr entered = dims.add(name.name.front() >= '0' && name.name.front() <= '9'
                                      ? name.name.str()
                                      : env.scope.prefix + name.name.str());
    if (size && !dims.size(entered))
      dims.setSize(entered, size);
    env.scope.dims[name.name.str()] = {entered, name.loc};
    return entered;
  }
  if (size)
    dims.setDefault(found->second.name, size);
  if (scanning(found->second.name)) {
    diags.error(rangeOf(name), "dimension '" + name.name + "' does not exist inside the scan over it");
    return {};
  }
  return found->second.name;
}

StringAttr Elaborator::hiddenDimension(const void *node, const Scope &scope, StringRef name, SizeAttr size) {
  StringAttr &known = hidden[{node, scope.prefix + name.str()}];
  if (!known)
    known = dims.addFresh(name, size);
  return known;
}

std::string Elaborator::dimsText(const Val &value) {
  if (value.isMatrix())
    return "[" + value.matrix().getRows().str() + ", " + value.matrix().getColumns().str() + "]";
  return value.dims().empty() ? "a scalar" : formatDims(value.dims());
}

bool Elaborator::hasOperandDim(const Val &value, StringAttr dim, const ast::Ident &name, StringRef what,
                               const ast::Expr &operand) {
  if (hasDim(value.v, dim))
    return true;
  if (scanning(dim)) {
    diags.error(rangeOf(name), what + " '" + name.name + "', which does not exist inside the scan over it")
        .note("inside the body every value stands for its element at the step");
    return false;
  }
  diags.error(rangeOf(name), what + " '" + name.name + "', which the operand lacks")
      .note(rangeOf(operand), "this has " + dimsText(value));
  return false;
}

std::optional<Constant> Elaborator::constant(const ast::Expr &expr, Scope &scope, StringRef what) {
  const ast::Expr *culprit = nullptr;
  std::optional<Constant> value = evaluate(expr, scope, culprit);
  if (!value) {
    auto message = diags.error(rangeOf(expr), what + " must be known when compiling");
    if (auto *name = llvm::dyn_cast<ast::NameExpr>(culprit)) {
      std::vector<StringRef> known;
      for (auto &entry : scope.constants)
        known.push_back(entry.getKey());
      llvm::sort(known);
      message.note(rangeOf(*culprit), "'" + name->name + "' is no constant");
      message.suggest(name->name, known);
    } else {
      message.note(rangeOf(*culprit), "this is no constant");
    }
  }
  return value;
}

} // namespace ssm
