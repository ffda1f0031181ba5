/* What a program has beside files: arguments, clocks, chance, waiting, signals, no sockets. */
#include "expect.h"

enum { MILLISECOND = 1000000 };

static void arguments_and_environment(void)
{
    uint32_t count = 0, size = 0;
    char *pointers[8], bytes[256];
    OK(args_sizes_get(&count, &size));
    IS(count == 4 && size == sizeof "process" + sizeof "arguments_and_environment" + sizeof "" + sizeof "a b\"c");
    OK(args_get(pointers, bytes));
    IS(!strcmp(pointers[1], "arguments_and_environment") && !strcmp(pointers[2], ""));
    IS(!strcmp(pointers[3], "a b\"c") && pointers[0] == bytes);
    OK(environ_sizes_get(&count, &size));
    IS(count == 2 && size == sizeof "KEY=value" + sizeof "EMPTY=");
    memset(bytes, '.', sizeof bytes);
    OK(environ_get(pointers, bytes));
    IS(!strcmp(pointers[0], "KEY=value") && !strcmp(pointers[1], "EMPTY=") && bytes[size] == '.');
    GIVES(fault, args_get(OUTSIDE, bytes));
    GIVES(fault, args_get(pointers, OUTSIDE));
    GIVES(fault, args_sizes_get(OUTSIDE, &size));
    GIVES(fault, args_sizes_get(&count, OUTSIDE));
    GIVES(fault, environ_get(OUTSIDE, bytes));
    GIVES(fault, environ_get(pointers, OUTSIDE));
    GIVES(fault, environ_sizes_get(OUTSIDE, &size));
    GIVES(fault, environ_sizes_get(&count, OUTSIDE));
}

static void clocks(void)
{
    uint64_t resolution = 0, first = 0, second = 0;
    for (uint32_t id = REALTIME; id <= THREAD_TIME; id++) {
        OK(clock_res_get(id, &resolution));
        IS(resolution > 0 && resolution <= 100 * MILLISECOND);
        OK(clock_time_get(id, 0, &first));
        OK(clock_time_get(id, UINT64_MAX, &second));
        IS(second >= first);
    }
    OK(clock_time_get(REALTIME, 0, &first));
    /* After 2020: programs take times of files from it. */
    IS(first > UINT64_C(1577836800000) * MILLISECOND);
    GIVES(inval, clock_res_get(4, &resolution));
    GIVES(inval, clock_time_get(4, 0, &first));
    GIVES(inval, clock_time_get(UINT32_MAX, 0, &first));
    GIVES(fault, clock_res_get(REALTIME, OUTSIDE));
    GIVES(fault, clock_time_get(REALTIME, 0, OUTSIDE));
}

static void chance(void)
{
    static uint8_t a[200000], b[200000];
    OK(random_get(a, sizeof a));
    OK(random_get(b, sizeof b));
    IS(memcmp(a, b, sizeof a));
    uint32_t counts[256] = {0};
    for (size_t i = 0; i < sizeof a; i++)
        counts[a[i]]++;
    for (size_t i = 0; i < 256; i++)
        IS(counts[i] > 500 && counts[i] < 1100);
    OK(random_get(a, 0));
    a[0] = 77;
    GIVES(fault, random_get(OUTSIDE, 2));
    GIVES(fault, random_get(a, UINT32_MAX));
    IS(a[0] == 77);
}

static void giving_way(void)
{
    OK(host_sched_yield());
}

static struct subscription on_clock(uint32_t id, uint64_t timeout, uint16_t flags)
{
    struct subscription wait = {.userdata = 11, .tag = CLOCK_EVENT};
    wait.clock.id = id;
    wait.clock.timeout = timeout;
    wait.clock.flags = flags;
    return wait;
}

static struct subscription on_fd(uint64_t userdata, uint8_t tag, int32_t fd)
{
    struct subscription wait = {.userdata = userdata, .tag = tag};
    wait.fd = fd;
    return wait;
}

static void waiting_for_a_clock(void)
{
    struct subscription wait = on_clock(MONOTONIC, 20 * MILLISECOND, 0);
    struct event event;
    uint32_t count = 0;
    uint64_t before, after;
    OK(clock_time_get(MONOTONIC, 0, &before));
    OK(poll_oneoff(&wait, &event, 1, &count));
    OK(clock_time_get(MONOTONIC, 0, &after));
    IS(count == 1 && event.userdata == 11 && event.type == CLOCK_EVENT && event.error == E_success);
    IS(after - before >= 20 * MILLISECOND);
    wait = on_clock(MONOTONIC, after + 5 * MILLISECOND, ABSOLUTE);
    OK(poll_oneoff(&wait, &event, 1, &count));
    OK(clock_time_get(MONOTONIC, 0, &before));
    IS(count == 1 && before >= after + 5 * MILLISECOND);
    wait = on_clock(REALTIME, 1, ABSOLUTE);
    OK(poll_oneoff(&wait, &event, 1, &count));
    IS(count == 1 && event.error == E_success);
    wait = on_clock(REALTIME, 0, 0);
    OK(poll_oneoff(&wait, &event, 1, &count));
    IS(count == 1);
    wait = on_clock(9, 0, 0);
    OK(poll_oneoff(&wait, &event, 1, &count));
    IS(count == 1 && event.error == E_inval);
    wait = on_clock(MONOTONIC, 0, 2);
    OK(poll_oneoff(&wait, &event, 1, &count));
    IS(count == 1 && event.error == E_inval);
}

static void waiting_for_descriptors(void)
{
    put("f", "text");
    int32_t fd = open_at(ROOT, "f", 0, ALL_RIGHTS);
    int32_t without = open_at(ROOT, "f", 0, RIGHT(FD_READ));
    struct subscription waits[] = {
        on_fd(1, READ_EVENT, fd), on_fd(2, WRITE_EVENT, fd), on_fd(3, READ_EVENT, 77), on_fd(4, WRITE_EVENT, 1),
        on_fd(5, READ_EVENT, ROOT), on_fd(6, READ_EVENT, without), on_fd(7, WRITE_EVENT, 0),
        on_clock(MONOTONIC, UINT64_MAX, 0),
    };
    struct event events[8];
    uint32_t count = 0;
    OK(poll_oneoff(waits, events, 8, &count));
    IS(count == 7);
    for (uint32_t i = 0; i < count; i++)
        IS(events[i].userdata == i + 1);
    IS(events[0].error == E_success && events[0].type == READ_EVENT && events[0].bytes == 4);
    IS(events[1].error == E_success && events[1].type == WRITE_EVENT);
    IS(events[2].error == E_badf && events[2].type == READ_EVENT);
    IS(events[3].error == E_success);
    IS(events[4].error == E_badf && events[6].error == E_badf);
    IS(events[5].error == E_notcapable);
    struct subscription twice[] = {on_fd(8, READ_EVENT, 0), on_fd(8, READ_EVENT, 0)};
    OK(poll_oneoff(twice, events, 2, &count));
    IS(count == 2 && events[0].userdata == 8 && events[1].userdata == 8 && events[1].bytes > 0);
}

static void waiting_for_nothing(void)
{
    static struct subscription waits[4097];
    static struct event events[4097];
    uint32_t count = 0;
    for (size_t i = 0; i < 4097; i++)
        waits[i] = on_fd(i, WRITE_EVENT, 1);
    OK(poll_oneoff(waits, events, 4096, &count));
    IS(count == 4096);
    GIVES(inval, poll_oneoff(waits, events, 0, &count));
    GIVES(inval, poll_oneoff(waits, events, 4097, &count));
    GIVES(inval, poll_oneoff(waits, events, UINT32_MAX, &count));
    GIVES(fault, poll_oneoff(OUTSIDE, events, 1, &count));
    GIVES(fault, poll_oneoff(waits, OUTSIDE, 1, &count));
    GIVES(fault, poll_oneoff(waits, events, 1, OUTSIDE));
    waits[0].tag = 3;
    GIVES(inval, poll_oneoff(waits, events, 1, &count));
    /* The events may lie where the subscriptions were. */
    waits[0].tag = WRITE_EVENT;
    OK(poll_oneoff(waits, (void *)waits, 4, &count));
    memcpy(events, waits, sizeof *events * 4);
    IS(count == 4 && events[3].userdata == 3 && events[3].type == WRITE_EVENT);
}

static void signals_that_change_nothing(void)
{
    static const uint32_t ignored[] = {0, 16, 17, 22, 27};
    for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++)
        OK(proc_raise(ignored[i]));
    GIVES(inval, proc_raise(31));
    GIVES(inval, proc_raise(UINT32_MAX));
}

static void there_are_no_sockets(void)
{
    char byte[1];
    struct span piece = {byte, 1};
    uint32_t count, flags;
    int32_t fd, own[] = {1, ROOT, create("f")};
    for (size_t i = 0; i < 3; i++) {
        GIVES(notsock, sock_accept(own[i], 0, &fd));
        GIVES(notsock, sock_recv(own[i], &piece, 1, 0, &count, &flags));
        GIVES(notsock, sock_send(own[i], &piece, 1, 0, &count));
        GIVES(notsock, sock_shutdown(own[i], 3));
    }
}

CASES(CASE(arguments_and_environment),
      CASE(clocks),
      CASE(chance),
      CASE(giving_way),
      CASE(waiting_for_a_clock),
      CASE(waiting_for_descriptors),
      CASE(waiting_for_nothing),
      CASE(signals_that_change_nothing),
      CASE(there_are_no_sockets))
