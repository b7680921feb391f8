//! One signal: everything that was begun is in the state.

use super::super::story::Story;
use super::{Running, writes, writes_of_the_story};
use crate::harness::terraform::{self, Terraform};
use crate::harness::workspace::unwrapped;
use crate::harness::world::World;

/// How many moments of the story are interrupted.
const MOMENTS: usize = 10;

/// Interrupts the story after its n-th write; then it is applied to the end and destroyed.
fn is_interrupted(terraform: &Terraform, after: usize, interrupt: impl Fn(&Running)) {
    let world = World::start();
    let before = world.inventory();
    let story = Story::new(terraform, &world);
    let mut run = Running::apply(&story.workspace);
    world.comes_true(|| writes(&world) >= after);
    interrupt(&run);
    let status = run.ends();
    let when = format!("{:?} after {after} writes", terraform.version);
    let text = unwrapped(&run.text());
    assert!(!status.success() && text.contains("Interrupt received"), "{when}: {status}\n{text}");
    assert!(!text.contains("panic") && !text.contains("Plugin did not respond"), "{when}: {text}");
    assert!(!story.workspace.state_file().is_empty(), "{when}: no state");
    story.workspace.apply();
    story.workspace.succeeds(&["plan", "-no-color", "-detailed-exitcode"]);
    story.workspace.destroy();
    world.is_as_before(&before, &when);
}

#[test]
fn after_ctrl_c_at_any_of_ten_moments_the_next_apply_ends_the_story_and_nothing_is_lost() {
    let installed = terraform::installed();
    let writes_of_all = writes_of_the_story(&installed[0]);
    let versions = installed.iter().cycle();
    for (moment, terraform) in (0..MOMENTS).zip(versions) {
        is_interrupted(terraform, 1 + moment * (writes_of_all * 9 / 10) / MOMENTS, |run| run.signal_all("INT"));
    }
}

#[test]
fn sigterm_to_terraform_is_like_ctrl_c() {
    let terraform = terraform::installed().last().unwrap();
    is_interrupted(terraform, 20, |run| run.signal("TERM"));
}
