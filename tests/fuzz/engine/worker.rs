//! The process of one target: it takes inputs until its time is up, or ends at the first broken promise.

use std::collections::HashSet;
use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::panic;
use std::path::Path;
use std::process;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::mutate::Mutator;
use super::settings::Settings;
use super::{Taker, Target, corpus, hash};

/// The longest time of the processor that an input may take.
const SLOW: Duration = Duration::from_secs(1);

/// The stack that an input may fill: that of a thread of the runtime.
const STACK: usize = 2 << 20;

/// How much of the memory inputs of new outcomes may fill, in bytes.
const KEPT: usize = 16 << 20;

/// How much of an outcome counts, in bytes.
const TELLING: usize = 200;

/// Takes inputs, each of which is in the file `current` meanwhile, after the number of those before it. Ends the process with
/// code 1 at a panic, also one in another thread.
pub(super) fn work(target: &'static Target, settings: &Settings, current: &Path) {
    let panics = count_panics();
    let current = File::create(current).unwrap();
    let (seed, duration) = (settings.seed, settings.duration);
    let replayed = settings.replayed.as_ref().map(|file| fs::read(file).unwrap());
    let taking = move || {
        let mut worker = Worker::new(target, panics, current);
        match replayed {
            Some(input) => drop(worker.take(&input)),
            None => worker.run(seed, duration),
        }
    };
    let thread = thread::Builder::new().stack_size(STACK).spawn(taking);
    if thread.unwrap().join().is_err() {
        process::exit(1);
    }
}

fn count_panics() -> Arc<AtomicUsize> {
    let panics = Arc::new(AtomicUsize::new(0));
    let (counted, default) = (Arc::clone(&panics), panic::take_hook());
    panic::set_hook(Box::new(move |info| {
        counted.fetch_add(1, Ordering::SeqCst);
        default(info);
    }));
    panics
}

struct Worker {
    target: &'static Target,
    taker: Taker,
    current: File,
    panics: Arc<AtomicUsize>,
    inputs: u64,
    outcomes: HashSet<u64>,
    corpus: Vec<Vec<u8>>,
    kept: usize,
}

impl Worker {
    fn new(target: &'static Target, panics: Arc<AtomicUsize>, current: File) -> Self {
        let taker = (target.start)();
        Self { target, taker, current, panics, inputs: 0, outcomes: HashSet::new(), corpus: Vec::new(), kept: 0 }
    }

    fn run(&mut self, seed: u64, duration: Duration) {
        for input in corpus(self.target) {
            self.take(&input);
            self.corpus.push(input);
        }
        let mut mutator = Mutator::new(seed, self.target.tokens);
        let end = Instant::now() + duration;
        while Instant::now() < end {
            let input = mutator.next(&self.corpus);
            if self.take(&input) && self.kept + input.len() <= KEPT {
                self.kept += input.len();
                self.corpus.push(input);
            }
        }
        self.note(&[]);
    }

    /// Takes an input; whether its outcome has a new shape.
    fn take(&mut self, input: &[u8]) -> bool {
        self.note(input);
        self.inputs += 1;
        let started = Instant::now();
        let outcome = (self.taker)(input);
        if started.elapsed() > SLOW {
            self.check_speed(input);
        }
        assert_eq!(self.panics.load(Ordering::SeqCst), 0, "a panic in another thread");
        self.outcomes.insert(hash(shape(&outcome)))
    }

    /// Takes an input again and looks at the time of the processor: the machine may have been busy with something else.
    fn check_speed(&mut self, input: &[u8]) {
        let before = processor_time();
        (self.taker)(input);
        assert!(processor_time() - before <= SLOW, "it takes more than {SLOW:?}");
    }

    fn note(&mut self, input: &[u8]) {
        let length = u64::try_from(input.len()).unwrap();
        let head = [self.inputs.to_le_bytes(), length.to_le_bytes()].concat();
        self.current.write_all_at(&[&head, input].concat(), 0).unwrap();
    }
}

/// The time that this process, and those that it has waited for, have had of the processor: fields 14 to 17 of the file, in
/// hundredths of a second.
pub(crate) fn processor_time() -> Duration {
    let stat = fs::read_to_string("/proc/self/stat").unwrap();
    // The second field is a name in parentheses, which may hold spaces.
    let (_, fields) = stat.rsplit_once(')').unwrap();
    let ticks: u64 = fields.split_whitespace().skip(11).take(4).map(|field| field.parse::<u64>().unwrap()).sum();
    Duration::from_millis(10 * ticks)
}

/// The number of inputs before the one that was being taken, and that one.
pub(super) fn noted(bytes: &[u8]) -> (u64, &[u8]) {
    let Some((inputs, rest)) = bytes.split_first_chunk() else { return (0, &[]) };
    let Some((length, rest)) = rest.split_first_chunk() else { return (0, &[]) };
    let length = usize::try_from(u64::from_le_bytes(*length)).unwrap();
    (u64::from_le_bytes(*inputs), &rest[..length])
}

/// An outcome without its numbers and quotations.
fn shape(outcome: &str) -> String {
    let end = outcome.floor_char_boundary(TELLING);
    let parts =
        outcome[..end].split(['`', '"']).step_by(2).map(|part| part.replace(|it: char| it.is_ascii_digit(), "0"));
    let mut shape = parts.collect::<Vec<_>>().join("`");
    while shape.contains("00") {
        shape = shape.replace("00", "0");
    }
    shape
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outcomes_of_one_shape_differ_in_numbers_and_quotations_only() {
        assert_eq!(shape("line 12: `a` is no `b`"), shape("line 3: `x` is no `y`"));
        assert_ne!(shape("line 12: `a` is no `b`"), shape("line 12: `a` is `b`"));
    }
}
