//! Shares without chance: each turn gets the next point of a low-discrepancy sequence, so that after any number of
//! turns every share is off by a few turns at most, however many callers take turns at once.

use std::sync::atomic::{AtomicU64, Ordering};

/// Multiples of an irrational number, modulo 1, in units of 2^-64. Each use has a number of its own, so that the parts
/// of one request (destination, fault, copy) do not depend on each other.
#[derive(Debug)]
pub(super) struct Spread {
    step: u64,
    turn: AtomicU64,
}

impl Spread {
    /// By the golden ratio: for weights.
    pub(super) fn golden() -> Self {
        Self::of(0x9E37_79B9_7F4A_7C15)
    }

    /// By the square root of 2: for delays.
    pub(super) fn root_of_two() -> Self {
        Self::of(0x6A09_E667_F3BC_C909)
    }

    /// By the square root of 3: for aborts.
    pub(super) fn root_of_three() -> Self {
        Self::of(0xBB67_AE85_84CA_A73B)
    }

    /// By the square root of 7: for copies.
    pub(super) fn root_of_seven() -> Self {
        Self::of(0xA54F_F53A_5F1D_36F1)
    }

    fn of(step: u64) -> Self {
        Self { step, turn: AtomicU64::new(1) }
    }

    /// The next point, as a number below `limit`.
    pub(super) fn below(&self, limit: u64) -> u64 {
        let point = self.turn.fetch_add(1, Ordering::Relaxed).wrapping_mul(self.step);
        let scaled = (u128::from(point) * u128::from(limit)) >> u64::BITS;
        // A point is below 2^64, so the product shifted by 64 bits is below `limit`.
        u64::try_from(scaled).unwrap_or(u64::MAX)
    }
}

/// Something that happens in a share of the turns.
#[derive(Debug)]
pub(super) struct Chance {
    per_million: u64,
    spread: Spread,
}

impl Chance {
    /// In `percent` of a hundred turns, to the fourth decimal.
    pub(super) fn new(percent: f64, spread: Spread) -> Self {
        // `as` is what Envoy's own fraction of a million does: it cuts, and stays within bounds.
        Self { per_million: (percent * 10_000.0) as u64, spread }
    }

    /// Whether it happens this time.
    pub(super) fn strikes(&self) -> bool {
        self.spread.below(1_000_000) < self.per_million
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{prop_assert, proptest};

    use super::{Chance, Spread};

    fn counted(spread: &Spread, turns: usize, limit: usize) -> Vec<usize> {
        let mut counts = vec![0; limit];
        for _ in 0..turns {
            counts[usize::try_from(spread.below(limit as u64)).unwrap()] += 1;
        }
        counts
    }

    #[test]
    fn eighty_to_twenty_is_kept_within_one_percent() {
        let counts = counted(&Spread::golden(), 1_000, 5);
        assert!(counts[..4].iter().sum::<usize>().abs_diff(800) <= 10, "{counts:?}");
    }

    #[test]
    fn callers_at_once_do_not_skew_the_shares() {
        let spread = Spread::golden();
        let of_a_caller = || (0..250).filter(|_| spread.below(100) < 80).count();
        let total: usize = std::thread::scope(|scope| {
            let callers: Vec<_> = (0..4).map(|_| scope.spawn(of_a_caller)).collect();
            callers.into_iter().map(|caller| caller.join().unwrap()).sum()
        });
        assert!(total.abs_diff(800) <= 10, "{total}");
    }

    #[test]
    fn never_and_always_are_exact() {
        let never = Chance::new(0.0, Spread::root_of_two());
        let always = Chance::new(100.0, Spread::root_of_two());
        assert!((0..1_000).all(|_| !never.strikes() && always.strikes()));
    }

    #[test]
    fn two_chances_are_independent() {
        let (one, two) = (Chance::new(50.0, Spread::root_of_two()), Chance::new(50.0, Spread::root_of_three()));
        let both = (0..1_000).filter(|_| one.strikes() & two.strikes()).count();
        assert!(both.abs_diff(250) <= 20, "{both}");
    }

    proptest! {
        #[test]
        fn every_share_is_kept_to_a_few_turns(limit in 1_usize..50, turns in 0_usize..2_000) {
            for spread in [Spread::golden(), Spread::root_of_two(), Spread::root_of_three(), Spread::root_of_seven()] {
                for count in counted(&spread, turns, limit) {
                    prop_assert!(count.abs_diff(turns / limit) <= 8);
                }
            }
        }
    }
}
