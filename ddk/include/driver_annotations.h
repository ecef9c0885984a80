// Annotations of the static analysers of Windows, those that mingw-w64's sal.h, specstrings.h and driverspecs.h
// do not know. They tell tools about IRQL, locks and buffers, and mean nothing to the compiler: each expands to
// nothing. The headers of mingw come first, so that only what is missing is defined.
//
// https://learn.microsoft.com/windows-hardware/drivers/devtest/annotating-for-driver-verification-tools
#pragma once

#include <sal.h>
#include <specstrings.h>
#include <driverspecs.h>

#ifndef _Analysis_code_type_kernel_driver_
#define _Analysis_code_type_kernel_driver_
#endif
#ifndef _Analysis_code_type_kernel_code_
#define _Analysis_code_type_kernel_code_
#endif
#ifndef _Analysis_code_type_user_driver_
#define _Analysis_code_type_user_driver_
#endif
#ifndef _Analysis_code_type_user_code_
#define _Analysis_code_type_user_code_
#endif
#ifndef _Analysis_noreturn_
#define _Analysis_noreturn_
#endif
#ifndef _Dispatch_type_
#define _Dispatch_type_(x)
#endif
#ifndef _IRQL_always_function_max_
#define _IRQL_always_function_max_(x)
#endif
#ifndef _IRQL_always_function_min_
#define _IRQL_always_function_min_(x)
#endif
#ifndef _IRQL_is_cancel_
#define _IRQL_is_cancel_
#endif
#ifndef _IRQL_uses_cancel_
#define _IRQL_uses_cancel_
#endif
#ifndef _IRQL_limited_to_
#define _IRQL_limited_to_(x)
#endif
#ifndef _IRQL_restores_global_
#define _IRQL_restores_global_(k,p)
#endif
#ifndef _IRQL_saves_global_
#define _IRQL_saves_global_(k,p)
#endif
#ifndef _Kernel_acquires_resource_
#define _Kernel_acquires_resource_(k)
#endif
#ifndef _Kernel_releases_resource_
#define _Kernel_releases_resource_(k)
#endif
#ifndef _Kernel_requires_resource_held_
#define _Kernel_requires_resource_held_(k)
#endif
#ifndef _Kernel_requires_resource_not_held_
#define _Kernel_requires_resource_not_held_(k)
#endif
#ifndef _Kernel_clear_do_init_
#define _Kernel_clear_do_init_(x)
#endif
#ifndef _Kernel_float_saved_
#define _Kernel_float_saved_
#endif
#ifndef _Kernel_float_restored_
#define _Kernel_float_restored_
#endif
#ifndef _Kernel_float_used_
#define _Kernel_float_used_
#endif
#ifndef _Kernel_IoGetDmaAdapter_
#define _Kernel_IoGetDmaAdapter_
#endif
#ifndef _Kernel_entry_
#define _Kernel_entry_
#endif
#ifndef _Kernel_entry_always_
#define _Kernel_entry_always_
#endif
#ifndef _Interlocked_operand_
#define _Interlocked_operand_
#endif
#ifndef _Pre_
#define _Pre_
#endif
#ifndef _Pre_valid_
#define _Pre_valid_
#endif
#ifndef _Post_valid_
#define _Post_valid_
#endif
#ifndef _Pre_maybenull_
#define _Pre_maybenull_
#endif
#ifndef _Post_invalid_
#define _Post_invalid_
#endif
#ifndef _Post_ptr_invalid_
#define _Post_ptr_invalid_
#endif
#ifndef _Notnull_
#define _Notnull_
#endif
#ifndef _Maybenull_
#define _Maybenull_
#endif
#ifndef _Null_
#define _Null_
#endif
#ifndef _Valid_
#define _Valid_
#endif
#ifndef _Notvalid_
#define _Notvalid_
#endif
#ifndef _Old_
#define _Old_(x)
#endif
#ifndef _Static_assert_
#define _Static_assert_(x)
#endif
#ifndef _Enum_is_bitflag_
#define _Enum_is_bitflag_
#endif
#ifndef _In_function_class_
#define _In_function_class_(x)
#endif
#ifndef _Deref_
#define _Deref_
#endif
#ifndef _Inexpressible_
#define _Inexpressible_(x)
#endif
#ifndef _Flattened_
#define _Flattened_
#endif
#ifndef _Error_unhandled_
#define _Error_unhandled_
#endif
#ifndef _Frees_ptr_
#define _Frees_ptr_
#endif
#ifndef _Frees_ptr_opt_
#define _Frees_ptr_opt_
#endif
#ifndef _Pre_invalid_
#define _Pre_invalid_
#endif
#ifndef _Pre_null_
#define _Pre_null_
#endif
#ifndef _Post_null_
#define _Post_null_
#endif
#ifndef _Post_notnull_
#define _Post_notnull_
#endif
#ifndef _Post_maybenull_
#define _Post_maybenull_
#endif
#ifndef _Post_z_
#define _Post_z_
#endif
#ifndef _Pre_z_
#define _Pre_z_
#endif
#ifndef _Post_defensive_
#define _Post_defensive_
#endif
#ifndef _Pre_defensive_
#define _Pre_defensive_
#endif
#ifndef _In_defensive_
#define _In_defensive_(x)
#endif
#ifndef _Out_defensive_
#define _Out_defensive_(x)
#endif
#ifndef _Inout_defensive_
#define _Inout_defensive_(x)
#endif
#ifndef __in_bcount_opt
#define __in_bcount_opt(x)
#endif
#ifndef __in_ecount_opt
#define __in_ecount_opt(x)
#endif
#ifndef __out_bcount_opt
#define __out_bcount_opt(x)
#endif
#ifndef __out_ecount_opt
#define __out_ecount_opt(x)
#endif
#ifndef __deref_inout
#define __deref_inout
#endif
#ifndef __deref_out_bcount
#define __deref_out_bcount(x)
#endif
#ifndef __field_bcount
#define __field_bcount(x)
#endif
#ifndef __field_ecount
#define __field_ecount(x)
#endif
#ifndef __field_bcount_opt
#define __field_bcount_opt(x)
#endif
#ifndef __field_ecount_opt
#define __field_ecount_opt(x)
#endif
#ifndef __field_bcount_part
#define __field_bcount_part(a,b)
#endif
#ifndef __struct_bcount
#define __struct_bcount(x)
#endif
#ifndef __nullterminated
#define __nullterminated
#endif
#ifndef __in_range
#define __in_range(a,b)
#endif
#ifndef __out_range
#define __out_range(a,b)
#endif
#ifndef __allocator
#define __allocator
#endif
#ifndef __out_data_source
#define __out_data_source(x)
#endif
#ifndef __in_data_source
#define __in_data_source(x)
#endif
#ifndef __drv_clearDoInit
#define __drv_clearDoInit(x)
#endif
#ifndef __drv_functionClass
#define __drv_functionClass(x)
#endif
#ifndef __drv_sameIRQL
#define __drv_sameIRQL
#endif
#ifndef __drv_minIRQL
#define __drv_minIRQL(x)
#endif
#ifndef __drv_maxFunctionIRQL
#define __drv_maxFunctionIRQL(x)
#endif
#ifndef __drv_minFunctionIRQL
#define __drv_minFunctionIRQL(x)
#endif
#ifndef __drv_setsIRQLGlobal
#define __drv_setsIRQLGlobal(a,b)
#endif
#ifndef __drv_isObjectPointer
#define __drv_isObjectPointer
#endif
#ifndef __drv_isCancelIRQL
#define __drv_isCancelIRQL
#endif
#ifndef __drv_interlocked
#define __drv_interlocked
#endif
#ifndef __drv_acquiresResource
#define __drv_acquiresResource(k)
#endif
#ifndef __drv_releasesResource
#define __drv_releasesResource(k)
#endif
#ifndef __drv_acquiresResourceGlobal
#define __drv_acquiresResourceGlobal(k,p)
#endif
#ifndef __drv_releasesResourceGlobal
#define __drv_releasesResourceGlobal(k,p)
#endif
#ifndef __drv_acquiresExclusiveResource
#define __drv_acquiresExclusiveResource(k)
#endif
#ifndef __drv_releasesExclusiveResource
#define __drv_releasesExclusiveResource(k)
#endif
#ifndef __drv_acquiresExclusiveResourceGlobal
#define __drv_acquiresExclusiveResourceGlobal(k,p)
#endif
#ifndef __drv_releasesExclusiveResourceGlobal
#define __drv_releasesExclusiveResourceGlobal(k,p)
#endif
#ifndef __drv_acquiresCriticalRegion
#define __drv_acquiresCriticalRegion
#endif
#ifndef __drv_releasesCriticalRegion
#define __drv_releasesCriticalRegion
#endif
#ifndef __drv_acquiresCancelSpinLock
#define __drv_acquiresCancelSpinLock
#endif
#ifndef __drv_releasesCancelSpinLock
#define __drv_releasesCancelSpinLock
#endif
#ifndef __drv_acquiresPriorityRegion
#define __drv_acquiresPriorityRegion
#endif
#ifndef __drv_releasesPriorityRegion
#define __drv_releasesPriorityRegion
#endif
#ifndef __drv_innerMustHoldGlobal
#define __drv_innerMustHoldGlobal(a,b)
#endif
#ifndef __drv_innerNeverHoldGlobal
#define __drv_innerNeverHoldGlobal(a,b)
#endif
#ifndef __drv_innerAcquiresGlobal
#define __drv_innerAcquiresGlobal(a,b)
#endif
#ifndef __drv_innerReleasesGlobal
#define __drv_innerReleasesGlobal(a,b)
#endif
#ifndef __drv_mustHold
#define __drv_mustHold(k)
#endif
#ifndef __drv_mustHoldGlobal
#define __drv_mustHoldGlobal(k,p)
#endif
#ifndef __drv_neverHold
#define __drv_neverHold(k)
#endif
#ifndef __drv_neverHoldGlobal
#define __drv_neverHoldGlobal(k,p)
#endif
#ifndef __drv_mustHoldCriticalRegion
#define __drv_mustHoldCriticalRegion
#endif
#ifndef __drv_neverHoldCriticalRegion
#define __drv_neverHoldCriticalRegion
#endif
#ifndef __drv_mustHoldCancelSpinLock
#define __drv_mustHoldCancelSpinLock
#endif
#ifndef __drv_neverHoldCancelSpinLock
#define __drv_neverHoldCancelSpinLock
#endif
#ifndef __drv_mustHoldPriorityRegion
#define __drv_mustHoldPriorityRegion
#endif
#ifndef __drv_neverHoldPriorityRegion
#define __drv_neverHoldPriorityRegion
#endif
#ifndef __drv_constant
#define __drv_constant
#endif
#ifndef __drv_notPointer
#define __drv_notPointer
#endif
#ifndef __drv_strictType
#define __drv_strictType(t,m)
#endif
#ifndef __drv_strictTypeMatch
#define __drv_strictTypeMatch(m)
#endif
#ifndef __drv_unit
#define __drv_unit(p)
#endif
#ifndef __drv_preferredFunction
#define __drv_preferredFunction(f,w)
#endif
#ifndef __drv_reportError
#define __drv_reportError(w)
#endif
#ifndef __drv_callbackType
#define __drv_callbackType(k)
#endif
#ifndef __drv_inTry
#define __drv_inTry
#endif
#ifndef __drv_notInTry
#define __drv_notInTry
#endif
#ifndef __drv_declspec
#define __drv_declspec(x)
#endif
#ifndef __drv_fun
#define __drv_fun(x)
#endif
#ifndef __drv_inout
#define __drv_inout(x)
#endif
#ifndef __drv_ret
#define __drv_ret(x)
#endif
#ifndef __drv_fill
#define __drv_fill(x)
#endif
#ifndef __drv_writesBytes
#define __drv_writesBytes(x)
#endif
#ifndef __drv_floatSaved
#define __drv_floatSaved
#endif
#ifndef __drv_floatRestored
#define __drv_floatRestored
#endif
#ifndef __drv_floatUsed
#define __drv_floatUsed
#endif
#ifndef __drv_typeConst
#define __drv_typeConst
#endif
#ifndef __drv_typeCond
#define __drv_typeCond
#endif
#ifndef __drv_typeBitset
#define __drv_typeBitset
#endif
#ifndef __drv_typeExpr
#define __drv_typeExpr
#endif
#ifndef __drv_defined
#define __drv_defined(x)
#endif
#ifndef __drv_group
#define __drv_group(x)
#endif
#ifndef __drv_holds
#define __drv_holds(x)
#endif
#ifndef __drv_notMember
#define __drv_notMember
#endif
#ifndef __drv_Mutant
#define __drv_Mutant(x)
#endif
#ifndef __success
#define __success(x)
#endif
#ifndef __callback
#define __callback
#endif
#ifndef __reserved
#define __reserved
#endif
