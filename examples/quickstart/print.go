package main

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"github.com/syncedgo/synced"
)

// printer writes for people. It keeps the first error.
type printer struct {
	w   io.Writer
	err error
}

// line writes one line.
func (p *printer) line(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format+"\n", args...)
	}
}

// heading begins a step.
func (p *printer) heading(text string) { p.line("\n%s", text) }

// block writes lines, indented.
func (p *printer) block(text string) {
	for line := range strings.Lines(text) {
		p.line("   %s", strings.TrimRight(line, " \n"))
	}
}

// results writes what a run of each account cost, and what became of its rows.
// Records are those that the remote listed.
func (p *printer) results(results []synced.Result) {
	p.line("   account requests records created updated removed unchanged      kB    time")
	for i, r := range results {
		records := r.Created + r.Updated + r.Unchanged + r.Restored
		p.line("   %7d %8d %7d %7d %7d %7d %9d %7.1f %7s", accounts[i].id, r.Requests, records,
			r.Created, r.Updated, r.Removed, r.Unchanged, float64(r.Bytes)/1000, r.Duration.Round(time.Millisecond))
	}
}

// rows writes some rows as a table.
func (p *printer) rows(title string, rows []Rental) {
	if len(rows) == 0 {
		return
	}
	p.line("   %s", title)
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "id\tsynced_id\tname\tslug\tremote_size\tprice\tbedrooms")
	for _, r := range rows {
		size := "null"
		if r.RemoteSize != nil {
			size = strconv.Itoa(*r.RemoteSize)
		}
		fmt.Fprintf(w, "%d\t%d\t%s\t%s\t%s\t%s\t%d\n", r.ID, r.SyncedID, r.Name, r.Slug, size, r.Price, r.Bedrooms)
	}
	_ = w.Flush() // into a strings.Builder
	p.block(b.String())
}

// progress shows on a terminal how far a long step is. Elsewhere it shows
// nothing: a bar is made of control characters.
func (p *printer) progress(title string, records int) bar {
	file, ok := p.w.(*os.File)
	if !ok || records == 0 || !term.IsTerminal(int(file.Fd())) {
		return bar{}
	}
	return bar{progressbar.NewOptions(records,
		progressbar.OptionSetWriter(file),
		progressbar.OptionSetDescription("   "+title),
		progressbar.OptionSetWidth(20),
		progressbar.OptionShowCount(),
		progressbar.OptionThrottle(50*time.Millisecond),
		progressbar.OptionClearOnFinish(),
	)}
}

// bar is a progress bar, or none.
type bar struct{ *progressbar.ProgressBar }

// add moves the bar.
func (b bar) add(records int) {
	if b.ProgressBar != nil {
		_ = b.Add(records) // the run matters, not the bar
	}
}

// done takes the bar away, also before it is full.
func (b bar) done() {
	if b.ProgressBar != nil {
		_ = b.Finish()
	}
}
