//===- DerivedStates.cpp - what looks back, carried from call to call -------===//
//
// Positions count on from `pos_1`; `shift` and `conv` see the last inputs of the
// call before in front of their own; running values and scans start from where
// they ended. A state of an operation inside a loop over another dimension is
// stacked along that: it enters as a slice and leaves as an output of the loop.
//
//===----------------------------------------------------------------------===//
#include "DeriveStep.h"
#include "NamedBuilder.h"

#include "llvm/ADT/StringSet.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace ssm {

namespace {

/// Through which value a final carry reaches the result that is a state.
Value throughStores(Value value) {
  while (true) {
    Operation *op = value.getDefiningOp();
    if (auto map = llvm::dyn_cast_or_null<MapOp>(op); map && map.getFn() == MapFn::Cast)
      value = map.getOperands()[0];
    else if (auto align = llvm::dyn_cast_or_null<AlignOp>(op))
      value = align.getOperand();
    else
      return value;
  }
}

/// The number that a state starts from.
struct Start {
  double real = 0;
  int64_t whole = 0;
};

class Deriver {
public:
  Deriver(func::FuncOp forward, StringRef dim) : forward(forward), dim(dim), b(forward) {}

  void run() {
    llvm::DenseSet<Value> advancing = advancingFinals(forward, dim);
    // Operations first: what is rewritten below stays where it is in the text.
    llvm::SmallVector<ScanOp> scans;
    llvm::SmallVector<Operation *> others;
    forward.walk<WalkOrder::PreOrder>([&](Operation *op) {
      if (auto scan = llvm::dyn_cast<ScanOp>(op); scan && scan.getDim() == dim)
        scans.push_back(scan);
      else if (along(op))
        others.push_back(op);
    });
    for (ScanOp scan : scans)
      carries(scan, advancing);
    for (Operation *op : others)
      llvm::TypeSwitch<Operation *>(op)
          .Case([&](PosOp o) { position(o); })
          .Case([&](ShiftOp o) { shift(o); })
          .Case([&](ConvOp o) { conv(o); })
          .Case([&](CumulateOp o) { cumulate(o); });
    for (ScanOp scan : scans)
      scanPositions(scan);
  }

private:
  bool along(Operation *op) {
    return llvm::TypeSwitch<Operation *, bool>(op)
        .Case<PosOp, ShiftOp, ConvOp, CumulateOp>([&](auto o) { return o.getDim() == dim; })
        .Default([](Operation *) { return false; });
  }

  /// "shift_1", and on; not the name of an argument that is there.
  std::string freshName(StringRef operation) {
    std::string name;
    do
      name = (operation + "_" + Twine(++counts[operation])).str();
    while (llvm::any_of(llvm::seq(forward.getNumArguments()), [&](unsigned i) {
      auto other = forward.getArgAttrOfType<StringAttr>(i, kNameAttr);
      return other && other.getValue() == name;
    }));
    return name;
  }

  DictionaryAttr attributes(StringRef name, bool argument) {
    llvm::SmallVector<NamedAttribute> list = {
        b.getNamedAttr(kNameAttr, b.getStringAttr(name)),
        b.getNamedAttr(kRoleAttr, RoleAttr::get(b.getContext(), Role::State))};
    if (argument)
      list.push_back(b.getNamedAttr(kInitAttr, b.getStringAttr("init." + name)));
    return b.getDictionaryAttr(list);
  }

  Value addArgument(Type type, StringRef name, Location loc) {
    (void)forward.insertArgument(forward.getNumArguments(), type, attributes(name, true), loc);
    return forward.getArguments().back();
  }

  void addResult(Value value, StringRef name) {
    (void)forward.insertResult(forward.getNumResults(), value.getType(), attributes(name, false));
    Operation *end = forward.getBody().front().getTerminator();
    end->insertOperands(end->getNumOperands(), value);
  }

  /// The loops around an operation, the outermost first.
  llvm::SmallVector<ScanOp> loopsAround(Operation *op) {
    llvm::SmallVector<ScanOp> loops;
    for (auto loop = op->getParentOfType<ScanOp>(); loop; loop = loop->getParentOfType<ScanOp>())
      loops.insert(loops.begin(), loop);
    return loops;
  }

  /// The value, at `op`, of a new state with these dimensions there.
  Value enterState(Operation *op, RankedTensorType type, StringRef name, Start start) {
    llvm::SmallVector<ScanOp> loops = loopsAround(op);
    NamedDims dims;
    for (ScanOp loop : loops)
      dims.push_back(b.dim(loop.getDim()));
    llvm::append_range(dims, getDims(type));
    RankedTensorType whole = getTensorType(dims, type.getElementType());
    Value value = addArgument(whole, name, op->getLoc());
    initialiser(name, whole, start, op->getLoc());
    for (ScanOp loop : loops) {
      loop.getSlicesMutable().append(value);
      NamedDims rest = withoutDims(getDims(value), {loop.getDim()});
      value = loop.getBody().front().addArgument(getTensorType(rest, type.getElementType()), op->getLoc());
    }
    return value;
  }

  /// `next`, computed beside `op`, becomes the state's value after the call.
  void leaveState(Operation *op, Value next, StringRef name) {
    for (auto loop = op->getParentOfType<ScanOp>(); loop;) {
      next = stack(loop, next);
      loop = next.getDefiningOp()->getParentOfType<ScanOp>();
    }
    addResult(next, name);
  }

  /// One more output of a loop; the loop is made anew.
  Value stack(ScanOp loop, Value output) {
    Operation *end = loop.getBody().front().getTerminator();
    end->insertOperands(end->getNumOperands(), output);
    NamedDims dims = {b.dim(loop.getDim())};
    llvm::append_range(dims, getDims(output));
    llvm::SmallVector<Type> types(loop.getOutputs().getTypes());
    types.push_back(getTensorType(dims, getElement(output)));
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPoint(loop);
    auto wider = ScanOp::create(b, loop.getFinals().getTypes(), types, loop.getDim(), loop.getReverse(),
                                loop.getInits(), loop.getSlices(), loop.getCarryKindsAttr());
    wider->setLoc(loop.getLoc());
    wider.getBodyRegion().takeBody(loop.getBodyRegion());
    loop->replaceAllUsesWith(wider->getResults().drop_back());
    loop->erase();
    return wider.getOutputs().back();
  }

  /// `@"init.NAME"`: the start everywhere.
  void initialiser(StringRef name, RankedTensorType type, Start start, Location loc) {
    auto module = forward->getParentOfType<ModuleOp>();
    OpBuilder ob(module.getBody(), module.getBody()->end());
    Type scalar = RankedTensorType::get({}, ob.getI64Type());
    auto function = func::FuncOp::create(ob, loc, ("init." + name).str(), ob.getFunctionType({scalar}, {type}));
    function.setArgAttr(0, kNameAttr, ob.getStringAttr("seed"));
    function.setArgAttr(0, kRoleAttr, RoleAttr::get(ob.getContext(), Role::Seed));
    function.setResultAttr(0, kNameAttr, ob.getStringAttr(name));
    function.setResultAttr(0, kRoleAttr, RoleAttr::get(ob.getContext(), Role::Output));
    function->setAttr(kDimsAttr, tableOf(getDims(type)));
    ob.setInsertionPointToStart(function.addEntryBlock());
    Type element = type.getElementType();
    auto complex = llvm::dyn_cast<ComplexType>(element);
    Type part = complex ? complex.getElementType() : element;
    Attribute number = llvm::isa<IntegerType>(part) ? Attribute(ob.getIntegerAttr(part, start.whole))
                                                    : ob.getFloatAttr(part, start.real);
    Value all = arith::ConstantOp::create(ob, loc, DenseElementsAttr::get(RankedTensorType::get({}, part), number));
    if (complex)
      all = MapOp::create(ob, loc, all, element);
    if (!getDims(type).empty())
      all = AlignOp::create(ob, loc, type, all);
    func::ReturnOp::create(ob, loc, all);
  }

  /// The entries of the function's table for these dimensions and what they rest on.
  ArrayAttr tableOf(ArrayRef<NamedDim> dims) {
    llvm::SmallVector<Attribute> kept;
    llvm::StringSet needed;
    for (const NamedDim &one : dims)
      needed.insert(one.name.getValue());
    auto table = forward->getAttrOfType<ArrayAttr>(kDimsAttr);
    // Entries stand behind those that they are computed from.
    for (Attribute attr : llvm::reverse(table)) {
      auto entry = llvm::cast<DimAttr>(attr);
      if (!needed.contains(entry.getName().getValue()))
        continue;
      kept.insert(kept.begin(), attr);
      if (entry.getSize())
        addMentioned(entry.getSize(), needed);
    }
    return b.getArrayAttr(kept);
  }
  static void addMentioned(SizeAttr size, llvm::StringSet<> &names) {
    if (size.getOp() == SizeOp::Dim)
      names.insert(size.getDim().getValue());
    for (Attribute operand : size.getOperands())
      addMentioned(llvm::cast<SizeAttr>(operand), names);
  }

  // Positions.
  Value startPosition() {
    if (positionState)
      return positionState;
    std::string name = freshName("pos");
    auto scalar = RankedTensorType::get({}, b.getI64Type());
    positionState = addArgument(scalar, name, forward.getLoc());
    initialiser(name, scalar, Start(), forward.getLoc());
    // It moves on by what a call is given.
    OpBuilder::InsertionGuard guard(b);
    Operation *end = forward.getBody().front().getTerminator();
    b.setInsertionPoint(end);
    b.setLoc(end->getLoc());
    addResult(b.map(MapFn::Add, {positionState, b.size(dim)}), name);
    return positionState;
  }
  void moveUses(Value local, OpBuilder::InsertPoint at, Location loc) {
    if (local.use_empty())
      return;
    OpBuilder::InsertionGuard guard(b);
    b.restoreInsertionPoint(at);
    b.setLoc(loc);
    Value moved = b.map(MapFn::Add, {local, startPosition()});
    local.replaceAllUsesExcept(moved, moved.getDefiningOp());
  }
  void position(PosOp op) {
    moveUses(op, {op->getBlock(), std::next(op->getIterator())}, op.getLoc());
  }
  void scanPositions(ScanOp op) {
    Block &body = op.getBody().front();
    moveUses(op.getPosition(), {&body, body.begin()}, op.getLoc());
  }

  // Inputs still needed: `history` of them along a dimension of its own in front of x.
  struct Window {
    Value extended;                 // the past and x, along `all`
    StringAttr past, all;
  };
  Window extend(Operation *op, Value x, SizeAttr length, StringRef name) {
    b.setInsertionPoint(op);
    b.setLoc(op->getLoc());
    Window window;
    window.past = b.freshDim(Twine(name) + "." + dim, length);
    SizeAttr own = SizeAttr::ofDim(b.getStringAttr(dim)), before = SizeAttr::ofDim(window.past);
    // Never folded: in @step the dimension has another size.
    window.all = b.freshDim(Twine(name) + ".all", SizeAttr::get(b.getContext(), SizeOp::Add, 0, b.getStringAttr(""),
                                                               {Attribute(before), Attribute(own)}));
    NamedDims dims = getDims(x), whole = dims;
    unsigned place = *findDim(dims, dim);
    dims[place] = b.dim(window.past);
    whole[place] = NamedDim{window.all};
    RankedTensorType type = getTensorType(dims, getElement(x));
    Value history = enterState(op, type, name, Start());
    b.setInsertionPoint(op);
    window.extended = ConcatOp::create(b, getTensorType(whole, getElement(x)), history, window.past, x, dim, window.all);
    return window;
  }
  /// Elements of the window from `offset` on, as many as `along` has.
  Value part(const Window &window, Value extended, StringRef along, Value offset) {
    Value index = b.pos(along);
    if (offset)
      index = b.map(MapFn::Add, {index, offset});
    return b.gather(extended, window.all, index);
  }
  void remember(Operation *op, const Window &window, StringRef name) {
    Value last = part(window, window.extended, window.past, b.size(dim));
    leaveState(op, last, name);
  }
  void replace(Operation *op, Value value) {
    auto type = llvm::cast<RankedTensorType>(op->getResult(0).getType());
    op->getResult(0).replaceAllUsesWith(b.align(value, type));
    op->erase();
  }

  void shift(ShiftOp op) {
    auto amount = llvm::cast<DenseElementsAttr>(op.getAmount().getDefiningOp<arith::ConstantOp>().getValue());
    int64_t count = amount.getSplatValue<int64_t>();
    if (count == 0)
      return;
    std::string name = freshName("shift");
    Window window = extend(op, op.getOperand(), SizeAttr::constant(b.getContext(), count), name);
    Value value = part(window, window.extended, dim, {});
    remember(op, window, name);
    b.setInsertionPoint(op);
    replace(op, value);
  }

  void conv(ConvOp op) {
    std::string name = freshName("conv");
    auto constant = [&](int64_t value) { return SizeAttr::constant(b.getContext(), value); };
    NamedDim taps = b.dim(op.getKernelDim());
    SizeAttr size = taps.isStatic() ? constant(taps.size) : SizeAttr::ofDim(taps.name);
    SizeAttr past = SizeAttr::make(SizeOp::Max, {SizeAttr::make(SizeOp::Sub, {size, constant(1)}), constant(0)});
    Window window = extend(op, op.getOperand(), past, name);
    Value all = ConvOp::create(b, ConvMode::Causal, window.extended, window.all, op.getKernel(), op.getKernelDim());
    Value value = part(window, all, dim, b.size(window.past));
    remember(op, window, name);
    b.setInsertionPoint(op);
    replace(op, value);
  }

  // Running values.
  Value combine(Monoid monoid, Value a, Value x) {
    switch (monoid) {
    case Monoid::Add:
      return b.map(MapFn::Add, {a, x});
    case Monoid::Mul:
      return b.map(MapFn::Mul, {a, x});
    case Monoid::Max:
      return b.map(MapFn::Max, {a, x});
    case Monoid::Min:
      return b.map(MapFn::Min, {a, x});
    case Monoid::LogSumExp:
      break;
    }
    // By the larger of the two; an infinite one is the result.
    Value large = b.map(MapFn::Max, {a, x}), small = b.map(MapFn::Min, {a, x});
    Type element = getElement(x);
    auto infinite = arith::ConstantOp::create(
        b, DenseElementsAttr::get(RankedTensorType::get({}, element),
                                  Attribute(b.getFloatAttr(element, std::numeric_limits<double>::infinity()))));
    Value isInfinite = b.map(MapFn::Eq, {b.map(MapFn::Abs, large), infinite});
    Value rest = b.map(MapFn::Log1p, b.map(MapFn::Exp, b.map(MapFn::Sub, {small, large})));
    return b.map(MapFn::Select, {isInfinite, large, b.map(MapFn::Add, {large, rest})});
  }
  static Start identityOf(Monoid monoid) {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    switch (monoid) {
    case Monoid::Add:
      return {0, 0};
    case Monoid::Mul:
      return {1, 1};
    case Monoid::Min:
      return {infinity, std::numeric_limits<int64_t>::max()};
    case Monoid::Max:
    case Monoid::LogSumExp:
      return {-infinity, std::numeric_limits<int64_t>::min()};
    }
    return {};
  }
  static StringRef nameOf(Monoid monoid) {
    switch (monoid) {
    case Monoid::Add:
      return "cumsum";
    case Monoid::Mul:
      return "cumprod";
    case Monoid::Max:
      return "cummax";
    case Monoid::Min:
      return "cummin";
    case Monoid::LogSumExp:
      return "cumlogsumexp";
    }
    return "";
  }
  void cumulate(CumulateOp op) {
    std::string name = freshName(nameOf(op.getMonoid()));
    b.setLoc(op.getLoc());
    RankedTensorType type = getTensorType(withoutDims(getDims(op.getOperand()), {dim}), getElement(op));
    Value start = enterState(op, type, name, identityOf(op.getMonoid()));
    b.setInsertionPoint(op);
    auto scan = ScanOp::create(b, TypeRange{type}, TypeRange{op.getType()}, b.getStringAttr(dim), UnitAttr(),
                               ValueRange{start}, ValueRange{op.getOperand()});
    Block &body = scan.getBody().emplaceBlock();
    Location loc = op.getLoc();
    body.addArguments({RankedTensorType::get({}, b.getI64Type()), type, type}, {loc, loc, loc});
    b.setInsertionPointToEnd(&body);
    Value next = b.align(combine(op.getMonoid(), body.getArgument(1), body.getArgument(2)), type);
    YieldOp::create(b, ValueRange{next, next});
    op.getResult().replaceAllUsesWith(scan.getOutputs()[0]);
    Value last = scan.getFinals()[0];
    leaveState(op, last, name);
    op->erase();
  }

  /// Carries that no state starts: from their initial value in the first call, from
  /// where they ended in later ones.
  void carries(ScanOp op, const llvm::DenseSet<Value> &advancing) {
    for (unsigned i = 0; i < op.getInits().size(); ++i) {
      if (advancing.contains(op.getFinals()[i]))
        continue;
      Value position = startPosition(), init = op.getInits()[i];
      std::string name = freshName("scan");
      b.setInsertionPoint(op);
      b.setLoc(op.getLoc());
      auto type = llvm::cast<RankedTensorType>(init.getType());
      Value last = enterState(op, type, name, Start());
      b.setInsertionPoint(op);
      Value first = b.map(MapFn::Eq, position, 0);
      Value start = b.align(b.map(MapFn::Select, {first, init, last}), type);
      op.getInitsMutable()[i].set(start);
      leaveState(op, op.getFinals()[i], name);
    }
  }

  func::FuncOp forward;
  StringRef dim;
  NamedBuilder b;
  llvm::StringMap<unsigned> counts;
  Value positionState;
};

} // namespace

llvm::DenseSet<Value> advancingFinals(func::FuncOp forward, StringRef dim) {
  llvm::DenseSet<Value> found;
  Operation *end = forward.getBody().front().getTerminator();
  for (auto [i, operand] : llvm::enumerate(end->getOperands())) {
    auto role = forward.getResultAttrOfType<RoleAttr>(i, kRoleAttr);
    if (!role || role.getValue() != Role::State)
      continue;
    Value value = throughStores(operand);
    // Out of the loops that stack it.
    while (auto loop = value.getDefiningOp<ScanOp>()) {
      unsigned number = llvm::cast<OpResult>(value).getResultNumber(), finals = loop.getFinals().size();
      if (loop.getDim() == dim) {
        if (number < finals)
          found.insert(value);
        break;
      }
      if (number < finals)
        break;
      value = throughStores(loop.getYieldedOutputs()[number - finals]);
    }
  }
  return found;
}

void deriveStates(func::FuncOp forward, StringRef dim) { Deriver(forward, dim).run(); }

} // namespace ssm
