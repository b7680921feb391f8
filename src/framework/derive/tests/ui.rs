//! Wrong uses of `#[derive(Model)]`: the messages and the places that they point at.

#[test]
fn wrong_uses_are_compile_errors_at_the_word_concerned() {
    trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
}
