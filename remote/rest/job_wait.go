package rest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/wire"
)

// redirects are the statuses by which an answer leads to a file.
var redirects = []int{http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect}

// wait asks how the job is until it is done, and returns where its files are; none where
// Download knows.
func (j *job) wait(ctx context.Context) ([]string, error) {
	clock := j.lister.asker.wire.Clock()
	end := clock.Now().Add(j.export.MaxTime)
	pause, state := min(firstWait, j.export.Interval), ""
	var last error
	for {
		left := end.Sub(clock.Now())
		rest := cmp.Or(j.told, min(pause, left))
		if left <= 0 || rest > left {
			return nil, j.endless(state, last)
		}
		if err := clock.Sleep(ctx, rest); err != nil {
			return nil, fmt.Errorf("export: wait for the job: %w", err)
		}
		pause, j.told = min(2*pause, j.export.Interval), 0
		var err error
		var files []string
		var done bool
		state, files, done, err = j.poll(ctx)
		switch wrong, ok := err.(*failure); {
		case ok:
			return nil, wrong.error
		case err != nil && !passes(ctx, err):
			return nil, j.lost("ask how the job is", err)
		case err == nil && done:
			return files, nil
		}
		last = err
		if waits, ok := errors.AsType[*remote.WaitError](err); ok {
			j.told = waits.Until.Sub(clock.Now())
		}
	}
}

// endless is the error of a job that takes too long.
func (j *job) endless(state string, last error) error {
	text := fmt.Sprintf("export: the job is not done after %v (Export.MaxTime)", j.export.MaxTime)
	if state != "" {
		text += fmt.Sprintf(", and says %q", shorten(state))
	}
	if last != nil {
		return j.lost(strings.TrimPrefix(text, "export: "), last)
	}
	return fmt.Errorf("%s: raise it, or ask for less at once: %w", text, remote.ErrUnavailable)
}

// passes reports whether an answer says nothing about the job, so that it is asked again.
func passes(ctx context.Context, err error) bool {
	_, waits := errors.AsType[*remote.WaitError](err)
	_, broke := errors.AsType[net.Error](err)
	return ctx.Err() == nil && (waits || broke || errors.Is(err, remote.ErrUnavailable) || errors.Is(err, remote.ErrLimited) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF))
}

// failure is why a job is not asked again.
type failure struct{ error }

// poll asks how the job is, once.
func (j *job) poll(ctx context.Context) (state string, files []string, done bool, err error) {
	e := j.export
	req, err := j.ask(e.Poll)
	if err != nil {
		return "", nil, false, err
	}
	req.Accept = []int{http.StatusAccepted}
	if e.State == "" {
		req.Accept = append(req.Accept, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect)
	}
	var wrong error // of a job that is not to be asked again
	req.Check = func(answer *wire.Answer) error {
		resp, err := j.read(answer, e.Poll.Parameters)
		if err != nil {
			return err
		}
		j.told = answer.RetryAfter()
		state, done, wrong = j.state(resp, answer)
		if done && wrong == nil {
			files, wrong = j.found(resp, answer)
		}
		return nil
	}
	_, err = j.do(ctx, j.lister.asker.wire, req)
	if err == nil && wrong != nil {
		err = &failure{wrong}
	}
	return state, files, done, err
}

// state reads whether the job is done.
func (j *job) state(resp *Response, answer *wire.Answer) (state string, done bool, err error) {
	e := j.export
	if e.State == "" {
		j.ended = resp.Status != http.StatusAccepted
		return "", j.ended, nil
	}
	v, found := resp.Lookup(e.State)
	switch {
	case !found && resp.Status == http.StatusAccepted:
		return "", false, nil
	case !found:
		return "", false, answer.FormatError(&remote.FormatError{Reason: fmt.Sprintf("export: the answer has no state at %q (Export.State)", e.State)}, answer.Body)
	case v.Kind() == 't', v.Kind() == 'f':
		state = string(v)
	default:
		if state, err = textOf(v); err != nil {
			return "", false, answer.FormatError(&remote.FormatError{Reason: fmt.Sprintf("export: %s: %v (Export.State)", e.State, err)}, answer.Body)
		}
	}
	failed, done := slices.Contains(e.Failed, state), slices.Contains(e.Done, state)
	j.ended = failed || done
	if !failed {
		return state, done, nil
	}
	reason := ""
	if text, _, err := resp.text(e.Reason); e.Reason != "" && err == nil && text != "" {
		reason = ": " + shorten(text)
	}
	return state, false, answer.Wrap(fmt.Errorf("export: the remote says that the job is %q%s: the next run starts another", shorten(state), reason))
}

// found reads what the answer that the job is done says of the list.
func (j *job) found(resp *Response, answer *wire.Answer) ([]string, error) {
	e, config := j.export, j.lister.config
	if slices.Contains(redirects, resp.Status) {
		to := answer.Header.Get("Location")
		if to == "" {
			return nil, answer.FormatError(&remote.FormatError{Reason: fmt.Sprintf("export: %d without a Location", resp.Status)}, nil)
		}
		return []string{to}, nil
	}
	if err := j.clockAndTotal(resp); err != nil {
		return nil, answer.Wrap(err)
	}
	if err := config.Incomplete.mark(resp); err != nil {
		return nil, answer.FormatError(&remote.FormatError{Reason: "export: " + err.Error(), Err: err}, answer.Body)
	}
	j.first.Partial = resp.Page.Partial
	if !e.Download.none() {
		return nil, nil
	}
	if e.Files == "" {
		return nil, answer.FormatError(&remote.FormatError{Reason: "export: the job is done, and nothing says where its files are: set Export.Files or Download"}, answer.Body)
	}
	files, found, err := textsAt(answer.Body, e.Files)
	switch {
	case err != nil:
		return nil, answer.FormatError(&remote.FormatError{Reason: fmt.Sprintf("export: %s: %v (Export.Files)", e.Files, err)}, nil)
	case !found && !config.RecordsOmitted:
		return nil, answer.FormatError(&remote.FormatError{Reason: fmt.Sprintf("export: the job is done, and there is nothing at %q, where the URLs of its files would be (Export.Files): set rest.Config.RecordsOmitted where that means that there are no records", e.Files)}, nil)
	case len(files) > config.MaxPages:
		return nil, answer.FormatError(&remote.FormatError{Reason: fmt.Sprintf("export: more than %d files (MaxPages)", config.MaxPages), Err: remote.ErrTooManyPages}, nil)
	}
	return files, nil
}

// textsAt finds the texts at a path that may lead through lists, and whether there is
// something. Null is no text.
func textsAt(v remote.Value, path string) (texts []string, found bool, err error) {
	if v.Kind() == '[' {
		var items []jsontext.Value
		if err := json.Unmarshal(v, &items); err != nil {
			return nil, false, err
		}
		found = true
		for _, item := range items {
			more, there, err := textsAt(remote.Value(item), path)
			if err == nil && !there {
				err = errors.New("an item of the list has none")
			}
			if err != nil {
				return nil, false, err
			}
			texts = append(texts, more...)
		}
		return texts, found, nil
	}
	if path == "" {
		text, err := textOf(v)
		if err != nil || text == "" {
			return nil, true, err
		}
		return []string{text}, true, nil
	}
	if inner, ok := lookup(v, path); ok {
		return textsAt(inner, "")
	}
	for i, r := range path {
		if r != '.' {
			continue
		}
		if inner, ok := lookup(v, path[:i]); ok && inner.Kind() == '[' {
			return textsAt(inner, path[i+1:])
		}
	}
	return nil, false, nil
}
