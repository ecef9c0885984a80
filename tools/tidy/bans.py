"""What must not be called or written, where, and what to use instead.

A ban holds in the folders it names, but for the exceptions, and looks at code without comments and literals.
"""
import dataclasses
import re

from tree import Finding, line_of


@dataclasses.dataclass(frozen=True)
class Ban:
    rule: str
    pattern: str
    instead: str
    allowed: tuple = ()
    folders: tuple = ("src", "tests", "bench")


ENGINE = ("src/engine/", "tests/unit/engine/", "tests/unit/base/", "bench/engine_bench.cpp")
# src/cli/ starts real programs beside the machine, where no engine is.
# src/build/ has threads and a clock of its own: it stands on base alone, where no engine is.
# src/client/ is the programs' side, outside of any machine.
# These use libraries that throw.
TOOLS = ("src/build/", "src/cli/", "src/setup/")

BANS = [
    Ban("thread", r"\bstd::j?thread\b|\bpthread_\w+\s*\(|\bstd::async\b", "start a task: engine::the().start",
        ENGINE + ("src/build/", "src/client/socket_link.cpp"), ("src", "bench")),
    Ban("clock", r"\bclock_gettime\s*\(|\bgettimeofday\s*\(|\b(steady|system|high_resolution)_clock\b|"
                 r"\btime\s*\(\s*(0|NULL|nullptr)\s*\)", "ask engine::the().now() or system_time()",
        ENGINE + ("src/build/", "src/cli/", "src/client/socket_link.cpp")),
    Ban("sleep", r"\b(u|nano|clock_nano)?sleep\s*\(|\bsleep_(for|until)\b", "wait with engine::the().park", ENGINE),
    Ban("random", r"\bs?rand\s*\(|\brandom_device\b|\bmt19937|\bgetrandom\s*\(|\barc4random",
        "engine::the().draw, or base/random.h with a seed that was drawn", ENGINE),
    Ban("mutex", r"\bstd::(\w+_)?mutex\b|\bstd::condition_variable\b|\bstd::(counting|binary)_semaphore\b",
        "keep the data in Guarded<T, rank> (base/guarded.h); wait with engine::the().park",
        ("src/engine/", "src/client/socket_link.cpp")),
    Ban("thread-local", r"\bthread_local\b|\b__thread\b", "a fiber is not a thread: keep it at the task's context",
        ("src/base/", "src/engine/")),
    Ban("output", r"\bstd::(cout|cerr|clog)\b|\b(v?f?printf|f?puts|perror)\s*\(|\bfmt::print\s*\(",
        "log_info and its like (base/log.h); only commands and reports print",
        ("src/base/log.cpp", "src/base/assert.cpp", "src/cli/", "src/setup/report", "src/build/",
         "src/nt/exception/"), ("src",)),
    Ban("assert", r"\bassert\s*\(", "ASSERT_THAT (base/assert.h), which is on in every build"),
    Ban("exception", r"\bthrow\b|(?<!_)\btry\s*\{|\bcatch\s*\(",
        "pass a Result on with TRY; wrap a library that throws in build, setup or cli", TOOLS, ("src",)),
    Ban("shell", r"\bsystem\s*\(|\bpopen\s*\(", "run programs without a shell: build/process.h", (), ("src",)),
    Ban("allocation", r"\b(m|c|re)alloc\s*\(|(?:std|(?<!\w))::free\s*\(", "a container, a pool, or a std::unique_ptr",
        ("src/nt/pool/",), ("src",)),
    Ban("pointer-order", r"\bstd::(multi)?(map|set)<[^,<>]*\*", "an address must not decide an order: key it by an "
        "id, or use an unordered container and do not iterate over it", (), ("src",)),
    Ban("heavy-header", r"#\s*include\s*<(iostream|regex)>", "fmt and base/log.h; a hand-written parser", (),
        ("src", "tests/unit")),
    Ban("host-threads-in-driver", r"\bstd::(thread|mutex|atomic_ref)\b|\bnew\s*\(std::nothrow\)",
        "what ddk/ndisxx offers", (), ("drivers", "ddk/ndisxx")),
    Ban("disabled-test", r"\bDISABLED_\w+|\bGTEST_SKIP\(\)\s*;", "mend it or take it out; one that skips says "
        "what the machine lacks", (), ("tests",)),
]

# Spelt in halves, so that this file may hold them.
UNFINISHED = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b")
NOT_OURS = ("tests/facts/", "LICENSE")


def check_bans(tree):
    for ban in BANS:
        pattern = re.compile(ban.pattern)
        for path in tree.cpp(*ban.folders):
            if path.startswith(ban.allowed):
                continue
            code = tree.code(path)
            for match in pattern.finditer(code):
                found = " ".join(match[0].split()).rstrip("( ")
                yield Finding(path, line_of(code, match.start()), ban.rule, f"{found}: {ban.instead}")


def check_unfinished(tree):
    for path in tree.paths:
        if path.startswith(NOT_OURS):
            continue
        for number, line in enumerate(tree.lines(path), 1):
            if match := UNFINISHED.search(line):
                yield Finding(path, number, "unfinished", f"{match[0]}: do it now, or file it as an issue")


RULES = [check_bans, check_unfinished]
