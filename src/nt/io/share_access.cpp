// Share access: who has a file or device open for what, and what they let others do meanwhile. The driver
// keeps the counts and is the one to serialise these calls.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-iocheckshareaccess
#include "nt/abi.h"
#include "nt/io/file.h"

using namespace ndiskit::nt;

namespace {

struct Wanted {
    BOOLEAN read, write, remove;
    bool any() const { return read || write || remove; }
};

Wanted wanted_of(ACCESS_MASK access) {
    return {static_cast<BOOLEAN>((access & (FILE_EXECUTE | FILE_READ_DATA)) != 0),
            static_cast<BOOLEAN>((access & (FILE_WRITE_DATA | FILE_APPEND_DATA)) != 0),
            static_cast<BOOLEAN>((access & DELETE) != 0)};
}

// An open that neither reads, writes nor deletes does not take part.
void take_part(FILE_OBJECT& file, const Wanted& wanted, ULONG share) {
    file.ReadAccess = wanted.read;
    file.WriteAccess = wanted.write;
    file.DeleteAccess = wanted.remove;
    if (!wanted.any()) return;
    file.SharedRead = (share & FILE_SHARE_READ) != 0;
    file.SharedWrite = (share & FILE_SHARE_WRITE) != 0;
    file.SharedDelete = (share & FILE_SHARE_DELETE) != 0;
}

bool takes_part(const FILE_OBJECT& file) { return file.ReadAccess || file.WriteAccess || file.DeleteAccess; }

void count(const FILE_OBJECT& file, SHARE_ACCESS& access, ULONG by) {
    if (io::ignores_sharing(file)) return;
    access.OpenCount += by;
    access.Readers += file.ReadAccess ? by : 0;
    access.Writers += file.WriteAccess ? by : 0;
    access.Deleters += file.DeleteAccess ? by : 0;
    access.SharedRead += file.SharedRead ? by : 0;
    access.SharedWrite += file.SharedWrite ? by : 0;
    access.SharedDelete += file.SharedDelete ? by : 0;
}

}  // namespace

extern "C" {

// `write_permission` says whether the file may be written at all; one that may not is read-only to everybody,
// so that readers need not share writing.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-iocheckshareaccessex
NTSTATUS NTAPI IoCheckShareAccessEx(ACCESS_MASK desired, ULONG share, PFILE_OBJECT file, PSHARE_ACCESS access,
                                    BOOLEAN update, PBOOLEAN write_permission) {
    const Wanted wanted = wanted_of(desired);
    take_part(*file, wanted, share);
    if (!wanted.any() || io::ignores_sharing(*file)) return STATUS_SUCCESS;
    const ULONG open = access->OpenCount;
    const bool writers_count = !write_permission || *write_permission;
    const bool clashes =
        (wanted.read && access->SharedRead < open) || (wanted.write && access->SharedWrite < open) ||
        (wanted.remove && access->SharedDelete < open) || (access->Readers != 0 && !file->SharedRead) ||
        (writers_count && access->Writers != 0 && !file->SharedWrite) ||
        (access->Deleters != 0 && !file->SharedDelete);
    if (clashes) return STATUS_SHARING_VIOLATION;
    if (update) count(*file, *access, 1);
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-iocheckshareaccess
NTSTATUS NTAPI IoCheckShareAccess(ACCESS_MASK desired, ULONG share, PFILE_OBJECT file, PSHARE_ACCESS access,
                                  BOOLEAN update) {
    return IoCheckShareAccessEx(desired, share, file, access, update, nullptr);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-iosetshareaccessex
void NTAPI IoSetShareAccessEx(ACCESS_MASK desired, ULONG share, PFILE_OBJECT file, PSHARE_ACCESS access,
                              PBOOLEAN) {
    const Wanted wanted = wanted_of(desired);
    *access = {};
    take_part(*file, wanted, share);
    if (wanted.any()) count(*file, *access, 1);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-iosetshareaccess
void NTAPI IoSetShareAccess(ACCESS_MASK desired, ULONG share, PFILE_OBJECT file, PSHARE_ACCESS access) {
    IoSetShareAccessEx(desired, share, file, access, nullptr);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-ioupdateshareaccess
void NTAPI IoUpdateShareAccess(PFILE_OBJECT file, PSHARE_ACCESS access) {
    if (takes_part(*file)) count(*file, *access, 1);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-ioremoveshareaccess
void NTAPI IoRemoveShareAccess(PFILE_OBJECT file, PSHARE_ACCESS access) {
    if (takes_part(*file)) count(*file, *access, static_cast<ULONG>(-1));
}

}  // extern "C"
