// Enumerations of the NT kernel interfaces.
#pragma once

#include "nt/abi/types.h"

// clang-format off
typedef enum _RTL_GENERIC_COMPARE_RESULTS : int {
    GenericLessThan, GenericGreaterThan, GenericEqual,
} RTL_GENERIC_COMPARE_RESULTS, *PRTL_GENERIC_COMPARE_RESULTS;

typedef enum _KBUGCHECK_CALLBACK_REASON : int {
    KbCallbackInvalid, KbCallbackReserved1, KbCallbackSecondaryDumpData, KbCallbackDumpIo,
    KbCallbackAddPages, KbCallbackSecondaryMultiPartDumpData, KbCallbackRemovePages,
    KbCallbackTriageDumpData,
} KBUGCHECK_CALLBACK_REASON, *PKBUGCHECK_CALLBACK_REASON;

typedef enum _KE_PROCESSOR_CHANGE_NOTIFY_STATE : int {
    KeProcessorAddStartNotify, KeProcessorAddCompleteNotify, KeProcessorAddFailureNotify,
} KE_PROCESSOR_CHANGE_NOTIFY_STATE, *PKE_PROCESSOR_CHANGE_NOTIFY_STATE;

typedef enum _PROCESSOR_CACHE_TYPE : int {
    CacheUnified, CacheInstruction, CacheData, CacheTrace,
} PROCESSOR_CACHE_TYPE, *PPROCESSOR_CACHE_TYPE;

typedef enum _LOGICAL_PROCESSOR_RELATIONSHIP : int {
    RelationProcessorCore, RelationNumaNode, RelationCache, RelationProcessorPackage, RelationGroup,
    RelationAll = 65535,
} LOGICAL_PROCESSOR_RELATIONSHIP, *PLOGICAL_PROCESSOR_RELATIONSHIP;

typedef enum _NT_PRODUCT_TYPE : int {
    NtProductWinNt = 1, NtProductLanManNt, NtProductServer,
} NT_PRODUCT_TYPE, *PNT_PRODUCT_TYPE;

typedef enum _ALTERNATIVE_ARCHITECTURE_TYPE : int {
    StandardDesign, NEC98x86, EndAlternatives,
} ALTERNATIVE_ARCHITECTURE_TYPE, *PALTERNATIVE_ARCHITECTURE_TYPE;

typedef enum _POOL_TYPE : int {
    NonPagedPool, NonPagedPoolExecute = 0, PagedPool, NonPagedPoolMustSucceed, DontUseThisType,
    NonPagedPoolCacheAligned, PagedPoolCacheAligned, NonPagedPoolCacheAlignedMustS, MaxPoolType,
    NonPagedPoolBase = 0, NonPagedPoolBaseMustSucceed = 2, NonPagedPoolBaseCacheAligned = 4,
    NonPagedPoolBaseCacheAlignedMustS = 6, NonPagedPoolSession = 32, PagedPoolSession,
    NonPagedPoolMustSucceedSession, DontUseThisTypeSession, NonPagedPoolCacheAlignedSession,
    PagedPoolCacheAlignedSession, NonPagedPoolCacheAlignedMustSSession, NonPagedPoolNx = 512,
    NonPagedPoolNxCacheAligned = 516, NonPagedPoolSessionNx = 544,
} POOL_TYPE, *PPOOL_TYPE;

typedef enum _SYSTEM_POWER_STATE : int {
    PowerSystemUnspecified, PowerSystemWorking, PowerSystemSleeping1, PowerSystemSleeping2,
    PowerSystemSleeping3, PowerSystemHibernate, PowerSystemShutdown, PowerSystemMaximum,
} SYSTEM_POWER_STATE, *PSYSTEM_POWER_STATE;

typedef enum _DEVICE_POWER_STATE : int {
    PowerDeviceUnspecified, PowerDeviceD0, PowerDeviceD1, PowerDeviceD2, PowerDeviceD3, PowerDeviceMaximum,
} DEVICE_POWER_STATE, *PDEVICE_POWER_STATE;

typedef enum _INTERFACE_TYPE : int {
    InterfaceTypeUndefined = -1, Internal, Isa, Eisa, MicroChannel, TurboChannel, PCIBus, VMEBus, NuBus,
    PCMCIABus, CBus, MPIBus, MPSABus, ProcessorInternal, InternalPowerBus, PNPISABus, PNPBus, Vmcs, ACPIBus,
    MaximumInterfaceType,
} INTERFACE_TYPE, *PINTERFACE_TYPE;

typedef enum _IRQ_DEVICE_POLICY : int {
    IrqPolicyMachineDefault, IrqPolicyAllCloseProcessors, IrqPolicyOneCloseProcessor,
    IrqPolicyAllProcessorsInMachine, IrqPolicySpecifiedProcessors,
    IrqPolicySpreadMessagesAcrossAllProcessors, IrqPolicyAllProcessorsInMachineWhenSteered,
} IRQ_DEVICE_POLICY, *PIRQ_DEVICE_POLICY;

typedef enum _IRQ_PRIORITY : int {
    IrqPriorityUndefined, IrqPriorityLow, IrqPriorityNormal, IrqPriorityHigh,
} IRQ_PRIORITY, *PIRQ_PRIORITY;

typedef enum _DMA_WIDTH : int {
    Width8Bits, Width16Bits, Width32Bits, Width64Bits, WidthNoWrap, MaximumDmaWidth,
} DMA_WIDTH, *PDMA_WIDTH;

typedef enum _DMA_SPEED : int {
    Compatible, TypeA, TypeB, TypeC, TypeF, MaximumDmaSpeed,
} DMA_SPEED, *PDMA_SPEED;

typedef enum _KINTERRUPT_MODE : int {
    LevelSensitive, Latched,
} KINTERRUPT_MODE, *PKINTERRUPT_MODE;

typedef enum _KINTERRUPT_POLARITY : int {
    InterruptPolarityUnknown, InterruptActiveHigh, InterruptRisingEdge = 1, InterruptActiveLow,
    InterruptFallingEdge = 2, InterruptActiveBoth, InterruptActiveBothTriggerLow = 3,
    InterruptActiveBothTriggerHigh,
} KINTERRUPT_POLARITY, *PKINTERRUPT_POLARITY;

typedef enum _SECURITY_IMPERSONATION_LEVEL : int {
    SecurityAnonymous, SecurityIdentification, SecurityImpersonation, SecurityDelegation,
} SECURITY_IMPERSONATION_LEVEL, *PSECURITY_IMPERSONATION_LEVEL;

typedef enum _IO_ALLOCATION_ACTION : int {
    KeepObject = 1, DeallocateObject, DeallocateObjectKeepRegisters,
} IO_ALLOCATION_ACTION, *PIO_ALLOCATION_ACTION;

typedef enum _FILE_INFORMATION_CLASS : int {
    FileDirectoryInformation = 1, FileFullDirectoryInformation, FileBothDirectoryInformation,
    FileBasicInformation, FileStandardInformation, FileInternalInformation, FileEaInformation,
    FileAccessInformation, FileNameInformation, FileRenameInformation, FileLinkInformation,
    FileNamesInformation, FileDispositionInformation, FilePositionInformation, FileFullEaInformation,
    FileModeInformation, FileAlignmentInformation, FileAllInformation, FileAllocationInformation,
    FileEndOfFileInformation, FileAlternateNameInformation, FileStreamInformation, FilePipeInformation,
    FilePipeLocalInformation, FilePipeRemoteInformation, FileMailslotQueryInformation,
    FileMailslotSetInformation, FileCompressionInformation, FileObjectIdInformation,
    FileCompletionInformation, FileMoveClusterInformation, FileQuotaInformation,
    FileReparsePointInformation, FileNetworkOpenInformation, FileAttributeTagInformation,
    FileTrackingInformation, FileIdBothDirectoryInformation, FileIdFullDirectoryInformation,
    FileValidDataLengthInformation, FileShortNameInformation, FileIoCompletionNotificationInformation,
    FileIoStatusBlockRangeInformation, FileIoPriorityHintInformation, FileSfioReserveInformation,
    FileSfioVolumeInformation, FileHardLinkInformation, FileProcessIdsUsingFileInformation,
    FileNormalizedNameInformation, FileNetworkPhysicalNameInformation, FileIdGlobalTxDirectoryInformation,
    FileIsRemoteDeviceInformation, FileUnusedInformation, FileNumaNodeInformation,
    FileStandardLinkInformation, FileRemoteProtocolInformation, FileRenameInformationBypassAccessCheck,
    FileLinkInformationBypassAccessCheck, FileVolumeNameInformation, FileIdInformation,
    FileIdExtdDirectoryInformation, FileReplaceCompletionInformation, FileHardLinkFullIdInformation,
    FileIdExtdBothDirectoryInformation, FileDispositionInformationEx, FileRenameInformationEx,
    FileRenameInformationExBypassAccessCheck, FileDesiredStorageClassInformation, FileStatInformation,
    FileMemoryPartitionInformation, FileStatLxInformation, FileCaseSensitiveInformation,
    FileLinkInformationEx, FileLinkInformationExBypassAccessCheck, FileStorageReserveIdInformation,
    FileCaseSensitiveInformationForceAccessCheck, FileMaximumInformation,
} FILE_INFORMATION_CLASS, *PFILE_INFORMATION_CLASS;

typedef enum _DIRECTORY_NOTIFY_INFORMATION_CLASS : int {
    DirectoryNotifyInformation = 1, DirectoryNotifyExtendedInformation,
} DIRECTORY_NOTIFY_INFORMATION_CLASS, *PDIRECTORY_NOTIFY_INFORMATION_CLASS;

typedef enum _FSINFOCLASS : int {
    FileFsVolumeInformation = 1, FileFsLabelInformation, FileFsSizeInformation, FileFsDeviceInformation,
    FileFsAttributeInformation, FileFsControlInformation, FileFsFullSizeInformation,
    FileFsObjectIdInformation, FileFsDriverPathInformation, FileFsVolumeFlagsInformation,
    FileFsSectorSizeInformation, FileFsDataCopyInformation, FileFsMetadataSizeInformation,
    FileFsFullSizeInformationEx, FileFsMaximumInformation,
} FS_INFORMATION_CLASS, *PFS_INFORMATION_CLASS;

typedef enum _DEVICE_RELATION_TYPE : int {
    BusRelations, EjectionRelations, PowerRelations, RemovalRelations, TargetDeviceRelation,
    SingleBusRelations, TransportRelations,
} DEVICE_RELATION_TYPE, *PDEVICE_RELATION_TYPE;

typedef enum _BUS_QUERY_ID_TYPE : int {
    BusQueryDeviceID, BusQueryHardwareIDs, BusQueryCompatibleIDs, BusQueryInstanceID,
    BusQueryDeviceSerialNumber, BusQueryContainerID,
} BUS_QUERY_ID_TYPE, *PBUS_QUERY_ID_TYPE;

typedef enum _DEVICE_TEXT_TYPE : int {
    DeviceTextDescription, DeviceTextLocationInformation,
} DEVICE_TEXT_TYPE, *PDEVICE_TEXT_TYPE;

typedef enum _DEVICE_USAGE_NOTIFICATION_TYPE : int {
    DeviceUsageTypeUndefined, DeviceUsageTypePaging, DeviceUsageTypeHibernation, DeviceUsageTypeDumpFile,
    DeviceUsageTypeBoot, DeviceUsageTypePostDisplay, DeviceUsageTypeGuestAssigned,
} DEVICE_USAGE_NOTIFICATION_TYPE, *PDEVICE_USAGE_NOTIFICATION_TYPE;

typedef enum _POWER_STATE_TYPE : int {
    SystemPowerState, DevicePowerState,
} POWER_STATE_TYPE, *PPOWER_STATE_TYPE;

typedef enum  {
    PowerActionNone, PowerActionReserved, PowerActionSleep, PowerActionHibernate, PowerActionShutdown,
    PowerActionShutdownReset, PowerActionShutdownOff, PowerActionWarmEject, PowerActionDisplayOff,
} POWER_ACTION, *PPOWER_ACTION;

typedef enum _TABLE_SEARCH_RESULT : int {
    TableEmptyTree, TableFoundNode, TableInsertAsLeft, TableInsertAsRight,
} TABLE_SEARCH_RESULT, *PTABLE_SEARCH_RESULT;

typedef enum _TRACE_INFORMATION_CLASS : int {
    TraceIdClass, TraceHandleClass, TraceEnableFlagsClass, TraceEnableLevelClass, GlobalLoggerHandleClass,
    EventLoggerHandleClass, AllLoggerHandlesClass, TraceHandleByNameClass, LoggerEventsLostClass,
    TraceSessionSettingsClass, LoggerEventsLoggedClass, DiskIoNotifyRoutinesClass,
    TraceInformationClassReserved1, FltIoNotifyRoutinesClass, TraceInformationClassReserved2,
    WdfNotifyRoutinesClass, MaxTraceInformationClass,
} TRACE_INFORMATION_CLASS, *PTRACE_INFORMATION_CLASS;

typedef enum _KD_OPTION : int {
    KD_OPTION_SET_BLOCK_ENABLE,
} KD_OPTION, *PKD_OPTION;

typedef enum _EVENT_TYPE : int {
    NotificationEvent, SynchronizationEvent,
} EVENT_TYPE, *PEVENT_TYPE;

typedef enum _TIMER_TYPE : int {
    NotificationTimer, SynchronizationTimer,
} TIMER_TYPE, *PTIMER_TYPE;

typedef enum _KDPC_IMPORTANCE : int {
    LowImportance, MediumImportance, HighImportance, MediumHighImportance,
} KDPC_IMPORTANCE, *PKDPC_IMPORTANCE;

typedef enum _WAIT_TYPE : int {
    WaitAll, WaitAny,
} WAIT_TYPE, *PWAIT_TYPE;

typedef enum _KWAIT_REASON : int {
    Executive, FreePage, PageIn, PoolAllocation, DelayExecution, Suspended, UserRequest, WrExecutive,
    WrFreePage, WrPageIn, WrPoolAllocation, WrDelayExecution, WrSuspended, WrUserRequest, WrSpare0, WrQueue,
    WrLpcReceive, WrLpcReply, WrVirtualMemory, WrPageOut, WrRendezvous, WrKeyedEvent, WrTerminated,
    WrProcessInSwap, WrCpuRateControl, WrCalloutStack, WrKernel, WrResource, WrPushLock, WrMutex,
    WrQuantumEnd, WrDispatchInt, WrPreempted, WrYieldExecution, WrFastMutex, WrGuardedMutex, WrRundown,
    WrAlertByThreadId, WrDeferredPreempt, WrPhysicalFault, MaximumWaitReason,
} KWAIT_REASON, *PKWAIT_REASON;

typedef enum _MEMORY_CACHING_TYPE : int {
    MmNonCached, MmCached, MmWriteCombined, MmHardwareCoherentCached, MmNonCachedUnordered, MmUSWCCached,
    MmMaximumCacheType, MmNotMapped = -1,
} MEMORY_CACHING_TYPE, *PMEMORY_CACHING_TYPE;

typedef enum _MMFLUSH_TYPE : int {
    MmFlushForDelete, MmFlushForWrite,
} MMFLUSH_TYPE, *PMMFLUSH_TYPE;

typedef enum _LOCK_OPERATION : int {
    IoReadAccess, IoWriteAccess, IoModifyAccess,
} LOCK_OPERATION, *PLOCK_OPERATION;

typedef enum _MM_SYSTEM_SIZE : int {
    MmSmallSystem, MmMediumSystem, MmLargeSystem,
} MM_SYSTEMSIZE, *PMM_SYSTEMSIZE;

typedef enum _MM_ROTATE_DIRECTION : int {
    MmToFrameBuffer, MmToFrameBufferNoCopy, MmToRegularMemory, MmToRegularMemoryNoCopy,
    MmMaximumRotateDirection,
} MM_ROTATE_DIRECTION, *PMM_ROTATE_DIRECTION;

typedef enum _EX_POOL_PRIORITY : int {
    LowPoolPriority, LowPoolPrioritySpecialPoolOverrun = 8, LowPoolPrioritySpecialPoolUnderrun,
    NormalPoolPriority = 16, NormalPoolPrioritySpecialPoolOverrun = 24,
    NormalPoolPrioritySpecialPoolUnderrun, HighPoolPriority = 32, HighPoolPrioritySpecialPoolOverrun = 40,
    HighPoolPrioritySpecialPoolUnderrun,
} EX_POOL_PRIORITY, *PEX_POOL_PRIORITY;

typedef enum _WORK_QUEUE_TYPE : int {
    CriticalWorkQueue, DelayedWorkQueue, HyperCriticalWorkQueue, NormalWorkQueue, BackgroundWorkQueue,
    RealTimeWorkQueue, SuperCriticalWorkQueue, MaximumWorkQueue, CustomPriorityWorkQueue = 32,
} WORK_QUEUE_TYPE, *PWORK_QUEUE_TYPE;

typedef enum _SUITE_TYPE : int {
    SmallBusiness, Enterprise, BackOffice, CommunicationServer, TerminalServer, SmallBusinessRestricted,
    EmbeddedNT, DataCenter, SingleUserTS, Personal, Blade, EmbeddedRestricted, SecurityAppliance,
    StorageServer, ComputeServer, WHServer, MaxSuiteType,
} SUITE_TYPE, *PSUITE_TYPE;

typedef enum _POWER_REQUEST_TYPE : int {
    PowerRequestDisplayRequired, PowerRequestSystemRequired, PowerRequestAwayModeRequired,
    PowerRequestExecutionRequired,
} POWER_REQUEST_TYPE, *PPOWER_REQUEST_TYPE;

typedef enum _BUS_DATA_TYPE : int {
    ConfigurationSpaceUndefined = -1, Cmos, EisaConfiguration, Pos, CbusConfiguration, PCIConfiguration,
    VMEConfiguration, NuBusConfiguration, PCMCIAConfiguration, MPIConfiguration, MPSAConfiguration,
    PNPISAConfiguration, SgiInternalConfiguration, MaximumBusDataType,
} BUS_DATA_TYPE, *PBUS_DATA_TYPE;

typedef enum _TOKEN_INFORMATION_CLASS : int {
    TokenUser = 1, TokenGroups, TokenPrivileges, TokenOwner, TokenPrimaryGroup, TokenDefaultDacl,
    TokenSource, TokenType, TokenImpersonationLevel, TokenStatistics, TokenRestrictedSids, TokenSessionId,
    TokenGroupsAndPrivileges, TokenSessionReference, TokenSandBoxInert, TokenAuditPolicy, TokenOrigin,
    TokenElevationType, TokenLinkedToken, TokenElevation, TokenHasRestrictions, TokenAccessInformation,
    TokenVirtualizationAllowed, TokenVirtualizationEnabled, TokenIntegrityLevel, TokenUIAccess,
    TokenMandatoryPolicy, TokenLogonSid, MaxTokenInfoClass,
} TOKEN_INFORMATION_CLASS, *PTOKEN_INFORMATION_CLASS;

typedef enum _TOKEN_TYPE : int {
    TokenPrimary = 1, TokenImpersonation,
} TOKEN_TYPE, *PTOKEN_TYPE;

typedef enum _KEY_INFORMATION_CLASS : int {
    KeyBasicInformation, KeyNodeInformation, KeyFullInformation, KeyNameInformation, KeyCachedInformation,
    KeyFlagsInformation, KeyVirtualizationInformation, KeyHandleTagsInformation, KeyTrustInformation,
    KeyLayerInformation, MaxKeyInfoClass,
} KEY_INFORMATION_CLASS, *PKEY_INFORMATION_CLASS;

typedef enum _KEY_VALUE_INFORMATION_CLASS : int {
    KeyValueBasicInformation, KeyValueFullInformation, KeyValuePartialInformation,
    KeyValueFullInformationAlign64, KeyValuePartialInformationAlign64, KeyValueLayerInformation,
    MaxKeyValueInfoClass,
} KEY_VALUE_INFORMATION_CLASS, *PKEY_VALUE_INFORMATION_CLASS;

typedef enum _CREATE_FILE_TYPE : int {
    CreateFileTypeNone, CreateFileTypeNamedPipe, CreateFileTypeMailslot,
} CREATE_FILE_TYPE, *PCREATE_FILE_TYPE;

typedef enum  {
    DevicePropertyDeviceDescription, DevicePropertyHardwareID, DevicePropertyCompatibleIDs,
    DevicePropertyBootConfiguration, DevicePropertyBootConfigurationTranslated, DevicePropertyClassName,
    DevicePropertyClassGuid, DevicePropertyDriverKeyName, DevicePropertyManufacturer,
    DevicePropertyFriendlyName, DevicePropertyLocationInformation, DevicePropertyPhysicalDeviceObjectName,
    DevicePropertyBusTypeGuid, DevicePropertyLegacyBusType, DevicePropertyBusNumber,
    DevicePropertyEnumeratorName, DevicePropertyAddress, DevicePropertyUINumber, DevicePropertyInstallState,
    DevicePropertyRemovalPolicy, DevicePropertyResourceRequirements, DevicePropertyAllocatedResources,
    DevicePropertyContainerID,
} DEVICE_REGISTRY_PROPERTY, *PDEVICE_REGISTRY_PROPERTY;

typedef enum _IO_PRIORITY_HINT : int {
    IoPriorityVeryLow, IoPriorityLow, IoPriorityNormal, IoPriorityHigh, IoPriorityCritical,
    MaxIoPriorityTypes,
} IO_PRIORITY_HINT, *PIO_PRIORITY_HINT;

typedef enum _IO_PAGING_PRIORITY : int {
    IoPagingPriorityInvalid, IoPagingPriorityNormal, IoPagingPriorityHigh, IoPagingPriorityReserved1,
    IoPagingPriorityReserved2,
} IO_PAGING_PRIORITY, *PIO_PAGING_PRIORITY;

typedef enum _CONFIGURATION_TYPE : int {
    ArcSystem, CentralProcessor, FloatingPointProcessor, PrimaryIcache, PrimaryDcache, SecondaryIcache,
    SecondaryDcache, SecondaryCache, EisaAdapter, TcAdapter, ScsiAdapter, DtiAdapter, MultiFunctionAdapter,
    DiskController, TapeController, CdromController, WormController, SerialController, NetworkController,
    DisplayController, ParallelController, PointerController, KeyboardController, AudioController,
    OtherController, DiskPeripheral, FloppyDiskPeripheral, TapePeripheral, ModemPeripheral,
    MonitorPeripheral, PrinterPeripheral, PointerPeripheral, KeyboardPeripheral, TerminalPeripheral,
    OtherPeripheral, LinePeripheral, NetworkPeripheral, SystemMemory, DockingInformation,
    RealModeIrqRoutingTable, RealModePCIEnumeration, MaximumType,
} CONFIGURATION_TYPE, *PCONFIGURATION_TYPE;

typedef enum _IO_NOTIFICATION_EVENT_CATEGORY : int {
    EventCategoryReserved, EventCategoryHardwareProfileChange, EventCategoryDeviceInterfaceChange,
    EventCategoryTargetDeviceChange, EventCategoryKernelSoftRestart,
} IO_NOTIFICATION_EVENT_CATEGORY, *PIO_NOTIFICATION_EVENT_CATEGORY;

typedef enum _KBUGCHECK_BUFFER_DUMP_STATE : int {
    BufferEmpty, BufferInserted, BufferStarted, BufferFinished, BufferIncomplete,
} KBUGCHECK_BUFFER_DUMP_STATE, *PKBUGCHECK_BUFFER_DUMP_STATE;

typedef enum _MODE : int {
    KernelMode, UserMode, MaximumMode,
} MODE, *PMODE;

typedef enum _MM_PAGE_PRIORITY : int {
    LowPagePriority, NormalPagePriority = 16, HighPagePriority = 32,
} MM_PAGE_PRIORITY, *PMM_PAGE_PRIORITY;

typedef enum _CM_SHARE_DISPOSITION : int {
    CmResourceShareUndetermined, CmResourceShareDeviceExclusive, CmResourceShareDriverExclusive,
    CmResourceShareShared,
} CM_SHARE_DISPOSITION, *PCM_SHARE_DISPOSITION;

// clang-format on
