package cli

import (
	"context"
	"fmt"
	"io"
	"sync"
	"time"

	"golang.org/x/term"

	"github.com/syncedgo/synced/observe"
)

// progress is one line in a terminal: of one run, its records, with rate and remaining time
// where the remote tells a total; of many, how many have ended. It is none elsewhere.
type progress struct {
	mu    sync.Mutex
	out   io.Writer // nil where there is no line
	fd    int
	now   func() time.Time
	what  string
	began time.Time
	drawn time.Time

	runs, ended int
	records     int
	// total is how many records the only run will have; 0 where nobody knows.
	total int
	// resumed reports whether a part of them came in an earlier run.
	resumed bool
	// model is what runs just now, and wait what the last answer made it wait for.
	model, wait string
}

func (a *app) progress(list []target) *progress {
	p := &progress{runs: len(list), now: time.Now, began: time.Now()}
	if fd, ok := terminal(a.err); ok && len(list) > 0 {
		p.out, p.fd, p.what = a.err, fd, list[0].String()
		p.draw()
	}
	return p
}

// shows reports whether there is a line.
func (p *progress) shows() bool { return p.out != nil }

// Observe implements [observe.Observer].
func (p *progress) Observe(ctx context.Context, e observe.Event) context.Context {
	if p.out == nil {
		return ctx
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	switch e := e.(type) {
	case observe.PageReceived:
		run, _ := observe.RunOf(ctx)
		p.model, p.wait = run.Model, ""
		p.records += e.Records
		if e.TotalKnown && !run.OfParent && !p.resumed && e.Total >= p.records {
			p.total = e.Total
		}
	case observe.RequestMade:
		if e.Wait < 2*time.Second {
			return ctx
		}
		p.wait = fmt.Sprintf("waits until %s", p.now().Add(e.Wait).Format(time.TimeOnly))
		if e.Status > 0 {
			p.wait += fmt.Sprintf(" (%d)", e.Status)
		}
		p.drawn = time.Time{}
	default:
		return ctx
	}
	if p.now().Sub(p.drawn) >= 100*time.Millisecond {
		p.draw()
	}
	return ctx
}

// text is the line.
func (p *progress) text() string {
	since := p.now().Sub(p.began)
	s := p.what + ": " + count(p.records, "record")
	if p.runs > 1 {
		s = fmt.Sprintf("%d of %d runs", p.ended, p.runs)
		if p.model != "" {
			s += fmt.Sprintf(", %s: %s", p.model, count(p.records, "record"))
		}
	} else if p.total > 0 {
		s = fmt.Sprintf("%s: %d of %s (%d%%)", p.what, p.records, count(p.total, "record"), 100*p.records/p.total)
	}
	if rate := float64(p.records) / since.Seconds(); p.wait == "" && rate >= 1 {
		s += fmt.Sprintf(", %.0f/s", rate)
	}
	done, of := p.records, p.total
	if p.runs > 1 {
		done, of = p.ended, p.runs
	}
	switch {
	case p.wait != "":
		s += ", " + p.wait
	case done > 0 && of > done:
		s += fmt.Sprintf(", about %s left", span(time.Duration(float64(since)*float64(of-done)/float64(done))))
	}
	return s
}

// draw writes the line over the one before.
func (p *progress) draw() {
	if p.out == nil {
		return
	}
	width, _, err := term.GetSize(p.fd)
	if err != nil {
		width = 80
	}
	p.drawn = p.now()
	fmt.Fprint(p.out, "\r\x1b[K", cut(p.text(), width-1))
}

// above prints something where the line is, and the line below it.
func (p *progress) above(print func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.clear()
	print()
	p.draw()
}

// ran counts a run that has ended, and prints its result.
func (p *progress) ran(print func()) {
	p.above(func() {
		p.ended++
		print()
	})
}

// end takes the line away.
func (p *progress) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.clear()
	p.out = nil
}

func (p *progress) clear() {
	if p.out != nil {
		fmt.Fprint(p.out, "\r\x1b[K")
	}
}
