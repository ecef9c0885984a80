#!/usr/bin/env python3
"""Turns the facts about the NDIS ABI into a C and C++ source full of compile-time checks.

    generate.py FACTS-DIR DDK-INCLUDE-DIR LEFT-OUT.TSV OUTPUT [--perturb KIND] [--newer NEWER.TSV]

The source checks each record of ndis.h and ntddndis.h (size, alignment, offset of each field, size of each
field of a known type, place of each bit field), each constant, that each function-like macro is defined and that
each function is declared with its type. What LEFT-OUT.TSV lists is not checked but must not exist; what exists neither
there nor in the headers fails to compile. Counts go to stdout.

Bit fields have no offset to assert. Their check sets all bits of one in a zeroed record and compares the bytes; the
optimizer folds that, and where it finds a difference a call to a function of attribute `error` remains.

The facts are of NDIS 6.80. For a compilation at a later version, --newer names the records whose size and the constants whose
value that version changed; the rest of each such record is still checked.

--perturb makes one fact wrong, to show that the comparison can fail: size, offset, field-size, bit, constant, function.
"""
import argparse
import re
from pathlib import Path

HEADERS = ("ndis.h", "ntddndis.h")
WIDTHS = {1: "UCHAR BOOLEAN CHAR UINT8 KIRQL", 2: "USHORT SHORT UINT16 WCHAR NDIS_SRIOV_FUNCTION_ID NDIS_SWITCH_NIC_INDEX "
          "NDIS_SWITCH_OBJECT_VERSION NDIS_SWITCH_OBJECT_SERIALIZATION_VERSION NET_IFTYPE",
          4: "ULONG LONG UINT UINT32 NDIS_STATUS NDIS_OID NDIS_PORT_NUMBER NET_IFINDEX NDIS_MEDIUM NDIS_PHYSICAL_MEDIUM "
             "NDIS_NIC_SWITCH_ID NDIS_NIC_SWITCH_VPORT_ID NDIS_RECEIVE_QUEUE_ID NDIS_RECEIVE_FILTER_ID IPAddr IPMask "
             "NDIS_MEDIA_CONNECT_STATE NDIS_MEDIA_DUPLEX_STATE NDIS_DEVICE_POWER_STATE NDIS_SWITCH_PORT_ID "
             "NDIS_GFT_TABLE_ID NDIS_GFT_COUNTER_ID NDIS_GFP_PROFILE_ID in_addr",
          8: "ULONG64 ULONGLONG UINT64 PVOID NDIS_HANDLE HANDLE ULONG_PTR SIZE_T KSPIN_LOCK _LARGE_INTEGER _NET_LUID_LH _LUID "
             "NDIS_GFT_FLOW_ENTRY_ID",
          16: "_GUID _UNICODE_STRING _SLIST_HEADER in6_addr _GROUP_AFFINITY", 28: "_SOCKADDR_INET", 32: "_flowspec",
          516: "_IF_COUNTED_STRING_LH"}
SIZE_OF = {name: width for width, names in WIDTHS.items() for name in names.split()}


class Record:
    def __init__(self, name, kind, size, align):
        self.name, self.kind, self.size, self.align = name, kind, size, align
        self.fields = []  # (offset, bits or None, depth, type, name)


def rows(path):
    for line in path.read_text().splitlines():
        if line and not line.startswith("#"):
            yield line.split("\t")


def read_records(path):
    all_records, ours = {}, []
    for row in rows(path):
        if row[0] == ".":
            offset, _, bits = row[1].partition(":")
            bits = tuple(int(bit) for bit in bits.split("-")) if bits else None
            record.fields.append((int(offset), bits, int(row[2]), row[3], row[4] if len(row) > 4 else ""))
            continue
        record = Record(row[0], row[1], int(row[2]), int(row[3]))
        all_records[record.name] = record
        if row[4] in HEADERS:
            ours.append(record)
    return all_records, ours


def split_array(type_text):
    """'UCHAR[4][2]' -> ('UCHAR', 8); an array without a bound counts as 0."""
    count = 1
    for bound in re.findall(r"\[(\d*)\]", type_text):
        count *= int(bound or 0)
    return re.sub(r"\[\d*\]", "", type_text).strip(), count


def is_group(type_text):
    return re.match(r"(struct|union)\b", type_text) is not None


def members(record):
    """(path, offset, bits, type) of each field that has a name; groups without one lend theirs to nobody."""
    prefixes = []  # (depth, prefix)
    skip_below = None
    for position, (offset, bits, depth, type_text, name) in enumerate(record.fields):
        if skip_below is not None and depth > skip_below:
            continue
        skip_below = None
        while prefixes and prefixes[-1][0] >= depth:
            prefixes.pop()
        prefix = prefixes[-1][1] if prefixes else ""
        follows = record.fields[position + 1] if position + 1 < len(record.fields) else None
        opens = follows is not None and follows[2] > depth
        if is_group(type_text) and opens:
            array = re.search(r"\(anonymous\)\[\d+\] (\w+)", type_text)
            if array:
                prefixes.append((depth, f"{prefix}{array.group(1)}[0]."))
            elif name:
                yield prefix + name, offset, None, None
                prefixes.append((depth, f"{prefix}{name}."))
            else:
                prefixes.append((depth, prefix))
            continue
        if is_group(type_text):  # a named record as a member, whose own name the facts do not tell
            continue
        if opens:
            skip_below = depth
        yield prefix + name, offset, bits, type_text


def size_of(type_text, records):
    base, count = split_array(type_text)
    base = re.sub(r"^(volatile|const) ", "", base)
    if base.endswith("*") or base.endswith("_HANDLER") or base.endswith("HANDLER_EX"):
        return 8 * count
    if base in SIZE_OF:
        return SIZE_OF[base] * count
    for name in (base, "_" + base):
        if name in records:
            return records[name].size * count
    if base.startswith("P") and "_" + base[1:] in records:
        return 8 * count
    return None


def type_of(record, records, nested):
    """How a check names the record: a nested one has a name only in C, so its member is named instead."""
    if record.name not in nested:
        return f"{record.kind} {record.name}" if record.name.startswith("_") else record.name
    for outer in records.values():
        for path, _, _, type_text in members(outer):
            if type_text and split_array(type_text)[0] == record.name:
                return f"__typeof__((({type_of(outer, records, nested)} *)0)->{path})"
    raise SystemExit(f"generate.py: no member has the nested type {record.name}")


class Writer:
    def __init__(self, perturb):
        self.lines, self.counts, self.perturb = [], {}, perturb

    def add(self, kind, text):
        self.lines.append(text)
        self.counts[kind] = self.counts.get(kind, 0) + 1

    def value(self, kind, value):
        """The fact, or once something else if this kind is to be perturbed."""
        if self.perturb != kind:
            return value
        self.perturb = None
        return value + 1


def write_records(out, records, ours, nested, left_out, newer):
    for record in ours:
        if record.name.lstrip("_") in left_out:
            continue
        ctype = type_of(record, records, nested)
        alias = "abi_" + record.name.strip("_")
        out.add("records", f"typedef {ctype} {alias};")
        if record.name.lstrip("_") not in newer:
            out.add("record sizes", f"ABI_RECORD({alias}, {out.value('size', record.size)}, {record.align})")
        for path, offset, bits, type_text in members(record):
            if bits is not None:
                first, last = out.value("bit", bits[0]), bits[1]
                out.add("bit fields", f"ABI_BITS({alias}, {path}, {offset}, {first}, {last})")
                continue
            out.add("fields", f"ABI_FIELD({alias}, {path}, {out.value('offset', offset)})")
            size = size_of(type_text, records) if type_text else None
            if size:
                out.add("field sizes", f"ABI_FIELD_SIZE({alias}, {path}, {out.value('field-size', size)})")


def write_constants(out, path, skipped):
    for name, value, _, header, _ in rows(path):
        if header in HEADERS and name not in skipped:
            value = out.value("constant", int(value))
            out.add("constants", f"ABI_CONSTANT({name}, {value}LL)")


def write_macros(out, path, left_out):
    for name, _, _ in rows(path):
        if name not in left_out:
            out.add("macros", f"#ifndef {name}\nABI_DECLARED({name})\n#endif")


def write_functions(out, path, left_out):
    for row in rows(path):
        name, header, _, inline, type_text = (row + [""] * 5)[:5]
        known = header in HEADERS or header.startswith("ndis/nbl") or header == "nblaccessors.h"
        if not known or name in left_out or "~" in name:
            continue
        if not type_text or inline or "..." in type_text:
            out.add("functions by name", f"#ifndef {name}\nABI_DECLARED({name})\n#endif")
            continue
        result, arguments = re.match(r"(.*?)\s*\((.*)\)$", type_text).groups()
        if out.value("function", 0):
            arguments = "PVOID, " + arguments
        out.add("functions by type", f"#ifndef {name}\nABI_FUNCTION({name}, {result}, ({arguments}))\n#endif")


def write_callbacks(out, path, left_out):
    for row in rows(path):
        if row[1] in ("ndis.h", "nblapi.h") and row[0] not in left_out:
            out.add("callback types", f"ABI_DECLARED({row[0]})")


def header_text(include_dir):
    text = "".join(path.read_text() for path in sorted(include_dir.rglob("*.h")))
    return re.sub(r"//[^\n]*|/\*.*?\*/", "", text, flags=re.S)


def main():
    parser = argparse.ArgumentParser()
    for name in ("facts", "include_dir", "left_out", "output"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--perturb")
    parser.add_argument("--newer", type=Path)
    options = parser.parse_args()

    facts, text = options.facts, header_text(options.include_dir)
    left_out = {row[0] for row in rows(options.left_out)}
    newer = {row[0] for row in rows(options.newer)} if options.newer else set()
    present = sorted(left_out & set(re.findall(r"\w+", text)))
    if present:
        raise SystemExit("generate.py: listed as left out, but there: " + " ".join(present))

    records, ours = read_records(facts / "layouts.tsv")
    nested = {name for _, name in re.findall(r"^ +(struct|union) (_\w+) \{", text, flags=re.M)}
    out = Writer(options.perturb)
    write_records(out, records, ours, nested, left_out, newer)
    write_constants(out, facts / "constants.tsv", left_out | newer)
    write_macros(out, facts / "macros.tsv", left_out)
    write_functions(out, facts / "functions.tsv", left_out)
    write_callbacks(out, facts / "callbacks.tsv", left_out)
    options.output.write_text("\n".join(out.lines) + "\n")
    print(f"left out {len(left_out)}")
    for kind, count in out.counts.items():
        print(f"{kind} {count}")


main()
