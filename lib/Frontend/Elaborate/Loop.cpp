//===- Loop.cpp - scan and repeat -------------------------------------------===//
//
// Both become an `ssm.scan`: a repeat runs over a dimension of its own, along
// which the parameters and states inside are stacked. A carry has the kind and
// the dimensions of its initial value and of the body together.
//
//===----------------------------------------------------------------------===//
#include "Elaborator.h"

using namespace mlir;

namespace ssm {

void Elaborator::restore(const Snapshot &snapshot) {
  Block &entry = forward.getBody().front();
  while (declarations.size() > snapshot.declarations) {
    entry.eraseArgument(declarations.back()->argument.getArgNumber());
    declarations.pop_back();
  }
  advances = snapshot.advances;
}

bool Elaborator::loopBody(const Loop &loop, Frame &frame, ArrayRef<Val> carries, Env &env, Vals &next) {
  OpBuilder::InsertionGuard guard(emit.b);
  emit.b.setInsertionPointToEnd(frame.block);
  frames.push_back(&frame);
  Env inner(env.scope, &env);
  bool good = true;
  for (auto [name, carry] : llvm::zip(loop.names, carries))
    good &= bind(inner, name, Binding::Carry, carry);
  if (good)
    next = block(loop.body, inner);
  good = !next.empty();
  for (Val &value : next)
    if (good)
      value = materialized(value, *loop.body.result, inner);
  frames.pop_back();
  if (good && next.size() != loop.names.size()) {
    diags.error(rangeOf(*loop.body.result), "the body gives " + llvm::Twine(next.size()) +
                                                (next.size() == 1 ? " value" : " values") + " for " +
                                                llvm::Twine(loop.names.size()) +
                                                (loop.names.size() == 1 ? " carry" : " carries"))
        .note(loop.names.front().loc, "carried under these names");
    return false;
  }
  return good;
}

/// Erases a block that was never put into a region.
static void discard(Block *block) {
  block->dropAllReferences();
  block->dropAllDefinedValueUses();
  delete block;
}

Vals Elaborator::loop(const Loop &loop, Vals inits, Env &env, Vals &finals) {
  llvm::SmallVector<Kind> kinds;
  llvm::SmallVector<NamedDims> shapes;
  for (const Val &init : inits) {
    kinds.push_back(init.kind);
    shapes.push_back(init.dims());
  }
  Frame frame;
  Vals next;
  Snapshot before = snapshot();
  Type scalar = RankedTensorType::get({}, emit.b.getI64Type());
  Location here = emit.b.getLoc();
  while (true) {
    frame = {loop.dim, loop.repeat, new Block, emit.b.saveInsertionPoint(), {}};
    frame.block->addArgument(scalar, here);
    Vals carries;
    for (auto [kind, shape] : llvm::zip(kinds, shapes))
      carries.push_back(
          {frame.block->addArgument(getTensorType(shape, computeType(&context, kind)), here), kind, {}});
    next.clear();
    if (!loopBody(loop, frame, carries, env, next)) {
      discard(frame.block);
      restore(before);
      return {};
    }
    bool wider = false;
    for (auto [kind, shape, value] : llvm::zip(kinds, shapes, next)) {
      Kind joined = join(kind, value.kind);
      NamedDims all = shape;
      uniteDims(all, value.dims());
      wider |= joined != kind || all.size() != shape.size();
      kind = joined;
      shape = all;
    }
    if (!wider)
      break;
    discard(frame.block);
    restore(before);
  }

  // The end of the body: next carries; every value of a scan; states advanced inside.
  llvm::SmallVector<Value> yielded, starts;
  llvm::SmallVector<Type> finalTypes, stackedTypes;
  llvm::SmallVector<Advance *> inside;
  {
    OpBuilder::InsertionGuard guard(emit.b);
    emit.b.setInsertionPointToEnd(frame.block);
    emit.b.setLoc(here);
    for (auto [kind, shape, value] : llvm::zip(kinds, shapes, next))
      yielded.push_back(emit.align(emit.convert(value, kind).v, shape));
    llvm::SmallVector<Value> outputs;
    if (!loop.repeat)
      outputs = yielded;
    for (auto &[name, advance] : advances)
      if (advance.depth > frames.size()) {
        outputs.push_back(advance.stored);
        inside.push_back(&advance);
      }
    for (Value output : outputs) {
      // In front, so that what one step writes lies together.
      NamedDims stacked = getDims(output);
      stacked.insert(stacked.begin(), dims.named(loop.dim));
      stackedTypes.push_back(getTensorType(stacked, getElement(output)));
    }
    yielded.append(outputs);
    YieldOp::create(emit.b, yielded);
  }
  emit.b.setLoc(here);
  for (auto [kind, shape, init] : llvm::zip(kinds, shapes, inits)) {
    starts.push_back(emit.align(emit.convert(init, kind).v, shape));
    finalTypes.push_back(starts.back().getType());
  }
  llvm::SmallVector<Value> slices;
  for (auto &[outside, argument] : frame.slices)
    slices.push_back(outside);
  auto op = ScanOp::create(emit.b, finalTypes, stackedTypes, loop.dim, loop.reverse, starts, slices);
  op.getBody().push_back(frame.block);

  Vals results;
  for (auto [kind, value] : llvm::zip(kinds, op.getFinals()))
    finals.push_back({value, kind, {}});
  for (auto [advance, value] : llvm::zip(inside, op.getOutputs().take_back(inside.size()))) {
    advance->stored = value;
    advance->depth = frames.size();
  }
  if (loop.repeat)
    return finals;
  for (auto [kind, value] : llvm::zip(kinds, op.getOutputs()))
    results.push_back({value, kind, {}});
  return results;
}

/// Other initial values than names.
static Diagnostics::Builder initialCount(Diagnostics &diags, const ast::Expr &init, size_t count,
                                         ArrayRef<ast::Ident> names) {
  auto message = diags.error(rangeOf(init), "this gives " + llvm::Twine(count) +
                                                (count == 1 ? " initial value" : " initial values") + " for " +
                                                llvm::Twine(names.size()) + (names.size() == 1 ? " carry" : " carries"));
  message.note(names.front().loc, "carried under these names");
  return message;
}

Vals Elaborator::scan(const ast::ScanExpr &expr, Env &env) {
  if (expr.dims.size() != 1)
    return failAll(diags.error(rangeOf(expr.dims[1]), "'scan' runs along one dimension, got " +
                                                          llvm::Twine(expr.dims.size())));
  StringAttr dim = dimension(expr.dims[0], env);
  if (!dim)
    return {};
  if (scanning(dim))
    return failAll(diags.error(rangeOf(expr.dims[0]), "'scan' over '" + expr.dims[0].name +
                                                          "' inside a scan over it"));
  Vals inits = values(*expr.init, env);
  if (inits.empty())
    return {};
  if (inits.size() != expr.names.size())
    return failAll(initialCount(diags, *expr.init, inits.size(), expr.names));
  for (Val &init : inits) {
    init = materialized(init, *expr.init, env);
    if (hasDim(init.v, dim))
      return failAll(diags.error(rangeOf(*expr.init), "the initial value has dimension '" + expr.dims[0].name +
                                                          "', along which the scan runs")
                         .note("pick one element, as in x[" + expr.dims[0].name + " = 0]"));
  }
  at(env.scope, expr.loc());
  Vals finals;
  Vals results = loop({expr, dim, expr.reverse, false, expr.names, *expr.init, expr.body}, inits, env, finals);
  if (results.empty())
    return {};
  at(env.scope, expr.loc());
  for (auto [i, init] : llvm::enumerate(inits))
    if (!init.state.empty() && !advance(expr, init.state, finals[i], dim, expr.names[i], env.scope))
      return {};
  return results;
}

Vals Elaborator::repeat(const ast::RepeatExpr &expr, Env &env) {
  std::optional<Constant> count = constant(*expr.count, env.scope, "the number of turns of a 'repeat'");
  if (!count)
    return {};
  if (!count->isWhole() || count->integer < 0)
    return failAll(diags.error(rangeOf(*expr.count), "the number of turns of a 'repeat' is a whole number of at least 0"));
  if (auto *name = llvm::dyn_cast<ast::NameExpr>(expr.count.get()))
    env.scope.mentioned.insert(name->name);
  Vals inits = values(*expr.init, env);
  if (inits.empty())
    return {};
  if (inits.size() != expr.names.size())
    return failAll(initialCount(diags, *expr.init, inits.size(), expr.names));
  for (Val &init : inits)
    init = materialized(init, *expr.init, env);
  at(env.scope, expr.loc());
  StringAttr dim = hiddenDimension(&expr, env.scope, env.scope.prefix + "repeat",
                                   SizeAttr::constant(&context, count->integer));
  Vals finals;
  return loop({expr, dim, false, true, expr.names, *expr.init, expr.body}, inits, env, finals);
}

} // namespace ssm
