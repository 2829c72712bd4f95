package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
)

// options are the flags. They are also what the program's other processes get.
type options struct {
	kind
	sizes
	Rounds, PerPage, InFlight int
	Latency                   time.Duration
	Atomic                    bool
	Stores, Only, Peers       []string
	Database                  string // the URL of a PostgreSQL database
	Out, CPUProfile           string // folders
	MinRatio                  map[string]float64
}

// sizes are how many records the scope has, and how many scopes the table.
type sizes struct {
	Records, Scopes int
	Growth          []int // records, one measurement after the other
}

// kind is what records are like.
type kind struct {
	Shape   string // rental, small, wide, numeric, members, nested or translated
	Bytes   int
	Accents bool
}

// smallest is the size below which a record is not a rental.
const smallest = 800

// parse reads the flags. It is [flag.ErrHelp] after it wrote the help.
func parse(args []string, w io.Writer) (options, error) {
	o := options{MinRatio: map[string]float64{}, Peers: peers}
	var stores, commit string
	var wide, numeric, members, nested, translated bool
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(io.Discard) // main prints the error
	flags.IntVar(&o.Records, "records", 100_000, "records that the remote lists")
	flags.IntVar(&o.Rounds, "rounds", 5, "times that everything is measured; medians are shown")
	flags.IntVar(&o.PerPage, "perpage", 500, "records a page")
	flags.IntVar(&o.Scopes, "scopes", 1, "scopes in this library's table after the first sync: those that are not measured have up to 1,000 rows each")
	flags.IntVar(&o.InFlight, "inflight", 3, "pages that this library asks for ahead, rest.Config.InFlight")
	flags.IntVar(&o.Bytes, "bytes", 1500, "size of a record, `about`, 100 to 100000")
	flags.DurationVar(&o.Latency, "latency", 0, "wait before each answer")
	flags.BoolVar(&wide, "wide", false, "rows of 60 columns")
	flags.BoolVar(&numeric, "numeric", false, "rows of 20 numeric columns")
	flags.BoolVar(&members, "members", false, "records of 33 short members")
	flags.BoolVar(&nested, "nested", false, "records with two levels of nested lists, of five: 31 rows a record; measures this library only")
	flags.BoolVar(&translated, "translations", false, "records with three texts in four languages: 5 rows a record; measures this library only")
	flags.BoolVar(&o.Accents, "accents", false, "3 % of the letters of texts are accented, and some are escaped")
	flags.BoolFunc("alone", "measure this library only, without the limit and peers", func(string) error {
		o.Peers = nil
		return nil
	})
	flags.Func("peers", "what people write or pick, to measure beside this library: `"+strings.Join(peers, ",")+"` by default", func(s string) error {
		o.Peers = strings.Split(s, ",")
		for _, name := range o.Peers {
			if !slices.Contains(peers, name) {
				return fmt.Errorf("no peer %q", name)
			}
		}
		return nil
	})
	flags.StringVar(&stores, "store", "both", "`postgres, sqlite or both`")
	flags.StringVar(&commit, "commit", "page", "`page or atomic`, for this library")
	flags.StringVar(&o.Database, "database", os.Getenv("DATABASE_URL"), "`URL` of a PostgreSQL database, where schemas bench_… are made and dropped")
	flags.StringVar(&o.Out, "out", "", "`folder` for bench.md and the plot; none by default")
	flags.StringVar(&o.CPUProfile, "cpuprofile", "", "`folder` for a CPU profile of each of this library's scenarios, of the last round")
	flags.Func("only", "`scenarios`, with commas between: "+strings.Join(names(), ", ")+"; what they need runs too", func(s string) error {
		o.Only = strings.Split(s, ",")
		for _, name := range o.Only {
			if !slices.Contains(names(), name) {
				return fmt.Errorf("no scenario %q", name)
			}
		}
		return nil
	})
	flags.Func("growth", "sizes of the scope, as `10000,100000`: measures this library alone", func(s string) error {
		for text := range strings.SplitSeq(s, ",") {
			n, err := strconv.Atoi(text)
			if err != nil || n < 1 || len(o.Growth) > 0 && n <= o.Growth[len(o.Growth)-1] {
				return fmt.Errorf("%q: want numbers of records, from small to large", s)
			}
			o.Growth = append(o.Growth, n)
		}
		o.Peers = nil
		return nil
	})
	flags.Func("min-ratio", "fail where this library is not that many times as fast as the hand-written sync, or another: `first=3,sqlite.unchanged/careful=5`", func(s string) error {
		for pair := range strings.SplitSeq(s, ",") {
			name, number, _ := strings.Cut(pair, "=")
			ratio, err := strconv.ParseFloat(number, 64)
			_, scenario, ok := strings.Cut(name, ".")
			if !ok {
				scenario = name
			}
			scenario, contender, other := strings.Cut(scenario, "/")
			if err != nil || !slices.Contains(names(), scenario) || other && !slices.Contains(peers, contender) {
				return fmt.Errorf("%q: want a scenario, or a store, a dot and a scenario, and maybe / and one of %s, then = and a number", pair, strings.Join(peers, ", "))
			}
			o.MinRatio[name] = ratio
		}
		return nil
	})
	switch err := flags.Parse(args); {
	case err == flag.ErrHelp:
		fmt.Fprintln(w, "Measure this library against the database's limit and a hand-written sync. Options:")
		flags.SetOutput(w)
		flags.PrintDefaults()
		return o, err
	case err != nil:
		return o, fmt.Errorf("%w; -help shows the options", err)
	case flags.NArg() > 0:
		return o, fmt.Errorf("argument %q is not understood; -help shows the options", flags.Arg(0))
	case o.Records < 1 || o.Rounds < 1 || o.PerPage < 1 || o.InFlight < 1 || o.Scopes < 1 || o.Latency < 0:
		return o, fmt.Errorf("want at least 1 of -records, -rounds, -perpage, -inflight and -scopes, and no negative -latency")
	case o.Bytes < 100 || o.Bytes > 100_000:
		return o, fmt.Errorf("-bytes %d: want 100 to 100000", o.Bytes)
	}
	shapes := 0
	for _, shape := range []bool{wide, numeric, members, nested, translated} {
		if shape {
			shapes++
		}
	}
	if shapes > 1 {
		return o, fmt.Errorf("-wide, -numeric, -members, -nested and -translations: give one of them")
	}
	switch {
	case wide:
		o.Shape = "wide"
	case numeric:
		o.Shape = "numeric"
	case members:
		o.Shape, o.Bytes = "members", 600
	case nested:
		o.Shape, o.Bytes, o.Peers = "nested", 2400, nil
	case translated:
		o.Shape, o.Bytes, o.Peers = "translated", 800, nil
	case o.Bytes < smallest:
		o.Shape = "small"
	default:
		o.Shape = "rental"
	}
	return o, o.choose(stores, commit)
}

// choose reads the flags that name one of some.
func (o *options) choose(stores, commit string) error {
	switch stores {
	case "both":
		o.Stores = []string{"postgres", "sqlite"}
	case "postgres", "sqlite":
		o.Stores = []string{stores}
	default:
		return fmt.Errorf("-store %q: want postgres, sqlite or both", stores)
	}
	switch commit {
	case "page":
	case "atomic":
		o.Atomic = true
	default:
		return fmt.Errorf("-commit %q: want page or atomic", commit)
	}
	if slices.Contains(o.Stores, "postgres") && o.Database == "" {
		return fmt.Errorf("no PostgreSQL: run this by make bench, which starts one, or give -database, or -store sqlite")
	}
	return nil
}
