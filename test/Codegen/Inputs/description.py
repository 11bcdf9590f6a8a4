"""Prints an artifact's description, a line a fact: description.py ARTIFACT."""
import json
import os
import subprocess
import sys
import tempfile

with tempfile.TemporaryDirectory() as folder:
    section = os.path.join(folder, "json")
    subprocess.run(["llvm-objcopy", f"--dump-section=.ssm.json={section}", sys.argv[1], "/dev/null"], check=True)
    with open(section, "rb") as file:
        text = file.read()
assert text.endswith(b"\0") and text.count(b"\0") == 1
description = json.loads(text[:-1])
print(json.dumps({key: description[key] for key in ("format", "version", "layer", "source", "target")}))
for entry in description["entries"]:
    print(entry["name"], entry["symbol"], *(["hidden"] if entry.get("hidden") else []))
    for dim in entry["dims"]:
        print(" ", json.dumps(dim))
    for value in entry["arguments"]:
        print(" ", json.dumps(value, sort_keys=True))
    for value in entry["results"]:
        print("  ->", json.dumps(value, sort_keys=True))
    print("  flops", json.dumps(entry.get("flops")))
