//! Random inputs for what reads untrusted bytes, with a stable compiler. libFuzzer runs the same
//! functions from the same seeds: `fuzz/README.md`.

use std::collections::BTreeSet;
use std::fs;
use std::panic::{RefUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use fastrand::Rng;
use serde_json::{Value, json};

/// How long each target runs, in seconds. Default: 1.
const SECONDS: &str = "HANDOVER_FUZZ_SECONDS";
/// The seed of the random numbers, to repeat a run.
const SEED: &str = "HANDOVER_FUZZ_SEED";

/// No input is longer.
const LONGEST: usize = 8 * 1024;

/// What often goes wrong, whatever is read.
const ODD: &[&str] = &[
    "",
    "\"",
    "\\",
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    "null",
    "true",
    "-1",
    "1e400",
    "0.1",
    "9223372036854775808",
    "18446744073709551616",
    "\\ud83d",
    "\\u0000",
    "\u{feff}",
    "💚",
    "e\u{301}",
    "\0",
    "\r\n",
    "\n\n",
    "%",
    "%F0",
    "&",
    "=",
    ".",
    "/",
    "(",
    ")",
];

/// Runs a target with its seeds as they are, and then with random changes of them.
///
/// # Panics
///
/// If the target panics: with the input and with what repeats the run.
pub fn fuzz(target: &str, run: impl Fn(&[u8]) + RefUnwindSafe) {
    let seeds = seeds(target);
    let random = variable(SEED).unwrap_or_else(|| fastrand::u64(..));
    let time = Duration::from_secs(variable(SECONDS).unwrap_or(1));
    let check = |input: &[u8]| {
        assert!(
            catch_unwind(|| run(input)).is_ok(),
            "{target}: this input fails (repeat with {SEED}={random}): b\"{}\"",
            input.escape_ascii()
        );
    };
    seeds.iter().for_each(|seed| check(seed));
    let mut mutator = Mutator {
        words: words(&seeds),
        seeds,
        rng: Rng::with_seed(random),
    };
    let begin = Instant::now();
    let mut inputs = 0_u64;
    while begin.elapsed() < time {
        check(&mutator.input());
        inputs += 1;
    }
    println!(
        "{target}: {inputs} inputs in {} s from {} seeds, {SEED}={random}",
        time.as_secs(),
        mutator.seeds.len()
    );
}

/// The files in `fuzz/seeds/TARGET`, by name.
///
/// # Panics
///
/// If there are none.
#[must_use]
pub fn seeds(target: &str) -> Vec<Vec<u8>> {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
    let mut folders = crates.map(|above| above.join("fuzz/seeds").join(target));
    let folder: PathBuf = folders.find(|it| it.is_dir()).expect("it has seeds");
    let files = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{folder:?}: {error}"));
    let files: BTreeSet<_> = files.map(|file| file.unwrap().path()).collect();
    assert!(!files.is_empty(), "no seeds in {folder:?}");
    files.iter().map(|file| fs::read(file).unwrap()).collect()
}

fn variable(name: &str) -> Option<u64> {
    let value = std::env::var(name).ok()?;
    Some(value.parse().expect("a number"))
}

/// The words of the seeds, which take a change to places that random bytes never reach.
fn words(seeds: &[Vec<u8>]) -> Vec<String> {
    let texts = seeds.iter().map(|seed| String::from_utf8_lossy(seed));
    let mut words: BTreeSet<String> = ODD.iter().map(|word| (*word).to_owned()).collect();
    for text in texts {
        let split = text.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == '-'));
        words.extend(split.map(str::to_owned));
    }
    words.into_iter().collect()
}

struct Mutator {
    seeds: Vec<Vec<u8>>,
    words: Vec<String>,
    rng: Rng,
}

impl Mutator {
    fn input(&mut self) -> Vec<u8> {
        let mut input = self.seed();
        for _ in 0..self.rng.usize(1..=6) {
            self.change(&mut input);
        }
        input.truncate(LONGEST);
        input
    }

    fn seed(&mut self) -> Vec<u8> {
        let at = self.rng.usize(..self.seeds.len());
        self.seeds[at].clone()
    }

    fn word(&mut self) -> String {
        let at = self.rng.usize(..self.words.len());
        self.words[at].clone()
    }

    fn change(&mut self, input: &mut Vec<u8>) {
        if self.rng.bool() && self.change_json(input) {
            return;
        }
        let (from, to) = self.range(input.len());
        match self.rng.u8(..9) {
            0 if from < input.len() => input[from] ^= 1 << self.rng.u8(..8),
            1 if from < input.len() => input[from] = self.rng.u8(..),
            2 => drop(input.drain(from..to)),
            3 => drop(input.splice(from..from, self.word().into_bytes())),
            4 => drop(input.splice(from..to, self.word().into_bytes())),
            5 => {
                let copy = input[from..to].to_vec();
                let (at, _) = self.range(input.len());
                drop(input.splice(at..at, copy));
            }
            6 => input.truncate(from),
            7 => {
                let other = self.seed();
                let (start, end) = self.range(other.len());
                drop(input.splice(from..to, other[start..end].iter().copied()));
            }
            _ => {
                let copies = self.rng.usize(1..20);
                let copy = input[from..to].repeat(copies);
                drop(input.splice(from..to, copy));
            }
        }
    }

    /// A short range, mostly.
    fn range(&mut self, length: usize) -> (usize, usize) {
        let from = self.rng.usize(..=length);
        let longest = if self.rng.u8(..8) == 0 { length } else { 16 };
        let to = from + self.rng.usize(..=longest.min(length - from));
        (from, to)
    }

    /// Changes the JSON that the input is, or that follows its first line or its head.
    fn change_json(&mut self, input: &mut Vec<u8>) -> bool {
        let after = |separator: &[u8]| {
            let mut windows = input.windows(separator.len());
            windows
                .position(|window| window == separator)
                .map(|at| at + separator.len())
        };
        let starts = [Some(0), after(b"\n"), after(b"\n\n")];
        let read = |start: usize| Some((start, serde_json::from_slice(&input[start..]).ok()?));
        let Some((start, mut json)) = starts.into_iter().flatten().find_map(read) else {
            return false;
        };
        self.change_value(&mut json);
        input.truncate(start);
        input.extend(json.to_string().into_bytes());
        true
    }

    fn change_value(&mut self, value: &mut Value) {
        let deeper = self.rng.u8(..8) > 0;
        match value {
            Value::Array(items) if deeper && !items.is_empty() => {
                let at = self.rng.usize(..items.len());
                match self.rng.u8(..8) {
                    0 => drop(items.remove(at)),
                    1 => items.push(items[at].clone()),
                    _ => self.change_value(&mut items[at]),
                }
            }
            Value::Object(fields) if deeper && !fields.is_empty() => {
                let at = self.rng.usize(..fields.len());
                let Some(key) = fields.keys().nth(at).cloned() else {
                    return;
                };
                match self.rng.u8(..10) {
                    0 => drop(fields.remove(&key)),
                    1 => {
                        let value = fields.remove(&key).unwrap_or_default();
                        fields.insert(self.word(), value);
                    }
                    2 => {
                        let value = fields[&key].clone();
                        fields.insert(self.word(), value);
                    }
                    _ => self.change_value(&mut fields[&key]),
                }
            }
            value => *value = self.instead_of(value),
        }
    }

    fn instead_of(&mut self, value: &Value) -> Value {
        match self.rng.u8(..12) {
            0 => Value::Null,
            1 => json!(self.rng.bool()),
            2 => json!(self.rng.i64(..)),
            3 => json!(self.rng.u32(..)),
            4 => json!(self.rng.f64() * 1e6),
            5 => json!([value]),
            6 => json!({ self.word(): value }),
            7 => json!([]),
            8 => json!({}),
            9 => json!(value.to_string()),
            _ => json!(self.word()),
        }
    }
}
