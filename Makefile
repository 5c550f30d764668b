# kilotask: build the lab, run the experiments, show the verdicts. `make help` lists the targets.
#
# All targets have real dependencies: what is up to date is not done again. Each runtime is built by its own
# `cargo build -p`: a build of the whole workspace unifies features, so that one runtime's dependencies
# would change another's.

CARGO ?= cargo
export CARGO
# Where cargo puts release builds, and a file there that changes when the compiler, its flags or cargo's configuration do.
BIN   := $(or $(shell CARGO='$(CARGO)' .ci/cargo folder),target/release)
FLAGS := $(wildcard $(BIN)/built-with)
LAB   := $(BIN)/kilotask

# The experiments of each preset. QUICK is a first look, DEFAULT adds three workloads and the article's claims, with as
# many blocks as verdicts take in five minutes. FULL is everything.
QUICK   := thousand-tasks known-truth
DEFAULT := $(QUICK) yield ping-pong echo article
FULL    := $(DEFAULT) fan-in skynet mutex brigade request file-read cpu mixed blocking ceilings million context-switch \
	stackful tokio-versions variants channels
RUNTIMES    := $(notdir $(wildcard crates/runtime-*))
# What a first look measures: what people choose between most often, what it is held against, and programs of known truth.
# Only their crates are built.
QUICK_RUNTIMES := tokio smol glommio may threads thread-pool go-goroutines java-virtual-threads python-asyncio \
	python-threading python-thread-pool python-sequential floor sequential same-* slower-* two-modes
QUICK_CRATES   := $(addprefix runtime-,tokio smol glommio may threads std-async-floor control)

# The files that the programs of some crates are built from, given the crates' folders: no tests, no benches.
sources = $(shell find $(1) -path '*/src/*.rs' -o -path '*/src/*.css' -o -path '*/templates/*' -o -name Cargo.toml)

WORKSPACE := Cargo.toml Cargo.lock $(FLAGS)
RUNNER    := $(call sources,crates/protocol crates/runner)
FOREIGN   := $(shell find runners -type f -not -path '*/__pycache__/*' -not -path '*/build/*' -not -path '*/packages/*' -not -name '*test*')
BUILT     := $(BIN)/runners
PROGRAMS  := $(LAB) $(RUNTIMES:%=$(BIN)/%) $(BUILT)
# Programs of variants alone, which only experiments of FULL name.
VARIANTS  := $(patsubst crates/%/Cargo.toml,$(BIN)/%,$(shell grep -l '^variants = ' crates/runtime-*/Cargo.toml))

.PHONY: all quick full calibrate reproduce reference table report build runtimes runners new-runtime verify build-tests test \
	kills test-page test-cluster test-tools interop fuzz lint bench doctor list clean help
.DEFAULT_GOAL := all

all: results/latest/summary.csv ## Build, run the experiments, show the result on one screen (a quarter of an hour)
	@echo "Up to date: results/latest (make table shows its tables)"

quick: results/quick/summary.csv ## The thousand tasks on the usual runtimes, with few repetitions (half a minute, once built)
	@echo "Up to date: results/quick"

full: results/full/summary.csv ## Every experiment, with many repetitions (75 minutes at most, once built)
	@echo "Up to date: results/full"

table: $(LAB) ## Show what results/latest measured; SHOW='echo --runtimes tokio,threads' or SHOW=--claims for more
	@$(LAB) table results/latest $(SHOW)

report: $(LAB) ## Write the page of results/latest again
	@$(LAB) report results/latest

files = $(1:%=experiments/%.toml)
results/latest/summary.csv: PRESET := default
results/latest/summary.csv: $(call files,$(DEFAULT))
results/quick/summary.csv: PRESET := quick
results/quick/summary.csv: PICK := $(QUICK_RUNTIMES:%=--runtimes '%')
results/quick/summary.csv: $(call files,$(QUICK))
results/full/summary.csv: PRESET := full
results/full/summary.csv: BUDGET := --budget 75m
results/full/summary.csv: $(call files,$(FULL))

calibrate: results/calibration/calibration.csv ## Measure how often the lab itself is wrong (6 minutes)
	@echo "Up to date: results/calibration"

results/calibration/calibration.csv: $(LAB) $(BIN)/runtime-control experiments/calibration.toml
	@run=results/$$(date +%Y-%m-%dT%H-%M-%S)-calibration; \
	$(LAB) calibrate --out $$run && ln -sfn $$(basename $$run) results/calibration

# The run to repeat: make reproduce REFERENCE=/mnt/theirs
REFERENCE := results/reference

reproduce: build ## Run the plan of results/reference here, and compare the verdicts with those of that run
	@$(LAB) reproduce $(REFERENCE) --out results/$$(date +%Y-%m-%dT%H-%M-%S)-reproduce

reference: results/reference/trials.csv results/reference/calibration/trials.csv results/three-nodes/trials.csv ## Unpack the committed runs, of which the repository has bundles

results/reference/trials.csv: results/reference.kilotask.tar.gz
results/reference/calibration/trials.csv: results/reference-calibration.kilotask.tar.gz
results/three-nodes/trials.csv: results/three-nodes.kilotask.tar.gz
%/trials.csv:
	@rm -rf $(@D)/spans && mkdir -p $(@D) && tar -xzmf $< -C $(@D) --exclude manifest.json

# Versions of a crate that an experiment names are built first. Each run has its own folder, which is never
# overwritten; the link moves only to a run without a failed trial.
results/full/summary.csv: $(PROGRAMS)
results/latest/summary.csv: $(filter-out $(VARIANTS),$(PROGRAMS))
results/quick/summary.csv: $(QUICK_CRATES:%=$(BIN)/%)
results/%/summary.csv: $(LAB) $(BUILT) $(FOREIGN)
	@$(LAB) build $(filter experiments/%.toml,$^) || true # what could not be built is a row that says so
	@run=results/$$(date +%Y-%m-%dT%H-%M-%S)-$(PRESET); \
	$(LAB) run $(filter experiments/%.toml,$^) --preset $(PRESET) $(PICK) $(BUDGET) --out $$run && ln -sfn $$(basename $$run) results/$*

build: $(PROGRAMS) reference ## Build the lab and every runtime; one whose tool is missing is named and left out

runtimes: $(RUNTIMES:%=$(BIN)/%) $(BUILT) ## Build every runtime

$(LAB): $(WORKSPACE) $(wildcard schemas/*) $(call sources,crates/protocol crates/results crates/peer crates/harness crates/aggregate crates/report crates/export crates/merge crates/kilotask)
	@.ci/cargo build kilotask $(@D)

# A rule for each runtime, made from its folder.
define runtime_rule
$(BIN)/$(1): $(WORKSPACE) $(RUNNER) $(call sources,crates/$(1))
	@.ci/cargo build $(1) $$(@D)
endef
$(foreach name,$(RUNTIMES),$(eval $(call runtime_rule,$(name))))

# The tasks of tokio over another allocator.
$(BIN)/runtime-tokio-mimalloc: $(call sources,crates/runtime-tokio)

# The runners of other languages. Which tools are installed can change without any file of ours, so this runs each
# time (half a second); the file holds the answer and changes only when the answer does. A build that fails is
# reported and skipped, as the tool may be too old: then that runtime is a row that says so. CI is stricter.
$(BUILT): $(LAB) ALWAYS
	@$(LAB) build >$@.new || true; cmp -s $@.new $@ || { cat $@.new; mv $@.new $@; }
ALWAYS: ;

runners: ## Install what the runners of other languages need (Debian, Ubuntu; as root, or with sudo)
	@runners/install
	@rm -f $(BUILT) # so that the next build includes them

new-runtime: $(LAB) ## Write a new runtime that works: NAME=foo (IN=python, go or c; else Rust)
	@$(LAB) new '$(NAME)' $(IN:%=--language %)

verify: build ## Check that every runtime does the work that it claims to do (3 minutes)
	@$(LAB) verify

# All but the examples, and the programs of the runtimes, which are a line each.
TESTS := --locked --workspace --lib --bin kilotask --test '*'

build-tests: reference ## Build the tests in Rust
	$(CARGO) test $(TESTS) --no-run

test: build ## Run every test (needs the programs built)
	$(CARGO) test $(TESTS)
	$(CARGO) test --locked --workspace --doc
	@command -v python3 >/dev/null || { echo "python3 is not here: the runners of other languages are not tested"; exit 0; }; \
	ls runners/*/test_runner.py | xargs -P 4 -I {} sh -c 'said=$$(cd $$(dirname {}) && python3 -m unittest -v 2>&1); \
		failed=$$?; echo "{}: $$said"; exit $$failed'

# Half of the kills are of the lab, the others of runners and peers. A failure names its scenario: make kills SEED=7 SCENARIO=12.
kills: KILLS ?= 1000
kills: build ## Kill the lab, runners and peers at random moments: KILLS=1000, SEED=7
	KILLS='$(KILLS)' SEED='$(SEED)' SCENARIO='$(SCENARIO)' $(CARGO) test --locked -p kilotask --test kills -- --nocapture

# The page in a real browser: needs Debian's chromium and chromium-driver; and node-typescript for the types of its script.
PAGE_TESTS   := crates/report/tests/browser
PAGE_VENV    := $(patsubst %/release,%,$(BIN))/page-venv
INTEROP_VENV := $(patsubst %/release,%,$(BIN))/interop-venv
test-page: RUN ?= results/reference
# The page of the default preset, too, whose size is bounded: its experiments, as the reference measured them. A folder for
# each RUN: the pages of two may be tested at the same time.
PART       ?= $(CARGO) run --release --locked -q -p report --example part --
AS_DEFAULT = $(patsubst %/release,%,$(BIN))/as-default/$(notdir $(RUN))
test-page: reference $(LAB) $(PAGE_VENV)/ready ## Open the page of RUN=results/reference in a headless Chromium
	@if command -v tsc >/dev/null; then tsc --allowJs --checkJs --noEmit --strict --target es2022 --lib es2022,dom,dom.iterable \
		crates/report/templates/page.js; else echo "tsc is not here: the types of the page's script are not checked"; fi
	$(PART) results/reference $(AS_DEFAULT) default $(DEFAULT)
	$(PAGE_VENV)/bin/python $(PAGE_TESTS)/test_page.py $(RUN) $(LAB) $(AS_DEFAULT)

test-cluster: $(LAB) ## Run shards on a Slurm of two nodes, and do to it what clusters do (Debian 12, root; 2 minutes)
	@crates/kilotask/tests/cluster/test.sh $(LAB)

interop: RUN ?= results/reference $(wildcard results/quick)
interop: reference $(LAB) $(INTEROP_VENV)/ready ## Read the exports of RUN=results/reference with the tools they are for
	@.ci/check-exports.sh $(INTEROP_VENV)/bin/python $(LAB) $(RUN)

# Tools in Python, from its package index, in a folder of their own each.
$(PAGE_VENV)/ready: $(PAGE_TESTS)/requirements.txt
$(INTEROP_VENV)/ready: .ci/interop.txt
test-tools: $(PAGE_VENV)/ready $(INTEROP_VENV)/ready ## Install what test-page and interop need (python3 with venv, network)
%-venv/ready:
	rm -rf $(@D)
	python3 -m venv $(@D)
	$(@D)/bin/pip install -q --disable-pip-version-check -r $<
	@touch $@

# libFuzzer on stable Rust: coverage counters are a flag of the compiler. A finding is kept in target/fuzz/found; what covers
# more code is kept in target/fuzz/corpus, beside the seeds, and the next call goes on from there.
SECONDS_EACH ?= 600
FUZZED  := $(notdir $(wildcard crates/fuzz/seeds/*))
FUZZER  := target/fuzz/x86_64-unknown-linux-gnu/release/fuzz
COVERED := -C passes=sancov-module -C llvm-args=-sanitizer-coverage-level=4 \
	-C llvm-args=-sanitizer-coverage-inline-8bit-counters -C llvm-args=-sanitizer-coverage-pc-table \
	-C llvm-args=-sanitizer-coverage-trace-compares -C debug-assertions -C overflow-checks
fuzz: ## Read what a fuzzer makes up, 10 minutes each kind: SECONDS_EACH=60, FUZZED=plan (needs g++)
	RUSTFLAGS="$(COVERED)" $(CARGO) build --release --locked -p fuzz --features libfuzzer \
		--target x86_64-unknown-linux-gnu --target-dir target/fuzz
	@mkdir -p target/fuzz/found $(FUZZED:%=target/fuzz/corpus/%)
	@printf '%s\n' $(FUZZED) | xargs -P $$(nproc) -I {} sh -c 'said=target/fuzz/{}.log; \
		FUZZ={} $(FUZZER) target/fuzz/corpus/{} crates/fuzz/seeds/{} -max_total_time=$(SECONDS_EACH) -timeout=10 \
			-rss_limit_mb=1024 -artifact_prefix=target/fuzz/found/{}- >$$said 2>&1; failed=$$?; \
		echo "{}: $$(grep -E "^Done|SUMMARY|panicked" $$said | head -3)"; exit $$failed'

lint: ## Check style: rustfmt, clippy, rustdoc, and the files themselves
	.ci/check-files.py
	$(CARGO) fmt --check
	$(CARGO) clippy --locked --workspace --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --locked --workspace --lib --no-deps

bench: build ## Measure the lab itself: what it adds to a bare program, its cost per trial, beside other tools (hyperfine, duckdb of pip)
	@for runtime in $(filter-out runtime-control,$(RUNTIMES)); do \
		$(CARGO) build --release --locked -p $$runtime --examples || exit 1; done
	$(CARGO) bench --locked -p kilotask --bench lab
	$(CARGO) bench --locked -p kilotask --bench others
	CELLS=1000 $(CARGO) bench --locked -p aggregate --bench aggregate
	$(CARGO) bench --locked -p merge --bench merge
	CELLS=1000 $(CARGO) bench --locked -p report --bench report

doctor: build ## Say what works on this machine and, if not, why and what to do
	@$(LAB) doctor

list: build ## List every runtime with its state
	@$(LAB) list

clean: ## Remove what was built; results stay
	$(CARGO) clean
	rm -rf runners/*/build

help: ## List the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 13
