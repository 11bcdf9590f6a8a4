# lit's configuration: text tests through the tools, Python tests as programs, unit tests as binaries.
# The build folder comes from test/run.py (or `lit -D build=build test`).
import os
import subprocess

import lit.formats

config.name = "ssm"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir", ".ssm", ".test", ".py", ".ll"]
config.excludes = ["lit.cfg.py", "run.py", "Inputs", "Kernels", "oracle", "fuzz", "CMakeLists.txt", "README.md"]
config.test_source_root = os.path.dirname(os.path.abspath(__file__))

root = os.path.dirname(config.test_source_root)
build = os.path.abspath(lit_config.params.get("build", os.path.join(root, "build")))
config.test_exec_root = os.path.join(build, "test")

path = [os.path.join(build, "bin"), "/usr/lib/llvm-22/bin", os.environ.get("PATH", "")]
config.environment["PATH"] = os.pathsep.join(path)
config.environment["SSM_BUILD"] = build
config.environment["SSM_RUNTIME"] = os.path.join(build, "lib")
config.environment["PYTHONPATH"] = os.pathsep.join(
    [os.path.join(root, "runtime", "python"), config.test_source_root])
config.environment["PYTHONDONTWRITEBYTECODE"] = "1"
# Further options of ssmc for test/Execute: the same tests through another way of compiling.
config.environment["SSM_TEST_FLAGS"] = lit_config.params.get("flags", os.environ.get("SSM_TEST_FLAGS", ""))
# A test compares numbers; it must not depend on how many other tests run.
config.environment.setdefault("SSM_NUM_THREADS", "2")

for name in ("ssmc", "ssm-opt", "ssm-run", "ssm-lsp-server"):
    config.substitutions.append((f"%{name}", os.path.join(build, "bin", name)))
config.substitutions.append(("%python", "/usr/bin/python3"))
config.substitutions.append(("%root", root))
config.substitutions.append(("%build", build))
config.available_features.add("x86")

# Tests that assemble for a GPU are unsupported where the compiler finds no ptxas.
probe = subprocess.run([os.path.join(build, "bin", "ssm-opt"), "--ssm-run-ptxas", "-"], text=True, capture_output=True,
                       input='module attributes {tile.ptx = ".version 8.0 .target sm_80 .address_size 64"} {}')
if "no ptxas" not in probe.stderr:
    config.available_features.add("ptxas")
else:
    lit_config.note("no ptxas found: the tests that need one are not run")
