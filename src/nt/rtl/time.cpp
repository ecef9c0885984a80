// Times: 100 ns units since 1601-01-01, and calendar fields.
#include "nt/abi.h"

namespace {

constexpr LONGLONG ticks_a_millisecond = 10'000;
constexpr LONGLONG ticks_a_second = 10'000'000;
constexpr LONGLONG milliseconds_a_day = 86'400'000;
constexpr LONGLONG seconds_to_1970 = 11'644'473'600;
constexpr LONGLONG seconds_to_1980 = 11'960'006'400;

bool is_leap(int year) { return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0; }

int days_in(int year, int month) {
    constexpr int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

LONGLONG days_of(int year, int month, int day) {
    const LONGLONG before = year - 1601;
    LONGLONG days = before * 365 + before / 4 - before / 100 + before / 400 + day - 1;
    for (int m = 1; m < month; ++m) days += days_in(year, m);
    return days;
}

}  // namespace

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-rtltimetotimefields
VOID NTAPI RtlTimeToTimeFields(PLARGE_INTEGER time, PTIME_FIELDS fields) {
    const LONGLONG milliseconds = time->QuadPart / ticks_a_millisecond;
    LONGLONG days = milliseconds / milliseconds_a_day, rest = milliseconds % milliseconds_a_day;
    fields->Weekday = static_cast<CSHORT>((days + 1) % 7);  // 1601-01-01 was a Monday
    int year = static_cast<int>(1601 + days / 146'097 * 400);
    days %= 146'097;
    while (days >= (is_leap(year) ? 366 : 365)) days -= is_leap(year++) ? 366 : 365;
    int month = 1;
    while (days >= days_in(year, month)) days -= days_in(year, month++);
    fields->Year = static_cast<CSHORT>(year);
    fields->Month = static_cast<CSHORT>(month);
    fields->Day = static_cast<CSHORT>(days + 1);
    fields->Hour = static_cast<CSHORT>(rest / 3'600'000);
    fields->Minute = static_cast<CSHORT>(rest / 60'000 % 60);
    fields->Second = static_cast<CSHORT>(rest / 1000 % 60);
    fields->Milliseconds = static_cast<CSHORT>(rest % 1000);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-rtltimefieldstotime
BOOLEAN NTAPI RtlTimeFieldsToTime(PTIME_FIELDS f, PLARGE_INTEGER time) {
    if (f->Year < 1601 || f->Month < 1 || f->Month > 12 || f->Day < 1 ||
        f->Day > days_in(f->Year, f->Month) || f->Hour < 0 || f->Hour > 23 || f->Minute < 0 ||
        f->Minute > 59 || f->Second < 0 || f->Second > 59 || f->Milliseconds < 0 || f->Milliseconds > 999)
        return FALSE;
    const LONGLONG milliseconds = days_of(f->Year, f->Month, f->Day) * milliseconds_a_day +
                                  ((f->Hour * 60ll + f->Minute) * 60 + f->Second) * 1000 + f->Milliseconds;
    time->QuadPart = milliseconds * ticks_a_millisecond;
    return TRUE;
}

// https://learn.microsoft.com/windows/win32/api/winternl/nf-winternl-rtltimetosecondssince1970
BOOLEAN NTAPI RtlTimeToSecondsSince1970(PLARGE_INTEGER time, PULONG seconds) {
    const LONGLONG value = time->QuadPart / ticks_a_second - seconds_to_1970;
    if (value < 0 || value > 0xFFFFFFFF) return FALSE;
    *seconds = static_cast<ULONG>(value);
    return TRUE;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-rtlsecondssince1970totime
VOID NTAPI RtlSecondsSince1970ToTime(ULONG seconds, PLARGE_INTEGER time) {
    time->QuadPart = (seconds + seconds_to_1970) * ticks_a_second;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-rtltimetosecondssince1980
BOOLEAN NTAPI RtlTimeToSecondsSince1980(PLARGE_INTEGER time, PULONG seconds) {
    const LONGLONG value = time->QuadPart / ticks_a_second - seconds_to_1980;
    if (value < 0 || value > 0xFFFFFFFF) return FALSE;
    *seconds = static_cast<ULONG>(value);
    return TRUE;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-rtlsecondssince1980totime
VOID NTAPI RtlSecondsSince1980ToTime(ULONG seconds, PLARGE_INTEGER time) {
    time->QuadPart = (seconds + seconds_to_1980) * ticks_a_second;
}

}  // extern "C"
