// The C API: checks handles, turns Errors into codes and sentences. See include/ssm/runtime.h.
#include "core/Artifact.h"
#include "core/Guard.h"
#include "core/Memory.h"

#include <algorithm>

using namespace ssm::rt;

namespace {

template <typename T> const T &at(const std::vector<T> &list, int32_t index, const char *what) {
  if (index < 0 || static_cast<size_t>(index) >= list.size())
    fail(SSM_ERROR_USE, "there is no ", what, " ", index, "; there are ", list.size());
  return list[static_cast<size_t>(index)];
}

const Entry &entryAt(const ssm_artifact *artifact, int32_t index) {
  return at(check(artifact).description.entries, index, "entry");
}

void describe(const Value &value, ssm_value_info *info) {
  checkOut(info);
  int32_t optional = value.init >= 0 || value.role == SSM_SEED ? 1 : value.optional ? 2 : 0;
  *info = {value.name.c_str(), value.role,        value.dtype, static_cast<int32_t>(value.dims.size()),
           optional,           value.dims.data()};
}

void fill(ssm_shape *shape, const Value &value, const std::vector<int64_t> &sizes) {
  *shape = {};
  shape->dtype = value.dtype;
  shape->rank = static_cast<int32_t>(sizes.size());
  std::copy(sizes.begin(), sizes.end(), shape->sizes);
}

const Value &named(const Entry &entry, const std::vector<Value> &values, const char *kind, const char *name) {
  if (!name)
    fail(SSM_ERROR_USE, entry.name, ": the name of the ", kind, " is null");
  for (const Value &value : values)
    if (value.name == name)
      return value;
  fail(SSM_ERROR_ARGUMENT, entry.name, ": there is no ", kind, " '", name, "'");
}

} // namespace

extern "C" {

const char *ssm_version(void) { return "1.0"; }
const char *ssm_dtype_name(int32_t dtype) { return dtypeName(dtype); }
int64_t ssm_dtype_size(int32_t dtype) { return dtypeSize(dtype); }
const char *ssm_role_name(int32_t role) { return roleName(role); }

int32_t ssm_open(const char *path, ssm_artifact **artifact, ssm_error *error) {
  if (artifact)
    *artifact = nullptr;
  return guard(
      error,
      [&] {
        checkOut(artifact);
        if (!path)
          fail(SSM_ERROR_USE, "the path is a null pointer");
        *artifact = new ssm_artifact(path);
      },
      path ? std::string(path) + ": " : "");
}

void ssm_close(ssm_artifact *artifact) { delete artifact; }

const char *ssm_layer(const ssm_artifact *a) { return a ? a->description.layer.c_str() : nullptr; }
const char *ssm_source(const ssm_artifact *a) { return a ? a->description.source.c_str() : nullptr; }
const char *ssm_description(const ssm_artifact *a) { return a ? a->description.json.c_str() : nullptr; }
int32_t ssm_entry_count(const ssm_artifact *a) { return a ? static_cast<int32_t>(a->description.entries.size()) : 0; }

int32_t ssm_entry(const ssm_artifact *artifact, int32_t index, ssm_entry_info *info, ssm_error *error) {
  return guard(error, [&] {
    const Entry &entry = entryAt(artifact, index);
    checkOut(info);
    *info = {entry.name.c_str(), entry.hidden ? 1 : 0, static_cast<int32_t>(entry.dims.size()),
             static_cast<int32_t>(entry.arguments.size()), static_cast<int32_t>(entry.results.size()),
             entry.targets.c_str()};
  });
}

int32_t ssm_dim(const ssm_artifact *artifact, int32_t entry, int32_t index, ssm_dim_info *info, ssm_error *error) {
  return guard(error, [&] {
    const Dim &dim = at(entryAt(artifact, entry).dims, index, "dimension");
    checkOut(info);
    *info = {dim.name.c_str(), dim.kind, dim.kind == SSM_CONSTANT ? dim.size : -1, dim.text.c_str()};
  });
}

int32_t ssm_argument(const ssm_artifact *artifact, int32_t entry, int32_t index, ssm_value_info *info,
                     ssm_error *error) {
  return guard(error, [&] { describe(at(entryAt(artifact, entry).arguments, index, "argument"), info); });
}

int32_t ssm_result(const ssm_artifact *artifact, int32_t entry, int32_t index, ssm_value_info *info,
                   ssm_error *error) {
  return guard(error, [&] { describe(at(entryAt(artifact, entry).results, index, "result"), info); });
}

int32_t ssm_call(const ssm_artifact *artifact, const char *entry, const ssm_buffer *arguments, int64_t argument_count,
                 const ssm_buffer *results, int64_t result_count, const ssm_options *options, ssm_error *error) {
  return guard(error, [&] {
    call(check(artifact), entryOf(*artifact, entry), arguments, argument_count, results, result_count, check(options));
  });
}

int32_t ssm_result_shape(const ssm_artifact *artifact, const char *entry, const ssm_buffer *arguments,
                         int64_t argument_count, const ssm_options *options, const char *name, ssm_shape *shape,
                         ssm_error *error) {
  return guard(error, [&] {
    const Entry &e = entryOf(check(artifact), entry);
    checkOut(shape);
    const Value &value = named(e, e.results, "result", name);
    ssm_options checked = check(options);
    Arguments args(e, arguments, argument_count, checked);
    args.requireAll();
    args.allSizes();
    fill(shape, value, args.binding.shape(value, "result '" + value.name + "'"));
  });
}

int32_t ssm_argument_shape(const ssm_artifact *artifact, const char *entry, const ssm_buffer *arguments,
                           int64_t argument_count, const ssm_options *options, const char *name, ssm_shape *shape,
                           ssm_error *error) {
  return guard(error, [&] {
    const Entry &e = entryOf(check(artifact), entry);
    checkOut(shape);
    const Value &value = named(e, e.arguments, "argument", name);
    ssm_options checked = check(options);
    Arguments args(e, arguments, argument_count, checked);
    fill(shape, value, args.binding.shape(value, std::string(roleName(value.role)) + " '" + value.name + "'"));
  });
}

int32_t ssm_call_cost(const ssm_artifact *artifact, const char *entry, const ssm_buffer *arguments,
                      int64_t argument_count, const ssm_options *options, ssm_cost *cost, ssm_error *error) {
  return guard(error, [&] {
    const Entry &e = entryOf(check(artifact), entry);
    checkOut(cost);
    ssm_options checked = check(options);
    Arguments args(e, arguments, argument_count, checked);
    args.requireAll();
    std::vector<int64_t> sizes = args.allSizes();
    *cost = {0, -1};
    for (const auto *values : {&e.arguments, &e.results})
      for (const Value &value : *values) {
        std::vector<int64_t> shape = args.binding.shape(value, value.name);
        cost->bytes += byteCount(shape.data(), shape.size(), value.dtype, e.name);
      }
    if (e.flops)
      cost->flops = evaluateApproximately(*e.flops, [&](int32_t dim) { return static_cast<double>(sizes[dim]); });
  });
}

int32_t ssm_init(const ssm_artifact *artifact, const char *entry, const ssm_buffer *out, const ssm_options *options,
                 ssm_error *error) {
  return guard(error, [&] {
    const Entry &e = entryOf(check(artifact), entry);
    checkOut(out);
    const Value &value = named(e, e.arguments, "argument", out->name);
    if (value.init < 0)
      fail(SSM_ERROR_ARGUMENT, e.name, ": argument '", value.name, "' has no initialiser");
    ssm_options checked = check(options);
    initialise(*artifact, e, value, *out, checked);
  });
}

} // extern "C"
