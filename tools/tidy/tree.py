"""The tree as the rules see it: its files, their text, and C++ with comments and literals blanked out.

Files are those that git tracks or would track, so that build folders do not count; without git, all files.
Blanking keeps every line and column, so that what a rule finds has its place.
"""
import dataclasses
import functools
import pathlib
import re
import subprocess

CPP = (".h", ".hpp", ".inc", ".c", ".cpp")

LITERALS = re.compile(
    r'//[^\n]*'
    r'|/\*.*?\*/'
    r'|R"(?P<mark>[^\s()\\]{0,16})\(.*?\)(?P=mark)"'
    r'|"(?:\\.|[^"\\\n])*"'
    r"|\b(?:u8|u|U|L)'(?:\\.|[^'\\\n])+'"
    r"|(?<![0-9A-Za-z_])'(?:\\.|[^'\\\n])+'", re.DOTALL)


@dataclasses.dataclass(frozen=True, order=True)
class Finding:
    path: str
    line: int
    rule: str
    text: str

    def __str__(self):
        return f"{self.path}:{self.line}: {self.rule}: {self.text}"


def blank(match):
    text = match.group(0)
    keep = '"' if text[0] == '"' else ""
    inner = text[len(keep):len(text) - len(keep)]
    return keep + re.sub(r"[^\n]", " ", inner) + keep


class Tree:
    def __init__(self, root):
        self.root = pathlib.Path(root)
        self.paths = sorted(self.list_files())

    def list_files(self):
        git = subprocess.run(["git", "-C", self.root, "ls-files", "-z", "-co", "--exclude-standard"],
                             capture_output=True, check=False)
        if git.returncode == 0 and (self.root / ".git").exists():
            names = git.stdout.decode().split("\0")
            return [name for name in names if name and (self.root / name).is_file()]
        return [str(path.relative_to(self.root)) for path in self.root.rglob("*") if path.is_file()]

    @functools.cache
    def text(self, path):
        content = (self.root / path).read_bytes()
        return "" if b"\0" in content else content.decode(errors="replace")

    @functools.cache
    def lines(self, path):
        return self.text(path).splitlines()

    @functools.cache
    def code(self, path):
        """C++ without comments and the content of literals."""
        return LITERALS.sub(blank, self.text(path))

    @functools.cache
    def includes(self, path):
        """(line, what is included, whether in quotes) of each #include."""
        pattern = re.compile(r'^\s*#\s*include\s+(["<])([^">]+)[">]')
        matches = ((number, pattern.match(line)) for number, line in enumerate(self.lines(path), 1))
        return [(number, match[2], match[1] == '"') for number, match in matches if match]

    def under(self, *folders, suffixes=None):
        for path in self.paths:
            if path.startswith(tuple(folder + "/" for folder in folders)):
                if suffixes is None or path.endswith(suffixes):
                    yield path

    def cpp(self, *folders):
        return self.under(*folders, suffixes=CPP)


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1
