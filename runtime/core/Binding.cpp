// How a call's sizes are found. See Binding.h.
#include "core/Binding.h"

#include "core/Error.h"
#include "core/Solve.h"

#include <algorithm>

namespace ssm::rt {

std::string shapeText(const int64_t *sizes, size_t rank) {
  std::string text = "(";
  for (size_t i = 0; i < rank; ++i)
    text += (i ? ", " : "") + std::to_string(sizes[i]);
  return text + ")";
}

int64_t byteCount(const int64_t *sizes, size_t rank, int32_t dtype, const std::string &what) {
  if (std::find(sizes, sizes + rank, 0) != sizes + rank)
    return 0;
  int64_t bytes = dtypeSize(dtype);
  for (size_t i = 0; i < rank; ++i)
    if (__builtin_mul_overflow(bytes, sizes[i], &bytes))
      fail(SSM_ERROR_SHAPE, what, " is too large: its shape is ", shapeText(sizes, rank));
  return bytes;
}

Binding::Binding(const Entry &entry, const ssm_size *sizes, int64_t count) : entry(entry), slots(entry.dims.size()) {
  for (int64_t i = 0; i < count; ++i) {
    if (!sizes[i].name)
      fail(SSM_ERROR_USE, entry.name, ": a given size has no name");
    std::string name = sizes[i].name;
    int64_t size = sizes[i].size;
    auto dim = std::find_if(entry.dims.begin(), entry.dims.end(), [&](const Dim &d) { return d.name == name; });
    if (dim == entry.dims.end()) {
      std::string names;
      for (const Dim &d : entry.dims)
        names += (names.empty() ? "" : ", ") + d.name;
      fail(SSM_ERROR_SIZE, entry.name, ": there is no dimension '", name, "'; it has ", names.empty() ? "none" : names);
    }
    if (size < 0)
      fail(SSM_ERROR_SIZE, entry.name, ": the size given for dimension ", name, " is negative: ", size);
    if (dim->kind == SSM_CONSTANT && size != dim->size)
      fail(SSM_ERROR_SIZE, entry.name, ": dimension ", name, " is the constant ", dim->size,
           " in this artifact, it cannot be ", size, "; compile the layer with ", name, "=", size, " for that");
    if (dim->kind == SSM_COMPUTED)
      computed.push_back({static_cast<int32_t>(dim - entry.dims.begin()), size, "the size given", "the sizes given with the call"});
    Slot &slot = slots[dim - entry.dims.begin()];
    if (dim->kind != SSM_OPEN)
      continue;
    if (slot.size >= 0 && slot.size != size)
      fail(SSM_ERROR_SIZE, entry.name, ": dimension ", name, " is given twice, as ", slot.size, " and as ", size);
    slot = {size, "the sizes given with the call"};
  }
}

void Binding::bind(const Value &argument, const ssm_buffer &buffer) {
  std::string what = entry.name + ": argument '" + argument.name + "'";
  auto rank = static_cast<size_t>(std::max(buffer.rank, 0));
  if (buffer.rank < 0 || (rank > 0 && !buffer.shape))
    fail(SSM_ERROR_SHAPE, what, " has ", buffer.rank < 0 ? "a negative rank" : "no shape");
  if (rank != argument.dims.size())
    fail(SSM_ERROR_SHAPE, what, " has ", rank, rank == 1 ? " dimension " : " dimensions ",
         rank <= SSM_MAX_RANK ? shapeText(buffer.shape, rank) : "", ", expected ", argument.dims.size(), ": ",
         dimsText(entry, argument));
  for (size_t i = 0; i < rank; ++i) {
    int32_t index = argument.dims[i];
    const Dim &dim = entry.dims[index];
    int64_t size = buffer.shape[i];
    std::string has = what + " has " + std::to_string(size) + " along " + dim.name + " (dimension " +
                      std::to_string(i) + " of its shape " + shapeText(buffer.shape, rank) + ")";
    if (size < 0)
      fail(SSM_ERROR_SHAPE, has, ", a negative size");
    Slot &slot = slots[index];
    if (dim.kind == SSM_CONSTANT && size != dim.size)
      fail(SSM_ERROR_SHAPE, has, ", but ", dim.name, " is the constant ", dim.size, " in this artifact");
    if (dim.kind == SSM_COMPUTED)
      computed.push_back({index, size, has, "argument '" + argument.name + "'"});
    if (dim.kind != SSM_OPEN)
      continue;
    if (slot.size < 0)
      slot = {size, "argument '" + argument.name + "'"};
    else if (slot.size != size)
      fail(SSM_ERROR_SHAPE, has, ", but ", slot.by, " fixed ", dim.name, " at ", slot.size);
  }
}

bool Binding::known(const Expression &e) const {
  return e.op == Op::Size ? known(e.dim)
                          : std::all_of(e.operands.begin(), e.operands.end(), [&](auto &o) { return known(o); });
}

bool Binding::known(int32_t dim) const {
  const Dim &d = entry.dims[dim];
  return d.kind == SSM_CONSTANT || slots[dim].size >= 0 || (d.kind == SSM_COMPUTED && known(d.expression));
}

int64_t Binding::size(int32_t index, const std::string &forWhat) {
  const Dim &dim = entry.dims[index];
  if (dim.kind == SSM_CONSTANT)
    return dim.size;
  Slot &slot = slots[index];
  if (slot.size >= 0)
    return slot.size;
  if (dim.kind == SSM_OPEN)
    fail(SSM_ERROR_SIZE, entry.name, ": the size of dimension ", dim.name, forWhat.empty() ? "" : ", which " + forWhat + " has,",
         " is not known: no argument that is given has it; give it by name (dims ", dim.name, "=...)");
  int64_t size;
  try {
    size = evaluate(dim.expression, entry.dims, [&](int32_t i) { return this->size(i, forWhat); });
  } catch (Error &error) {
    if (error.message.rfind(entry.name + ": ", 0) != 0)
      error.message = entry.name + ": dimension " + dim.name + " is " + dim.text + ", but " + error.message;
    throw;
  }
  if (size < 0)
    fail(SSM_ERROR_SIZE, entry.name, ": dimension ", dim.name, " is ", dim.text, ", which is ", size,
         " here, a negative size");
  slot = {size, dim.text};
  return size;
}

void Binding::solveOpen() {
  auto hasOpen = [&] { return std::any_of(computed.begin(), computed.end(), [&](auto &g) { return !known(g.dim); }); };
  if (!hasOpen())
    return;
  Solver solver(entry.dims, [&](int32_t dim) -> std::optional<int64_t> {
    if (known(dim))
      return size(dim);
    auto given = std::find_if(computed.begin(), computed.end(), [&](const Given &g) { return g.dim == dim; });
    return given == computed.end() ? std::nullopt : std::optional(given->size);
  });
  // What one says may be what another lacks.
  for (bool changed = true; changed && hasOpen();) {
    changed = false;
    for (const Given &given : computed) {
      if (known(given.dim))
        continue;
      if (auto found = solver.solve(entry.dims[given.dim].expression, given.size);
          found && found->second >= 0 && entry.dims[found->first].kind == SSM_OPEN) {
        slots[found->first] = {found->second, given.by};
        changed = true;
      }
    }
  }
}

void Binding::checkComputed() {
  solveOpen();
  for (const Given &given : computed) {
    const Dim &dim = entry.dims[given.dim];
    if (!known(given.dim))
      continue;
    int64_t expected = size(given.dim);
    if (given.size != expected)
      fail(given.what == "the size given" ? SSM_ERROR_SIZE : SSM_ERROR_SHAPE,
           given.what == "the size given" ? entry.name + ": the size given for " + dim.name + " is " +
                                                std::to_string(given.size)
                                          : given.what,
           ", but ", dim.name, dim.name == dim.text ? "" : " = " + dim.text, " is ", expected, " here");
  }
}

std::vector<int64_t> Binding::shape(const Value &value, const std::string &forWhat) {
  std::vector<int64_t> result;
  for (int32_t dim : value.dims)
    result.push_back(size(dim, forWhat));
  byteCount(result.data(), result.size(), value.dtype, entry.name + ": " + forWhat);
  return result;
}

} // namespace ssm::rt
