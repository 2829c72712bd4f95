package rest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/wire"
)

// job is an export under way.
type job struct {
	*download
	export   *Export
	endpoint string

	id    string   // as the remote calls it
	url   *url.URL // where it is asked, nil where it has an id alone
	told  time.Duration
	ended bool // done, or failed: it can't be canceled
}

// firstWait is how long a job is left alone at first.
const firstWait = time.Second

// leaveTime bounds what is done about a job that is left.
const leaveTime = 15 * time.Second

// run makes the list: it starts the job, waits until it is done, and reads its files.
func (j *job) run(ctx context.Context, a *ask) error {
	begun, err := j.start(ctx, a)
	if begun == nil || err != nil {
		return err
	}
	var files []string
	if err = j.clockAndTotal(begun); err == nil {
		files, err = j.wait(ctx)
	}
	if err == nil {
		err = j.files(ctx, files)
	}
	if left := j.leave(ctx); left != nil && err != nil {
		err = fmt.Errorf("%w; and the job is left behind: %w", err, left)
	}
	return err
}

// start starts the job, and returns the answer; nil where that is an empty list.
func (j *job) start(ctx context.Context, a *ask) (resp *Response, err error) {
	asker := j.lister.asker
	out, err := asker.carrier.send(a.url, a.headers())
	if err != nil {
		return nil, err
	}
	_, err = j.do(ctx, asker.wire, &wire.Request{
		Method: out.method, URL: out.url, Header: out.header, Body: out.body,
		Accept: append(asker.accepts(a), http.StatusAccepted),
		Check: func(answer *wire.Answer) error {
			if asker.isEmpty(a, answer.Status) {
				return j.without(answer, a)
			}
			var err error
			if resp, err = j.read(answer, asker.carrier.Parameters); err != nil {
				return err
			}
			if wrong := asker.readHeader(answer, resp.Page); wrong != nil {
				return answer.FormatError(wrong, nil)
			}
			j.first, j.told = resp.Page, answer.RetryAfter()
			return j.named(resp, answer)
		},
	})
	return resp, err
}

// jobHeaders name the URL of a job.
var jobHeaders = []string{"Location", "Content-Location", "Operation-Location"}

// named reads which job was started.
func (j *job) named(resp *Response, answer *wire.Answer) error {
	place := j.export.Job
	if place != "" {
		text, found, err := resp.text(place)
		if err == nil && text == "" {
			err = fmt.Errorf("%s: the answer names no job there", place)
			if !found {
				err = fmt.Errorf("%s: there is nothing, where the job's id or URL would be", place)
			}
		}
		if err != nil {
			return answer.FormatError(&remote.FormatError{Reason: "no export was started: " + err.Error() + " (Export.Job)"}, answer.Body)
		}
		j.id = text
	} else {
		for _, name := range jobHeaders {
			if j.id == "" {
				j.id = resp.Header.Get(name)
			}
		}
		if j.id == "" {
			return answer.FormatError(&remote.FormatError{Reason: "no export was started: the answer has no header Location (set Export.Job where the job is named in the body)"}, answer.Body)
		}
	}
	if u, err := url.Parse(j.id); err == nil && (u.Host != "" && strings.HasPrefix(u.Scheme, "http") || strings.HasPrefix(j.id, "/")) {
		j.url = answer.WithoutAuth(j.lister.asker.wire.Secure(resp.URL.ResolveReference(u)))
		j.url.User, j.url.Fragment, j.url.RawFragment = nil, "", ""
		j.id = path.Base(j.url.Path)
	}
	return nil
}

// read reads an answer about the job.
func (j *job) read(answer *wire.Answer, p Parameters) (*Response, error) {
	resp := &Response{URL: answer.URL, Status: answer.Status, Header: answer.Header, Body: answer.Body, Page: &remote.Page{Number: 1}}
	if check := j.lister.config.Unauthorized; check != nil && check(resp) {
		return nil, answer.FormatError(&remote.FormatError{Reason: unauthorized, Err: remote.ErrUnauthorized}, answer.Body)
	}
	if p.GraphQL != "" {
		if err := checkGraphQL(answer); err != nil {
			return nil, err
		}
	}
	return resp, nil
}

// clockAndTotal reads what an answer about the job says of the list, where it does.
func (j *job) clockAndTotal(resp *Response) error {
	config := j.lister.config
	if v, ok := resp.Lookup(config.SyncedAtPath); config.SyncedAtPath != "" && ok && j.first.SyncedAt.IsZero() {
		text, err := textOf(v)
		parse := parseSyncedAt
		if v.Kind() == '0' {
			parse = parseUnix
		}
		if err == nil && text != "" {
			j.first.SyncedAt, err = parse(text)
		}
		if err != nil {
			return fmt.Errorf("export: %s: %q is not a time: %w: set rest.Config.SyncedAtPath to the path of when the export began", config.SyncedAtPath, shorten(text), err)
		}
	}
	if v, ok := resp.Lookup(config.TotalPath); config.TotalPath != "" && ok {
		if err := (envelope{total: config.TotalPath}).readTotal(v, j.first); err != nil {
			return fmt.Errorf("export: %s", err.Reason)
		}
	}
	return nil
}

// ask makes the request of a step.
func (j *job) ask(s Step) (*wire.Request, error) {
	u := j.url
	if s.Path != "" {
		var err error
		if u, err = j.address(s.Path); err != nil {
			return nil, err
		}
	}
	if u == nil {
		return nil, fmt.Errorf("export: the job is named %q, which is no URL: set Path in the steps of rest.Config.Export", shorten(j.id))
	}
	if s.Param != "" {
		at := *u
		at.RawQuery = url.Values{s.Param: {j.id}}.Encode()
		u = &at
	}
	out, err := (carrier{Parameters: s.Parameters}).send(u, nil)
	if err != nil {
		return nil, err
	}
	return &wire.Request{Method: strings.ToUpper(cmp.Or(s.Method, out.method)), URL: out.url, Header: out.header, Body: out.body, Repeatable: true}, nil
}

// address is that of a step's Path.
func (j *job) address(at string) (*url.URL, error) {
	if strings.Count(at, "%s") == 2 {
		at = strings.Replace(at, "%s", strings.TrimSuffix(j.endpoint, "/"), 1)
	}
	parts, err := endpointParts(at)
	if err != nil {
		return nil, err
	}
	if slices.ContainsFunc(parts, func(part string) bool { return strings.Contains(part, "%s") }) && noName(j.id) {
		return nil, fmt.Errorf("export: the job's id %q can't be asked for by a path", shorten(j.id))
	}
	for i, part := range parts {
		parts[i] = strings.Replace(part, "%s", j.id, 1)
	}
	return j.lister.addresses.joined(parts, at), nil
}

// leave cancels and deletes the job, as far as that is declared.
func (j *job) leave(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), leaveTime)
	defer cancel()
	steps := []Step{j.export.Delete}
	if !j.ended {
		steps = []Step{j.export.Cancel, j.export.Delete}
	}
	for _, s := range steps {
		if s.none() {
			continue
		}
		req, err := j.ask(s)
		if err == nil {
			req.Accept = []int{http.StatusAccepted, http.StatusNotFound, http.StatusGone}
			_, err = j.do(ctx, j.lister.asker.wire, req)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// lost is an error of a job that was started. Not found says nothing of the list then,
// nor does a refusal of what was asked.
func (j *job) lost(what string, err error) error {
	if _, ok := errors.AsType[*remote.WaitError](err); ok {
		return fmt.Errorf("export: %s: %w", what, err)
	}
	e, ok := errors.AsType[*remote.Error](err)
	if !ok {
		return fmt.Errorf("export: %s: %w", what, err)
	}
	kind := remote.ErrUnavailable
	u, _ := url.Parse(e.URL)
	for _, known := range []error{remote.ErrUnauthorized, remote.ErrLimited} {
		if u != nil && j.lister.asker.wire.Allows(u) && errors.Is(err, known) {
			kind = known
		}
	}
	reason := fmt.Sprintf("export: %s: %d %s", what, e.Status, http.StatusText(e.Status))
	if e.RequestID != "" {
		reason += " (request " + e.RequestID + ")"
	}
	if errors.Is(err, remote.ErrNotFound) {
		reason += ": it is no longer there, as where it has expired: the next run starts another"
	}
	return &remote.FormatError{Method: e.Method, URL: e.URL, Page: 1, Reason: reason, Excerpt: e.Excerpt, Err: kind}
}
