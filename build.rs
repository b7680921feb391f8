//! Generates the messages and services of `proto/` without `protoc`.

use std::error::Error;

const FILES: [&str; 3] = ["proto/tfplugin6.proto", "proto/plugin.proto", "proto/health.proto"];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=proto");
    tonic_prost_build::configure()
        .bytes(".")
        // Ordered, so that the same schema is the same bytes every time.
        .btree_map(".")
        // Written by hand in `src/proto.rs`: these two carry the user's values.
        .skip_debug(["tfplugin6.DynamicValue", "tfplugin6.RawState"])
        // A method that a provider leaves out answers `Unimplemented`, as the protocol wants it.
        .generate_default_stubs(true)
        .build_transport(false)
        .compile_fds(protox::compile(FILES, ["proto"])?)?;
    Ok(())
}
