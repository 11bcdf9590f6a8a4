//===- Memory.cpp - loads, stores, views ------------------------------------===//
#include "Machine.h"

using namespace mlir;

namespace ssm::emulator {

unsigned holders(RankedTensorType type, ArrayRef<int64_t> index, unsigned warps) {
  if (warps == 1)
    return 1;
  unsigned all = (1u << warps) - 1;
  Attribute layout = tile::layoutOf(type);
  if (auto row = dyn_cast<tile::RowAttr>(layout)) {
    if (auto lanes = dyn_cast<tile::LanesAttr>(tile::parentOf(row))) {
      int64_t w = lanes.getWidth(), threads = 32 * warps, first = index.back() % std::max<int64_t>(threads / w, 1) * w;
      unsigned mask = 0;
      for (int64_t t = first; t < first + w; t += 32)
        mask |= 1u << (t / 32);
      return mask;
    }
    return 1u << (index.back() % 64 / 16);
  }
  if (isa<tile::AccAttr, tile::PartAttr, tile::QuadAttr>(layout))
    return 1u << (index[index.size() - 2] % 64 / 16);
  if (auto lanes = dyn_cast<tile::LanesAttr>(layout)) {
    int64_t w = lanes.getWidth(), threads = 32 * warps;
    int64_t row = index.size() < 2 ? 0 : index[index.size() - 2];
    int64_t thread = row % std::max<int64_t>(threads / w, 1) * w + index.back() / lanes.getVector() % w;
    return 1u << (thread / 32);
  }
  return all;
}

namespace {

/// Elements of an access: f(index of the tile, its position, index of the memory).
template <typename F> void walk(ArrayRef<int64_t> extents, ArrayRef<int64_t> offsets, bool transpose, ArrayRef<int64_t> tileShape, F f) {
  SmallVector<int64_t, 6> memory(extents.size());
  int64_t total = 1;
  for (int64_t e : extents)
    total *= e;
  // memory's ones aside, its order is the tile's (the last two swapped if transposed)
  SmallVector<int64_t, 4> shape(tileShape), index(tileShape.size());
  for (int64_t i = 0; i < total; ++i) {
    int64_t rest = i;
    for (size_t k = extents.size(); k-- > 0; rest /= extents[k])
      memory[k] = rest % extents[k];
    SmallVector<int64_t, 4> in(shape);
    if (transpose)
      std::swap(in.back(), in[in.size() - 2]);
    rest = i;
    for (size_t k = in.size(); k-- > 0; rest /= in[k])
      index[k] = rest % in[k];
    if (transpose)
      std::swap(index.back(), index[index.size() - 2]);
    int64_t position = 0;
    for (auto [size, x] : llvm::zip(shape, index))
      position = position * size + x;
    for (auto [m, o] : llvm::zip(memory, offsets))
      m += o;
    f(ArrayRef<int64_t>(index), position, ArrayRef<int64_t>(memory));
  }
}

struct Access {
  Machine &machine;
  Core &core;
  Operation *op;
  SmallVector<int64_t, 6> offsets, extents;
  RankedTensorType type; ///< null for a scalar
  bool transpose, image;

  std::string wrong;

  /// Where an element lies in a shared buffer, or -1.
  int64_t shared(const SharedView &view, ArrayRef<int64_t> index) {
    int64_t at = view.offset;
    for (auto [i, size, stride] : llvm::zip(index, view.shape, view.strides)) {
      if (i < 0 || i >= size) {
        wrong = "reaches past the end of " + view.storage->name;
        return -1;
      }
      at += i * stride;
    }
    return at;
  }
  static int64_t global(const GlobalView &view, ArrayRef<int64_t> index) {
    int64_t at = view.offset;
    for (auto [i, size, stride] : llvm::zip(index, view.shape, view.strides)) {
      if (i < 0 || i >= size)
        return -1;
      at += i * stride;
    }
    return at;
  }
  void walkTile(function_ref<void(ArrayRef<int64_t>, int64_t, ArrayRef<int64_t>)> f) {
    walk(extents, offsets, transpose, type.getShape(), f);
  }
  /// Each warp that holds the element.
  void byWarps(ArrayRef<int64_t> index, function_ref<void(unsigned)> f) {
    auto active = core.active();
    unsigned mask = type ? holders(type, index, active.size()) : (1u << active.size()) - 1;
    for (auto [i, warp] : llvm::enumerate(active))
      if (mask >> i & 1)
        f(warp);
  }
};

Machine::Step load(Access &access, tile::LoadOp op) {
  Machine &machine = access.machine;
  Core &core = access.core;
  const Datum &memory = machine.value(core, op.getSource());
  bool isShared = memory.kind == Datum::Kind::Shared;
  const SharedView &shared = memory.shared;
  const GlobalView &global = memory.global;
  if (!isShared && !global.array)
    return machine.fault(core, op, "loads from a view that the caller left out");
  auto check = [&](ArrayRef<int64_t> index, int64_t at) {
    if (!op.getRelaxed())
      access.byWarps(index, [&](unsigned warp) {
        if (access.wrong.empty())
          access.wrong = shared.storage->read(at, warp, machine.clocks[warp]);
      });
  };
  if (!access.type) {
    SmallVector<int64_t, 6> index(access.offsets);
    int64_t at = isShared ? access.shared(shared, index) : Access::global(global, index);
    if (isShared && at >= 0)
      check({}, at);
    if (!access.wrong.empty())
      return machine.fault(core, op, access.wrong);
    bool real = isa<FloatType>(op.getType());
    if (real)
      return machine.give(core, op, Datum::ofFloat(at < 0 ? 0 : isShared ? shared.storage->floats[at] : global.array->floats[at]));
    return machine.give(core, op, Datum::ofScalar(at < 0 ? 0 : isShared ? shared.storage->integers[at] : global.array->integers[at]));
  }
  TileValue result = TileValue::of(access.type);
  auto take = [&](ArrayRef<int64_t> index, int64_t position, ArrayRef<int64_t> place) {
    int64_t at = isShared ? access.shared(shared, place) : Access::global(global, place);
    if (at < 0)
      return;
    if (isShared)
      check(index, at);
    if (result.isFloat)
      result.floats[position] = isShared ? shared.storage->floats[at] : global.array->floats[at];
    else
      result.integers[position] = isShared ? shared.storage->integers[at] : global.array->integers[at];
  };
  if (access.image) {
    int64_t start = isShared ? access.shared(shared, access.offsets) : Access::global(global, access.offsets);
    for (int64_t i = 0; i < result.size(); ++i)
      (result.isFloat ? result.floats[i] : *reinterpret_cast<float *>(&result.integers[i])) =
          isShared ? shared.storage->floats[start + i] : global.array->floats[start + i];
  } else {
    access.walkTile(take);
  }
  if (!access.wrong.empty())
    return machine.fault(core, op, access.wrong);
  return machine.give(core, op, Datum::ofTile(std::move(result)));
}

Machine::Step store(Access &access, tile::StoreOp op) {
  Machine &machine = access.machine;
  Core &core = access.core;
  const Datum &memory = machine.value(core, op.getTarget());
  const Datum &value = machine.value(core, op.getValue());
  bool isShared = memory.kind == Datum::Kind::Shared;
  const SharedView &shared = memory.shared;
  const GlobalView &global = memory.global;
  if (!isShared && !global.array)
    return machine.fault(core, op, "stores to a view that the caller left out");
  auto put = [&](int64_t at, float real, int64_t whole) {
    if (isPoison(real))
      access.wrong = "stores what was never computed";
    if (isShared)
      (shared.storage->isFloat ? void(shared.storage->floats[at] = real) : void(shared.storage->integers[at] = int32_t(whole)));
    else if (!global.array->floats.empty())
      global.array->floats[at] = roundTo(global.array->element, real); // a row of f32 in 16 bits
    else
      global.array->integers[at] = int32_t(whole);
  };
  auto check = [&](int64_t at, unsigned warp) {
    std::string wrong = shared.storage->write(at, warp, machine.clocks[warp]);
    if (access.wrong.empty() && !op.getRelaxed())
      access.wrong = wrong;
  };
  if (!access.type) {
    SmallVector<int64_t, 6> index(access.offsets);
    int64_t at = isShared ? access.shared(shared, index) : Access::global(global, index);
    if (at >= 0) {
      if (isShared)
        check(at, core.active().front());
      put(at, value.real, value.scalar);
    }
  } else if (access.image) {
    int64_t start = isShared ? access.shared(shared, access.offsets) : Access::global(global, access.offsets);
    for (int64_t i = 0; i < value.tile->size(); ++i)
      put(start + i, value.tile->floats[i], 0);
  } else {
    access.walkTile([&](ArrayRef<int64_t> index, int64_t position, ArrayRef<int64_t> place) {
      int64_t at = isShared ? access.shared(shared, place) : Access::global(global, place);
      if (at < 0)
        return;
      bool first = true;
      if (isShared)
        access.byWarps(index, [&](unsigned warp) {
          if (first) // replicas write the same value; one of them counts
            check(at, warp);
          first = false;
        });
      put(at, value.tile->isFloat ? value.tile->floats[position] : 0, value.tile->isFloat ? 0 : value.tile->integers[position]);
    });
  }
  return access.wrong.empty() ? Machine::Step::Done : machine.fault(core, op, access.wrong);
}

} // namespace

Handled runMemory(Machine &machine, Core &core, Operation *op) {
  auto offsets = [&](ArrayRef<OpFoldResult> list) {
    SmallVector<int64_t, 6> result;
    for (OpFoldResult x : list)
      result.push_back(machine.scalar(core, x));
    return result;
  };
  if (auto read = dyn_cast<tile::LoadOp>(op)) {
    SmallVector<int64_t> extents = read.getExtents();
    Access access{machine, core, op, offsets(read.getMixedOffsets()), SmallVector<int64_t, 6>(extents),
                  dyn_cast<RankedTensorType>(read.getType()), read.getTranspose(), read.getImage(), {}};
    return load(access, read);
  }
  if (auto write = dyn_cast<tile::StoreOp>(op)) {
    SmallVector<int64_t> extents = write.getExtents();
    Access access{machine, core, op, offsets(write.getMixedOffsets()), SmallVector<int64_t, 6>(extents),
                  dyn_cast<RankedTensorType>(write.getValue().getType()), write.getTranspose(), write.getImage(), {}};
    return store(access, write);
  }
  if (auto sub = dyn_cast<tile::SubOp>(op)) {
    Datum view = machine.value(core, sub.getSource());
    SmallVector<int64_t, 6> start = offsets(sub.getMixedOffsets());
    SmallVector<int64_t, 4> shape, strides;
    unsigned kept = sub.getType().getRank(), dropped = start.size() - kept;
    for (unsigned k = 0; k < start.size(); ++k) {
      int64_t size = sub.getSizes()[k];
      if (start[k] < 0 || start[k] + size > view.shared.shape[k])
        return machine.fault(core, op, "takes a part past the end of " + view.shared.storage->name);
      view.shared.offset += start[k] * view.shared.strides[k];
      if (k >= dropped) {
        shape.push_back(size);
        strides.push_back(view.shared.strides[k]);
      }
    }
    view.shared.shape = shape;
    view.shared.strides = strides;
    return machine.give(core, op, std::move(view));
  }
  if (auto global = dyn_cast<tile::GlobalOp>(op)) {
    Datum view = machine.value(core, global.getSource());
    for (auto [i, stride] : llvm::zip(offsets(global.getMixedOffsets()), view.global.strides))
      view.global.offset += i * stride;
    view.global.shape.assign(offsets(global.getMixedSizes()));
    view.global.strides.assign(offsets(global.getMixedStrides()));
    return machine.give(core, op, std::move(view));
  }
  if (auto present = dyn_cast<tile::PresentOp>(op))
    return machine.give(core, op, Datum::ofScalar(machine.value(core, present.getSource()).global.array != nullptr));
  if (auto add = dyn_cast<tile::AtomicAddOp>(op)) {
    const GlobalView &view = machine.value(core, add.getTarget()).global;
    int64_t at = Access::global(view, offsets(add.getMixedOffsets()));
    if (!view.array || at < 0)
      return machine.fault(core, op, "draws from outside the view");
    int32_t before = view.array->integers[at];
    view.array->integers[at] += int32_t(machine.value(core, add.getValue()).scalar);
    return machine.give(core, op, Datum::ofScalar(before));
  }
  if (auto buffer = dyn_cast<tile::BufferOp>(op)) {
    tile::SmemType type = buffer.getType();
    auto &storage = machine.buffers.emplace_back(
        std::make_unique<Storage>("a buffer", type.getNumElements(), type.getElementBits() / 8, isa<FloatType>(type.getElementType()),
                                  machine.numWarps));
    Datum view;
    view.kind = Datum::Kind::Shared;
    view.shared.storage = storage.get();
    view.shared.shape.assign(type.getShape().begin(), type.getShape().end());
    view.shared.strides.resize(view.shared.shape.size());
    int64_t stride = 1;
    for (size_t k = view.shared.shape.size(); k-- > 0; stride *= view.shared.shape[k])
      view.shared.strides[k] = stride;
    return machine.give(core, op, std::move(view));
  }
  if (auto fill = dyn_cast<tile::FillOp>(op)) {
    std::string wrong;
    float real = isa<FloatAttr>(fill.getValue()) ? float(cast<FloatAttr>(fill.getValue()).getValueAsDouble()) : 0;
    int32_t whole = isa<IntegerAttr>(fill.getValue()) ? int32_t(cast<IntegerAttr>(fill.getValue()).getInt()) : 0;
    auto set = [&](Storage &storage) {
      for (int64_t i = 0; i < storage.size(); ++i) {
        (storage.isFloat ? void(storage.floats[i] = real) : void(storage.integers[i] = whole));
        if (core.warps.empty()) {
          storage.fill(i);
          continue;
        }
        std::string what = storage.write(i, core.warps.front(), machine.clocks[core.warps.front()]);
        if (wrong.empty())
          wrong = what;
      }
    };
    const Datum &target = machine.value(core, fill.getTarget());
    if (target.kind == Datum::Kind::Shared)
      set(*target.shared.storage);
    else
      for (auto &part : machine.rings[target.scalar].parts)
        set(*part);
    if (core.warps.empty())
      core.started = 0; // not fenced yet
    return wrong.empty() ? Machine::Step::Done : machine.fault(core, op, wrong);
  }
  return std::nullopt;
}

} // namespace ssm::emulator
