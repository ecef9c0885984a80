"""What nobody uses or runs: headers, scripts, tests, fixture drivers, exported functions that no table lists."""
import re

from sizes import functions, name_of
from tree import CPP, Finding

ENTRY_POINTS = ("run", "test", ".ci/run")


def check_headers(tree):
    included = {}
    for path in tree.paths:
        if path.endswith(CPP + (".S",)):
            for _, name, _ in tree.includes(path):
                included.setdefault(name.rsplit("/", 1)[-1], set()).add((name, path))
    for path in tree.under("src", "ddk/ndisxx", "drivers", "tests", suffixes=(".h", ".hpp", ".inc")):
        users = included.get(path.rsplit("/", 1)[-1], ())
        if not any(("/" + path).endswith("/" + name.lstrip("./")) and user != path for name, user in users):
            yield Finding(path, 1, "unused", "nobody includes it; include it or take it out")


def mentioned(tree, words, besides):
    pattern = re.compile("|".join(rf"(?<![\w-]){re.escape(word)}(?![\w-])" for word in words))
    return any(pattern.search(tree.text(path)) for path in tree.paths if not path.startswith(besides))


def check_scripts(tree):
    for path in tree.paths:
        is_script = path.endswith((".sh", ".py", ".cmake")) or tree.text(path).startswith("#!")
        if not is_script or path in ENTRY_POINTS:
            continue
        words = [path, path.rsplit("/", 1)[-1]]
        if path.endswith((".py", ".cmake")):
            words.append(words[1].rsplit(".", 1)[0])
        if not mentioned(tree, words, path):
            yield Finding(path, 1, "unused", "no file refers to this script; call it from somewhere or take it out")


def registered_layers(tree):
    text = tree.text("cmake/Tests.cmake")
    names = set(re.findall(r"ndiskit_unit_tests\((\w+)", text))
    for loop in re.findall(r"foreach\(\w+ ([^)]*)\)", text):
        names.update(loop.split())
    return names


def check_tests(tree):
    layers = registered_layers(tree)
    cmake = "".join(tree.text(path) for path in tree.paths if path.endswith((".cmake", "CMakeLists.txt")))
    for path in tree.under("tests", suffixes=("_test.cpp", "_test.py")):
        parts = path.split("/")
        if path.endswith(".py") or parts[1] != "unit":
            if path not in cmake and f"/{parts[-1]}" not in cmake:
                yield Finding(path, 1, "unregistered-test", "no CMake file names it, so no run runs it")
        elif parts[2] not in layers:
            yield Finding(path, 1, "unregistered-test", f"add {parts[2]} to the layers in cmake/Tests.cmake")
        elif not re.search(r"\b(TYPED_)?TEST(_F|_P)?\s*\(", tree.code(path)):
            yield Finding(path, 1, "unregistered-test", "it holds no TEST")


def check_fixture_drivers(tree):
    names = {path.split("/")[2] for path in tree.under("tests/drivers") if path.count("/") > 2}
    for name in sorted(names):
        folder = f"tests/drivers/{name}/"
        pattern = re.compile(rf"\b{re.escape(name)}\b")
        users = (path for path in tree.under("tests") if not path.startswith((folder, "tests/facts/")))
        if not any(pattern.search(tree.text(path)) for path in users):
            yield Finding(folder.rstrip("/"), 1, "unused", "no test loads this driver; write the test or take it out")


def exported_functions(tree, path):
    """(line, name) of each definition with C linkage and NT's calling convention."""
    code = tree.code(path)
    starts = [match.start() for match in re.finditer(r'extern\s+"\s*"\s*\{', code)]
    lines_of_blocks = [block_lines(code, start) for start in starts]
    for first, _, header in functions(code):
        in_block = any(low <= first <= high for low, high in lines_of_blocks)
        has_linkage = in_block or re.search(r'extern\s+"\s*"', header)
        if has_linkage and re.search(r"\bNTAPI\b", header) and not re.search(r"\bstatic\b", header):
            yield first, name_of(header)


def block_lines(code, start):
    depth = 0
    for offset in range(code.index("{", start), len(code)):
        depth += (code[offset] == "{") - (code[offset] == "}")
        if depth == 0:
            break
    return code.count("\n", 0, start) + 1, code.count("\n", 0, offset) + 1


def check_exports(tree):
    tables = [path for path in tree.cpp("src") if re.search(r"(^|/|_)exports?(_\w+)?\.(cpp|inc|h)$", path)]
    listed = set()
    for path in tables:
        listed.update(re.findall(r"\w+", tree.code(path)))
    for path in tree.under("src/nt", "src/ndis", suffixes=(".cpp",)):
        for line, name in exported_functions(tree, path):
            if name not in listed:
                yield Finding(path, line, "export", f"{name} stands in no exports table, so no driver can import it")


RULES = [check_headers, check_scripts, check_tests, check_fixture_drivers, check_exports]
