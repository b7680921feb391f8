//! Attachments between accounts: what either side makes of each state in which it finds one.

use tcmesh::cloud::api::vpc;
use tcmesh::framework::value::Value;

use super::{Account, impatient, next_step};
use crate::harness::client::{Stored, with};
use crate::harness::world::World;

const ASKING: &str = "tcmesh_ccn_attachment";
const ACCEPTING: &str = "tcmesh_ccn_attachment_accepter";
const VPC: &str = "vpc-mem00003";

/// Steps take no time, requests expire after an hour, and what was detached is listed as `DELETED` for a day.
const WORLD: &str = "extends: cross-account\nwaits: { default: 1ms }\n\
                     settings: { request_expiry: 1h, deleted_rows: 24h }\n";

/// A CCN of account `a` that a VPC of account `b` has to do with.
struct Pair {
    world: World,
    ccn_id: String,
    uin: String,
}

impl Pair {
    fn new() -> Self {
        Self::in_world(WORLD)
    }

    fn in_world(description: &str) -> Self {
        let world = World::with(description);
        let action = vpc::CreateCcn { ccn_name: "main".into(), ..Default::default() };
        let ccn = world.does(async |scope| world.client("a").send(scope, &action).await).unwrap().ccn;
        let uin = world.does(async |scope| world.client("a").account(scope).await).unwrap();
        Self { world, ccn_id: ccn.ccn_id, uin }
    }

    /// The same with the attachment in a state, which somebody made outside of Terraform.
    fn with(state: &str) -> Self {
        let pair = Self::new();
        pair.put(state);
        pair
    }

    fn instances(&self) -> Vec<vpc::CcnInstance> {
        let [instance_id, instance_region, instance_type] = [VPC, "ap-guangzhou", "VPC"].map(String::from);
        vec![vpc::CcnInstance { instance_id, instance_region, instance_type, ..Default::default() }]
    }

    fn state(&self) -> String {
        let action = vpc::DescribeCcnAttachedInstances { ccn_id: Some(self.ccn_id.clone()), ..Default::default() };
        let rows = self.world.does(async |scope| self.world.client("a").send(scope, &action).await).unwrap();
        rows.instance_set.first().map_or("none".to_owned(), |row| row.state.to_string())
    }

    fn reaches(&self, state: &str) {
        while self.state() != state {}
    }

    fn asks(&self) {
        let (ccn_id, instances, ccn_uin) = (self.ccn_id.clone(), self.instances(), Some(self.uin.clone()));
        let action = vpc::AttachCcnInstances { ccn_id, instances, ccn_uin };
        self.world.does(async |scope| self.world.client("b").send(scope, &action).await).unwrap();
    }

    fn accepts(&self) {
        let action = vpc::AcceptAttachCcnInstances { ccn_id: self.ccn_id.clone(), instances: self.instances() };
        self.world.does(async |scope| self.world.client("a").send(scope, &action).await).unwrap();
    }

    fn rejects(&self) {
        let action = vpc::RejectAttachCcnInstances { ccn_id: self.ccn_id.clone(), instances: self.instances() };
        self.world.does(async |scope| self.world.client("a").send(scope, &action).await).unwrap();
    }

    fn detaches(&self) {
        let action = vpc::DetachCcnInstances { ccn_id: self.ccn_id.clone(), instances: self.instances() };
        self.world.does(async |scope| self.world.client("a").send(scope, &action).await).unwrap();
    }

    /// Brings the attachment from nowhere into a state.
    fn put(&self, state: &str) {
        if state == "none" {
            return;
        }
        self.asks();
        self.put_asked(state);
    }

    /// Brings a pending attachment into a state.
    fn put_asked(&self, state: &str) {
        match state {
            "PENDING" => {}
            "EXPIRED" => self.world.control("clock", &serde_json::json!({"advance": "2h"})),
            "REJECTED" => self.rejects(),
            "ATTACHING" => {
                next_step(&self.world, "AcceptAttachCcnInstances", "stuck_state");
                self.accepts();
            }
            "FAILED" => {
                next_step(&self.world, "AcceptAttachCcnInstances", "fail_state");
                self.accepts();
            }
            _ => {
                self.accepts();
                self.reaches("ACTIVE");
                self.put_active(state);
            }
        }
        self.reaches(state);
    }

    /// Brings an active attachment into a state.
    fn put_active(&self, state: &str) {
        match state {
            "ACTIVE" => {}
            "DETACHING" => {
                next_step(&self.world, "DetachCcnInstances", "stuck_state");
                self.detaches();
            }
            "DETACHFAILED" => {
                next_step(&self.world, "DetachCcnInstances", "fail_state");
                self.detaches();
            }
            "DELETED" => self.detaches(),
            "none" => {
                self.detaches();
                self.reaches("DELETED");
                self.world.control("clock", &serde_json::json!({"advance": "48h"}));
            }
            other => {
                // Taken out and asked for anew.
                self.detaches();
                self.reaches("DELETED");
                self.asks();
                self.put_asked(other);
            }
        }
        self.reaches(state);
    }

    fn member(&self) -> Account<'_> {
        Account::of(&self.world, "b")
    }

    fn owner(&self) -> Account<'_> {
        Account::of(&self.world, "a")
    }

    fn asking(&self, member: &Account<'_>) -> Value {
        let attributes = [
            ("ccn_id", self.ccn_id.as_str().into()),
            ("ccn_uin", self.uin.as_str().into()),
            ("instance_id", VPC.into()),
        ];
        member.object(ASKING, attributes)
    }

    fn accepting(&self, owner: &Account<'_>) -> Value {
        owner.object(ACCEPTING, [("ccn_id", self.ccn_id.as_str().into()), ("instance_id", VPC.into())])
    }

    /// How often account `a` has accepted something.
    fn accepted(&self) -> usize {
        let writes = self.world.writes_since(0);
        writes.iter().filter(|call| *call == "vpc:AcceptAttachCcnInstances").count()
    }
}

fn text<'a>(stored: &'a Stored, name: &str) -> Option<&'a str> {
    stored.state.field(name).as_str()
}

const TO_BE_ACCEPTED: &str = "warning: Account 100000000001 has to accept the request";
const TAKEN: &str = "error: The instance is attached already @instance_id";
const REJECTED: &str = "error: Account 100000000001 has rejected the request";
const FAILED: &str = "error: The cloud failed to attach vpc-mem00003";
const DETACH_FAILED: &str = "error: The cloud failed to detach vpc-mem00003";

/// "Cannot …" of an operation whose time was over.
fn gave_up(told: &[String], what: &str) -> bool {
    told.last().is_some_and(|told| told.starts_with(&format!("error: Cannot {what} ")))
}

#[test]
fn a_new_attachment_asks_where_it_can_and_takes_nothing_over() {
    for (state, expected) in [
        ("none", Ok(TO_BE_ACCEPTED)),
        ("PENDING", Err(TAKEN)),
        ("ATTACHING", Err(TAKEN)),
        ("ACTIVE", Err(TAKEN)),
        ("EXPIRED", Ok(TO_BE_ACCEPTED)),
        ("REJECTED", Ok(TO_BE_ACCEPTED)),
        ("FAILED", Err(FAILED)),
        ("DETACHFAILED", Err(DETACH_FAILED)),
        ("DELETED", Ok(TO_BE_ACCEPTED)),
    ] {
        let pair = Pair::with(state);
        let member = pair.member();
        let (stored, told) = member.apply(ASKING, &pair.asking(&member), &Stored::nothing());
        let (Ok(line) | Err(line)) = expected;
        assert_eq!(told, [line], "{state}");
        assert_eq!(stored.state.is_null(), expected.is_err(), "{state}");
        if expected.is_ok() {
            assert_eq!((pair.state().as_str(), text(&stored, "problem")), ("PENDING", None), "{state}");
        }
    }
}

#[test]
fn a_new_attachment_waits_for_the_end_of_a_detachment() {
    let pair = Pair::with("DETACHING");
    let member = pair.member();
    let config = impatient(pair.asking(&member), "create");
    let (stored, told) = member.apply(ASKING, &config, &Stored::nothing());
    assert!(gave_up(&told, "attach") && stored.state.is_null(), "{told:?}");
}

#[test]
fn what_an_attachment_has_become_is_shown_and_mended_where_that_is_possible() {
    let hopeless = |told: &str| vec![format!("{} @problem", told.replace("error", "warning"))];
    for (state, problem, planned, applied) in [
        ("PENDING", None, vec![], Ok(vec![])),
        ("ATTACHING", None, vec![], Ok(vec![])),
        ("ACTIVE", None, vec![], Ok(vec![])),
        ("EXPIRED", Some("EXPIRED"), vec![], Ok(vec![TO_BE_ACCEPTED])),
        ("REJECTED", Some("REJECTED"), hopeless(REJECTED), Err(REJECTED)),
        ("FAILED", Some("FAILED"), hopeless(FAILED), Err(FAILED)),
        ("DETACHFAILED", Some("DETACHFAILED"), hopeless(DETACH_FAILED), Err(DETACH_FAILED)),
    ] {
        let pair = Pair::new();
        let member = pair.member();
        let config = pair.asking(&member);
        let stored = member.create(ASKING, &config);
        pair.put_asked(state);
        let stored = member.refresh(ASKING, &stored);
        assert_eq!(text(&stored, "problem"), problem, "{state}");
        assert_eq!(member.plan(ASKING, &config, &stored), planned, "{state}");
        let (after, told) = member.apply(ASKING, &config, &stored);
        match applied {
            Ok(expected) => assert_eq!((told, text(&after, "problem")), (to_strings(&expected), None), "{state}"),
            Err(error) => assert_eq!((told, text(&after, "problem")), (to_strings(&[error]), problem), "{state}"),
        }
    }
}

fn to_strings(lines: &[&str]) -> Vec<String> {
    lines.iter().map(|line| (*line).to_owned()).collect()
}

#[test]
fn an_attachment_that_is_being_taken_out_is_attached_again_once_it_is_out() {
    let pair = Pair::new();
    let member = pair.member();
    let config = impatient(pair.asking(&member), "update");
    let stored = member.create(ASKING, &config);
    pair.put_asked("DETACHING");
    let stored = member.refresh(ASKING, &stored);
    assert_eq!(text(&stored, "problem"), Some("DETACHING"));
    let (stored, told) = member.apply(ASKING, &config, &stored);
    assert!(gave_up(&told, "attach"), "it is taken out for ever: {told:?}");
    assert_eq!(text(&stored, "problem"), Some("DETACHING"));
}

#[test]
fn an_attachment_that_is_gone_is_gone_also_where_it_is_still_listed() {
    for state in ["DELETED", "none"] {
        let pair = Pair::new();
        let member = pair.member();
        let stored = member.create(ASKING, &pair.asking(&member));
        pair.put_asked(state);
        assert!(member.refresh(ASKING, &stored).state.is_null(), "{state}");
    }
}

#[test]
fn an_attachment_is_destroyed_in_every_state() {
    for state in ["PENDING", "ACTIVE", "EXPIRED", "REJECTED", "FAILED", "DETACHFAILED", "DELETED", "none"] {
        let pair = Pair::new();
        let member = pair.member();
        let stored = member.create(ASKING, &pair.asking(&member));
        pair.put_asked(state);
        assert_eq!(member.destroy(ASKING, &stored), (Stored::nothing(), vec![]), "{state}");
        assert!(["DELETED", "none"].contains(&pair.state().as_str()), "{state}: {}", pair.state());
    }
    for state in ["ATTACHING", "DETACHING"] {
        let pair = Pair::new();
        let member = pair.member();
        let stored = member.create(ASKING, &impatient(pair.asking(&member), "delete"));
        pair.put_asked(state);
        let (after, told) = member.destroy(ASKING, &stored);
        assert!(gave_up(&told, "detach") && !after.state.is_null(), "{state}, for ever: {told:?}");
    }
}

#[test]
fn whoever_waits_for_the_other_account_learns_what_it_did() {
    let waiting = |pair: &Pair, member: &Account<'_>| with(pair.asking(member), "wait_for_accept", true.into());
    let pair = Pair::new();
    let member = pair.member();
    let config = impatient(waiting(&pair, &member), "create");
    let (stored, told) = member.apply(ASKING, &config, &Stored::nothing());
    assert!(gave_up(&told, "attach") && !stored.state.is_null(), "nobody accepts: {told:?}");
    for (state, expected) in [
        ("ACTIVE", vec![]),
        ("REJECTED", vec![REJECTED]),
        ("EXPIRED", vec!["error: Account 100000000001 did not accept the request in time"]),
        ("FAILED", vec![FAILED]),
    ] {
        let pair = Pair::new();
        let member = pair.member();
        let config = waiting(&pair, &member);
        let told = std::thread::scope(|threads| {
            let create = threads.spawn(|| member.apply(ASKING, &config, &Stored::nothing()).1);
            pair.reaches("PENDING");
            pair.put_asked(state);
            create.join().unwrap()
        });
        assert_eq!(told, expected, "{state}");
    }
}

#[test]
fn an_accepter_accepts_what_is_pending_and_takes_what_is_accepted_as_it_is() {
    for (state, calls) in [("PENDING", 1), ("ACTIVE", 1)] {
        let pair = Pair::with(state);
        let owner = pair.owner();
        let (stored, told) = owner.apply(ACCEPTING, &pair.accepting(&owner), &Stored::nothing());
        assert_eq!((told, pair.accepted()), (vec![], calls), "{state}");
        assert_eq!((text(&stored, "state"), text(&stored, "active_id")), (Some("ACTIVE"), text(&stored, "id")));
    }
}

#[test]
fn an_accepter_says_what_keeps_it_from_accepting() {
    for (state, expected) in [
        ("EXPIRED", "error: The request of account 100000000002 has expired"),
        ("REJECTED", "error: The request of account 100000000002 was rejected"),
        ("FAILED", FAILED),
        ("DETACHFAILED", DETACH_FAILED),
    ] {
        let pair = Pair::with(state);
        let owner = pair.owner();
        let (stored, told) = owner.apply(ACCEPTING, &pair.accepting(&owner), &Stored::nothing());
        assert_eq!((stored, told), (Stored::nothing(), to_strings(&[expected])), "{state}");
    }
}

#[test]
fn an_accepter_waits_for_what_may_still_come() {
    for state in ["none", "DELETED", "DETACHING", "ATTACHING"] {
        let pair = Pair::with(state);
        let owner = pair.owner();
        let config = impatient(pair.accepting(&owner), "create");
        let (stored, told) = owner.apply(ACCEPTING, &config, &Stored::nothing());
        assert!(gave_up(&told, "accept"), "{state}: {told:?}");
        assert!(stored.state.is_null(), "{state}");
    }
}

#[test]
fn a_request_that_comes_late_is_accepted() {
    let pair = Pair::new();
    let owner = pair.owner();
    let config = pair.accepting(&owner);
    let calls = pair.world.calls();
    let stored = std::thread::scope(|threads| {
        let create = threads.spawn(|| owner.create(ACCEPTING, &config));
        while pair.world.calls() < calls + 5 {}
        pair.asks();
        create.join().unwrap()
    });
    assert_eq!(text(&stored, "state"), Some("ACTIVE"));
}

#[test]
fn an_acceptance_that_is_stopped_is_taken_on_by_the_next_apply() {
    let pair = Pair::in_world(&WORLD.replace("default: 1ms", "default: 1ms, attach: 1h"));
    pair.asks();
    let owner = pair.owner();
    let config = pair.accepting(&owner);
    let (stored, told) = std::thread::scope(|threads| {
        let create = threads.spawn(|| owner.apply(ACCEPTING, &config, &Stored::nothing()));
        pair.reaches("ATTACHING");
        owner.stop();
        create.join().unwrap()
    });
    assert!(told.iter().any(|line| line.starts_with("error")), "{told:?}");
    // As broken it would be detached by the next apply, which has no reason to plan another request.
    assert!(stored.state.is_null());
    pair.world.control("clock", &serde_json::json!({"advance": "2h"}));
    let (stored, told) = owner.apply(ACCEPTING, &config, &stored);
    assert_eq!((told, text(&stored, "state")), (vec![], Some("ACTIVE")));
    assert_eq!(pair.accepted(), 1);
}

#[test]
fn an_accepter_shows_each_state_and_brings_it_back_where_that_is_possible() {
    let hopeless = |told: &str| vec![format!("warning: {told} @state")];
    let expired = "The request of account 100000000002 has expired";
    let rejected = "The request of account 100000000002 was rejected";
    let failed = "The cloud failed to attach vpc-mem00003";
    let detach_failed = "The cloud failed to detach vpc-mem00003";
    for (state, planned, error) in [
        ("ACTIVE", vec![], None),
        ("PENDING", vec![], None),
        ("EXPIRED", hopeless(expired), Some(expired)),
        ("REJECTED", hopeless(rejected), Some(rejected)),
        ("FAILED", hopeless(failed), Some(failed)),
        ("DETACHFAILED", hopeless(detach_failed), Some(detach_failed)),
    ] {
        let pair = Pair::with("PENDING");
        let owner = pair.owner();
        let config = pair.accepting(&owner);
        let stored = owner.create(ACCEPTING, &config);
        pair.put_active(state);
        let stored = owner.refresh(ACCEPTING, &stored);
        let active_id = text(&stored, "id").filter(|_| state == "ACTIVE");
        assert_eq!((text(&stored, "state"), text(&stored, "active_id")), (Some(state), active_id));
        assert_eq!(owner.plan(ACCEPTING, &config, &stored), planned, "{state}");
        let (after, told) = owner.apply(ACCEPTING, &config, &stored);
        assert_eq!(told, error.map(|error| format!("error: {error}")).as_slice(), "{state}");
        let expected = if error.is_none() { "ACTIVE" } else { state };
        assert_eq!(text(&after, "state"), Some(expected), "{state}");
    }
}

#[test]
fn an_accepter_whose_attachment_is_gone_is_gone() {
    for state in ["DELETED", "none"] {
        let pair = Pair::with("PENDING");
        let owner = pair.owner();
        let stored = owner.create(ACCEPTING, &pair.accepting(&owner));
        pair.put_active(state);
        assert!(owner.refresh(ACCEPTING, &stored).state.is_null(), "{state}");
    }
}

#[test]
fn destroying_an_accepter_does_what_it_is_told() {
    let detached = ["ACTIVE", "PENDING", "EXPIRED", "REJECTED", "FAILED", "DETACHFAILED", "DELETED"];
    let detached = detached.map(|state| ("detach", state, "gone"));
    let rejected = [("reject", "ACTIVE", "gone"), ("reject", "PENDING", "REJECTED")];
    let kept = ["ACTIVE", "PENDING"].map(|state| ("keep", state, state));
    for (on_destroy, state, expected) in detached.into_iter().chain(rejected).chain(kept) {
        let pair = Pair::with("PENDING");
        let owner = pair.owner();
        let config = with(pair.accepting(&owner), "on_destroy", on_destroy.into());
        let stored = owner.create(ACCEPTING, &config);
        pair.put_active(state);
        let left = ["warning: The attachment still exists".to_owned()];
        let told = if on_destroy == "keep" { left.to_vec() } else { vec![] };
        assert_eq!(owner.destroy(ACCEPTING, &stored), (Stored::nothing(), told), "{on_destroy} {state}");
        let after = pair.state();
        let is_gone = ["none", "DELETED"].contains(&after.as_str());
        assert!(if expected == "gone" { is_gone } else { after == expected }, "{on_destroy} {state}: {after}");
    }
}

#[test]
fn the_keys_of_the_other_side_are_refused_before_anything_is_changed() {
    let pair = Pair::with("PENDING");
    let (owner, member) = (pair.owner(), pair.member());
    let (stored, told) = member.apply(ACCEPTING, &pair.accepting(&member), &Stored::nothing());
    assert_eq!((stored, told), (Stored::nothing(), to_strings(&["error: The CCN of another account @ccn_id"])));
    let accepter = owner.create(ACCEPTING, &pair.accepting(&owner));
    let wrong = to_strings(&["error: Keys of another account @account_id"]);
    assert_eq!(member.destroy(ACCEPTING, &accepter), (accepter.clone(), wrong.clone()));
    let (_, told) = pair.world.block_on(member.terraform.read(ACCEPTING, &accepter));
    assert_eq!(told, wrong);
    assert_eq!(pair.state(), "ACTIVE");
}

#[test]
fn an_import_with_the_keys_of_the_other_side_names_both_accounts() {
    let pair = Pair::with("ACTIVE");
    let id = format!("{}#VPC#ap-guangzhou#{VPC}", pair.ccn_id);
    for (account, type_name) in [("a", ASKING), ("b", ACCEPTING)] {
        let wrong = Account::of(&pair.world, account);
        let imported = crate::harness::client::by_id(type_name, &id);
        let stored = pair.world.block_on(wrong.terraform.import(imported)).unwrap();
        let (_, told) = pair.world.block_on(wrong.terraform.read(type_name, &stored));
        assert_eq!(told, ["error: The other side of the attachment @account_id"]);
    }
}

#[test]
fn a_missing_permission_is_told_as_one() {
    let pair = Pair::with("PENDING");
    let owner = pair.owner();
    let error = serde_json::json!({"error": {"code": "UnauthorizedOperation", "message": "no"}});
    let fault = serde_json::json!({"match": {"action": "AcceptAttachCcnInstances"}, "fault": error});
    pair.world.control("faults", &fault);
    let (stored, told) = owner.apply(ACCEPTING, &pair.accepting(&owner), &Stored::nothing());
    assert!(gave_up(&told, "accept") && stored.state.is_null(), "{told:?}");
    assert_eq!(pair.state(), "PENDING");
}

#[test]
fn both_sides_are_destroyed_in_either_order_whoever_may_detach() {
    for right in ["both", "ccn_owner", "instance_owner"] {
        for accepter_first in [true, false] {
            let pair = Pair::in_world(&WORLD.replace("deleted_rows: 24h", &format!("detach: {right}")));
            let (owner, member) = (pair.owner(), pair.member());
            // Only the account of the CCN may detach: the other one waits for it, here in vain, and is done afterwards.
            let waits = right == "ccn_owner" && !accepter_first;
            let asking = pair.asking(&member);
            let asking = if waits { impatient(asking, "delete") } else { asking };
            let attachment = member.create(ASKING, &asking);
            let accepter = owner.create(ACCEPTING, &pair.accepting(&owner));
            let mut order = [(&owner, ACCEPTING, &accepter), (&member, ASKING, &attachment)];
            if !accepter_first {
                order.reverse();
            }
            let (first, type_name, stored) = order[0];
            let (left, told) = first.destroy(type_name, stored);
            assert_eq!((!left.state.is_null(), gave_up(&told, "detach")), (waits, waits), "{right}: {told:?}");
            let (second, type_name, stored) = order[1];
            assert!(second.destroy(type_name, stored).0.state.is_null(), "{right}");
            if waits {
                assert!(first.destroy(ASKING, &left).0.state.is_null(), "{right}");
            }
            assert_eq!(pair.state(), "none", "{right} {accepter_first}");
        }
    }
}
