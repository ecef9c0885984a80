// Types of the notifications of user sessions (container.cpp).
#pragma once

#include "nt/abi.h"

extern "C" {

typedef enum _IO_CONTAINER_NOTIFICATION_CLASS : int {
    IoSessionStateNotification,
} IO_CONTAINER_NOTIFICATION_CLASS;

typedef enum _IO_CONTAINER_INFORMATION_CLASS : int {
    IoSessionStateInformation,
} IO_CONTAINER_INFORMATION_CLASS;

typedef struct _IO_SESSION_STATE_NOTIFICATION {
    ULONG Size;
    ULONG Flags;
    PVOID IoObject;
    ULONG EventMask;
    PVOID Context;
} IO_SESSION_STATE_NOTIFICATION;

typedef struct _IO_SESSION_STATE_INFORMATION {
    ULONG SessionId;
    ULONG SessionState;
    BOOLEAN LocalSession;
} IO_SESSION_STATE_INFORMATION;

typedef NTSTATUS(NTAPI* PIO_CONTAINER_NOTIFICATION_FUNCTION)();

NTSTATUS NTAPI IoRegisterContainerNotification(IO_CONTAINER_NOTIFICATION_CLASS kind,
                                               PIO_CONTAINER_NOTIFICATION_FUNCTION callback,
                                               PVOID information, ULONG size, PVOID* registration);
void NTAPI IoUnregisterContainerNotification(PVOID registration);
NTSTATUS NTAPI IoGetContainerInformation(IO_CONTAINER_INFORMATION_CLASS kind, PVOID object, PVOID buffer,
                                         ULONG size);

}  // extern "C"
