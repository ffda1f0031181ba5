/* Functions of POSIX threads that wasi-libc declares without defining, for a guest with one thread. */
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>

/* A wait on an empty semaphore could never end here, since nobody else runs who could post it. */
static int take(sem_t *sem, int when_empty)
{
    if (sem->__val[0] > 0) {
        sem->__val[0]--;
        return 0;
    }
    errno = when_empty;
    return -1;
}

int sem_init(sem_t *sem, int shared, unsigned value)
{
    (void)shared;
    sem->__val[0] = (int)value;
    return 0;
}

int sem_destroy(sem_t *sem)
{
    (void)sem;
    return 0;
}

int sem_post(sem_t *sem)
{
    sem->__val[0]++;
    return 0;
}

int sem_wait(sem_t *sem)
{
    return take(sem, EDEADLK);
}

int sem_trywait(sem_t *sem)
{
    return take(sem, EAGAIN);
}

int sem_timedwait(sem_t *restrict sem, const struct timespec *restrict until)
{
    (void)until;
    return take(sem, ETIMEDOUT);
}

/* These two prepare a thread that pthread_create would then refuse to make. */
int pthread_attr_setscope(pthread_attr_t *attr, int scope)
{
    (void)attr;
    (void)scope;
    return ENOTSUP;
}

int pthread_attr_setschedpolicy(pthread_attr_t *attr, int policy)
{
    (void)attr;
    (void)policy;
    return ENOTSUP;
}
