//! Random modules, called in the interpreter and as lifted code: results, traps, and what they leave
//! in memory and globals, after a trap too unless memory was left.

use std::collections::BTreeMap;

use arbitrary::Unstructured;
use wasm_smith::{Config, MemoryOffsetChoices};
use wasmi::{ExternType, Module, ValType};

use crate::harness::{Batch, Build};
use crate::reference::Reference;
use crate::script::{Limits, Link, Step};

/// Random modules of consecutive seeds, and what to do with them.
#[derive(Default)]
pub struct Sample {
    batch: Batch,
    script: Vec<Step>,
    /// What the interpreter answered.
    expected: Vec<String>,
    /// The seed of the module of each step.
    seeds: Vec<u64>,
    instances: usize,
    reference: Reference,
    /// Seeds whose modules were not taken, by reason.
    pub refused: BTreeMap<String, usize>,
}

/// What a sample showed.
#[derive(Debug)]
pub struct Outcome {
    /// Modules that ran.
    pub modules: usize,
    /// Answers that were compared.
    pub answers: usize,
    /// Calls that returned.
    pub returned: usize,
    /// Calls that trapped, by kind.
    pub trapped: BTreeMap<String, usize>,
    /// The first difference of each module that has one, with its seed.
    pub differences: Vec<String>,
}

impl Sample {
    /// The modules of these seeds.
    ///
    /// # Panics
    ///
    /// When a module is refused that should be taken.
    #[must_use]
    pub fn new(seeds: impl IntoIterator<Item = u64>) -> Self {
        let mut sample = Self::default();
        for seed in seeds {
            sample.add(seed);
        }
        sample
    }

    fn add(&mut self, seed: u64) {
        let Some(wasm) = module(seed) else {
            *self
                .refused
                .entry("no module from these bytes".to_owned())
                .or_default() += 1;
            return;
        };
        let before = self.batch.len();
        let number = match self.batch.add(&wasm) {
            Ok(number) if number == before => number,
            // The same module again: small ones may repeat.
            Ok(_) => return,
            Err(error) => {
                let error = error.to_string();
                assert!(
                    error.contains("externref"),
                    "seed {seed} is refused: {error}"
                );
                *self.refused.entry("externref".to_owned()).or_default() += 1;
                return;
            }
        };
        let module = self
            .reference
            .module(&wasm)
            .expect("the interpreter takes what is lifted");
        self.script(seed, number, &module);
    }

    /// One instance for all functions, then one for each: what a call leaves behind shows in the
    /// next, and one that uses up the fuel does not hide the others.
    fn script(&mut self, seed: u64, number: usize, module: &Module) {
        let mut random = Random(seed);
        let mut functions = Vec::new();
        let mut globals = Vec::new();
        for export in module.exports() {
            match export.ty() {
                ExternType::Func(ty) => {
                    functions.push((export.name().to_owned(), ty.params().to_vec()));
                }
                ExternType::Global(_) => globals.push(export.name().to_owned()),
                _ => {}
            }
        }
        let alone = functions.iter().cloned().map(|function| vec![function]);
        let groups: Vec<_> = std::iter::once(functions.clone()).chain(alone).collect();
        let imports = vec![Link::Host; module.imports().len()];
        for group in groups {
            let mut calls = Vec::new();
            for round in 0..ROUNDS {
                for (export, params) in &group {
                    let args = params.iter().flat_map(|ty| random.argument(*ty, round));
                    calls.push((export.clone(), args.collect::<Vec<_>>()));
                }
            }
            let mut calls = &calls[..];
            while !calls.is_empty() {
                let steps = |module, instance| {
                    let limits = Limits {
                        pages: Some(PAGES),
                        ..Limits::default()
                    };
                    let new = Step::New {
                        module,
                        limits,
                        imports: imports.clone(),
                    };
                    let calls = calls.iter().cloned();
                    let calls = calls.map(move |(export, args)| Step::Call {
                        instance,
                        export,
                        args,
                    });
                    let globals = globals.iter().cloned();
                    let globals = globals.map(move |export| Step::Global { instance, export });
                    std::iter::once(new)
                        .chain(calls)
                        .chain([Step::Memory { instance }])
                        .chain(globals)
                        .collect::<Vec<_>>()
                };
                let answers = self
                    .reference
                    .run(std::slice::from_ref(module), &steps(0, 0));
                // Lifted code checks several accesses by the furthest of them: after an access out
                // of bounds, the stores before it may be missing, so that the instance is spent.
                let spent = answers.iter().position(|answer| answer == "trap memory");
                let taken = spent.map_or(answers.len(), |at| at + 1);
                self.script
                    .extend(steps(number, self.instances).into_iter().take(taken));
                self.script.push(Step::Clear);
                self.expected.extend(answers.into_iter().take(taken));
                self.expected.push("ok".to_owned());
                self.seeds.resize(self.script.len(), seed);
                self.instances += 1;
                // Before the first call it is the module's own data that does not fit.
                calls = calls.get(taken.max(2) - 1..).unwrap_or_default();
                if taken == 1 {
                    break;
                }
            }
        }
    }

    /// Compiles the modules, runs everything twice and compares.
    ///
    /// # Errors
    ///
    /// The generated program does not compile or start.
    pub fn run(self, name: &str, build: Build) -> std::io::Result<Outcome> {
        let program = self.batch.build(name, build)?;
        let lifted = program.run(&self.script)?;
        let mut outcome = Outcome {
            modules: self.batch.len(),
            answers: lifted.len(),
            returned: 0,
            trapped: BTreeMap::new(),
            differences: Vec::new(),
        };
        let mut different = None;
        for (index, step) in self.script.iter().enumerate() {
            let nothing = String::from("nothing");
            let (is, should) = (lifted.get(index).unwrap_or(&nothing), &self.expected[index]);
            let seed = self.seeds[index];
            if is != should && different != Some(seed) {
                different = Some(seed);
                let text = format!("seed {seed}: {step:?}: {is}, should be {should}");
                outcome.differences.push(text);
            }
            if let Step::Call { .. } = step {
                match should.strip_prefix("trap ") {
                    Some(kind) => *outcome.trapped.entry(kind.to_owned()).or_default() += 1,
                    None => outcome.returned += 1,
                }
            }
        }
        Ok(outcome)
    }
}

/// The module of a seed: within what the lifter takes, and sure to end.
#[must_use]
pub fn module(seed: u64) -> Option<Vec<u8>> {
    let mut random = Random(seed.wrapping_mul(0x2545_f491_4f6c_dd1d));
    let bytes: Vec<u8> = (0..1 << random.below(4))
        .flat_map(|_| random.kilobyte())
        .collect();
    // Most are small, for what they cost to compile; a few have room for deep nesting.
    let large = random.below(12) == 0;
    let mut config = Config {
        available_imports: wat::parse_str(IMPORTS).ok(),
        bulk_memory_enabled: random.below(4) != 0,
        reference_types_enabled: random.below(2) == 0,
        simd_enabled: random.below(2) == 0,
        allow_floats: random.below(5) != 0,
        // Payloads of NaNs may differ between hosts; without them every bit must be equal.
        canonicalize_nans: true,
        export_everything: true,
        min_funcs: 1,
        // Imports count; each more is as likely as the end.
        max_funcs: 20,
        max_instructions: 10 + random.below(if large { 400 } else { 80 }) as usize,
        max_imports: 10,
        max_types: 12,
        // Exports count, and everything is exported.
        max_type_size: 100_000,
        max_globals: 10,
        max_element_segments: 8,
        max_elements: 12,
        max_data_segments: 8,
        max_tables: 3,
        max_table_elements: 100,
        max_memories: 1,
        min_memories: u32::from(random.below(8) != 0),
        max_memory32_bytes: PAGES << 16,
        // Mostly in bounds, so that calls get further than their first access.
        memory_offset_choices: MemoryOffsetChoices(200, 8, 1),
        ..Config::default()
    };
    config.custom_page_sizes_enabled = false;
    config.exceptions_enabled = false;
    config.gc_enabled = false;
    config.memory64_enabled = false;
    config.relaxed_simd_enabled = false;
    config.tail_call_enabled = false;
    config.threads_enabled = false;
    config.wide_arithmetic_enabled = false;
    config.compact_imports_enabled = false;
    let mut module = wasm_smith::Module::new(config, &mut Unstructured::new(&bytes)).ok()?;
    module.ensure_termination(FUEL).ok()?;
    Some(module.to_bytes())
}

/// Pages to which memories may grow; wasm-smith starts them with at most as many.
const PAGES: u64 = 20;

/// Loop headers and function entries until a random module traps by itself.
const FUEL: u32 = 1_000;

/// Calls of each function of an instance.
const ROUNDS: u64 = 3;

/// What random modules may import: numbers come in and go out in every type.
const IMPORTS: &str = r#"(module
    (import "h" "a" (func (param i32) (result i32)))
    (import "h" "b" (func (param i64 f64) (result f64)))
    (import "h" "c" (func (param f32) (result i64)))
    (import "h" "d" (func))
    (import "h" "e" (func (result f32))))"#;

/// A generator of numbers: SplitMix64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    fn kilobyte(&mut self) -> Vec<u8> {
        (0..128).flat_map(|_| self.next().to_le_bytes()).collect()
    }

    /// The words of an argument: an edge of its type, or anything small or large.
    fn argument(&mut self, ty: ValType, round: u64) -> Vec<u64> {
        const I32: [u32; 8] = [0, 1, u32::MAX, 1 << 31, (1 << 31) - 1, 65_535, 65_536, 8];
        const I64: [u64; 8] = [0, 1, u64::MAX, 1 << 63, (1 << 63) - 1, 1 << 32, 1 << 31, 63];
        const F32: [f32; 8] = [
            0.0,
            -0.0,
            f32::NAN,
            f32::INFINITY,
            -2_147_483_648.0,
            9.223_372e18,
            f32::MIN_POSITIVE / 2.0,
            -0.5,
        ];
        const F64: [f64; 8] = [
            0.0,
            -0.0,
            f64::NAN,
            f64::NEG_INFINITY,
            2_147_483_647.5,
            -9_223_372_036_854_775_808.0,
            f64::MIN_POSITIVE / 2.0,
            2.5,
        ];
        let edge = self.below(8) as usize;
        let any = self.next();
        // The first round has small numbers, which as addresses are in bounds.
        let small = round == 0;
        vec![match ty {
            ValType::I32 if small => any % 1_000,
            ValType::I64 if small => any % 1_000,
            ValType::I32 if any & 1 == 0 => u64::from(I32[edge]),
            ValType::I32 => any >> 32,
            ValType::I64 if any & 1 == 0 => I64[edge],
            ValType::I64 => any,
            ValType::F32 if any & 1 == 0 => u64::from(F32[edge].to_bits()),
            ValType::F32 => u64::from(((any >> 40) as f32 - 1e6).to_bits()),
            ValType::F64 if any & 1 == 0 => F64[edge].to_bits(),
            ValType::F64 => ((any >> 11) as f64 - 1e12).to_bits(),
            ValType::V128 => return vec![any, self.next()],
            // Functions with references are not called.
            _ => return Vec::new(),
        }]
    }
}
