//! Many jobs at once, each on a thread of its own.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Futures of a debug build are large.
const STACK: usize = 16 << 20;

/// Does the work for each job, as many at once as there are workers; the text of its panic where it panicked.
pub(super) fn in_parallel<J: Sync, R: Send>(
    workers: usize,
    jobs: &[J],
    work: impl Fn(&J) -> R + Sync,
) -> Vec<Result<R, String>> {
    let next = AtomicUsize::new(0);
    let results: Mutex<Vec<Option<Result<R, String>>>> = Mutex::new(jobs.iter().map(|_| None).collect());
    let worker = || {
        while let Some((index, job)) =
            Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|at| Some((at, jobs.get(at)?)))
        {
            let result = catch_unwind(AssertUnwindSafe(|| work(job))).map_err(|payload| {
                let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
                text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_default()
            });
            results.lock().unwrap()[index] = Some(result);
        }
    };
    thread::scope(|scope| {
        for _ in 0..workers {
            thread::Builder::new().stack_size(STACK).spawn_scoped(scope, worker).unwrap();
        }
    });
    results.into_inner().unwrap().into_iter().map(Option::unwrap).collect()
}
