# Sleeps and readiness: everything that ends in poll_oneoff. Nothing here depends on how late a wait ends.
import os
import select
import sys
import time

start = time.monotonic()
for _ in range(50):
    time.sleep(0.002)
print(time.monotonic() - start >= 0.1)
for _ in range(1000):
    time.sleep(0)

# Standard input has bytes: it is ready, however long one would wait, and again until its end.
lines = []
poll = select.poll()
poll.register(0, select.POLLIN)
while True:
    ready, _, _ = select.select([0], [], [], 60)
    assert ready == [0]
    assert poll.poll(60_000)[0][0] == 0
    some = os.read(0, 7)
    if not some:
        break
    lines.append(some)
print(b"".join(lines).decode(), end="")
_, ready, _ = select.select([], [1, 2], [], 60)
print(ready)
with open("file", "w+") as file:
    ready = select.select([file], [file], [], 60)
    print(ready[0] == [file], ready[1] == [file])

# Nothing to wait for but the time.
start = time.monotonic()
print(select.select([], [], [], 0.05), time.monotonic() - start >= 0.05)
print(poll.poll(0) != [] or "end", time.get_clock_info("monotonic").monotonic)

# An event loop with timers that end in the order of their times, not of their start.
import asyncio


async def main():
    loop = asyncio.get_running_loop()
    start = loop.time()
    told = []
    for seconds, name in [(0.3, "third"), (0.01, "first"), (0.15, "second")]:
        loop.call_at(start + seconds, told.append, name)
    while len(told) < 3:
        await asyncio.sleep(0.01)
    print(told, loop.time() - start >= 0.29)
    try:
        await asyncio.wait_for(asyncio.sleep(3600), 0.02)
    except asyncio.TimeoutError:
        print("timed out")


class Loop(asyncio.SelectorEventLoop):
    """An event loop without the pair of sockets that other threads would wake it with."""

    def _make_self_pipe(self):
        pass

    def _close_self_pipe(self):
        pass


with asyncio.Runner(loop_factory=Loop) as runner:
    runner.run(main())
