//===- Kernel.cpp - the function, its prologue, and who runs which role -----===//
//
// All threads run the prologue; it ends by setting up the mbarriers and a sync. Then
// each warp, by its uniform number, enters its role: one branch a warpgroup with
// setmaxnreg first, inside it one a role, and one thread behind elect.sync for a role
// of a thread.
//
//===----------------------------------------------------------------------===//
#include "Lowering.h"
#include "Ring.h"

#include "ssm/Codegen/Gpu.h"
#include "ssm/Dialect/Tile/Abi.h"

#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;

namespace ssm::tile::gpu {
namespace {

constexpr StringLiteral kShared = "ssm_shared", kStuck = "ssm_stuck";
constexpr int64_t kRegisters = 65536;
constexpr unsigned kGlobalSpace = 1, kSharedSpace = 3;

LLVM::GlobalOp getOrAddGlobal(ModuleOp module, StringRef name, Type type, unsigned space, unsigned alignment,
                              LLVM::Linkage linkage, Attribute value) {
  if (auto there = module.lookupSymbol<LLVM::GlobalOp>(name))
    return there;
  OpBuilder b = OpBuilder::atBlockBegin(module.getBody());
  return LLVM::GlobalOp::create(b, module.getLoc(), type, /*isConstant=*/false, linkage, name, value, alignment, space);
}

/// The kernel's signature: its parameters, a tensor map by value.
LLVM::LLVMFuncOp makeFunction(Lowering &l, ArrayRef<KernelParam> params) {
  MLIRContext *context = l.b.getContext();
  Type ptr = LLVM::LLVMPointerType::get(context), i64 = l.b.getI64Type();
  SmallVector<Type> types;
  for (const KernelParam &param : params)
    types.push_back(param.kind == KernelParam::Map     ? ptr
                    : param.kind == KernelParam::Float ? l.b.getF32Type()
                    : param.kind == KernelParam::Pointer || param.kind == KernelParam::Stride
                        ? i64
                        : l.b.getI32Type());
  auto type = LLVM::LLVMFunctionType::get(LLVM::LLVMVoidType::get(context), types);
  auto function = LLVM::LLVMFuncOp::create(l.b, l.kernel.getSymName(), type);
  function->setAttr(NVVM::NVVMDialect::getKernelFuncAttrName(), l.b.getUnitAttr());
  int64_t threads = *l.kernel.getThreads();
  function->setAttr(NVVM::NVVMDialect::getMaxntidAttrName(), l.b.getDenseI32ArrayAttr({int32_t(threads), 1, 1}));
  function->setAttr(NVVM::NVVMDialect::getMinctasmAttrName(), l.b.getI32IntegerAttr(l.kernel.getCtasPerSm().value_or(1)));
  if (std::optional<ArrayRef<int64_t>> cluster = l.kernel.getCluster()) {
    SmallVector<int32_t> dims(cluster->begin(), cluster->end());
    dims.resize(3, 1);
    function->setAttr(NVVM::NVVMDialect::getClusterDimAttrName(), l.b.getDenseI32ArrayAttr(dims));
  }
  function->setAttr(kThreadsAttr, l.b.getI64IntegerAttr(threads));
  if (Attribute estimate = l.kernel->getAttr(kEstimateAttr))
    function->setAttr(kEstimateAttr, estimate);
  bool pins = false;
  l.kernel.walk([&](PinOp pin) { pins |= pin.getWho() == PinFor::Ptxas; });
  function->setAttr(kSharedBytesAttr, l.b.getI64IntegerAttr(pins ? l.scratch() + 16 : *l.kernel.getSmem()));
  for (auto [i, param] : llvm::enumerate(params))
    if (param.kind == KernelParam::Map) {
      function.setArgAttr(i, LLVM::LLVMDialect::getByValAttrName(),
                          TypeAttr::get(LLVM::LLVMArrayType::get(l.b.getI8Type(), 128)));
      function.setArgAttr(i, LLVM::LLVMDialect::getAlignAttrName(), l.b.getI32IntegerAttr(64));
      function.setArgAttr(i, NVVM::NVVMDialect::getGridConstantAttrName(), l.b.getUnitAttr());
    }
  return function;
}

/// Arguments as the kernel names them.
void bindArguments(Lowering &l, ArrayRef<KernelParam> params, Block &entry) {
  Block &body = l.kernel.getBody().front();
  SmallVector<Values> registers(body.getNumArguments());
  for (auto [param, argument] : llvm::zip(params, entry.getArguments()))
    registers[param.argument].push_back(argument);
  for (auto [argument, values] : llvm::zip(body.getArguments(), registers)) {
    // A view of vectors has them side by side.
    if (auto global = dyn_cast<GlobalType>(argument.getType()); global && global.getRank() && global.getVector() > 1)
      values.back() = arith::ConstantOp::create(l.b, l.b.getI64IntegerAttr(1));
    else if (argument.getType().isInteger(1))
      values[0] = l.compare(arith::CmpIPredicate::ne, values[0], l.constant(int64_t(0)));
    l.bind(argument, values);
  }
}

/// A branch without results; both sides are made by functions.
LogicalResult branch(Lowering &l, Value condition, function_ref<LogicalResult()> then,
                     function_ref<LogicalResult()> otherwise = nullptr) {
  auto op = scf::IfOp::create(l.b, TypeRange(), condition, /*withElse=*/bool(otherwise));
  OpBuilder::InsertionGuard guard(l.b);
  l.b.setInsertionPoint(op.thenBlock()->getTerminator());
  if (failed(then()))
    return failure();
  if (!otherwise)
    return success();
  l.b.setInsertionPoint(op.elseBlock()->getTerminator());
  return otherwise();
}

/// Sets up every ring's mbarriers and fetches the tensor maps, by the first thread.
LogicalResult endPrologue(Lowering &l) {
  auto isMap = [](BlockArgument argument) { return isa<MapType>(argument.getType()); };
  auto maps = llvm::make_filter_range(l.kernel.getBody().getArguments(), isMap);
  if (!l.rings.empty() || !maps.empty()) {
    LogicalResult done = branch(l, l.scope.isThread0, [&] {
      for (BlockArgument map : maps)
        l.ptx.prefetchTensorMap(l.single(map));
      for (RingOp ring : l.rings) {
        RingType type = ring.getRing().getType();
        int64_t slots = type.getSlots(), first = *ring.getBarriers();
        for (int64_t copy = 0; copy < type.getCopies(); ++copy)
          for (int64_t slot = 0; slot < slots; ++slot) {
            int64_t at = first + (copy * 2 * slots + slot) * 8;
            l.ptx.mbarrierInit({l.sharedBase, at}, arrivalsOf(ring.getFull(), ring.getFullUnit(), l));
            l.ptx.mbarrierInit({l.sharedBase, at + slots * 8}, arrivalsOf(ring.getEmpty(), ring.getEmptyUnit(), l));
          }
      }
      l.ptx.fenceBarrierInit();
      return success();
    });
    if (failed(done))
      return failure();
  }
  if (l.kernel.getCluster())
    l.ptx.clusterSync(/*converged=*/true);
  else
    l.ptx.barSync(l.constant(int64_t(0)), l.scope.threads);
  return success();
}

/// What threads of an instance call themselves.
Scope scopeOf(RoleOp role, const Scope &all, Lowering &l) {
  Scope scope = all;
  scope.role = role;
  scope.threads = role.getKind() == RoleKind::Thread ? 1 : role.getKind() == RoleKind::Warp ? 32 : 128;
  int64_t first = *role.getFirstWarp(), perInstance = role.getWarpsPerInstance();
  Value relative = l.add(all.warp, -first);
  scope.instance = perInstance == 1 ? relative : l.divide(relative, perInstance);
  if (role.getInstances() == 1)
    scope.instance = l.constant(int64_t(0));
  if (role.getKind() == RoleKind::Group) {
    scope.thread = l.modulo(all.thread, 128); // groups start at multiples of four warps
    scope.warp = l.modulo(all.warp, 4);
    scope.isThread0 = l.compare(arith::CmpIPredicate::eq, scope.thread, l.constant(int64_t(0)));
  } else {
    scope.thread = all.lane;
    scope.warp = Value();
    scope.isThread0 = role.getKind() == RoleKind::Warp ? all.isLane0 : Value();
  }
  return scope;
}

/// The first instance arrives at its own barrier in its predecessor's place.
LogicalResult beginTurns(RoleOp role, Lowering &l) {
  llvm::SetVector<Value> circles;
  role.walk([&](TakeOp take) { circles.insert(take.getTurns()); });
  for (Value circle : circles) {
    auto turns = circle.getDefiningOp<TurnsOp>();
    Value isFirst = l.compare(arith::CmpIPredicate::eq, l.scope.instance, l.constant(int64_t(0)));
    if (failed(branch(l, isFirst, [&] {
          l.ptx.barArrive(l.constant(int64_t(*turns.getFirst())), 2 * l.scope.threads);
          return success();
        })))
      return failure();
  }
  return success();
}

LogicalResult lowerRole(RoleOp role, Lowering &l) {
  auto body = [&]() -> LogicalResult {
    Scope all = l.scope;
    l.scope = scopeOf(role, all, l);
    if (BlockArgument instance = role.getInstance())
      l.bind(instance, {l.scope.instance});
    LogicalResult done = beginTurns(role, l);
    if (succeeded(done))
      done = l.lowerBody(role.getBody().front());
    l.scope = all;
    return done;
  };
  if (role.getKind() != RoleKind::Thread)
    return body();
  return branch(l, l.ptx.electOne(), body);
}

/// `warps` from `first` on, against this warp.
Value inWarps(Lowering &l, int64_t first, int64_t warps) {
  Value warp = l.scope.warp;
  if (warps == 1)
    return l.compare(arith::CmpIPredicate::eq, warp, l.constant(first));
  Value below = l.compare(arith::CmpIPredicate::slt, warp, l.constant(first + warps));
  return first == 0 ? below : l.both(l.compare(arith::CmpIPredicate::sge, warp, l.constant(first)), below);
}

struct Place {
  int64_t first, warps;
  SmallVector<RoleOp> roles;
  std::optional<int64_t> registers;
};

/// Branches from place to place; the last needs none where no warp is left over.
LogicalResult dispatch(Lowering &l, ArrayRef<Place> places, int64_t allWarps, function_ref<LogicalResult(const Place &)> run) {
  if (places.empty())
    return success();
  const Place &place = places.front();
  if (places.size() == 1 && place.first + place.warps >= allWarps)
    return run(place);
  return branch(l, inWarps(l, place.first, place.warps), [&] { return run(place); },
                [&] { return dispatch(l, places.drop_front(), allWarps, run); });
}

LogicalResult runWarpgroup(Lowering &l, const Place &place) {
  if (place.registers) {
    int64_t entry = kRegisters / (l.scope.threads * int64_t(l.kernel.getCtasPerSm().value_or(1))) / 8 * 8;
    if (*place.registers != std::min<int64_t>(entry, 255))
      l.ptx.setMaxRegisters(*place.registers, *place.registers > entry);
  }
  SmallVector<Place> inside;
  for (RoleOp role : place.roles)
    inside.push_back({int64_t(*role.getFirstWarp()), role.getNumWarps(), {role}, std::nullopt});
  return dispatch(l, inside, place.first + place.warps, [&](const Place &one) { return lowerRole(one.roles.front(), l); });
}

LogicalResult runRoles(Lowering &l, ArrayRef<RoleOp> roles) {
  SmallVector<Place> places;
  for (RoleOp role : roles) {
    int64_t first = *role.getFirstWarp(), warps = role.getNumWarps();
    bool shares = role.getKind() != RoleKind::Group;
    if (shares)
      first = first / 4 * 4, warps = int64_t(llvm::alignTo(*role.getFirstWarp() + warps, 4)) - first;
    if (shares && !places.empty() && places.back().first + places.back().warps > first) {
      Place &last = places.back();
      last.warps = first + warps - last.first;
      last.roles.push_back(role);
      if (role.getRegs())
        last.registers = role.getRegs();
    } else {
      places.push_back({first, warps, {role}, role.getRegs()});
    }
  }
  return dispatch(l, places, l.scope.threads / 32, [&](const Place &place) { return runWarpgroup(l, place); });
}

LogicalResult lowerPerWarp(PerWarpOp op, Lowering &l) {
  Scope group = l.scope;
  Block &body = op.getBody().front();
  l.bind(body.getArgument(0), {group.warp});
  for (auto [argument, input] : llvm::zip(body.getArguments().drop_front(), op.getInputs()))
    l.bind(argument, l.of(input));
  l.scope.threads = 32;
  l.scope.thread = group.lane;
  l.scope.warp = Value();
  l.scope.isThread0 = group.isLane0;
  LogicalResult done = l.lowerBody(body);
  l.scope = group;
  if (succeeded(done))
    for (auto [result, yielded] : llvm::zip(op.getOutputs(), body.getTerminator()->getOperands()))
      l.bind(result, l.of(yielded));
  return done;
}

template <typename X, typename Y, typename Z>
Value gridValue(int64_t dim, Lowering &l) {
  Type i32 = l.b.getI32Type();
  if (dim == 0)
    return X::create(l.b, i32);
  if (dim == 1)
    return Y::create(l.b, i32);
  return Z::create(l.b, i32);
}
LogicalResult lowerCta(CtaOp op, Lowering &l) {
  l.bind(op.getResult(), {gridValue<NVVM::BlockIdXOp, NVVM::BlockIdYOp, NVVM::BlockIdZOp>(op.getDim(), l)});
  return success();
}
LogicalResult lowerCtaCount(CtaCountOp op, Lowering &l) {
  l.bind(op.getResult(), {gridValue<NVVM::GridDimXOp, NVVM::GridDimYOp, NVVM::GridDimZOp>(op.getDim(), l)});
  return success();
}

} // namespace

LogicalResult Lowering::run() {
  auto module = kernel->getParentOfType<ModuleOp>();
  if (!kernel.getThreads() || !kernel.getSmem())
    return kernel.emitOpError("has no places for its roles and buffers yet: run tile-place first");
  SmallVector<KernelParam> params = kernelParams(kernel.getFunctionType());
  LLVM::LLVMFuncOp function = makeFunction(*this, params);
  Block *entry = function.addEntryBlock(b);
  b.setInsertionPointToStart(entry);

  Type i32 = b.getI32Type(), i64 = b.getI64Type();
  auto bytes = LLVM::LLVMArrayType::get(b.getI8Type(), 0);
  LLVM::GlobalOp shared = getOrAddGlobal(module, kShared, bytes, kSharedSpace, 1024, LLVM::Linkage::External, {});
  sharedBase = LLVM::PtrToIntOp::create(b, i32, LLVM::AddressOfOp::create(b, shared));
  if (checked) {
    LLVM::GlobalOp stuck = getOrAddGlobal(module, kStuck, i64, kGlobalSpace, 8, LLVM::Linkage::External,
                                          b.getI64IntegerAttr(0));
    stuckRecord = LLVM::LoadOp::create(b, i64, LLVM::AddressOfOp::create(b, stuck));
  }
  scope.threads = *kernel.getThreads();
  scope.thread = NVVM::ThreadIdXOp::create(b, i32);
  scope.lane = modulo(scope.thread, 32);
  scope.group = divide(scope.lane, 4);
  scope.quad = modulo(scope.lane, 4);
  scope.warp = ptx.shuffleIndex(divide(scope.thread, 32), constant(int64_t(0)), 32);
  scope.isLane0 = compare(arith::CmpIPredicate::eq, scope.lane, constant(int64_t(0)));
  scope.isThread0 = compare(arith::CmpIPredicate::eq, scope.thread, constant(int64_t(0)));
  bindArguments(*this, params, *entry);

  SmallVector<RoleOp> roles;
  for (Operation &op : kernel.getBody().front().without_terminator()) {
    if (auto role = dyn_cast<RoleOp>(op)) {
      if (!role.getFirstWarp())
        return role.emitOpError("has no place yet: run tile-place first");
      roles.push_back(role);
    } else if (failed(lower(&op))) {
      return failure();
    }
  }
  if (failed(endPrologue(*this)) || failed(runRoles(*this, roles)))
    return failure();
  if (kernel.getCluster()) // nobody leaves while others still reach into its shared memory
    ptx.clusterSync(/*converged=*/false);
  LLVM::ReturnOp::create(b, ValueRange());
  return success();
}

void addKernelLowerings(LoweringTable &table) {
  table.add<PerWarpOp, lowerPerWarp>();
  table.add<CtaOp, lowerCta>();
  table.add<CtaCountOp, lowerCtaCount>();
}

} // namespace ssm::tile::gpu
