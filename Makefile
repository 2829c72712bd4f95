.DEFAULT_GOAL := help
# What is tested with the race detector: packages that share memory, and the topics of the
# contract with several runs at once, in which the stores are used as by a service. All else
# would take half of all the time with it.
RACED = ^[^/]*/[^/]*/synced$$|/(backend|commit|engine|feed|handle|ledger|lent|page|spool|sqlitedriver|sqlstore|synced/outbox|contract/(beside|locks|resume|run))$$|/remote

# Tests that measure memory, or of large pages. With the race detector they take minutes of CPU time, without it 8 s, and some bear no other GOGC.
MEMORY = ^(TestContract_C116_MemoryOfAPage|TestContract_C430_LargePagesAreFewAtOnce|TestBody_Memory|TestMaxRecords)$$

.PHONY: help demo test break fuzz bench fmt tidy

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-6s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ## sync a small API into a local database; ARGS="-help" shows the options
	@go build -C examples -o ../bin/quickstart ./quickstart
	@bin/quickstart $(ARGS)

test: export CGO_CFLAGS ?= -O0 # the only C is that of another SQLite, which takes 7 s to compile so, and 54 s otherwise
# Fewer collections of garbage: tests take a tenth less time, and the compiler a seventh less.
test: export GOGC ?= 400
test: ## install what is missing (PostgreSQL, a C compiler), then vet, staticcheck, and test, with the race detector where memory is shared
	@bash .ci/install
	WITHOUT=internal/drivers bash .ci/each go vet ./... # so that the tests below need not; two more SQLites would take minutes
	WITHOUT=internal/drivers bash .ci/each "$$(go -C tools tool -n staticcheck)" ./...
	go test -vet=off -race -skip '$(MEMORY)' $$(go list ./... | grep -E '$(RACED)')
	GOGC=100 go test -vet=off -run '$(MEMORY)' ./remote/rest ./internal/contract/run
	go test -vet=off $$(go list ./... | grep -Ev '$(RACED)')
	go test -vet=off -race -run 'TestScopes' ./internal/breaking
	@bash .ci/modules schedule/river cli examples peer/live internal/bench tools internal/twoway internal/oauthtest otelsynced internal/drivers examples/bookings examples/gorm examples/facade

break: ## play many random sagas on each store, against a reference in memory; SEEDS=5000, and SEED=1 is the first one's
	SYNCED_SEEDS=$(or $(SEEDS),1000) SYNCED_SEED=$(or $(SEED),1) go test -vet=off -timeout 0 -run TestReference ./internal/breaking

fuzz: ## each fuzz test for a while; TIME=1m, by default 10s
	@bash .ci/fuzz $(or $(TIME),10s)

bench: ## measure against the database's limit and a sync by hand; ARGS="-help" shows the options
	@bash .ci/bench $(ARGS)

fmt: ## format the code
	gofmt -l -w .
	bash .ci/imports write

tidy: ## tidy go.mod of each module
	bash .ci/each go mod tidy
