"""Compiles a WASI command with wasmtime, or runs a compiled one and says what the running cost.

PACKAGES compile WASM COMPILED
PACKAGES run COMPILED INPUTS OUTPUTS REPLY ARGUMENT

PACKAGES is the directory that wasmtime is installed in. `run` gives the guest the directory INPUTS as /in, OUTPUTS as /out, ARGUMENT as its one argument, and the file
REPLY as its standard output. Its own standard output is one JSON line: the CPU and wall seconds between
instantiation and exit, so without this interpreter, the compiler and the loading of compiled code.
"""

import json
import os
import resource
import sys
import time

sys.path.insert(0, sys.argv[1])
import wasmtime  # noqa: E402, only found in that directory


def compile_module(source, target):
    module = wasmtime.Module.from_file(wasmtime.Engine(), source)
    partial = f"{target}.{os.getpid()}"
    with open(partial, "wb") as file:
        file.write(module.serialize())
    os.replace(partial, target)


def cpu_seconds():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def run(compiled, inputs, outputs, reply, argument):
    engine = wasmtime.Engine()
    module = wasmtime.Module.deserialize_file(engine, compiled)
    linker = wasmtime.Linker(engine)
    linker.define_wasi()
    wasi = wasmtime.WasiConfig()
    wasi.argv = ["ffmpeg", argument]
    wasi.preopen_dir(inputs, "/in", False)
    wasi.preopen_dir(outputs, "/out", True)
    wasi.stdout_file = reply
    wasi.inherit_stderr()
    store = wasmtime.Store(engine)
    store.set_wasi(wasi)
    code = 0
    wall, cpu = time.perf_counter(), cpu_seconds()
    try:
        instance = linker.instantiate(store, module)
        instance.exports(store)["_start"](store)
    except wasmtime.ExitTrap as end:
        code = end.code
    spent = {"cpu_s": cpu_seconds() - cpu, "wall_s": time.perf_counter() - wall}
    print(json.dumps(spent))
    return code


if __name__ == "__main__":
    command, *words = sys.argv[2:]
    sys.exit({"compile": compile_module, "run": run}[command](*words))
