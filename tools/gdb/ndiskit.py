"""gdb for a machine of ndiskit: `gdb -x tools/gdb/ndiskit.py --args build/ndiskit run machine.toml`.

Loads the symbols of each driver when it is loaded, before its DriverEntry, so that `break receive.cpp:120` set in
advance is hit; unwinds driver frames by their .pdata, which gdb does on Windows only; and lets the signals pass that
are part of a machine's life (CR8 accesses and __try are made of them).
"""
import struct

import gdb
from gdb.unwinder import Unwinder

REGISTERS = ("rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14",
             "r15")
# ThunkFrame of src/nt/image/import_thunks_x64.h.
THUNK_MARK = 0x6B6E756874696B64
THUNK_MARK_AT, THUNK_RETURN_AT, THUNK_KEPT_AT = 0x1C0, 0x1E8, 0xE0
THUNK_KEPT = ("rbx", "rbp", "rsi", "rdi", "r12", "r13", "r14", "r15")
SLOT = 2 << 20


def read(address, form):
    size = struct.calcsize(form)
    return struct.unpack(form, gdb.selected_inferior().read_memory(address, size).tobytes())


class FrameId:
    """What gdb tells frames apart by."""

    def __init__(self, sp, pc):
        self.sp, self.pc = sp, pc


class Image:
    """A loaded driver; its tables are read out of the machine's memory."""

    def __init__(self, path, slide):
        self.path, self.slide = path, slide
        with open(path, "rb") as file:
            header = file.read(4096)
        pe, = struct.unpack_from("<I", header, 0x3C)
        entry, = struct.unpack_from("<I", header, pe + 24 + 16)
        preferred, = struct.unpack_from("<Q", header, pe + 24 + 24)
        self.size, = struct.unpack_from("<I", header, pe + 24 + 56)
        self.pdata, self.pdata_size = struct.unpack_from("<II", header, pe + 24 + 112 + 3 * 8)
        self.base = slide + preferred
        self.entry = self.base + entry

    def function_at(self, rva):
        low, high = 0, self.pdata_size // 12
        while low < high:
            middle = (low + high) // 2
            begin, end, unwind = read(self.base + self.pdata + middle * 12, "<III")
            if begin <= rva < end:
                return begin, unwind
            low, high = (middle + 1, high) if rva >= end else (low, middle)
        return None


def register(frame, name):
    """A frame's register; 0 for one that callers do not keep."""
    try:
        return int(frame.read_register(name)) & (1 << 64) - 1
    except gdb.error:
        return 0


class State:
    """Registers of a frame while its prologue is undone; `saved` says where the caller's were found."""

    def __init__(self, values):
        self.values, self.saved = values, {}

    def load(self, name, address):
        self.values[name], = read(address, "<Q")
        self.saved[name] = address

    def pop(self, name):
        at = self.values["rsp"]
        self.load(name, at)
        self.values["rsp"] = at + 8


def undo(image, state, unwind, done):
    """Undoes the prologue that `unwind` describes, as far as the offset `done` was executed."""
    flags, _, count, frame = read(image.base + unwind, "<BBBB")
    codes = read(image.base + unwind + 4, "<%dH" % (count + 1 & ~1)) if count else ()
    base = state.values["rsp"]
    if frame & 15:
        base = state.values[REGISTERS[frame & 15]] - (frame >> 4) * 16
    n = 0
    while n < count:
        offset, operation, info = codes[n] & 0xFF, codes[n] >> 8 & 15, codes[n] >> 12
        slots = {1: 3 if info else 2, 4: 2, 5: 3, 8: 2, 9: 3}.get(operation, 1)
        if offset <= done:
            if operation == 0:
                state.pop(REGISTERS[info])
            elif operation == 1:
                state.values["rsp"] += codes[n + 1] | codes[n + 2] << 16 if info else codes[n + 1] * 8
            elif operation == 2:
                state.values["rsp"] += info * 8 + 8
            elif operation == 3:
                state.values["rsp"] = base
            elif operation in (4, 5):
                state.load(REGISTERS[info], base + (codes[n + 1] * 8 if operation == 4
                                                    else codes[n + 1] | codes[n + 2] << 16))
        n += slots
    if flags >> 3 & 4:
        _, _, parent = read(image.base + unwind + 4 + (count + 1 & ~1) * 2, "<III")
        undo(image, state, parent & ~1, 1 << 32)


class DriverUnwinder(Unwinder):
    def __init__(self):
        super().__init__("ndiskit drivers")
        self.images = []

    def __call__(self, frame):
        pc = register(frame, "rip")
        for image in self.images:
            if image.base <= pc < image.base + image.size:
                return self.driver(frame, image, pc)
            if image.base <= pc < (image.base + image.size + SLOT) // SLOT * SLOT:
                return self.thunk(frame)
        return None

    @staticmethod
    def driver(frame, image, pc):
        state = State({name: register(frame, name) for name in REGISTERS})
        try:
            function = image.function_at(pc - image.base)
            if function:
                undo(image, state, function[1] & ~1, pc - image.base - function[0])
            state.pop("rip")
        except gdb.MemoryError:
            return None
        cfa = state.values["rsp"]
        start = image.base + function[0] if function else pc
        result = frame.create_unwind_info(FrameId(gdb.Value(cfa), gdb.Value(start)))
        pointer = gdb.lookup_type("unsigned long")
        for name, address in state.saved.items():
            result.add_saved_register(name, gdb.Value(address).cast(pointer.pointer()).dereference())
        result.add_saved_register("rsp", gdb.Value(cfa).cast(pointer))
        return result

    @staticmethod
    def thunk(frame):
        rsp = register(frame, "rsp")
        if read(rsp + THUNK_MARK_AT, "<Q")[0] != THUNK_MARK:
            return None
        pointer = gdb.lookup_type("unsigned long")
        result = frame.create_unwind_info(FrameId(gdb.Value(rsp + THUNK_RETURN_AT + 8), frame.read_register("rip")))
        places = {name: rsp + THUNK_KEPT_AT + n * 8 for n, name in enumerate(THUNK_KEPT)}
        places["rip"] = rsp + THUNK_RETURN_AT
        for name, address in places.items():
            result.add_saved_register(name, gdb.Value(address).cast(pointer.pointer()).dereference())
        result.add_saved_register("rsp", gdb.Value(rsp + THUNK_RETURN_AT + 8).cast(pointer))
        return result


class ImageLoaded(gdb.Breakpoint):
    """On ndiskit_image_loaded(path, slide) of src/nt/image. With stop_at_entry, the machine stops in DriverEntry, or
    where there are no symbols, at the image's entry."""

    def __init__(self, unwinder):
        super().__init__("ndiskit_image_loaded", internal=True)
        self.silent = True
        self.unwinder = unwinder
        self.stop_at_entry = False

    def stop(self):
        path = gdb.parse_and_eval("(const char *)$rdi").string()
        slide = int(gdb.parse_and_eval("(long)$rsi"))
        self.unwinder.images.append(Image(path, slide))
        gdb.execute("add-symbol-file '%s' -o %d" % (path, slide), to_string=True)
        if self.stop_at_entry:
            named = gdb.lookup_global_symbol("DriverEntry")
            gdb.Breakpoint("DriverEntry" if named else "*%d" % self.unwinder.images[-1].entry, temporary=True)
        return False


gdb.execute("set breakpoint pending on")
gdb.execute("handle SIGSEGV SIGILL SIGFPE nostop noprint pass", to_string=True)
driver_unwinder = DriverUnwinder()
gdb.unwinder.register_unwinder(None, driver_unwinder, replace=True)
loaded = ImageLoaded(driver_unwinder)
