// The program bench measures how fast tables are kept in step with a remote API:
// the limit of the database, a sync as people write it by hand, and this library,
// in turns, on the same machine and in the same run.
//
//	make bench ARGS="-records 100000 -store both"
//
// A server of its own, in a process of its own, lists the records from memory.
// Each measurement is a process too, so that its memory and its processor time
// are its own.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := dispatch(ctx, os.Args[1:], os.Stdout); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// dispatch is the whole program, or the part that a process of it is for.
func dispatch(ctx context.Context, args []string, w io.Writer) error {
	switch role := os.Getenv(roleVariable); role {
	case "":
	case "serve":
		return serve(ctx, os.Stdin, w)
	default:
		return child(ctx, os.Stdin, w)
	}
	o, err := parse(args, w)
	if err != nil {
		return err
	}
	return drive(ctx, o, w)
}
