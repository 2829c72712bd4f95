package cli

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/syncedgo/synced"
)

// tally tells how runs went, one by one and together. It is used by one goroutine at a time.
type tally struct {
	*app
	of int // how many there are
	// brief leaves out the lines of runs that changed nothing.
	brief bool

	ended, failed, stopped, leftOut int
	counts                          synced.Counts
	// only is the error of the only run.
	only error
}

// tell tells how one run went.
func (t *tally) tell(one target, r synced.Result, err error) {
	t.ended++
	t.counts.Add(r.Counts)
	changed := r.Created+r.Updated+r.Removed+r.Restored > 0
	if err != nil {
		t.failed++
		t.only = err
	}
	if r.Stopped != "" {
		t.stopped++
	}
	if t.json {
		_ = t.object(resultJSON(one, r, err)) // the terminal is gone, which the next line finds too
		return
	}
	if r.Diff != nil {
		t.diff(r.Diff)
	} else if err == nil || changed {
		if !t.brief || changed || r.Refused != nil || r.Stopped != "" || r.ListedNothing {
			t.line("%s: %s", one, outcome(r))
		}
	}
	if err != nil && t.of > 1 {
		t.note("%v", err)
	}
}

// leaveOut tells that one was not run, since its parent's run failed.
func (t *tally) leaveOut(one target, parent string) {
	t.leftOut++
	err := fmt.Errorf("%s: not run, because %s failed; --keep-going runs it", one, parent)
	if t.json {
		_ = t.object(resultJSON(one, synced.Result{}, err))
		return
	}
	t.note("%v", err)
}

// end prints the totals, and returns an error if a run failed or was stopped.
func (t *tally) end() error {
	if !t.json && t.of != 1 {
		t.line("%s: %s", count(t.ended, "run"), counts(t.counts))
	}
	text := ""
	if t.failed > 0 {
		text = fmt.Sprintf("%d of %s failed", t.failed, count(t.of, "run"))
	}
	if t.leftOut > 0 {
		text = and(text, fmt.Sprintf("%d not run, because others failed", t.leftOut))
	}
	left := t.of - t.ended - t.leftOut
	if left > 0 || t.stopped > 0 {
		text = and(text, fmt.Sprintf("told to stop: %s stopped early, %d not begun; run it again", count(t.stopped, "run"), left))
	}
	switch {
	case t.failed > 0 && t.of == 1:
		return t.only
	case t.failed > 0:
		return errors.New(text)
	case text != "":
		return &codeError{codeStopped, text}
	}
	return nil
}

// counts spells what a run did.
func counts(c synced.Counts) string {
	var parts []string
	for _, p := range []struct {
		n    int
		what string
	}{{c.Created, "created"}, {c.Updated, "updated"}, {c.Removed, "removed"}, {c.Restored, "restored"}, {c.Quarantined, "in quarantine"}, {c.Older, "older"}} {
		if p.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", p.n, p.what))
		}
	}
	if len(parts) == 0 {
		parts = []string{"nothing changed"}
	}
	return strings.Join(parts, ", ")
}

// outcome spells how a run went.
func outcome(r synced.Result) string {
	s := counts(r.Counts) + fmt.Sprintf(" (%s, %s)", count(r.Requests, "request"), r.Duration.Round(time.Millisecond))
	add := func(is bool, text string) {
		if is {
			s += "; " + text
		}
	}
	add(r.Resumed, "resumed")
	add(r.Stopped != "", "stopped: "+r.Stopped)
	add(r.Gone, "gone remotely")
	add(r.Complete != "", "asked for everything: "+r.Complete)
	add(r.NotStored != "", "nothing stored to ask from: "+r.NotStored)
	add(r.ListedNothing, "the remote listed nothing, and there are rows: check the credentials")
	if r.Refused != nil {
		add(true, r.Refused.String())
		add(r.Refused.Plan != "", "see removals list")
	}
	for _, stay := range r.NotDeleted {
		add(true, stay.String())
	}
	return s
}
