/* A shared object that is no artifact. */
int answer(void) { return 42; }
