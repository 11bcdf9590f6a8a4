"""The descriptions of entries as text: what `ssm-run --list` prints."""


def typed(value):
    return f"{value.dtype}[{', '.join(value.dims)}]"


def _table(title, values, without=None):
    rows = [(v.role, v.name, typed(v), without(v) if without and v.optional else "") for v in values]
    widths = [max((len(row[i]) for row in rows), default=0) for i in range(3)]
    lines = ["  ".join([*(cell.ljust(width) for cell, width in zip(row, widths)), row[3]]).rstrip() for row in rows]
    return [f"  {title}", *("    " + line for line in lines)] if rows else []


def entry_text(entry):
    lines = [entry.name, *_table("takes", entry.arguments, entry.without), *_table("returns", entry.results)]
    free = [d.name for d in entry.dims if d.kind == "open"]
    fixed = [f"{d.name} = {d.text}" for d in entry.dims if d.kind != "open" and d.name != d.text]
    if free:
        lines.append("  sizes of your choice: " + ", ".join(free))
    if fixed:
        lines.append("  fixed sizes: " + ", ".join(fixed))
    if entry.targets != ("cpu",):
        lines.append("  code for: " + ", ".join(entry.targets))
    return "\n".join(lines)


def layer_text(layer):
    return "\n\n".join([f"layer {layer.name} ({layer.source})", *map(entry_text, layer.entries.values())])
