/* What code with setjmp, lowered for Emscripten, expects beside the host's imports. */
#include <stdint.h>
#include <stddef.h>

struct buffer {
    void *call;
    uint32_t place;
};

/* A jump on its way: what it goes to, and the value that it brings. The lowered code looks here after each
 * call that may have been jumped out of. */
uintptr_t __THREW__;
int __threwValue;

static int upper_half;

void setTempRet0(int value)
{
    upper_half = value;
}

int getTempRet0(void)
{
    return upper_half;
}

void __wasm_setjmp(struct buffer *buffer, uint32_t place, void *call)
{
    buffer->call = call;
    buffer->place = place;
}

uint32_t __wasm_setjmp_test(const struct buffer *buffer, const void *call)
{
    return call && buffer->call == call ? buffer->place : 0;
}

__attribute__((import_module("env"), import_name("_emscripten_throw_longjmp")))
_Noreturn void leave(void);

_Noreturn void emscripten_longjmp(struct buffer *buffer, int value)
{
    __THREW__ = (uintptr_t)buffer;
    __threwValue = value ? value : 1;
    leave();
}
