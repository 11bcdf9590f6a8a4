// The work of ssm-run: load, draw, call, time, write, print.
#include "DeviceMemory.h"
#include "Inputs.h"
#include "Options.h"
#include "Progress.h"
#include "Results.h"

#include "io/Array.h"

#include <algorithm>
#include <chrono>
#include <cstdio>

namespace ssm::run {
namespace {

/// "1.5 G" with a unit, "3 " without a prefix.
std::string scaled(double value, const char *unit) {
  const char *prefixes[] = {"", "k", "M", "G", "T", "P"};
  size_t i = 0;
  for (; value >= 999.5 && i + 1 < std::size(prefixes); ++i)
    value /= 1000;
  char text[64];
  std::snprintf(text, sizeof text, "%.3g %s%s", value, prefixes[i], unit);
  return text;
}

std::string timeText(double seconds) {
  char text[64];
  double value = seconds < 1e-3 ? seconds * 1e6 : seconds < 1 ? seconds * 1e3 : seconds;
  std::snprintf(text, sizeof text, "%.3g %s", value, seconds < 1e-3 ? "us" : seconds < 1 ? "ms" : "s");
  return text;
}

class Runner {
public:
  Runner(const ssm_artifact *artifact, const Options &options) : artifact(artifact), options(options) {
    for (const auto &[name, size] : options.dims)
      sizes.push_back({name.c_str(), size});
    call.sizes = sizes.data();
    call.size_count = static_cast<int64_t>(sizes.size());
    call.seed = options.seed;
    call.draw = 1;
    call.threads = options.threads;
  }

  void run() {
    std::string why;
    if (options.cuda)
      gpu = gpuName(why);
    {
      Progress progress;
      find();
      load();
      drawTheRest();
      makeResults();
      time();
      if (!options.out.empty())
        write();
    }
    if (!why.empty())
      std::fprintf(stderr, "ssm-run: note: %s; it ran on the CPU\n", why.c_str());
    print();
  }

private:
  static std::vector<ssm_buffer> buffers(std::vector<Value> &values) {
    std::vector<ssm_buffer> list;
    for (Value &value : values)
      list.push_back(value.buffer());
    return list;
  }
  static int64_t length(const std::vector<ssm_buffer> &list) { return static_cast<int64_t>(list.size()); }

  void find() {
    for (entry = 0; entry < ssm_entry_count(artifact); ++entry) {
      check(ssm_entry(artifact, entry, &info, &error), error);
      if (options.entry == info.name)
        break;
    }
    if (entry == ssm_entry_count(artifact)) { // the library lists what there is
      check(ssm_call(artifact, options.entry.c_str(), nullptr, 0, nullptr, 0, nullptr, &error), error);
      throw Failure("there is no entry '" + options.entry + "'");
    }
    for (int32_t i = 0; i < info.argument_count; ++i) {
      ssm_value_info value;
      check(ssm_argument(artifact, entry, i, &value, &error), error);
      std::vector<std::string> dims;
      for (int32_t d = 0; d < value.rank; ++d) {
        ssm_dim_info dim;
        check(ssm_dim(artifact, entry, value.dims[d], &dim, &error), error);
        dims.push_back(dim.name);
      }
      expected.push_back({value.name, static_cast<ssm_dtype>(value.dtype), value.role, dims, value.optional != 2});
    }
    for (int32_t i = 0; i < info.result_count; ++i) {
      ssm_value_info value;
      check(ssm_result(artifact, entry, i, &value, &error), error);
      results.push_back({value.name, "", static_cast<ssm_dtype>(value.dtype), {}, {}});
    }
  }

  void load() {
    arguments = loadInputs(options, expected);
    // Whatever is wrong with what is given is said before anything is drawn.
    auto in = buffers(arguments);
    ssm_cost unused;
    check(ssm_call_cost(artifact, info.name, in.data(), length(in), &call, &unused, &error), error);
  }

  /// By initialisers, once, so that the time is the layer's alone.
  void drawTheRest() {
    std::vector<Value> all;
    auto in = buffers(arguments);
    std::vector<ssm_size> known = knownSizes(in);
    for (const Expected &e : expected) {
      auto given = std::find_if(arguments.begin(), arguments.end(), [&](const Value &v) { return v.name == e.name; });
      if (given != arguments.end()) {
        all.push_back(*given);
        continue;
      }
      if (e.role == SSM_SEED || !e.drawn)
        continue;
      showProgress("drawing " + e.name);
      ssm_shape shape;
      check(ssm_argument_shape(artifact, info.name, in.data(), length(in), &call, e.name.c_str(), &shape, &error), error);
      Value value{e.name, e.role == SSM_STATE ? "initial" : "drawn, seed " + std::to_string(options.seed), e.dtype, {}, {}};
      allocate(value, shape);
      ssm_buffer buffer = value.buffer();
      ssm_options inner = call;
      inner.sizes = known.data();
      inner.size_count = static_cast<int64_t>(known.size());
      check(ssm_init(artifact, info.name, &buffer, &inner, &error), error);
      all.push_back(std::move(value));
    }
    arguments = std::move(all);
  }

  /// The sizes of open dimensions that the given arguments fix, beside those of --dims.
  std::vector<ssm_size> knownSizes(const std::vector<ssm_buffer> &in) {
    std::vector<ssm_size> known = sizes;
    for (int32_t a = 0; a < info.argument_count; ++a) {
      ssm_value_info value;
      check(ssm_argument(artifact, entry, a, &value, &error), error);
      for (const ssm_buffer &buffer : in)
        for (int32_t d = 0; std::string(buffer.name) == value.name && d < value.rank; ++d) {
          ssm_dim_info dim;
          check(ssm_dim(artifact, entry, value.dims[d], &dim, &error), error);
          if (dim.kind == SSM_OPEN)
            known.push_back({dim.name, buffer.shape[d]});
        }
    }
    return known;
  }

  static void allocate(Value &value, const ssm_shape &shape) {
    value.shape.assign(shape.sizes, shape.sizes + shape.rank);
    int64_t bytes = 0;
    io::byteCount(value.shape, ssm_dtype_size(shape.dtype), bytes);
    value.data.resize(static_cast<size_t>(bytes));
  }

  void makeResults() {
    auto in = buffers(arguments);
    for (Value &result : results) {
      ssm_shape shape;
      check(ssm_result_shape(artifact, info.name, in.data(), length(in), &call, result.name.c_str(), &shape, &error), error);
      allocate(result, shape);
    }
    check(ssm_call_cost(artifact, info.name, in.data(), length(in), &call, &cost, &error), error);
  }

  void time() {
    DeviceMemory device;
    auto in = buffers(arguments), out = buffers(results);
    ssm_options where = call;
    where.device = gpu.empty() ? SSM_CPU : SSM_CUDA;
    if (!gpu.empty()) {
      std::transform(arguments.begin(), arguments.end(), in.begin(), [&](Value &value) { return device.put(value); });
      std::transform(results.begin(), results.end(), out.begin(), [&](Value &value) { return device.put(value); });
    }
    for (int32_t i = options.repeat > 1 ? -1 : 0; i < options.repeat; ++i) {
      showProgress("running " + options.entry, std::max(i, 0), options.repeat > 1 ? options.repeat : 0);
      auto start = std::chrono::steady_clock::now();
      check(ssm_call(artifact, info.name, in.data(), length(in), out.data(), length(out), &where, &error), error);
      if (!gpu.empty())
        device.wait();
      if (i >= 0)
        seconds.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    }
    for (size_t i = 0; !gpu.empty() && i < results.size(); ++i)
      device.get(out[i], results[i]);
    std::sort(seconds.begin(), seconds.end());
  }

  void write() {
    Results files(options.out);
    for (Value &value : results) {
      showProgress("writing " + value.name + ".npy");
      value.origin = "-> " + files.add(value);
    }
    files.commit();
  }

  /// "f32[B=1, L=100]"
  std::string typeOf(const Value &value, const ssm_value_info &described) {
    std::string text = std::string(ssm_dtype_name(value.dtype)) + "[";
    for (size_t d = 0; d < value.shape.size(); ++d) {
      ssm_dim_info dim;
      check(ssm_dim(artifact, entry, described.dims[d], &dim, &error), error);
      std::string size = std::to_string(value.shape[d]);
      text += (d ? ", " : "") + (size == dim.name ? size : std::string(dim.name) + "=" + size);
    }
    return text + "]";
  }

  void print() {
    struct Row {
      const char *side;
      const Value *value;
      std::string type;
    };
    std::vector<Row> rows;
    ssm_value_info described;
    for (int32_t i = 0; i < info.argument_count; ++i) {
      check(ssm_argument(artifact, entry, i, &described, &error), error);
      for (const Value &value : arguments)
        if (value.name == described.name)
          rows.push_back({"in   ", &value, typeOf(value, described)});
    }
    for (int32_t i = 0; i < info.result_count; ++i) {
      check(ssm_result(artifact, entry, i, &described, &error), error);
      rows.push_back({"out  ", &results[static_cast<size_t>(i)], typeOf(results[static_cast<size_t>(i)], described)});
    }
    size_t name = 0, type = 0;
    for (const Row &row : rows) {
      name = std::max(name, row.value->name.size());
      type = std::max(type, row.type.size());
    }
    std::printf("%s %s\n", ssm_layer(artifact), info.name);
    for (const Row &row : rows) {
      std::string line = "  " + std::string(row.side) + row.value->name +
                         std::string(name - row.value->name.size() + 2, ' ') + row.type;
      if (!row.value->origin.empty())
        line += std::string(type - row.type.size() + 2, ' ') + row.value->origin;
      std::printf("%s\n", line.c_str());
    }
    size_t n = seconds.size();
    double median = n % 2 ? seconds[n / 2] : (seconds[n / 2 - 1] + seconds[n / 2]) / 2;
    std::string note = n > 1 ? "median of " + std::to_string(n) : "one run; --repeat N for a median";
    if (!gpu.empty())
      note = "on " + gpu + ", " + note;
    std::printf("  time   %s (%s)\n", timeText(median).c_str(), note.c_str());
    median = std::max(median, 1e-9);
    auto bytes = static_cast<double>(cost.bytes);
    std::printf("  bytes  %s, %s\n", scaled(bytes, "B").c_str(), scaled(bytes / median, "B/s").c_str());
    if (cost.flops >= 0)
      std::printf("  flops  %s, %s\n", scaled(cost.flops, "FLOP").c_str(), scaled(cost.flops / median, "FLOP/s").c_str());
  }

  const ssm_artifact *artifact;
  const Options &options;
  std::vector<ssm_size> sizes;
  ssm_options call = {};
  ssm_entry_info info = {};
  int32_t entry = 0;
  ssm_error error = {};
  std::vector<Expected> expected;
  std::vector<Value> arguments, results;
  std::vector<double> seconds;
  std::string gpu; ///< its name where the entry runs there
  ssm_cost cost = {};
};

} // namespace

void runEntry(const ssm_artifact *artifact, const Options &options) { Runner(artifact, options).run(); }

} // namespace ssm::run
