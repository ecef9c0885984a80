// IRQL as drivers call it. On real x64 most of these are instructions on CR8; the image loader directs those
// here.
#include "nt/ke/irql.h"

using namespace ndiskit::nt;

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-kegetcurrentirql
KIRQL NTAPI KeGetCurrentIrql() { return current_irql(); }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-kfraiseirql
KIRQL NTAPI KfRaiseIrql(KIRQL NewIrql) { return raise_irql(NewIrql); }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-keraiseirqltodpclevel
KIRQL NTAPI KeRaiseIrqlToDpcLevel() { return raise_irql_to_dispatch(); }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-keraiseirqltosynchlevel
KIRQL NTAPI KeRaiseIrqlToSynchLevel() {
    constexpr KIRQL synch_level = 12;
    return raise_irql(synch_level);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-kelowerirql
void NTAPI KeLowerIrql(KIRQL NewIrql) { lower_irql(NewIrql); }

}  // extern "C"
