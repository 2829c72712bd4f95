// Package cli is a command line for the operators of a service: to see how fresh its
// models are, to run, compare and repair them, and to steer their schedule.
//
// A service that uses cobra mounts [Command] beside its own commands:
//
//	root.AddCommand(cli.Command(cli.Registry{
//		DB:     db,
//		Models: func(ctx context.Context) ([]schedule.Entry, error) { … },
//	}))
//
// Another one makes a program of it:
//
//	func main() { os.Exit(cli.Run(context.Background(), registry)) }
//
// The commands are:
//
//	status       how fresh each model and scope is, and what is wrong
//	sync         run models
//	check        compare with the remote, write nothing
//	apply        do what check --json found
//	reset        have the next run ask for everything
//	remap        map the stored objects again
//	forget       forget what is kept of scopes that have left
//	quarantine   records that can't be mapped: list, retry, drop
//	removals     removals that were refused: list, approve
//	outbox       consumers of the changes: status, rewind, prune, drop
//	schedule     list, pause, resume, run, start
//	tokens       OAuth tokens: list, forget
//	migrate      bring synced's own tables up to date, or write their migrations as files
//	schema       the DDL of the models
//	cleanup      drop what is no longer needed
//
// # Output
//
// Each command prints for people, or with --json for programs: one JSON object a line, in a
// shape that stays. docs/cli.md has the shapes. No command prints a credential.
//
// # Exit codes
//
// [Run] ends with 0 when all went well, with 1 when check found a difference, with 2 when
// something failed, and with 3 when it was told to stop before it was done. [ExitCode] is
// that of a command's error, for a service that has its own main.
//
// The first Ctrl-C (or SIGTERM) stops runs at their next page, and what they did stays; the
// second cancels them.
package cli
