//! Faults that are planted: the engine must find each of them.

use std::hint::black_box;
use std::thread;
use std::time::Duration;

use crate::engine::{Taker, Target, finding_of, processor_time};

const fn planted(name: &'static str, test: &'static str, start: fn() -> Taker) -> Target {
    Target { name, test, tokens: &["token"], start }
}

/// Checks that the fault of `target` is found, and what is said of it.
fn finds(target: &'static Target, says: &str) {
    if let Some(found) = finding_of(target) {
        assert!(found.contains(says), "{found}");
    }
}

#[test]
fn a_panic_is_found() {
    const TARGET: Target = planted("planted_panic", concat!(module_path!(), "::a_panic_is_found"), || {
        Box::new(|input| {
            assert!(!input.ends_with(b"token"), "the planted panic");
            String::new()
        })
    });
    finds(&TARGET, "the planted panic");
}

#[test]
fn a_panic_of_another_thread_is_found() {
    const TEST: &str = concat!(module_path!(), "::a_panic_of_another_thread_is_found");
    const TARGET: Target = planted("planted_thread", TEST, || {
        Box::new(|_| {
            let _ = thread::spawn(|| panic!("the planted panic")).join();
            String::new()
        })
    });
    finds(&TARGET, "a panic in another thread");
}

#[test]
fn an_input_that_fills_the_stack_is_found() {
    fn descend(levels: u64) -> u64 {
        let frame = black_box([levels; 64]);
        if levels == 0 { 0 } else { descend(levels - 1) + frame[0] }
    }
    const TEST: &str = concat!(module_path!(), "::an_input_that_fills_the_stack_is_found");
    const TARGET: Target = planted("planted_stack", TEST, || Box::new(|_| descend(1 << 20).to_string()));
    finds(&TARGET, "overflowed its stack");
}

#[test]
fn an_input_that_fills_the_memory_is_found() {
    const TEST: &str = concat!(module_path!(), "::an_input_that_fills_the_memory_is_found");
    const TARGET: Target =
        planted("planted_memory", TEST, || Box::new(|_| black_box(vec![1_u8; 1 << 30]).len().to_string()));
    finds(&TARGET, "memory allocation of 1073741824 bytes failed");
}

#[test]
fn an_input_that_takes_long_is_found() {
    const TEST: &str = concat!(module_path!(), "::an_input_that_takes_long_is_found");
    const TARGET: Target = planted("planted_time", TEST, || {
        Box::new(|_| {
            let before = processor_time();
            while processor_time() - before < Duration::from_millis(1200) {}
            String::new()
        })
    });
    finds(&TARGET, "it takes more than 1s");
}
