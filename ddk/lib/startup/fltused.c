// Objects by Microsoft's compiler refer to this symbol when they use floating point.
int _fltused = 0x9875;
