"""Takes the built libssm.so along, so that the installed module finds it beside itself."""
import os
import shutil

from setuptools import Distribution, setup
from setuptools.command.build_py import build_py

HERE = os.path.dirname(os.path.abspath(__file__))


class WithRuntime(build_py):
    def run(self):
        super().run()
        source = os.environ.get("SSM_RUNTIME") or os.path.join(HERE, "..", "..", "build", "lib")
        library = os.path.join(source, "libssm.so") if os.path.isdir(source) else source
        if not os.path.exists(library):
            raise SystemExit(f"{library} is not there: run make first, or set SSM_RUNTIME to the built libssm.so")
        folder = os.path.join(self.build_lib, "ssm")
        os.makedirs(folder, exist_ok=True)
        shutil.copyfile(library, os.path.join(folder, "libssm.so"))


class Binary(Distribution):
    def has_ext_modules(self):
        return True


setup(cmdclass={"build_py": WithRuntime}, distclass=Binary)
