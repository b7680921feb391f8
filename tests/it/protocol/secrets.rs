use super::client::{Stored, Terraform};
use super::provider::Fault;

const SECRET: &str = "protocol-test-secret";

#[tokio::test]
async fn what_quotes_a_write_only_value_is_told_without_it() {
    for (fault, told) in [(Fault::FailsAfter, "Request r-1 in account a: "), (Fault::PanicsAfter, "out of luck: ")] {
        let terraform = Terraform::configured().await;
        terraform.world.set_fault(fault);
        terraform.apply("test_thing", &terraform.thing([("secret", SECRET.into())]), &Stored::nothing()).await;
        let details = terraform.details();
        assert!(details.contains(&format!("{told}create with secret Some(\"(secret)\")")), "{details}");
        assert!(!details.contains(SECRET), "{details}");
    }
}
