//! What exists in a world, and what of it is the same in every run.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use regex::{Captures, Regex};

use crate::harness::world::World;

/// Everything that exists, one line each, without clocks and counters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Inventory(BTreeSet<String>);

/// How often each line is there, without what the world draws by lot: IDs, times, addresses, hashes.
pub(super) type Kinds = BTreeMap<String, i64>;

/// UUIDs, IDs with eight characters, other long hexadecimal numbers, times, addresses, numbers of records, and what clusters
/// append to names: from letters that make no words.
static DRAWN: LazyLock<Regex> = LazyLock::new(|| {
    let generated = "-[bcdfghjklmnpqrstvwxz2456789]";
    let kinds = [
        r"([a-z]+-)?\b[0-9a-f]{8}-[0-9a-f-]{27}\b",
        r"[a-z]+-[a-z0-9]{8}\b",
        r"bootstrap-token-[a-z0-9]{6}\b",
        r"\b[0-9a-f]{16,64}\b",
        r"\d{4}-\d\d-\d\dT[0-9:.]+Z",
        r"\d+\.\d+\.\d+\.\d+",
        r"\b\d{5,}\b",
        &format!(r"({generated}{{8,10}})?{generated}{{5}}\b"),
        &format!(r"{generated}{{8,10}}\b"),
        r"-[0-9a-f]{8,10}\b",
    ];
    Regex::new(&kinds.join("|")).unwrap()
});

impl Inventory {
    /// Without what name servers serve, which follows the records that exist.
    pub(super) fn of(world: &World) -> Self {
        Self(world.inventory().into_iter().filter(|line| !line.contains("/served/")).collect())
    }

    /// As one text.
    pub(super) fn text(&self) -> String {
        self.0.iter().flat_map(|line| [line.as_str(), "\n"]).collect()
    }

    /// What is here and not in `other`.
    fn beyond(&self, other: &Self) -> Vec<String> {
        self.0.difference(&other.0).cloned().collect()
    }

    /// What is here beyond `before`, by kind, and what is missing, as negative numbers. What stands in `world` was not drawn.
    pub(super) fn since(&self, before: &Self, world: &str) -> Kinds {
        let kind = |line: &String| {
            let replaced = |found: &Captures<'_>| match world.contains(&found[0]) {
                true => found[0].to_owned(),
                false => "*".to_owned(),
            };
            DRAWN.replace_all(line, replaced).into_owned()
        };
        let mut kinds = Kinds::new();
        self.beyond(before).iter().for_each(|line| *kinds.entry(kind(line)).or_default() += 1);
        before.beyond(self).iter().for_each(|line| *kinds.entry(kind(line)).or_default() -= 1);
        kinds.retain(|_, count| *count != 0);
        kinds
    }
}
