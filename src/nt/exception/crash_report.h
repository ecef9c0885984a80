// What a bug check reports: the stop code and what its parameters mean, the driver at fault, the machine's
// state, the stack with source lines. As text on standard error, and as a JSON file when one is asked for.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "nt/exception/context_abi.h"

namespace ndiskit::nt::exception {

// Where the driver was, for the bug check that follows on this thread; without it, the report starts at the
// call of bug_check.
void set_crash_context(const Context& context);
void set_crash_exception(const ExceptionRecord& record);

struct CrashOptions {
    std::string json_file;  // empty: none
    std::string seed;       // for the report of a sim run; empty on live
};
// Set by the command line before the machine starts.
CrashOptions& crash_options();

struct StopCode {
    uint32_t code;
    std::string_view name;
    std::string_view parameters[4];  // what each means; empty: reserved
};
// Null for a code that the table does not have.
const StopCode* find_stop_code(uint32_t code);
// "DRIVER_IRQL_NOT_LESS_OR_EQUAL", or "" for an unknown code.
std::string_view stop_code_name(uint32_t code);

// Called early in a bug check, on the dying thread, with all else still running: bug check callbacks of
// drivers.
void set_bug_check_hook(void (*hook)(uint32_t code));
// Called last, whatever locks are held: it may do no more than system calls.
void set_last_words(void (*say)(uint32_t code));

// Writes the report. Runs on a stack of its own, once a process.
struct Crash {
    uint32_t code;
    uint64_t parameters[4];
    std::string_view because;
    Context context;
    bool has_exception;
    ExceptionRecord exception;
};
void report_crash(const Crash& crash);

}  // namespace ndiskit::nt::exception
