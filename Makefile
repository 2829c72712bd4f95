.DEFAULT_GOAL := help
.PHONY: help demo test bench fmt

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-6s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ## sync a small API into a local database; ARGS="-help" shows the options
	go run ./examples/quickstart $(ARGS)

test: ## install what is missing (PostgreSQL, a C compiler), then vet, staticcheck, and test with the race detector
	@bash .ci/install
	go vet ./...
	go tool staticcheck ./...
	go test -race $$(go list ./... | grep -v /internal/breaking)
	go test ./internal/breaking # its processes and networks are slow enough; what shares memory is raced below
	go test -race -run 'TestScopes' ./internal/breaking
	staticcheck=$$(go tool -n staticcheck) && cd internal/bench && go vet ./... && "$$staticcheck" ./... && go test ./...

bench: ## measure against the database's limit and a sync by hand; ARGS="-help" shows the options
	@bash .ci/bench $(ARGS)

fmt: ## format the code
	gofmt -l -w .
