// ssm-run --list: every entry with its arguments, results and dimensions.
#include "Options.h"

#include <algorithm>
#include <cstdio>

namespace ssm::run {
namespace {

using Describe = int32_t (*)(const ssm_artifact *, int32_t, int32_t, ssm_value_info *, ssm_error *);

struct Row {
  std::string role, name, type, note;
};

std::vector<Row> rowsOf(const ssm_artifact *artifact, int32_t entry, int32_t count, Describe describe, bool arguments) {
  std::vector<Row> rows;
  ssm_error error;
  for (int32_t i = 0; i < count; ++i) {
    ssm_value_info value;
    check(describe(artifact, entry, i, &value, &error), error);
    std::string type = std::string(ssm_dtype_name(value.dtype)) + "[";
    for (int32_t d = 0; d < value.rank; ++d) {
      ssm_dim_info dim;
      check(ssm_dim(artifact, entry, value.dims[d], &dim, &error), error);
      type += (d ? ", " : "") + std::string(dim.name);
    }
    rows.push_back({ssm_role_name(value.role), value.name, type + "]",
                    !arguments || !value.optional ? "" : value.optional == 1 ? "drawn if not given" : "may be left out"});
  }
  return rows;
}

void print(const char *title, const std::vector<Row> &rows) {
  size_t role = 0, name = 0, type = 0;
  for (const Row &row : rows) {
    role = std::max(role, row.role.size());
    name = std::max(name, row.name.size());
    type = std::max(type, row.type.size());
  }
  if (!rows.empty())
    std::printf("  %s\n", title);
  for (const Row &row : rows) {
    std::string line = "    " + row.role + std::string(role - row.role.size() + 2, ' ') + row.name +
                       std::string(name - row.name.size() + 2, ' ') + row.type;
    if (!row.note.empty())
      line += std::string(type - row.type.size() + 2, ' ') + row.note;
    std::printf("%s\n", line.c_str());
  }
}

} // namespace

void printListing(const ssm_artifact *artifact) {
  ssm_error error;
  std::printf("layer %s (%s)\n", ssm_layer(artifact), ssm_source(artifact));
  for (int32_t e = 0; e < ssm_entry_count(artifact); ++e) {
    ssm_entry_info entry;
    check(ssm_entry(artifact, e, &entry, &error), error);
    if (entry.hidden)
      continue;
    std::printf("\n%s\n", entry.name);
    print("takes", rowsOf(artifact, e, entry.argument_count, ssm_argument, true));
    print("returns", rowsOf(artifact, e, entry.result_count, ssm_result, false));
    std::string open, fixed;
    for (int32_t d = 0; d < entry.dim_count; ++d) {
      ssm_dim_info dim;
      check(ssm_dim(artifact, e, d, &dim, &error), error);
      if (std::string(dim.name) == dim.text) // a literal size is its own name
        continue;
      std::string &list = dim.kind == SSM_OPEN ? open : fixed;
      list += (list.empty() ? "" : ", ") + std::string(dim.name);
      if (dim.kind != SSM_OPEN)
        list += std::string(" = ") + dim.text;
    }
    if (!open.empty())
      std::printf("  sizes of your choice: %s\n", open.c_str());
    if (!fixed.empty())
      std::printf("  fixed sizes: %s\n", fixed.c_str());
    if (std::string(entry.targets) != "cpu")
      std::printf("  code for: %s\n", entry.targets);
  }
}

} // namespace ssm::run
