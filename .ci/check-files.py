#!/usr/bin/env python3
"""Checks what no lint of the compiler does: no file of Rust is longer than 450 lines; within a crate no files
import one another in a circle (tests and fixtures may import what they like); and no unit test stands in a
library that says `test = false`, where it would never run.

usage: .ci/check-files.py
"""

import re
import sys
from pathlib import Path

MOST_LINES = 450
TESTS = {"tests", "fixture"}


def module(file: Path, root: Path) -> tuple[str, ...]:
    """The path of a file's module in its crate."""
    parts = file.relative_to(root).with_suffix("").parts
    return parts[:-1] if parts[-1] in ("mod", "lib") else parts


def code(file: Path) -> str:
    """The text of a file without its tests and comments."""
    return re.sub(r"//.*", "", file.read_text().split("#[cfg(test)]\nmod tests {")[0])


def expanded(path: str) -> list[str]:
    """`a::{b, c::{d, e}}` as `a::b`, `a::c::d`, `a::c::e`."""
    if not (found := re.match(r"^(.*?)\{(.*)\}$", path, re.S)):
        return [path]
    items, depth, item = [], 0, ""
    for char in found[2] + ",":
        if char == "," and depth == 0:
            items += [found[1] + path for path in expanded(item)] if item else []
            item = ""
        else:
            depth += (char == "{") - (char == "}")
            item += char
    return items


def imports(name: tuple[str, ...], text: str, modules: set) -> set:
    """The modules of the same crate whose items a module names."""
    used = re.findall(r"use ((?:crate|super|self)::[^;]+);", text)
    paths = [path for use in used for path in expanded(re.sub(r"\s+", "", use))]
    paths += re.findall(r"(?<!use )\b(?:crate|super)(?:::\w+)+", text)
    # What a module re-exports or calls by the name of its child.
    paths += [f"self::{child}" for child in re.findall(r"\b(\w+)::", text) if (*name, child) in modules]
    found = set()
    for path in paths:
        base, parts = list(name), path.split("::")
        while parts and parts[0] in ("crate", "super", "self"):
            base = [] if parts[0] == "crate" else base[:-1] if parts[0] == "super" else base
            parts.pop(0)
        for part in parts:
            if (*base, part) not in modules:
                break
            base.append(part)
        found.add(tuple(base))
    return (found & modules) - {name}


def circle(graph: dict) -> list | None:
    """Modules that import one another in a circle, if there are any."""
    done, path = set(), []

    def visit(name):
        if name in path:
            return path[path.index(name) :]
        if name in done:
            return None
        path.append(name)
        found = next(filter(None, map(visit, sorted(graph[name]))), None)
        path.pop()
        done.add(name)
        return found

    return next(filter(None, map(visit, sorted(graph))), None)


def main() -> int:
    problems = []
    for file in sorted(Path("crates").rglob("*.rs")):
        lines = len(file.read_text().splitlines())
        if lines > MOST_LINES:
            problems.append(f"{file} has {lines} lines, at most {MOST_LINES} are allowed: split it by subject")
    for root in sorted(Path("crates").glob("*/src")):
        files = {module(file, root): file for file in root.rglob("*.rs")}
        files = {name: file for name, file in files.items() if not TESTS & set(name)}
        graph = {name: imports(name, code(file), set(files)) for name, file in files.items()}
        if found := circle(graph):
            names = " -> ".join("::".join(name) or "lib" for name in [*found, found[0]])
            problems.append(f"{root}: a circle of imports, {names}: move what they share to a file of its own")
    for crate in sorted(Path("crates").iterdir()):
        untested = "[lib]\ntest = false" in (crate / "Cargo.toml").read_text()
        if untested and (file := next((f for f in crate.glob("src/**/*.rs") if "#[test]" in f.read_text()), None)):
            problems.append(f"{file} has a unit test that never runs: remove `test = false` from {crate}/Cargo.toml")
    print("\n".join(problems) or "no file is too long, no circle of imports, no test that never runs")
    return bool(problems)


if __name__ == "__main__":
    sys.exit(main())
