package main

import (
	"flag"
	"fmt"
	"io"
)

// maxRecords keeps a slip of the finger from filling the machine's memory, where
// the fake API has its records.
const maxRecords = 500_000

// options are the flags.
type options struct {
	records  int
	database string
}

// parse reads the flags. It is [flag.ErrHelp] after it wrote the help.
func parse(args []string, w io.Writer) (options, error) {
	var o options
	flags := flag.NewFlagSet("quickstart", flag.ContinueOnError)
	flags.SetOutput(io.Discard) // main prints the error
	flags.IntVar(&o.records, "records", 1000, "rentals in each of the two accounts, `0 to 500000`")
	flags.StringVar(&o.database, "database", "", "`path` of a SQLite file to make, or postgres://user:password@host/database,\n"+
		"where the program works in a schema of its own; a SQLite file in a temporary folder by default")
	switch err := flags.Parse(args); {
	case err == flag.ErrHelp:
		fmt.Fprintln(w, "Keep the rentals of two accounts in step with a fake booking system. Options:")
		flags.SetOutput(w)
		flags.PrintDefaults()
		return o, err
	case err != nil:
		return o, fmt.Errorf("%w; -help shows the options", err)
	case flags.NArg() > 0:
		return o, fmt.Errorf("argument %q is not understood; -help shows the options", flags.Arg(0))
	case o.records < 0 || o.records > maxRecords:
		return o, fmt.Errorf("-records %d: want 0 to %d", o.records, maxRecords)
	}
	return o, nil
}
