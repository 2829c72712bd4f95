package cli

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/syncedgo/synced/observe"
)

// progress is one line in a terminal: of one run, its records, with rate and remaining time
// where the remote tells a total; of many, how many have ended. It is none elsewhere.
type progress struct {
	mu      sync.Mutex
	bar     *progressbar.ProgressBar
	what    string
	many    bool
	records int
	total   int
}

func (a *app) progress(list []target) *progress {
	p := &progress{many: len(list) > 1}
	if _, ok := terminal(a.err); !ok || len(list) == 0 {
		return p
	}
	options := []progressbar.Option{
		progressbar.OptionSetWriter(a.err), progressbar.OptionSetWidth(16), progressbar.OptionThrottle(100 * time.Millisecond),
		progressbar.OptionShowCount(), progressbar.OptionShowIts(), progressbar.OptionClearOnFinish(), progressbar.OptionSetMaxDetailRow(0),
	}
	if p.many {
		p.bar = progressbar.NewOptions(len(list), append(options, progressbar.OptionSetItsString("run"))...)
	} else {
		p.what = list[0].String()
		p.bar = progressbar.NewOptions(-1, append(options, progressbar.OptionSetItsString("record"), progressbar.OptionSetDescription(cut(p.what, 24)))...)
	}
	return p
}

// Observe implements [observe.Observer].
func (p *progress) Observe(ctx context.Context, e observe.Event) context.Context {
	page, ok := e.(observe.PageReceived)
	if !ok || p.bar == nil {
		return ctx
	}
	run, _ := observe.RunOf(ctx)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.records += page.Records
	switch {
	case p.many:
		p.bar.Describe(cut(fmt.Sprintf("%s, %s", run.Model, count(p.records, "record")), 30))
	default:
		if page.TotalKnown && !run.OfParent && page.Total != p.total && page.Total >= p.records {
			p.total = page.Total
			p.bar.ChangeMax(p.total)
		}
		_ = p.bar.Set(p.records)
	}
	return ctx
}

// ended counts a run that has ended, and prints its result above the progress line.
func (p *progress) ended(print func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bar == nil {
		print()
		return
	}
	_ = p.bar.Clear()
	print()
	if p.many {
		_ = p.bar.Add(1)
	}
}

// end takes the line away.
func (p *progress) end() {
	if p.bar != nil {
		_ = p.bar.Exit()
		_ = p.bar.Clear()
	}
}
