"""The tree as the rules see it: its files, their text, and C++ with comments and literals blanked out.

Files are those that git tracks or would track, so that build folders do not count; where git does
not answer (not installed, a copy without its repository), those that the patterns of .gitignore leave.
Blanking keeps every line and column, so that what a rule finds has its place.
"""
import dataclasses
import fnmatch
import functools
import os
import pathlib
import re
import shutil
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
        if (self.root / ".git").exists() and shutil.which("git"):
            git = subprocess.run(["git", "-c", "safe.directory=*", "-C", self.root, "ls-files", "-z", "-co",
                                  "--exclude-standard"], capture_output=True, check=False)
            if git.returncode == 0:
                names = git.stdout.decode().split("\0")
                return [name for name in names if name and (self.root / name).is_file()]
        return list(self.walk())

    def walk(self):
        """The paths of all files that .gitignore, which here is but folders at the root and names, does not name."""
        ignore = self.root / ".gitignore"
        patterns = ignore.read_text().split() if ignore.exists() else []
        folders = [pattern.strip("/") for pattern in patterns if pattern.endswith("/")] + [".git"]
        names = [pattern for pattern in patterns if not pattern.endswith("/")]
        for top, below, files in os.walk(self.root):
            if pathlib.Path(top) == self.root:
                below[:] = [name for name in below if not any(fnmatch.fnmatch(name, folder) for folder in folders)]
            for name in files:
                if not any(fnmatch.fnmatch(name, pattern) for pattern in names):
                    yield str((pathlib.Path(top) / name).relative_to(self.root))

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
