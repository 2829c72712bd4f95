package rest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/klauspost/compress/gzip"

	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/wire"
)

// Recognize asks for a list by its URL, "https://example.com/api/v1/rentals?limit=20", and
// finds out which settings read it: where its records are, how its pages follow each other,
// and which attributes are the id, the time of the last change and the mark of a deletion.
// A page size in the URL shows its parameter, and so does a time to ask for changes since.
//
// It only makes GET requests, and at most 6 of them: for the list, its second page, and
// where several paginations fit, for the second page by each. A list of one page shows
// little. Answers of more than 16 MiB are not read. The errors are those of a [Client],
// and one that wraps [remote.ErrNoRecords] where no list is found. What may be a secret in
// the query of the URL is in no error and not in what is returned, but for Config.Auth.
// It may be called concurrently.
func Recognize(ctx context.Context, listURL string, auth wire.Auth) (*Recognized, error) {
	return recognizeBy(ctx, http.DefaultTransport, wire.Retry{Max: 1, MaxTime: longestLook}, listURL, auth)
}

func recognizeBy(ctx context.Context, transport http.RoundTripper, retry wire.Retry, listURL string, auth wire.Auth) (*Recognized, error) {
	t, err := newTarget(listURL)
	if err != nil {
		return nil, fmt.Errorf("remote: recognize: %w", err)
	}
	r := &recognizer{target: t, retry: retry, memory: &remembered{next: transport, most: mostRecognized, known: map[string]*got{}}}
	r.config = Config{BaseURL: t.base, Auth: t.auth(auth)}
	if err := r.recognize(ctx); err != nil {
		return nil, fmt.Errorf("remote: recognize: %w", err)
	}
	r.found.Config, r.found.Endpoint, r.found.Query, r.found.Requests = r.config, t.endpoint, t.query, r.memory.asked
	return &r.found, nil
}

const (
	mostRecognized = 16 << 20         // bytes of an answer
	longestLook    = 30 * time.Second // for one request with its repetitions
)

// recognizer finds the settings of one list.
type recognizer struct {
	target *target
	retry  wire.Retry
	memory *remembered
	config Config // as far as it is known
	found  Recognized
	pages  []*looked
}

// looked is a page that was looked at.
type looked struct {
	*got
	records []remote.Value
	more    bool
}

func (r *recognizer) recognize(ctx context.Context) error {
	if err := r.look(ctx); err != nil {
		return err
	}
	if r.config.Body == nil {
		if err := r.paginate(ctx); err != nil {
			return err
		}
		r.total()
	}
	r.roles()
	r.tellHidden()
	return nil
}

// look asks for the list, and finds the records in the answer.
func (r *recognizer) look(ctx context.Context) error {
	config := r.asking(r.config)
	config.Header = http.Header{"Accept": {"application/vnd.api+json, application/json, */*;q=0.1"}}
	client, err := wire.NewClient(config.wire())
	if err != nil {
		return err
	}
	list := &addresses{config: &config, wire: client}
	u, err := list.endpoint(r.target.endpoint)
	if err != nil {
		return err
	}
	u.RawQuery = r.target.query.Encode()
	answer, err := client.Do(ctx, &wire.Request{URL: u})
	if e, ok := errors.AsType[*remote.Error](err); ok && e.Status == http.StatusMethodNotAllowed {
		return fmt.Errorf("%w; a list that only a POST asks for, as of GraphQL, is configured by hand: set rest.Config.Parameters", err)
	}
	if err != nil {
		return err
	}
	if answer.Status != http.StatusOK && answer.Status != http.StatusPartialContent {
		return answer.FormatError(noBody(answer.Status), nil)
	}
	if stream := streamOf(r.target.endpoint, answer); stream != nil {
		r.config.Body = stream
		r.tell("Body", codeOf(stream), "the answer is a record on each line")
		_, err := r.read(ctx, r.config, 1)
		return err
	}
	if wrong := notJSON(answer.Header, answer.Body); wrong != nil {
		return answer.FormatError(wrong, answer.Body)
	}
	return r.findList(ctx, answer)
}

// findList finds the list in an answer, and the record in its items.
func (r *recognizer) findList(ctx context.Context, answer *wire.Answer) error {
	path := ""
	switch remote.Value(bytes.TrimSpace(answer.Body)).Kind() {
	case '[':
		r.config.RecordsKey = Root
		r.tell("RecordsKey", "rest.Root", "the answer is a list")
	default:
		i := inventoryOf(answer.Body)
		list, ok := i.best(r.target.list())
		if !ok {
			wrong := &remote.FormatError{Reason: "no list of objects in the answer, found " + short(i.found()) + ": give the URL of a list", Err: remote.ErrNoRecords}
			return answer.FormatError(wrong, answer.Body)
		}
		path = list.path
		r.config.RecordsKey = unless(path, r.target.list())
		r.tell("RecordsKey", fmt.Sprintf("%q", path), "the answer has a list there")
	}
	if _, err := r.read(ctx, r.config, 1); err != nil {
		return err
	}
	s := shapeOf(r.pages[0].records)
	if wrapper := s.wrapped(r.target.list()); wrapper != "" {
		r.config.RecordPath = wrapper
		r.tell("RecordPath", fmt.Sprintf("%q", wrapper), "each item of the list has its record there")
		_, err := r.read(ctx, r.config, 1)
		return err
	}
	return nil
}

// read reads the first pages of the list with settings, into pages.
func (r *recognizer) read(ctx context.Context, config Config, most int) (pages []*looked, err error) {
	client, err := NewClient(r.asking(config))
	if err != nil {
		return nil, err
	}
	for page, err := range client.Pages(ctx, remote.Request{Endpoint: r.target.endpoint, Query: r.query(config)}) {
		if err != nil && (!errors.Is(err, remote.ErrPagesUnread) || len(pages) == 0) {
			return pages, err
		}
		if err != nil {
			break
		}
		l := &looked{got: r.memory.last, more: page.More}
		for _, o := range page.Objects {
			l.records = append(l.records, bytes.Clone(o.Raw()))
		}
		if pages = append(pages, l); len(pages) == most {
			break
		}
	}
	if most == 1 {
		r.pages = pages
	}
	return pages, nil
}

// asking adds to settings how they are tried.
func (r *recognizer) asking(c Config) Config {
	c.HTTP = &http.Client{Transport: r.memory, Timeout: longestLook}
	c.Retry = r.retry
	c.MaxBodyBytes = mostRecognized
	return c
}

// tell takes note of a setting, and of what shows it.
func (r *recognizer) tell(setting, value, because string) {
	r.found.Findings = append(r.found.Findings, Finding{Setting: setting, Value: value, Because: because})
}

// wonder takes note of what can't be told.
func (r *recognizer) wonder(format string, args ...any) {
	r.found.Unknown = append(r.found.Unknown, fmt.Sprintf(format, args...))
}

// tellHidden tells of the parameters that are left out.
func (r *recognizer) tellHidden() {
	if names := r.target.times(); names != "" {
		r.wonder("what the times in %s of the URL mean: they are left out. Where they mean when a record changed, set Since: rest.Since{Param: …}, with Until and Window where a span has two ends", names)
	}
	if names := r.target.hiddenNames(); names != "" {
		r.wonder("what %s of the URL is for: a value may be a secret, so none is shown. Give a credential by Auth, such as wire.APIKeyQuery, and anything else by synced.Ask.Query", names)
	}
}

// streamOf is how a list is written that is a stream of records, packed or not; nil for
// JSON.
func streamOf(endpoint string, answer *wire.Answer) Body {
	body, packed := answer.Body, false
	if unzip, err := gzip.NewReader(bytes.NewReader(body)); err == nil {
		body, _ = io.ReadAll(io.LimitReader(unzip, mostRecognized))
		packed = true
	}
	body = bytes.TrimSpace(body)
	dec := jsontext.NewDecoder(bytes.NewReader(body))
	if remote.Value(body).Kind() == '{' && dec.SkipValue() == nil && dec.PeekKind() == '{' {
		return NDJSON{}
	}
	line, _, _ := bytes.Cut(body, []byte("\n"))
	comma := slices.MaxFunc([]rune{',', ';', '\t', '|'}, func(a, b rune) int {
		return bytes.Count(line, []byte(string(a))) - bytes.Count(line, []byte(string(b)))
	})
	named := strings.Contains(answer.Header.Get("Content-Type"), "csv") || strings.Contains(endpoint, ".csv")
	if !named && !(packed && bytes.ContainsRune(line, comma) && line[0] != '{' && line[0] != '[') {
		return nil
	}
	if comma == ',' {
		comma = 0
	}
	return CSV{Comma: comma}
}
