/* setjmp for guests of a host without exception handling: clang's Emscripten lowering turns what calls it
 * into calls through imports that the host lets the guest jump out of. It needs
 * -mllvm -enable-emscripten-sjlj, and jumps.c, which is compiled without it. */
#ifndef AFMPEG_SETJMP_H
#define AFMPEG_SETJMP_H

/* Which call of which function set it, and where in it. */
typedef struct {
    void *call;
    unsigned place;
} jmp_buf[1];

int setjmp(jmp_buf) __attribute__((__returns_twice__));
_Noreturn void longjmp(jmp_buf, int);

#define setjmp setjmp
#define _setjmp setjmp
#define _longjmp longjmp

#endif
