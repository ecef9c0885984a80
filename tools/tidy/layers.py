"""Includes point down only. cmake/Layers.cmake says which layer stands on which; there is no second list."""
import re

from tree import Finding


def layers_below(tree):
    """From each layer to all that it may include, itself too."""
    direct = {}
    for match in re.finditer(r"^ndiskit_layer\((\w+)([^)]*)\)", tree.text("cmake/Layers.cmake"), re.MULTILINE):
        direct[match[1]] = re.findall(r"\bndiskit_(\w+)", match[2])

    def reach(layer):
        return {layer}.union(*(reach(below) for below in direct.get(layer, [])))

    return {layer: reach(layer) for layer in direct}


def check_direction(tree):
    below = layers_below(tree)
    for path in tree.cpp("src"):
        layer = path.split("/")[1]
        if layer not in below:
            yield Finding(path, 1, "layer", f"src/{layer} is no layer; give it a line in cmake/Layers.cmake")
            continue
        for line, name, quoted in tree.includes(path):
            target = name.split("/")[0]
            if quoted and target in below and target not in below[layer]:
                yield Finding(path, line, "layer",
                              f"{layer} may not include {target}; includes point down: move the declaration to a "
                              f"layer below, or the caller up")


# The one header of NT types that the host's build of ndis.h takes in place of the WDK's.
HOST_NT_TYPES = "nt/abi.h"


def check_drivers_see_the_ddk_alone(tree):
    below = layers_below(tree)
    for path in tree.cpp("ddk", "drivers", "tests/drivers"):
        for line, name, quoted in tree.includes(path):
            layer = name.split("/")[0]
            # ndis/ is a folder of the DDK as well.
            if quoted and "/" in name and layer in below and layer != "ndis" and name != HOST_NT_TYPES:
                yield Finding(path, line, "layer", "what drivers see may not include the host's sources")


def check_spelling(tree):
    for path in tree.cpp("src"):
        for line, name, quoted in tree.includes(path):
            if quoted and name.startswith("."):
                yield Finding(path, line, "include", 'write includes from src/: #include "nt/irql.h"')
    for path in tree.under("src", "ddk/ndisxx", "ddk/include", suffixes=(".h", ".hpp")):
        if not re.search(r"^#pragma once$", tree.text(path), re.MULTILINE):
            if not re.search(r"^#ifndef \w+\n#define \w+$", tree.code(path), re.MULTILINE):
                yield Finding(path, 1, "include", "a header begins with #pragma once, after its prose")


RULES = [check_direction, check_drivers_see_the_ddk_alone, check_spelling]
