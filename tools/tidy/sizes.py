"""No file over 600 lines, no function over 70, and a file opens with its model in prose.

Functions of C++ are found by their braces: a block whose header has parentheses and that stands in nothing but
namespaces, classes and extern "C". Lambdas count as lines of the function around them.
"""
import ast
import re

from tree import Finding

FILE_LINES = 600
FUNCTION_LINES = 70
PROSE_FROM_LINES = 40
CODE = (".h", ".hpp", ".inc", ".c", ".cpp", ".S", ".py", ".cmake")


def check_files(tree):
    for path in tree.under("src", "ddk/ndisxx", "ddk/include", "drivers", "tests", "tools", "bench", "cmake"):
        is_code = path.endswith(CODE) or tree.text(path).startswith("#!")
        count = len(tree.lines(path))
        if is_code and count > FILE_LINES:
            yield Finding(path, 1, "file-size", f"{count} lines; split it by subject, {FILE_LINES} is the limit")


def without_preprocessor(code):
    return re.sub(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", lambda m: re.sub(r"[^\n]", " ", m[0]), code, flags=re.MULTILINE)


def opens_function(header):
    header = re.sub(r"\[\[.*?\]\]", " ", header)
    header = re.sub(r'extern\s+"\s*"', " ", header)
    header = re.sub(r"\boperator\s*[^\w\s(]+", " op ", header)
    header = re.sub(r"\btemplate\s*<.*?>\s*(?=[\w:])", " ", header, flags=re.DOTALL).strip()
    if "(" not in header or re.match(r"(class|struct|union|enum|namespace|typedef|using)\b", header):
        return False
    depth = 0
    for char in header:
        depth += (char == "(") - (char == ")")
        if char == "=" and depth == 0:
            return False
    return depth == 0


def is_scope(header):
    return re.search(r'\b(namespace|class|struct|union)\b', header) or re.fullmatch(r'\s*extern\s+"\s*"\s*', header)


def functions(code):
    """(first line, last line, header) of each function of C++."""
    code = without_preprocessor(code)
    stack, line, header, header_line, last = [], 1, "", 1, None
    parens = 0
    for char in code:
        if char == "\n":
            line += 1
        if char == "{":
            kind, first = "other", header_line
            if all(outer[0] == "scope" for outer in stack):
                if last and re.fullmatch(r"\s*(,.*)?", header, re.DOTALL):
                    kind, first, header = "function", *last  # went on after a braced member initializer
                elif opens_function(header):
                    kind = "function"
                elif is_scope(header):
                    kind = "scope"
            stack.append((kind, first, header, parens))
            header, last, parens = "", None, 0
        elif char == "}" and stack:
            kind, first, opened_by, parens = stack.pop()
            if kind == "function":
                yield first, line, opened_by
                last = (first, opened_by)
            header = ""
        elif char == ";" and parens == 0:
            header, last = "", None
        else:
            parens += (char == "(") - (char == ")")
            if not header.strip():
                header_line = line
            header += char


def name_of(header):
    header = re.sub(r"\b(__attribute__|__declspec|alignas|decltype|requires)\s*\(+[^()]*\)+", " ", header)
    match = re.search(r"([\w:~]+)\s*\(([^()]*)", header)
    if match and match[1].startswith(("TEST", "TYPED_TEST")):
        return match[2]
    return match[1] if match else "a function"


def check_functions(tree):
    for path in tree.cpp("src", "ddk/ndisxx", "ddk/lib", "drivers", "tests", "bench"):
        longest = {}
        for first, last, header in functions(tree.code(path)):
            longest[first] = (last - first + 1, header)
        for first, (count, header) in longest.items():
            if count > FUNCTION_LINES:
                yield Finding(path, first, "function-size",
                              f"{name_of(header)} has {count} lines; split it, {FUNCTION_LINES} is the limit")
    for path in tree.under("tools", "tests", suffixes=(".py",)):
        for node in ast.walk(ast.parse(tree.text(path))):
            if isinstance(node, ast.FunctionDef) and node.end_lineno - node.lineno >= FUNCTION_LINES:
                yield Finding(path, node.lineno, "function-size", f"{node.name} is too long; split it")


def opens_with_prose(tree, path):
    lines = tree.lines(path)
    return bool(lines) and lines[0].startswith(("//", "/*"))


def check_prose(tree):
    known = set(tree.paths)
    for path in tree.under("src", "ddk/ndisxx", "drivers", suffixes=(".h", ".cpp", ".S", ".c")):
        if len(tree.lines(path)) <= PROSE_FROM_LINES or opens_with_prose(tree, path):
            continue
        stem = path.rsplit(".", 1)[0]
        others = (stem + suffix for suffix in (".h", ".cpp", ".c") if stem + suffix in known)
        if not any(opens_with_prose(tree, other) for other in others):
            yield Finding(path, 1, "prose", "open it with its model in prose: what lives here, who calls it, what "
                                            "is always true")


RULES = [check_files, check_functions, check_prose]
