//===- Index.cpp - picking, renaming, shifts, convolutions, Fourier ---------===//
#include "Elaborator.h"

using namespace mlir;

namespace ssm {

Val Elaborator::index(const ast::IndexExpr &expr, Env &env) {
  Val base = tensor(*expr.base, env);
  if (!base)
    return {};
  llvm::SmallVector<StringAttr> from, to, picked;
  llvm::SmallVector<Val> indices;
  llvm::SmallVector<const ast::IndexEntry *> renames;
  for (const ast::IndexEntry &entry : expr.entries) {
    StringAttr dim = dimension(entry.dim, env);
    if (!dim || !hasOperandDim(base, dim, entry.dim, entry.renamed ? "renaming" : "an index along", *expr.base))
      return {};
    if (entry.renamed) {
      from.push_back(dim);
      renames.push_back(&entry);
      continue;
    }
    Val position = tensor(*entry.index, env);
    if (!position)
      return {};
    if (position.kind != Kind::Int)
      return fail(diags.error(rangeOf(*entry.index), "the index along '" + entry.dim.name + "' is " +
                                                         describe(position.kind) + ", it needs an integer")
                      .note("cast it, as in i64(...)"));
    picked.push_back(dim);
    indices.push_back(position);
  }
  for (auto [dim, entry] : llvm::zip(from, renames)) {
    StringAttr target = madeDimension(*entry->renamed, dims.reference(dim), env);
    if (!target)
      return {};
    std::optional<int64_t> before = dims.constantSize(dim), after = dims.constantSize(target);
    if (before && after && *before != *after)
      return fail(diags.error(rangeOf(*entry->renamed), "'" + entry->dim.name + "' has size " + llvm::Twine(*before) +
                                                            ", '" + entry->renamed->name + "' has size " +
                                                            llvm::Twine(*after))
                      .note(env.scope.dims.find(entry->renamed->name)->second.bound,
                            "'" + entry->renamed->name + "' is bound here"));
    to.push_back(target);
  }
  for (auto [target, entry] : llvm::zip(to, renames)) {
    bool goes = llvm::is_contained(from, target) || llvm::is_contained(picked, target);
    if ((hasDim(base.v, target) && !goes) || llvm::count(to, target) > 1)
      return fail(diags.error(rangeOf(*entry->renamed), "the value has a dimension '" + entry->renamed->name +
                                                            "' already")
                      .note(rangeOf(*expr.base), "this has " + dimsText(base)));
  }
  at(env.scope, expr.loc());
  // All at once: what is picked along steps aside where something takes its name.
  for (StringAttr &dim : picked)
    if (llvm::is_contained(to, dim)) {
      StringAttr aside = hiddenDimension(&expr, env.scope, dim.str() + ".picked", dims.reference(dim));
      from.push_back(dim);
      to.push_back(aside);
      dim = aside;
    }
  if (!from.empty())
    base = emit.rename(base, from, to);
  return picked.empty() ? base : emit.gather(base, picked, indices);
}

Val Elaborator::window(const ast::WindowExpr &expr, Env &env) {
  StringRef what = expr.isConv ? "'conv'" : "'shift'";
  Val operand = tensor(*expr.first, env);
  if (!operand)
    return {};
  Val second = tensor(*expr.second, env);
  if (!second)
    return {};
  // The operands come first: they may bind the dimensions.
  llvm::SmallVector<StringAttr> along;
  for (const ast::Ident &name : expr.dims) {
    along.push_back(dimension(name, env));
    if (!along.back())
      return {};
  }
  at(env.scope, expr.loc());
  if (!hasOperandDim(operand, along[0], expr.dims[0], what.str() + " along", *expr.first))
    return {};
  if (!expr.isConv) {
    if (second.kind != Kind::Int || !second.dims().empty())
      return fail(diags.error(rangeOf(*expr.second), "'shift' moves by a scalar integer, this is " +
                                                         (second.kind == Kind::Int ? dimsText(second)
                                                                                   : describe(second.kind).str())));
    return {ShiftOp::create(emit.b, operand.v.getType(), operand.v, along[0], second.v), operand.kind, {}};
  }
  StringAttr kernelDim = along.back();
  if (!hasOperandDim(second, kernelDim, expr.dims.back(), "'conv' with a kernel along", *expr.second))
    return {};
  if (kernelDim != along[0])
    for (auto [value, dim, node, name] :
         {std::tuple(operand, kernelDim, expr.first.get(), expr.dims.back().name),
          std::tuple(second, along[0], expr.second.get(), expr.dims[0].name)})
      if (hasDim(value.v, dim))
        return fail(diags.error(rangeOf(*node), "this has dimension '" + name + "', which only the " +
                                                    (node == expr.first.get() ? "kernel" : "signal") +
                                                    " of a 'conv[" + expr.dims[0].name + ", " + expr.dims.back().name +
                                                    "]' may have"));
  ConvMode mode = ConvMode::Causal;
  if (expr.mode) {
    std::optional<ConvMode> known = symbolizeConvMode(expr.mode->name);
    if (!known) {
      static constexpr StringRef modes[] = {"causal", "anticausal", "circular", "same"};
      return fail(diags.error(rangeOf(*expr.mode), "'conv' has no mode '" + expr.mode->name + "'")
                      .suggest(expr.mode->name, modes)
                      .note("the modes are causal, anticausal, circular and same"));
    }
    mode = *known;
  }
  Kind kind = counted(join(operand.kind, second.kind));
  operand = emit.convert(operand, kind);
  second = emit.convert(second, kind);
  return {ConvOp::create(emit.b, mode, operand.v, along[0], second.v, kernelDim), kind, {}};
}

namespace {
/// One dimension's transform.
struct Transform {
  FftKind kind;
  StringAttr from, to;
};
} // namespace

Val Elaborator::fourier(const ast::FourierExpr &expr, Env &env) {
  bool inverse = expr.name.front() == 'i', real = expr.name.contains("rfft");
  Val operand = tensor(*expr.operand, env);
  if (!operand)
    return {};
  if (expr.name == "rfft" && !refuseComplex(operand, *expr.operand, "the operand of 'rfft'"))
    return {};
  llvm::SmallVector<Transform> transforms;
  at(env.scope, expr.loc());
  for (auto [i, pair] : llvm::enumerate(expr.dims)) {
    auto &[source, target] = pair;
    StringAttr from = dimension(source, env);
    if (!from || !hasOperandDim(operand, from, source, "'" + expr.name.str() + "' of", *expr.operand))
      return {};
    bool halved = real && i + 1 == expr.dims.size();
    SizeAttr n = dims.reference(from), all = n;
    auto constant = [&](int64_t value) { return SizeAttr::constant(&context, value); };
    if (halved && !inverse)
      all = SizeAttr::make(SizeOp::Add, {SizeAttr::make(SizeOp::FloorDiv, {n, constant(2)}), constant(1)});
    if (halved && inverse)
      all = {}; // 2 n - 1 points have as many modes as 2 n - 2
    bool isNew = !env.scope.dims.count(target.name.str());
    // A target that a type has bound is as long as the caller says.
    StringAttr to = madeDimension(target, isNew ? all : SizeAttr(), env);
    if (!to)
      return {};
    if (isNew && !all && !dims.size(to))
      return fail(diags.error(rangeOf(target), "the length of '" + target.name + "' is not known")
                      .note("bind it in a type, by a constant, or as --dims " + target.name + "=..."));
    for (Transform &other : transforms)
      if (other.to == to)
        return fail(diags.error(rangeOf(target), "'" + target.name + "' is the target of two transforms"));
    FftKind kind = halved ? (inverse ? FftKind::Irfft : FftKind::Rfft) : (inverse ? FftKind::Ifft : FftKind::Fft);
    transforms.push_back({kind, from, to});
  }
  for (auto [transform, pair] : llvm::zip(transforms, expr.dims)) {
    bool goes = llvm::any_of(transforms, [&, to = transform.to](Transform &other) { return other.from == to; });
    if (hasDim(operand.v, transform.to) && !goes)
      return fail(diags.error(rangeOf(pair.second), "the value has a dimension '" + pair.second.name + "' already")
                      .note(rangeOf(*expr.operand), "this has " + dimsText(operand)));
  }
  // Sources whose names the transforms give again step aside.
  llvm::SmallVector<StringAttr> from, to;
  for (Transform &transform : transforms)
    if (llvm::any_of(transforms, [&](Transform &other) { return other.to == transform.from; })) {
      from.push_back(transform.from);
      transform.from =
          hiddenDimension(&expr, env.scope, transform.from.str() + ".before", dims.reference(transform.from));
      to.push_back(transform.from);
    }
  if (!from.empty())
    operand = emit.rename(operand, from, to);
  operand = emit.convert(operand, real && !inverse ? (operand.kind == Kind::F64 ? Kind::F64 : Kind::F32)
                                                   : complexOf(operand.kind));
  // The real transform is the first of its kind and the last of the inverse.
  if (!inverse)
    std::reverse(transforms.begin(), transforms.end());
  for (const Transform &transform : transforms) {
    Kind kind = transform.kind == FftKind::Irfft ? partOf(operand.kind) : complexOf(operand.kind);
    NamedDims result = operand.dims();
    result[*findDim(result, transform.from)] = dims.named(transform.to);
    RankedTensorType type = getTensorType(result, computeType(&context, kind));
    operand = {FftOp::create(emit.b, type, transform.kind, operand.v, transform.from, transform.to), kind, {}};
  }
  return operand;
}

} // namespace ssm
