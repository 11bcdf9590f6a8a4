# Prints the launch plans of a module (tile.plan) with one member a line, in an order of their own.
import json
import re
import sys


def show(value):
    return json.dumps(value, sort_keys=True)


for text in re.findall(r'tile\.plan = "((?:[^"\\]|\\.)*)"', open(sys.argv[1]).read()):
    plan = json.loads(re.sub(r"\\([0-9A-F]{2})", lambda m: chr(int(m[1], 16)), text).replace('\\"', '"'))
    print(", ".join(f'"{k}": {show(plan[k])}' for k in ("target", "clear", "workspaces") if k in plan).replace(", \"workspaces", "\n\"workspaces"))
    for launch in plan["launches"]:
        print(", ".join(f'"{k}": {show(launch[k])}' for k in ("kernel", "module", "grid", "block", "cluster", "smem") if k in launch))
        for argument in launch["arguments"]:
            print(show(argument))
        print("requires", show(launch.get("requires", [])))
