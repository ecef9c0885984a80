// exports.tsv, whole, inside the command.
    .section .rodata
    .global ndiskit_ddi_exports_begin
    .global ndiskit_ddi_exports_end
ndiskit_ddi_exports_begin:
    .incbin NDISKIT_DDI_EXPORTS
ndiskit_ddi_exports_end:
    .section .note.GNU-stack, "", @progbits
