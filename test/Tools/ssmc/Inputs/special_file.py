"""ssmc -o on a pipe and on a link to /dev/null: special_file.py SSMC LAYER FOLDER."""
import os
import stat
import subprocess
import sys

ssmc, layer, folder = sys.argv[1:]
pipe, null = os.path.join(folder, "pipe"), os.path.join(folder, "null")
with subprocess.Popen([ssmc, layer, "-o", pipe]) as compiler:
    with open(pipe, "rb") as file:
        assert file.read(4) == b"\x7fELF" and file.read()
assert compiler.returncode == 0 and stat.S_ISFIFO(os.stat(pipe).st_mode)
subprocess.run([ssmc, layer, "--emit", "header", "-o", null], check=True)
subprocess.run([ssmc, layer, "-o", null], check=True)
assert stat.S_ISCHR(os.stat(null).st_mode)
