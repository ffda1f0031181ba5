//! Random work without end: `cargo xtask fuzz`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use afmpeg_wasi_proof::random::Random;
use afmpeg_wasi_proof::replay;
use afmpeg_wasi_proof::targets::{TARGETS, Target};
use clap::Parser;

/// Does random work until something is wrong or the time is over.
#[derive(Parser)]
#[command(name = "cargo xtask fuzz", arg_required_else_help = true)]
struct Options {
    /// Which target; `all` takes turns
    target: String,
    /// For how long, of each target [default: without end]
    #[arg(long, value_name = "N")]
    seconds: Option<u64>,
    /// The seed of the inputs [default: from the clock]
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Make this input of the seed the first that is run
    #[arg(long, value_name = "N", default_value_t = 0, requires = "seed")]
    first: u64,
    /// Run this file once, with its panic shown, instead of random inputs
    #[arg(long, value_name = "FILE")]
    input: Option<PathBuf>,
    /// Make the file of `--input` smaller
    #[arg(long, requires = "input")]
    reduce: bool,
    /// Where the targets' directories of known inputs are
    #[arg(long, value_name = "DIR", default_value = "fuzz/regressions")]
    known: PathBuf,
    /// Where inputs that fail are put
    #[arg(long, value_name = "DIR", default_value = "target/findings")]
    out: PathBuf,
}

/// An input that takes longer counts as one that never ends.
const LONGEST: Duration = Duration::from_secs(60);

fn main() -> ExitCode {
    let options = Options::parse();
    let chosen: Vec<&Target> = TARGETS
        .iter()
        .filter(|target| options.target == "all" || options.target == target.name)
        .collect();
    if chosen.is_empty() {
        let names: Vec<_> = TARGETS.iter().map(|target| target.name).collect();
        eprintln!(
            "error: there is no target {:?}; there are {}",
            options.target,
            names.join(", ")
        );
        return ExitCode::FAILURE;
    }
    for target in chosen {
        let done = match &options.input {
            Some(file) => one(target, file, &options),
            None => search(target, &options),
        };
        match done {
            Ok(true) => {}
            Ok(false) => return ExitCode::FAILURE,
            Err(error) => {
                eprintln!("error: {error}");
                return ExitCode::FAILURE;
            }
        }
    }
    ExitCode::SUCCESS
}

fn one(target: &Target, file: &Path, options: &Options) -> std::io::Result<bool> {
    let input = fs::read(file)?;
    if !options.reduce {
        target.run(&input);
        println!("{}: {} runs to its end", target.name, file.display());
        return Ok(true);
    }
    replay::quiet();
    report(target, &input, options)?;
    Ok(true)
}

fn search(target: &'static Target, options: &Options) -> std::io::Result<bool> {
    let seed = options.seed.unwrap_or_else(|| {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        now.map_or(0, |now| now.as_nanos() as u64)
    });
    let known = replay::corpus(&options.known.join(target.name))?;
    let known: Vec<Vec<u8>> = known.into_iter().map(|(_, input)| input).collect();
    println!("{}: seed {seed}, {} known inputs", target.name, known.len());
    fs::create_dir_all(&options.out)?;
    // What ends the process, a full native stack for one, leaves its input here.
    let current = options.out.join(format!("{}-current", target.name));
    let begun = Arc::new(AtomicU64::new(0));
    watch(target, &begun, &current);
    replay::quiet();
    let start = Instant::now();
    let mut random = Random::new(seed);
    let mut said = 0;
    let (mut slowest, mut slow_input) = (Duration::ZERO, Vec::new());
    for number in 0_u64.. {
        let at = start.elapsed();
        if options
            .seconds
            .is_some_and(|seconds| at.as_secs() >= seconds)
        {
            println!(
                "{}: {number} inputs in {} s, nothing found",
                target.name,
                at.as_secs()
            );
            break;
        }
        if at.as_secs() / 30 > said {
            said = at.as_secs() / 30;
            println!("{}: {number} inputs in {} s", target.name, at.as_secs());
        }
        let input = match known.get(number as usize) {
            Some(input) => input.clone(),
            None => random.input(&known, target.longest),
        };
        if number < options.first {
            continue;
        }
        fs::write(&current, &input)?;
        begun.store(number + 1, Ordering::Relaxed);
        let began = Instant::now();
        let done = replay::attempt(target, &input);
        let took = began.elapsed();
        if took > slowest {
            slowest = took;
            slow_input = input.clone();
        }
        if let Err(message) = done {
            begun.store(0, Ordering::Relaxed);
            println!(
                "{}: input {number} of seed {seed} fails after {} ms: {message}",
                target.name,
                took.as_millis()
            );
            report(target, &input, options)?;
            return Ok(false);
        }
    }
    let file = options.out.join(format!("{}-slowest", target.name));
    fs::write(&file, slow_input)?;
    println!(
        "{}: the slowest took {} ms and is kept as {}",
        target.name,
        slowest.as_millis(),
        file.display()
    );
    begun.store(0, Ordering::Relaxed);
    fs::remove_file(&current)?;
    Ok(true)
}

/// Says what is wrong with an input, and keeps a small one like it.
fn report(target: &Target, input: &[u8], options: &Options) -> std::io::Result<()> {
    let small = replay::reduce(target, input);
    let message = match replay::attempt(target, &small) {
        Err(message) => format!("smaller: {message}"),
        Ok(()) => "it does not fail again".to_owned(),
    };
    let digest = small
        .iter()
        .fold(0xcbf2_9ce4_8422_2325_u64, |digest, byte| {
            (digest ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
        });
    fs::create_dir_all(&options.out)?;
    let file = options.out.join(format!("{}-{digest:016x}", target.name));
    fs::write(&file, &small)?;
    println!(
        "{message}\n{} bytes are kept as {}",
        small.len(),
        file.display()
    );
    Ok(())
}

/// Ends the process when one input takes too long.
fn watch(target: &'static Target, begun: &Arc<AtomicU64>, current: &Path) {
    let (begun, current) = (Arc::clone(begun), current.to_owned());
    thread::spawn(move || {
        let mut last = 0;
        loop {
            thread::sleep(LONGEST);
            let now = begun.load(Ordering::Relaxed);
            if now != 0 && now == last {
                println!(
                    "{}: input {} takes over {} s; it is kept as {}",
                    target.name,
                    now - 1,
                    LONGEST.as_secs(),
                    current.display()
                );
                std::process::exit(1);
            }
            last = now;
        }
    });
}
