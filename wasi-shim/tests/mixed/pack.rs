//! Generated from guest.wat by afmpeg-lift; `BLESS=1` writes it again.
#![allow(warnings, clippy::all, clippy::pedantic)]
use afmpeg_lift_runtime::*;
#[derive(Default)]
pub struct Globals {
pub g0: u32,
pub g1: u64,
}
#[derive(Clone, Copy)]
pub struct Func;
impl Entry for Func {
const NULL: Self = Self;
fn host(_: u32, _: HostCall) -> Self { Self }
}
pub type C = Context<Globals, Func>;
pub fn f2(m: &mut [u8], c: &mut C, mut l0: u32, mut l1: u32) -> u32 {
c.enter(1, 20);
let mut t = 0u32;
let mut l2: u32 = 0u32;
let b0_0: u32;
l2 = c.g.g0.wrapping_sub(16u32);
c.g.g0 = l2;
c.g.g1 = c.g.g1.wrapping_add(1u64);
store_u32(m, l2, 0, 5381u32);
'l1: loop {
t += 23; if t >= 65536 { c.spend(t); t = 0; }
let v2 = load_u32(m, l2, 0);
let v3 = (load_u8(m, l0, 0) as u32);
let v4 = f3(m, c, v2, v3);
store_u32(m, l2, 0, v4);
l0 = l0.wrapping_add(1u32);
l1 = l1.wrapping_sub(1u32);
if (l1 != 0) { continue 'l1; }
break 'l1;
}
c.g.g0 = l2.wrapping_add(16u32);
b0_0 = load_u32(m, l2, 0);
c.leave(1, t);
b0_0
}
#[inline]
pub fn f3(m: &mut [u8], c: &mut C, mut l0: u32, mut l1: u32) -> u32 {
let b0_0: u32;
b0_0 = l0.wrapping_mul(33u32).wrapping_add(l1);
b0_0
}
#[inline]
pub fn f4(m: &mut [u8], c: &mut C, mut l0: u32, mut l1: u32) -> u32 {
let b0_0: u32;
b0_0 = i32_div_s(l0, l1);
b0_0
}
pub fn f5(m: &mut [u8], c: &mut C) {
c.enter(1, 2);
let mut t = 0u32;
'l1: loop {
t += 2; if t >= 65536 { c.spend(t); t = 0; }
continue 'l1;
}
c.leave(1, t);

}
pub fn f6(m: &mut [u8], c: &mut C, mut l0: u32) -> u32 {
c.enter(1, 7);
let b0_0: u32;
let v1 = f6(m, c, l0.wrapping_add(1u32));
b0_0 = v1.wrapping_add(1u32);
c.leave(1, 0);
b0_0
}
#[inline]
pub fn f7(m: &mut [u8], c: &mut C, mut l0: f64, mut l1: u64, mut l2: f32) -> f64 {
let b0_0: f64;
b0_0 = ((l0 * (l1 as i64 as f64)) + (l2 as f64));
b0_0
}
#[inline]
pub fn f13(m: &mut [u8], c: &mut C, mut l0: u32) -> u32 {
let b0_0: u32;
store_u8(m, l0, 0, 77u32 as u8);
b0_0 = (load_u8(m, l0, 0) as u32).wrapping_add(((m.len() >> 16) as u32));
b0_0
}
static TYPES: &[FuncType] = &[
FuncType { params: &[ValType::I32, ValType::I32], results: &[ValType::I32] },
FuncType { params: &[ValType::I32, ValType::I32, ValType::I32, ValType::I32], results: &[ValType::I32] },
FuncType { params: &[], results: &[] },
FuncType { params: &[ValType::I32], results: &[ValType::I32] },
FuncType { params: &[ValType::F64, ValType::I64, ValType::F32], results: &[ValType::F64] },
FuncType { params: &[], results: &[ValType::I32, ValType::I32] },
FuncType { params: &[ValType::I32], results: &[] },
];
static IMPORTS: &[Import] = &[
Import { module: "wasi_snapshot_preview1", name: "fd_write", ty: FuncType { params: &[ValType::I32, ValType::I32, ValType::I32, ValType::I32], results: &[ValType::I32] }, resolved: false },
Import { module: "wasi_snapshot_preview1", name: "args_sizes_get", ty: FuncType { params: &[ValType::I32, ValType::I32], results: &[ValType::I32] }, resolved: false },
];
static EXPORTS: &[Export] = &[
Export { name: "memory", what: Extern::Memory },
Export { name: "_start", what: Extern::Function(FuncType { params: &[], results: &[] }) },
];
fn e2(m: &mut [u8], c: &mut C, a: &[u64]) -> u64 {
f2(m, c, u32::from_word(a[0]), u32::from_word(a[1])).to_word()
}
fn e3(m: &mut [u8], c: &mut C, a: &[u64]) -> u64 {
c.spend(6);
f3(m, c, u32::from_word(a[0]), u32::from_word(a[1])).to_word()
}
fn e4(m: &mut [u8], c: &mut C, a: &[u64]) -> u64 {
c.spend(4);
f4(m, c, u32::from_word(a[0]), u32::from_word(a[1])).to_word()
}
fn e5(m: &mut [u8], c: &mut C, a: &[u64]) -> u64 {
f5(m, c); 0
}
fn e6(m: &mut [u8], c: &mut C, a: &[u64]) -> u64 {
f6(m, c, u32::from_word(a[0])).to_word()
}
fn e7(m: &mut [u8], c: &mut C, a: &[u64]) -> u64 {
c.spend(8);
f7(m, c, f64::from_word(a[0]), u64::from_word(a[1]), f32::from_word(a[2])).to_word()
}
fn e13(m: &mut [u8], c: &mut C, a: &[u64]) -> u64 {
c.spend(8);
f13(m, c, u32::from_word(a[0])).to_word()
}
static PARTIAL_HERE: Partial = Partial {
rest: &[0, 97, 115, 109, 1, 0, 0, 0, 1, 39, 7, 96, 2, 127, 127, 1, 127, 96, 4, 127, 127, 127, 127, 1, 127, 96, 0, 0, 96, 1, 127, 1, 127, 96, 3, 124, 126, 125, 1, 124, 96, 0, 2, 127, 127, 96, 1, 127, 0, 2, 160, 1, 9, 22, 119, 97, 115, 105, 95, 115, 110, 97, 112, 115, 104, 111, 116, 95, 112, 114, 101, 118, 105, 101, 119, 49, 8, 102, 100, 95, 119, 114, 105, 116, 101, 0, 1, 22, 119, 97, 115, 105, 95, 115, 110, 97, 112, 115, 104, 111, 116, 95, 112, 114, 101, 118, 105, 101, 119, 49, 14, 97, 114, 103, 115, 95, 115, 105, 122, 101, 115, 95, 103, 101, 116, 0, 0, 6, 108, 105, 102, 116, 101, 100, 2, 102, 50, 0, 0, 6, 108, 105, 102, 116, 101, 100, 2, 102, 51, 0, 0, 6, 108, 105, 102, 116, 101, 100, 2, 102, 52, 0, 0, 6, 108, 105, 102, 116, 101, 100, 2, 102, 53, 0, 2, 6, 108, 105, 102, 116, 101, 100, 2, 102, 54, 0, 3, 6, 108, 105, 102, 116, 101, 100, 2, 102, 55, 0, 4, 6, 108, 105, 102, 116, 101, 100, 3, 102, 49, 51, 0, 3, 3, 15, 14, 0, 0, 0, 2, 3, 4, 3, 3, 2, 5, 2, 3, 6, 2, 4, 4, 1, 112, 0, 2, 5, 3, 1, 0, 2, 6, 13, 2, 127, 1, 65, 128, 128, 4, 11, 126, 1, 66, 0, 11, 7, 43, 4, 6, 109, 101, 109, 111, 114, 121, 2, 0, 6, 95, 115, 116, 97, 114, 116, 0, 22, 9, 108, 105, 102, 116, 101, 100, 46, 103, 48, 3, 0, 9, 108, 105, 102, 116, 101, 100, 46, 103, 49, 3, 1, 9, 8, 1, 0, 65, 0, 11, 2, 9, 9, 10, 166, 2, 14, 8, 0, 32, 0, 32, 1, 16, 2, 11, 8, 0, 32, 0, 32, 1, 16, 3, 11, 8, 0, 32, 0, 32, 1, 16, 4, 11, 4, 0, 16, 5, 11, 6, 0, 32, 0, 16, 6, 11, 10, 0, 32, 0, 32, 1, 32, 2, 16, 7, 11, 12, 0, 65, 128, 32, 32, 0, 65, 1, 17, 0, 0, 11, 6, 0, 32, 0, 16, 15, 11, 7, 0, 65, 1, 64, 0, 26, 11, 6, 0, 65, 1, 65, 2, 11, 28, 0, 65, 0, 65, 192, 0, 54, 2, 0, 65, 4, 65, 16, 54, 2, 0, 65, 1, 65, 0, 65, 1, 65, 8, 16, 0, 26, 11, 6, 0, 32, 0, 16, 8, 11, 151, 1, 0, 2, 64, 2, 64, 2, 64, 2, 64, 2, 64, 2, 64, 2, 64, 32, 0, 14, 7, 0, 0, 1, 2, 3, 4, 5, 6, 11, 65, 192, 0, 65, 208, 134, 3, 16, 15, 54, 2, 0, 65, 196, 0, 35, 0, 54, 2, 0, 16, 17, 65, 200, 0, 65, 255, 255, 11, 16, 20, 35, 1, 167, 106, 54, 2, 0, 65, 204, 0, 68, 0, 0, 0, 0, 0, 0, 248, 63, 66, 125, 67, 0, 0, 128, 62, 16, 14, 182, 56, 2, 0, 15, 11, 65, 184, 255, 7, 65, 232, 7, 16, 9, 26, 15, 11, 65, 1, 65, 0, 16, 11, 26, 15, 11, 65, 128, 128, 128, 128, 120, 65, 127, 16, 11, 26, 15, 11, 16, 12, 15, 11, 65, 0, 16, 13, 26, 15, 11, 3, 64, 65, 1, 65, 2, 16, 10, 26, 12, 0, 11, 11, 18, 0, 65, 16, 65, 20, 16, 1, 26, 65, 16, 40, 2, 0, 16, 21, 16, 19, 11],
functions: &[
PartialFunction { name: "f2", ty: FuncType { params: &[ValType::I32, ValType::I32], results: &[ValType::I32] }, uses_globals: true },
PartialFunction { name: "f3", ty: FuncType { params: &[ValType::I32, ValType::I32], results: &[ValType::I32] }, uses_globals: false },
PartialFunction { name: "f4", ty: FuncType { params: &[ValType::I32, ValType::I32], results: &[ValType::I32] }, uses_globals: false },
PartialFunction { name: "f5", ty: FuncType { params: &[], results: &[] }, uses_globals: false },
PartialFunction { name: "f6", ty: FuncType { params: &[ValType::I32], results: &[ValType::I32] }, uses_globals: false },
PartialFunction { name: "f7", ty: FuncType { params: &[ValType::F64, ValType::I64, ValType::F32], results: &[ValType::F64] }, uses_globals: false },
PartialFunction { name: "f13", ty: FuncType { params: &[ValType::I32], results: &[ValType::I32] }, uses_globals: false },
],
globals: &[
("lifted.g0", ValType::I32),
("lifted.g1", ValType::I64),
],
};
fn load(g: &mut Globals, w: &[u64]) { if let [g0, g1] = w { g.g0 = Word::from_word(*g0); g.g1 = Word::from_word(*g1);  } }
fn store(g: &Globals, w: &mut [u64]) { if let [g0, g1] = w { *g0 = g.g0.to_word(); *g1 = g.g1.to_word();  } }
static MAP: PartialMap<Globals, Func> = PartialMap { functions: &[e2, e3, e4, e5, e6, e7, e13], load, store };
struct Lifted;
/// The module.
pub fn module() -> &'static dyn Module { &Lifted }
impl Module for Lifted {
fn digest(&self) -> [u8; 32] { [150, 236, 51, 235, 55, 101, 87, 218, 213, 97, 197, 220, 95, 125, 155, 154, 190, 57, 249, 87, 244, 248, 114, 95, 94, 207, 236, 209, 73, 80, 139, 176] }
fn imports(&self) -> &'static [Import] { IMPORTS }
fn exports(&self) -> &'static [Export] { EXPORTS }
fn needs(&self) -> Needs { Needs { memory_bytes: 131072, table_elements: 2, start: false } }
fn instantiate(&self, _: Box<dyn Host>, _: &Config) -> Result<Box<dyn Instance>, Trap> {
Err(Trap::Unreachable)
}
fn partial(&self) -> Option<&'static Partial> { Some(&PARTIAL_HERE) }
fn partial_state(&self, host: Box<dyn Host>, config: &Config) -> Option<Box<dyn PartialState>> {
Some(Box::new(PartialLive::new(Globals::default(), &MAP, host, config)))
}
}
