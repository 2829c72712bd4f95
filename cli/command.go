package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/syncedgo/synced/internal/backend"
)

// The exit codes.
const (
	codeDiffers = 1
	codeFailed  = 2
	codeStopped = 3
)

// codeError is an error with an exit code.
type codeError struct {
	code int
	text string
}

func (e *codeError) Error() string { return e.text }

// ExitCode returns what a program should end with after a command returned err: 0 for nil,
// 1 where check found a difference, 3 where runs were told to stop before they were done,
// and 2 otherwise.
func ExitCode(err error) int {
	var coded *codeError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &coded):
		return coded.code
	default:
		return codeFailed
	}
}

// Run runs the command line of the program's arguments, prints its error, and returns the
// exit code. ctx lives as long as the program: Run itself listens to Ctrl-C and SIGTERM.
func Run(ctx context.Context, r Registry) int {
	cmd := Command(r)
	cmd.Use, cmd.SilenceErrors = filepath.Base(os.Args[0]), true
	err := cmd.ExecuteContext(ctx)
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: %s\n", cmd.Use, printable(err.Error()))
	}
	return ExitCode(err)
}

// Command returns the command "synced", which a service mounts in its own: its subcommands
// work on what the registry has. It does not end the program (see [ExitCode]), and prints no
// usage beside an error; cobra prints the error, unless the service's root has
// SilenceErrors. Each call returns a new command, which is executed once. While
// its runs are under way, the first SIGINT or SIGTERM stops them and the second cancels
// them; give it a context that does not end with those.
func Command(r Registry) *cobra.Command {
	return (&app{&book{registry: r}, &output{now: time.Now}}).command()
}

// app is one execution.
type app struct {
	*book
	*output
}

func (a *app) command() *cobra.Command {
	root := &cobra.Command{
		Use:   "synced",
		Short: "See, run, compare and repair the tables that synced keeps",
		Long: "See, run, compare and repair the tables that synced keeps in step with\nremote APIs.\n\n" +
			"Exit codes: 0 all went well, 1 check found a difference, 2 something failed,\n3 told to stop before it was done.",
		Args: noSuch, RunE: help,
	}
	root.PersistentFlags().BoolVar(&a.json, "json", false, "print JSON, an object a line")
	root.SetUsageTemplate(strings.ReplaceAll(root.UsageTemplate(), ".FlagUsages ", ".FlagUsagesWrapped 80 "))
	root.AddCommand(statusCommand(a), syncCommand(a), checkCommand(a), applyCommand(a), resetCommand(a), remapCommand(a), forgetCommand(a),
		quarantineCommand(a), removalsCommand(a), outboxCommand(a), scheduleCommand(a), tokensCommand(a),
		migrateCommand(a), schemaCommand(a), cleanupCommand(a))
	a.prepare(root, root)
	return root
}

// prepare gives a command, and those below it, what all have in common. Hooks of cobra's
// are left to the service, whose own they would replace.
func (a *app) prepare(root, cmd *cobra.Command) {
	cmd.SilenceUsage = true
	run := cmd.RunE
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		a.out, a.err = cmd.OutOrStdout(), cmd.ErrOrStderr()
		if a.registry.DB == nil {
			return errors.New("there is no database: set DB in the cli.Registry")
		}
		err := run(cmd, args)
		if behind := a.behind(cmd.Context(), err); behind != "" && cmd.Name() != migrate {
			return fmt.Errorf("%s: run %s %s", behind, root.CommandPath(), migrate)
		}
		if err != nil && printable(err.Error()) != err.Error() {
			return &plainError{err}
		}
		return err
	}
	for _, below := range cmd.Commands() {
		a.prepare(root, below)
	}
}

// behind says what the database lacks of synced's own tables, where a command failed; ""
// where that is nothing.
func (b *book) behind(ctx context.Context, err error) string {
	if err == nil {
		return ""
	}
	db, err := backend.Of(b.registry.DB)
	if err != nil {
		return ""
	}
	if lacks, ok := errors.AsType[*backend.NotMigratedError](db.Ready(ctx)); ok {
		return lacks.Lacks
	}
	return ""
}

// plainError is an error without what would move a terminal's cursor.
type plainError struct{ err error }

func (e *plainError) Error() string { return printable(e.err.Error()) }
func (e *plainError) Unwrap() error { return e.err }

// group returns a command that is only there for those below it.
func group(name, short string, below ...*cobra.Command) *cobra.Command {
	cmd := &cobra.Command{Use: name, Short: short, Args: noSuch, RunE: help}
	cmd.AddCommand(below...)
	return cmd
}

func help(cmd *cobra.Command, _ []string) error { return cmd.Help() }

// noSuch finds the name of a command that there is not.
func noSuch(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	var names []string
	for _, c := range cmd.Commands() {
		names = append(names, c.Name())
	}
	return fmt.Errorf("no command %s: %s", args[0], meant(args[0], names))
}

// ofModels returns a command for one model or all.
func (b *book) ofModels(name, short string, run func(cmd *cobra.Command, args []string) error) *cobra.Command {
	return &cobra.Command{Use: name + " [model]", Short: short, Args: cobra.MaximumNArgs(1), ValidArgsFunction: b.completeModels, RunE: run}
}

// ofModel returns a command for one model.
func (b *book) ofModel(name, short string, run func(cmd *cobra.Command, args []string) error) *cobra.Command {
	cmd := b.ofModels(name, short, run)
	cmd.Use, cmd.Args = name+" model", cobra.ExactArgs(1)
	return cmd
}
