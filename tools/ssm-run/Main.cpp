// ssm-run: calls an entry of a compiled layer on arrays from files, and writes its results.
// This file holds the command line; Run.cpp the work.
#include "Options.h"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <memory>

using namespace ssm::run;

namespace {

const char *const examples = R"(
Files: .npy, .npz, .safetensors and .wav, converted to the type that the layer takes, rounded to the
nearest. A .wav gives samples in [-1, 1) along the last dimension and its channels along the first one;
along the others it is repeated as --dims says. Parameters and states that are not given are drawn by
their initialisers.

Examples:
  ssm-run s4d.so --list
      what it takes and returns
  ssm-run s4d.so u=voice.wav --dims H=64 --out results
      one voice into 64 filters, their parameters drawn from seed 0; writes results/out.npy and the last states
  ssm-run scan.so forward u=u.npy weights.npz --repeat 20 --threads 4
      all arrays of weights.npz by their names; the median time of 20 runs
  ssm-run scan.so forward u=u.npy weights.npz --device cuda --repeat 20
      the same on the GPU: the time of a call until its work is done, without the copies
  ssm-run scan.so step u=token.npy h=results/h.npy W.blocks=model.safetensors:layers.0.W
      one step from a state that an earlier run left
)";

int64_t wholeNumber(const std::string &text, const std::string &what) {
  size_t end = 0;
  try {
    int64_t value = std::stoll(text, &end);
    if (end == text.size())
      return value;
  } catch (const std::exception &) {
  }
  throw Failure(what + " is '" + text + "', expected a whole number");
}

Options parse(CLI::App &app, int argc, char **argv) {
  Options options;
  std::vector<std::string> rest, dims;
  std::string seed = "0", device = "cpu";
  app.add_option("ARTIFACT", options.artifact, "a layer compiled by ssmc (.so)")->required();
  app.add_option("WHAT", rest,
                 "forward (the default) or step; then arguments: NAME=FILE, NAME=FILE.npz:KEY,\n"
                 "                              or a .npz or .safetensors alone for all arrays in it")
      ->type_name("");
  app.add_flag("--list", options.list, "print the entries with every argument's name, type, dimensions and role");
  app.add_option("--dims", dims, "sizes that no argument fixes")->delimiter(',')->type_name("O=64,N=16")->take_all()->expected(1);
  app.add_option("--init", seed, "seed of what is drawn (default 0)")->type_name("SEED");
  app.add_option("--out", options.out, "folder for the results, NAME.npy each (bf16 as f32)")->type_name("DIR");
  app.add_option("--threads", options.threads, "at most so many (default: SSM_NUM_THREADS, else all cores)")
      ->check(CLI::Range(1, 65536))->type_name("N");
  app.add_option("--repeat", options.repeat, "runs to take the median time of, after one that does not count")
      ->check(CLI::Range(1, 1000000000))->type_name("N");
  app.add_option("--rate", options.rate, "samples a second that every .wav must have")->check(CLI::PositiveNumber)
      ->type_name("HZ");
  app.add_option("--device", device, "where to run: cpu (the default) or cuda, which is the CPU where there is no CUDA")
      ->check(CLI::IsMember({"cpu", "cuda"}))->type_name("NAME");
  app.set_version_flag("--version", std::string("ssm-run ") + ssm_version());
  app.footer(examples);
  app.parse(argc, argv);

  for (const std::string &dim : dims) {
    size_t at = dim.find('=');
    if (at == std::string::npos || at == 0)
      throw Failure("--dims takes NAME=SIZE, not '" + dim + "'");
    options.dims.push_back({dim.substr(0, at), wholeNumber(dim.substr(at + 1), "the size of " + dim.substr(0, at))});
  }
  options.seed = wholeNumber(seed, "--init");
  options.cuda = device == "cuda";
  // The first word that is neither NAME=FILE nor a file's name is the entry.
  if (!rest.empty() && rest[0].find_first_of("=./") == std::string::npos) {
    options.entry = rest[0];
    rest.erase(rest.begin());
  }
  options.inputs = std::move(rest);
  return options;
}

int fail(const std::string &message) {
  std::fprintf(stderr, "ssm-run: error: %s\n", message.c_str());
  return 1;
}

} // namespace

int main(int argc, char **argv) {
  CLI::App app("Calls a compiled layer on arrays from files and writes what it returns.", "ssm-run");
  try {
    Options options = parse(app, argc, argv);
    ssm_artifact *opened = nullptr;
    ssm_error error;
    check(ssm_open(options.artifact.c_str(), &opened, &error), error);
    std::unique_ptr<ssm_artifact, void (*)(ssm_artifact *)> artifact(opened, ssm_close);
    if (options.list)
      printListing(opened);
    else
      runEntry(opened, options);
    if (std::fflush(stdout) != 0)
      return fail("standard output cannot be written");
    return 0;
  } catch (const CLI::ParseError &error) {
    if (error.get_exit_code() == 0) // --help, --version
      return app.exit(error);
    return fail(std::string(error.what()) + " (ssm-run --help says more)");
  } catch (const std::bad_alloc &) {
    return fail("there is not enough memory");
  } catch (const std::exception &error) {
    return fail(error.what());
  }
}
