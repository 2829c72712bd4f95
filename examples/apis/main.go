// Apis keeps one table in step with thirteen fake APIs, whose lists come in
// thirteen ways. The configurations are in styles.go, each next to the fake that
// speaks it; docs/apis.md says what else there is to configure.
//
//	go run ./examples/apis
//	go run ./examples/apis -style stripe
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
)

func main() {
	err := run(context.Background(), os.Args[1:], os.Stdout)
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "apis:", err)
		os.Exit(1)
	}
}

// run is the program. A table that is not in step is an error too.
func run(ctx context.Context, args []string, out io.Writer) error {
	chosen, err := parse(args, out)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "style\tpages\trequests\tcreated\tupdated\tremoved\tthen")
	var wrong []error
	for _, s := range chosen {
		total, err := s.demonstrate(ctx)
		state := "in step"
		if err != nil {
			state = "NOT in step"
			wrong = append(wrong, fmt.Errorf("%s: %w", s.name, err))
		}
		fmt.Fprintf(w, "%s\t%s\t%d\t%d\t%d\t%d\t%s\n", s.name, s.pages,
			total.requests, total.Created, total.Updated, total.Removed, state)
	}
	return errors.Join(append(wrong, w.Flush())...)
}

// parse reads the flags, and chooses styles.
func parse(args []string, out io.Writer) ([]style, error) {
	var names []string
	for _, s := range styles {
		names = append(names, s.name)
	}
	flags := flag.NewFlagSet("apis", flag.ContinueOnError)
	flags.SetOutput(io.Discard) // main prints the error
	name := flags.String("style", "", "only one of: "+strings.Join(names, ", "))
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprintln(out, "Keep a table in step with fake APIs of thirteen styles. Options:")
		flags.SetOutput(out)
		flags.PrintDefaults()
		return nil, err
	case err != nil:
		return nil, fmt.Errorf("%w; -help shows the options", err)
	case flags.NArg() > 0:
		return nil, fmt.Errorf("argument %q is not understood; -help shows the options", flags.Arg(0))
	case *name == "":
		return styles, nil
	}
	for _, s := range styles {
		if s.name == *name {
			return []style{s}, nil
		}
	}
	return nil, fmt.Errorf("-style %s: want one of %s", *name, strings.Join(names, ", "))
}
