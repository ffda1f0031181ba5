/* Rounding to the nearest integer, ties to even, by the one instruction that WebAssembly has for it. The C
 * library computes the same step by step; audio decoders do it for every sample. */
#include <math.h>

long lrintf(float x)
{
    return (long)__builtin_rintf(x);
}

long lrint(double x)
{
    return (long)__builtin_rint(x);
}

long long llrintf(float x)
{
    return (long long)__builtin_rintf(x);
}

long long llrint(double x)
{
    return (long long)__builtin_rint(x);
}
