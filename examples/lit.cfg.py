# The examples are tests: each folder's run.test gives its command and its expected output.
import os

root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
lit_config.load_config(config, os.path.join(root, "test", "lit.cfg.py"))
config.name = "ssm examples"
config.suffixes = [".test"]
config.test_source_root = os.path.join(root, "examples")
config.test_exec_root = config.test_exec_root + "-examples"
