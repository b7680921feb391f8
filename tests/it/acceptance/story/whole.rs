//! From nothing to three clusters behind one gateway, and back.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::{FILES, Story, everywhere};
use crate::harness::world::QUICK;

/// What answers the path split, and how often of 1,000 times each cluster answers the weighted host.
fn is_split(story: &Story<'_>) {
    for (path, cluster) in [("/two", "cluster2"), ("/three", "cluster3")] {
        assert_eq!(story.world.ask("paths.imroc.cc", path), (200, cluster.to_owned()), "{path}");
    }
    let mut answered = BTreeMap::<(u16, String), u32>::new();
    for _ in 0..1000 {
        *answered.entry(story.world.ask("split.imroc.cc", "/")).or_default() += 1;
    }
    let [first, third] = ["cluster1", "cluster3"].map(|name| answered.remove(&(200, name.to_owned())).unwrap_or(0));
    assert!((750..=850).contains(&first) && first + third == 1000, "{first} and {third} of 1000; others: {answered:?}");
}

#[test]
fn three_clusters_of_two_accounts_answer_through_one_gateway_and_afterwards_nothing_is_left() {
    everywhere(QUICK, |story| {
        let before = story.world.inventory();
        story.workspace.apply();
        assert_eq!(story.statuses(), [200; 3]);
        assert_eq!(story.failed_checks(), [""; 0]);
        story.workspace.is_settled();
        is_split(story);
        assert_eq!(story.world.ask("unknown.imroc.cc", "/"), (404, String::new()));
        story.workspace.destroy();
        story.world.is_as_before(&before, "after the story");
    });
}

#[test]
fn one_thing_at_a_time_or_ten_and_whoever_may_detach_the_story_comes_and_goes() {
    for (detach, parallelism) in [("ccn_owner", "-parallelism=1"), ("instance_owner", "-parallelism=10")] {
        everywhere(&format!("{QUICK}settings: {{ detach: {detach} }}\n"), |story| {
            let before = story.world.inventory();
            story.workspace.succeeds(&["apply", "-auto-approve", "-no-color", parallelism]);
            assert_eq!(story.statuses(), [200; 3], "{parallelism}");
            story.workspace.succeeds(&["destroy", "-auto-approve", "-no-color", parallelism]);
            story.world.is_as_before(&before, &format!("detach allowed to {detach}, {parallelism}"));
        });
    }
}

#[test]
fn the_order_follows_from_references_alone() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(FILES);
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let texts: Vec<_> = files
        .filter(|path| path.extension().is_some_and(|end| end == "tf"))
        .map(|path| fs::read_to_string(path).unwrap())
        .collect();
    assert!(!texts.is_empty() && texts.iter().all(|text| !text.contains("depends_on")));
}
