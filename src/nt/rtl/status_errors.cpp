// STATUS_XXX to the error codes of programs: what the public lists of both say, sorted by status.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-rtlntstatustodoserror
#include <algorithm>
#include <iterator>

#include "nt/abi.h"

namespace {

struct Row {
    uint32_t status, error;
};
constexpr Row rows[] = {
    // clang-format off
    {0x00000103, 997}, {0x00000105, 234}, {0x80000002, 998}, {0x80000005, 234}, {0x80000006, 18},
    {0x80000011, 170}, {0x8000001A, 259}, {0xC0000001, 31}, {0xC0000002, 1}, {0xC0000003, 87},
    {0xC0000004, 24}, {0xC0000005, 998}, {0xC0000006, 999}, {0xC0000007, 1454}, {0xC0000008, 6},
    {0xC000000D, 87}, {0xC000000E, 2}, {0xC000000F, 2}, {0xC0000010, 1}, {0xC0000011, 38}, {0xC0000012, 34},
    {0xC0000013, 21}, {0xC0000014, 1785}, {0xC0000015, 27}, {0xC0000016, 234}, {0xC0000017, 8},
    {0xC0000018, 487}, {0xC0000019, 487}, {0xC000001A, 87}, {0xC000001E, 5}, {0xC000001F, 5}, {0xC0000021, 5},
    {0xC0000022, 5}, {0xC0000023, 122}, {0xC0000024, 6}, {0xC0000030, 87}, {0xC0000032, 1393},
    {0xC0000033, 123}, {0xC0000034, 2}, {0xC0000035, 183}, {0xC0000037, 6}, {0xC0000039, 161}, {0xC000003A, 3},
    {0xC000003B, 161}, {0xC000003E, 23}, {0xC000003F, 23}, {0xC0000040, 8}, {0xC0000041, 5}, {0xC0000042, 6},
    {0xC0000043, 32}, {0xC0000044, 1816}, {0xC0000045, 87}, {0xC0000046, 288}, {0xC0000047, 298},
    {0xC0000048, 87}, {0xC000004F, 282}, {0xC0000054, 33}, {0xC0000055, 33}, {0xC0000056, 5},
    {0xC0000058, 1305}, {0xC0000059, 1306}, {0xC000005A, 1307}, {0xC000005B, 1308}, {0xC000005C, 1309},
    {0xC000005D, 1310}, {0xC000005E, 1311}, {0xC000005F, 1312}, {0xC0000060, 1313}, {0xC0000061, 1314},
    {0xC0000062, 1315}, {0xC0000063, 1316}, {0xC0000064, 1317}, {0xC0000065, 1318}, {0xC0000066, 1319},
    {0xC0000067, 1320}, {0xC0000068, 1321}, {0xC0000069, 1322}, {0xC000006A, 86}, {0xC000006B, 1324},
    {0xC000006C, 1325}, {0xC000006D, 1326}, {0xC000006E, 1327}, {0xC000006F, 1328}, {0xC0000070, 1329},
    {0xC0000071, 1330}, {0xC0000072, 1331}, {0xC0000073, 1332}, {0xC0000074, 1333}, {0xC0000075, 1334},
    {0xC0000076, 1335}, {0xC0000077, 1336}, {0xC0000078, 1337}, {0xC0000079, 1338}, {0xC000007A, 127},
    {0xC000007B, 193}, {0xC000007C, 1008}, {0xC000007D, 1340}, {0xC000007E, 158}, {0xC000007F, 112},
    {0xC0000080, 1341}, {0xC0000081, 1342}, {0xC0000089, 1812}, {0xC000008A, 1813}, {0xC000008B, 1814},
    {0xC0000095, 534}, {0xC0000098, 1006}, {0xC0000099, 1344}, {0xC000009A, 1450}, {0xC000009C, 23},
    {0xC000009D, 1167}, {0xC000009E, 21}, {0xC000009F, 487}, {0xC00000A0, 487}, {0xC00000A1, 1453},
    {0xC00000A2, 19}, {0xC00000A3, 21}, {0xC00000A5, 1346}, {0xC00000A6, 1347}, {0xC00000A7, 1348},
    {0xC00000A8, 1349}, {0xC00000AB, 231}, {0xC00000AC, 231}, {0xC00000AD, 230}, {0xC00000AE, 231},
    {0xC00000AF, 1}, {0xC00000B0, 233}, {0xC00000B1, 232}, {0xC00000B2, 535}, {0xC00000B3, 536},
    {0xC00000B4, 230}, {0xC00000B5, 121}, {0xC00000BA, 5}, {0xC00000BB, 50}, {0xC00000BC, 51},
    {0xC00000BD, 52}, {0xC00000BE, 53}, {0xC00000BF, 54}, {0xC00000C0, 55}, {0xC00000C1, 56}, {0xC00000C2, 57},
    {0xC00000C3, 58}, {0xC00000C4, 59}, {0xC00000C5, 60}, {0xC00000C6, 61}, {0xC00000C7, 62}, {0xC00000C8, 63},
    {0xC00000C9, 64}, {0xC00000CA, 65}, {0xC00000CB, 66}, {0xC00000CC, 67}, {0xC00000CD, 68}, {0xC00000CE, 69},
    {0xC00000CF, 70}, {0xC00000D0, 71}, {0xC00000D1, 72}, {0xC00000D2, 88}, {0xC00000D4, 17},
    {0xC00000DC, 1352}, {0xC00000DD, 1353}, {0xC00000DE, 1354}, {0xC00000DF, 1355}, {0xC00000E0, 1356},
    {0xC00000E1, 1357}, {0xC00000E5, 1359}, {0xC00000EF, 87}, {0xC00000F0, 87}, {0xC00000F1, 87},
    {0xC00000F2, 87}, {0xC00000F3, 87}, {0xC00000F4, 87}, {0xC00000F5, 87}, {0xC00000F6, 87}, {0xC00000F7, 87},
    {0xC00000F8, 87}, {0xC00000F9, 87}, {0xC00000FA, 87}, {0xC00000FB, 3}, {0xC00000FD, 1001},
    {0xC0000101, 145}, {0xC0000102, 1392}, {0xC0000103, 267}, {0xC0000106, 206}, {0xC000010A, 5},
    {0xC0000120, 995}, {0xC0000121, 5}, {0xC0000122, 1210}, {0xC0000123, 5}, {0xC0000128, 6},
    {0xC0000130, 193}, {0xC0000135, 126}, {0xC0000138, 182}, {0xC0000139, 127}, {0xC000013B, 64},
    {0xC000013C, 64}, {0xC000013D, 51}, {0xC000013E, 59}, {0xC000013F, 59}, {0xC0000140, 59},
    {0xC0000142, 1114}, {0xC0000148, 124}, {0xC000014B, 109}, {0xC000014D, 1016}, {0xC0000162, 1113},
    {0xC0000184, 22}, {0xC0000185, 1117}, {0xC0000205, 1130}, {0xC0000209, 68}, {0xC000020A, 52},
    {0xC000020B, 64}, {0xC000020C, 64}, {0xC000020D, 64}, {0xC000020E, 68}, {0xC0000225, 1168},
    {0xC0000234, 1909}, {0xC0000236, 1225}, {0xC0000237, 1226}, {0xC0000238, 1227}, {0xC0000239, 1228},
    {0xC000023A, 1229}, {0xC000023B, 1230}, {0xC000023C, 1231}, {0xC000023D, 1232}, {0xC000023E, 1233},
    {0xC000023F, 1234}, {0xC0000240, 1235}, {0xC0000241, 1236}, {0xC0000243, 1224}, {0xC0000246, 1238},
    {0xC0000247, 1239}, {0xC0000248, 1240}, {0xC0000263, 182}, {0xC0000428, 577},
    // clang-format on
};
static_assert(std::ranges::is_sorted(rows, {}, &Row::status));

constexpr ULONG not_found = 317;  // ERROR_MR_MID_NOT_FOUND
constexpr uint32_t customer_bit = 0x20000000, win32_facility = 0x007;

}  // namespace

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-rtlntstatustodoserrornoteb
ULONG NTAPI RtlNtStatusToDosErrorNoTeb(NTSTATUS status) {
    const auto value = static_cast<uint32_t>(status);
    if (!value || value & customer_bit) return value;  // what a driver defined itself stays
    const uint32_t facility = value >> 16 & 0xFFF;
    if (facility == win32_facility && value >> 28 != 0) return value & 0xFFFF;  // an error code in a status
    const Row* const row = std::ranges::lower_bound(rows, value, {}, &Row::status);
    return row != std::end(rows) && row->status == value ? row->error : not_found;
}

// A kernel thread has no last status to keep.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-rtlntstatustodoserror
ULONG NTAPI RtlNtStatusToDosError(NTSTATUS status) { return RtlNtStatusToDosErrorNoTeb(status); }

}  // extern "C"
