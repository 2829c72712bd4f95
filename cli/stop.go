package cli

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// stopper ends runs when the operator says so.
type stopper struct {
	// soft is closed by the first signal. The second cancels the context.
	soft chan struct{}
	end  func()
}

// stopped reports whether the operator has said so.
func (s *stopper) stopped() bool {
	select {
	case <-s.soft:
		return true
	default:
		return false
	}
}

// listen makes Ctrl-C stop what is run with the context that it returns: softly at first,
// where that can be done, and canceled the second time. Once it is canceled, the next one
// ends the program. What is said about it goes above the line of the progress.
func (a *app) listen(ctx context.Context, p *progress, softly bool) (context.Context, *stopper) {
	ctx, cancel := context.WithCancel(ctx)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	s := &stopper{soft: make(chan struct{}), end: func() { signal.Stop(signals); cancel() }}
	go func() {
		for first := true; ; first = false {
			select {
			case <-ctx.Done():
				return
			case <-signals:
			}
			if first {
				close(s.soft)
			}
			if !first || !softly {
				signal.Stop(signals)
				cancel()
				return
			}
			p.above(func() { a.note("stopping at the next page; once more cancels") })
		}
	}()
	return ctx, s
}
