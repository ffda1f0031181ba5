//! Generated from reactor.wat by afmpeg-lift; `BLESS=1` writes it again.
#![allow(warnings, clippy::all, clippy::pedantic)]
use afmpeg_lift_runtime::*;
pub struct Globals {
pub g0: u32,
pub g1: u32,
pub dropped_data: [bool; 0],
pub dropped_elements: [bool; 1],
pub r: fn(u32) -> Func,
pub data: fn(u32) -> &'static [u8],
pub elements: fn(u32) -> Vec<Func>,
}
impl Globals {
pub fn data(&self, k: u32) -> &'static [u8] {
    if self.dropped_data[k as usize] { &[] } else { (self.data)(k) }
}
pub fn elements(&self, k: u32) -> Vec<Func> {
    if self.dropped_elements[k as usize] { Vec::new() } else { (self.elements)(k) }
}
}
pub type C = Context<Globals, Func>;
pub type I = Inst<Globals, Func>;
#[derive(Clone, Copy)]
pub enum Func {
Null,
Host(u32, HostCall),
T0(fn(&mut [u8], &mut C, u32, u32, u32, u32) -> u32),
T1(fn(&mut [u8], &mut C, u32)),
T2(fn(&mut I)),
T3(fn(&mut [u8], &mut C) -> u32),
T4(fn(&mut [u8], &mut C, u32, u64, f32, f64) -> (f64, u32)),
T5(fn(&mut [u8], &mut C, u32, u32)),
T6(fn(&mut [u8], &mut C) -> V128),
}
impl Entry for Func {
const NULL: Self = Self::Null;
fn host(ty: u32, call: HostCall) -> Self { Self::Host(ty, call) }
}
#[inline(always)]
pub fn t0<const TABLE: usize>(m: &mut [u8], c: &mut C, a0: u32, a1: u32, a2: u32, a3: u32, x: u32) -> u32 {
match c.tables[TABLE].entry(x) {
Some(&Func::T0(f)) => f(m, c, a0, a1, a2, a3),
Some(&Func::Host(0, h)) => {
c.spend(HOST_CALL);
match h(m, &[a0.to_word(), a1.to_word(), a2.to_word(), a3.to_word()]) {
Ok(w) => { u32::from_word(w) }
Err(trap) => raise(trap),
}
}
Some(&Func::Null) => raise(Trap::NullFunction),
Some(_) => raise(Trap::BadSignature),
None => raise(Trap::TableOutOfBounds),
}
}
#[inline(always)]
pub fn t1<const TABLE: usize>(m: &mut [u8], c: &mut C, a0: u32, x: u32) {
match c.tables[TABLE].entry(x) {
Some(&Func::T1(f)) => f(m, c, a0),
Some(&Func::Host(1, h)) => {
c.spend(HOST_CALL);
match h(m, &[a0.to_word()]) {
Ok(w) => { w; }
Err(trap) => raise(trap),
}
}
Some(&Func::Null) => raise(Trap::NullFunction),
Some(_) => raise(Trap::BadSignature),
None => raise(Trap::TableOutOfBounds),
}
}
#[inline(always)]
pub fn t2<const TABLE: usize>(i: &mut I, x: u32) {
match i.context().tables[TABLE].entry(x) {
Some(&Func::T2(f)) => f(i),
Some(&Func::Host(2, h)) => {
i.context().spend(HOST_CALL);
match h(i.memory(), &[]) {
Ok(w) => { w; }
Err(trap) => raise(trap),
}
}
Some(&Func::Null) => raise(Trap::NullFunction),
Some(_) => raise(Trap::BadSignature),
None => raise(Trap::TableOutOfBounds),
}
}
#[inline(always)]
pub fn t3<const TABLE: usize>(m: &mut [u8], c: &mut C, x: u32) -> u32 {
match c.tables[TABLE].entry(x) {
Some(&Func::T3(f)) => f(m, c),
Some(&Func::Host(3, h)) => {
c.spend(HOST_CALL);
match h(m, &[]) {
Ok(w) => { u32::from_word(w) }
Err(trap) => raise(trap),
}
}
Some(&Func::Null) => raise(Trap::NullFunction),
Some(_) => raise(Trap::BadSignature),
None => raise(Trap::TableOutOfBounds),
}
}
#[inline(always)]
pub fn t4<const TABLE: usize>(m: &mut [u8], c: &mut C, a0: u32, a1: u64, a2: f32, a3: f64, x: u32) -> (f64, u32) {
match c.tables[TABLE].entry(x) {
Some(&Func::T4(f)) => f(m, c, a0, a1, a2, a3),
Some(&Func::Null) => raise(Trap::NullFunction),
Some(_) => raise(Trap::BadSignature),
None => raise(Trap::TableOutOfBounds),
}
}
#[inline(always)]
pub fn t5<const TABLE: usize>(m: &mut [u8], c: &mut C, a0: u32, a1: u32, x: u32) {
match c.tables[TABLE].entry(x) {
Some(&Func::T5(f)) => f(m, c, a0, a1),
Some(&Func::Host(5, h)) => {
c.spend(HOST_CALL);
match h(m, &[a0.to_word(), a1.to_word()]) {
Ok(w) => { w; }
Err(trap) => raise(trap),
}
}
Some(&Func::Null) => raise(Trap::NullFunction),
Some(_) => raise(Trap::BadSignature),
None => raise(Trap::TableOutOfBounds),
}
}
#[inline(always)]
pub fn t6<const TABLE: usize>(m: &mut [u8], c: &mut C, x: u32) -> V128 {
match c.tables[TABLE].entry(x) {
Some(&Func::T6(f)) => f(m, c),
Some(&Func::Null) => raise(Trap::NullFunction),
Some(_) => raise(Trap::BadSignature),
None => raise(Trap::TableOutOfBounds),
}
}
pub fn f0(m: &mut [u8], c: &mut C, a0: u32, a1: u32, a2: u32, a3: u32) -> u32 { u32::from_word(c.import(0, m, &[a0.to_word(), a1.to_word(), a2.to_word(), a3.to_word()])) }
pub fn f1(m: &mut [u8], c: &mut C, a0: u32) { c.import(1, m, &[a0.to_word()]); }
pub fn f2(i: &mut I, a0: u32) { invoke(i, |g| &mut g.g0, (), |i| { t2::<0>(i, a0) }) }
#[inline]
pub fn f3(m: &mut [u8], c: &mut C) {
c.g.g1 = c.g.g1.wrapping_add(1u32);

}
#[inline]
pub fn f4(m: &mut [u8], c: &mut C) -> u32 {
let b0_0: u32;
b0_0 = c.g.g1;
b0_0
}
#[inline]
pub fn f5(m: &mut [u8], c: &mut C, mut l0: u32, mut l1: u64, mut l2: f32, mut l3: f64) -> (f64, u32) {
let b0_0: f64;
let b0_1: u32;
b0_0 = (((l0 as i32 as f64) + (l1 as i64 as f64)) + ((l2 as f64) + l3));
b0_1 = 4294967295u32;
(b0_0, b0_1)
}
pub fn f6(m: &mut [u8], c: &mut C, mut l0: u32, mut l1: u32) {
c.enter(1, 13);
store_u32(m, 0u32, 0, l0);
store_u32(m, 4u32, 0, l1);
let v1 = f0(m, c, 1u32, 0u32, 1u32, 8u32);
c.leave(1, 0);

}
pub fn f7(m: &mut [u8], c: &mut C) {
c.enter(1, 2);
let mut t = 0u32;
'l1: loop {
t += 8; if t >= 65536 { c.spend(t); t = 0; }
let v2 = f0(m, c, 1u32, 0u32, 1u32, 8u32);
continue 'l1;
}
c.leave(1, t);

}
pub fn f8(i: &mut I) {
let (mut m, mut c) = i.split();
c.enter(1, 3);
f2(i, 1u32); (m, c) = i.split();
c.leave(1, 0);

}
pub fn f9(m: &mut [u8], c: &mut C) {
c.enter(1, 3);
f1(m, c, 3u32);
c.leave(1, 0);

}
#[inline]
pub fn f10(m: &mut [u8], c: &mut C) {
raise(Trap::Unreachable);

}
pub fn f11(m: &mut [u8], c: &mut C) {
c.enter(1, 2);
let mut t = 0u32;
'l1: loop {
t += 2; if t >= 65536 { c.spend(t); t = 0; }
continue 'l1;
}
c.leave(1, t);

}
#[inline]
pub fn f12(m: &mut [u8], c: &mut C) -> V128 {
let b0_0: V128;
b0_0 = V128([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
b0_0
}
fn r3() -> Func { Func::T2(|i| { let (m, c) = i.split(); f3(m, c) }) }
fn r4() -> Func { Func::T3(f4) }
fn r5() -> Func { Func::T4(f5) }
fn r6() -> Func { Func::T5(f6) }
fn r7() -> Func { Func::T2(|i| { let (m, c) = i.split(); f7(m, c) }) }
fn r8() -> Func { Func::T2(f8) }
fn r9() -> Func { Func::T2(|i| { let (m, c) = i.split(); f9(m, c) }) }
fn r10() -> Func { Func::T2(|i| { let (m, c) = i.split(); f10(m, c) }) }
fn r11() -> Func { Func::T2(|i| { let (m, c) = i.split(); f11(m, c) }) }
fn r12() -> Func { Func::T6(f12) }
fn reference(k: u32) -> Func { match k {
3 => r3(),
4 => r4(),
5 => r5(),
6 => r6(),
7 => r7(),
8 => r8(),
9 => r9(),
10 => r10(),
11 => r11(),
12 => r12(),
_ => Func::Null } }
fn data(k: u32) -> &'static [u8] { match k {
_ => &[] } }
fn s0() -> Vec<Func> { vec![r8()] }
fn elements(k: u32) -> Vec<Func> { match k {
0 => s0(),
_ => Vec::new() } }
static TYPES: &[FuncType] = &[
FuncType { params: &[ValType::I32, ValType::I32, ValType::I32, ValType::I32], results: &[ValType::I32] },
FuncType { params: &[ValType::I32], results: &[] },
FuncType { params: &[], results: &[] },
FuncType { params: &[], results: &[ValType::I32] },
FuncType { params: &[ValType::I32, ValType::I64, ValType::F32, ValType::F64], results: &[ValType::F64, ValType::I32] },
FuncType { params: &[ValType::I32, ValType::I32], results: &[] },
FuncType { params: &[], results: &[ValType::V128] },
];
static IMPORTS: &[Import] = &[
Import { module: "wasi_snapshot_preview1", name: "fd_write", ty: FuncType { params: &[ValType::I32, ValType::I32, ValType::I32, ValType::I32], results: &[ValType::I32] }, resolved: false },
Import { module: "wasi_snapshot_preview1", name: "proc_exit", ty: FuncType { params: &[ValType::I32], results: &[] }, resolved: false },
Import { module: "env", name: "invoke_v", ty: FuncType { params: &[ValType::I32], results: &[] }, resolved: true },
];
static EXPORTS: &[Export] = &[
Export { name: "memory", what: Extern::Memory },
Export { name: "__indirect_function_table", what: Extern::Table },
Export { name: "__stack_pointer", what: Extern::Global },
Export { name: "_initialize", what: Extern::Function(FuncType { params: &[], results: &[] }) },
Export { name: "setups", what: Extern::Function(FuncType { params: &[], results: &[ValType::I32] }) },
Export { name: "mixed", what: Extern::Function(FuncType { params: &[ValType::I32, ValType::I64, ValType::F32, ValType::F64], results: &[ValType::F64, ValType::I32] }) },
Export { name: "print", what: Extern::Function(FuncType { params: &[ValType::I32, ValType::I32], results: &[] }) },
Export { name: "prints", what: Extern::Function(FuncType { params: &[], results: &[] }) },
Export { name: "nest", what: Extern::Function(FuncType { params: &[], results: &[] }) },
Export { name: "quit", what: Extern::Function(FuncType { params: &[], results: &[] }) },
Export { name: "trap", what: Extern::Function(FuncType { params: &[], results: &[] }) },
Export { name: "loop", what: Extern::Function(FuncType { params: &[], results: &[] }) },
Export { name: "vector", what: Extern::Function(FuncType { params: &[], results: &[ValType::V128] }) },
];
fn x2(g: &Globals) -> u64 { g.g0.to_word() }
fn e3(i: &mut I, a: &[u64]) -> Vec<u64> {
let (m, c) = i.split();
let () = f3(m, c);
vec![]
}
fn e4(i: &mut I, a: &[u64]) -> Vec<u64> {
let (m, c) = i.split();
let r0 = f4(m, c);
vec![r0.to_word()]
}
fn e5(i: &mut I, a: &[u64]) -> Vec<u64> {
let (m, c) = i.split();
let (r0, r1) = f5(m, c, u32::from_word(a[0]), u64::from_word(a[1]), f32::from_word(a[2]), f64::from_word(a[3]));
vec![r0.to_word(), r1.to_word()]
}
fn e6(i: &mut I, a: &[u64]) -> Vec<u64> {
let (m, c) = i.split();
let () = f6(m, c, u32::from_word(a[0]), u32::from_word(a[1]));
vec![]
}
fn e7(i: &mut I, a: &[u64]) -> Vec<u64> {
let (m, c) = i.split();
let () = f7(m, c);
vec![]
}
fn e8(i: &mut I, a: &[u64]) -> Vec<u64> {
let () = f8(i);
vec![]
}
fn e9(i: &mut I, a: &[u64]) -> Vec<u64> {
let (m, c) = i.split();
let () = f9(m, c);
vec![]
}
fn e10(i: &mut I, a: &[u64]) -> Vec<u64> {
let (m, c) = i.split();
let () = f10(m, c);
vec![]
}
fn e11(i: &mut I, a: &[u64]) -> Vec<u64> {
let (m, c) = i.split();
let () = f11(m, c);
vec![]
}
fn e12(i: &mut I, a: &[u64]) -> Vec<u64> {
let (m, c) = i.split();
let r0 = f12(m, c);
vec![r0.to_words().0, r0.to_words().1]
}
static MAP: Map<Globals, Func> = Map {
functions: &[
("_initialize", e3),
("setups", e4),
("mixed", e5),
("print", e6),
("prints", e7),
("nest", e8),
("quit", e9),
("trap", e10),
("loop", e11),
("vector", e12),
],
globals: &[
("__stack_pointer", x2),
],
tables: &[
("__indirect_function_table", 0),
],
types: TYPES,
};
struct Lifted;
/// The module.
pub fn module() -> &'static dyn Module { &Lifted }
impl Module for Lifted {
fn digest(&self) -> [u8; 32] { [93, 132, 153, 79, 30, 25, 199, 8, 30, 207, 120, 116, 244, 63, 84, 119, 233, 196, 246, 128, 83, 31, 203, 102, 194, 168, 88, 118, 36, 230, 173, 154] }
fn imports(&self) -> &'static [Import] { IMPORTS }
fn exports(&self) -> &'static [Export] { EXPORTS }
fn needs(&self) -> Needs { Needs { memory_bytes: 65536, table_elements: 2, start: false } }
fn instantiate(&self, host: Box<dyn Host>, config: &Config) -> Result<Box<dyn Instance>, Trap> {
let memory = Memory::new(1, 65536, config.reserve_bytes).ok_or(Trap::OutOfSystemMemory)?;
let g = Globals {
g0: 65536u32,
g1: 0u32,
dropped_data: [false; 0],
dropped_elements: [false; 1],
r: reference,
data,
elements,
};
let tables = vec![Table::new(2, 4294967295), ];
let mut inst = Inst::new(memory, g, tables, host, config);
inst.enter_root(|i| {
let (m, c) = i.split();
table_init(&mut c.tables[0], &s0(), 1u32, 0, 1);
c.g.dropped_elements[0] = true;
})?;
Ok(Box::new(Live::new(inst, &MAP)))
}
}
