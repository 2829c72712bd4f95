package upload

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/store"
)

// Options are the settings of a [Client]. What is left zero is the default.
type Options struct {
	// DB is the local database, whose tables are uploaded.
	DB store.Store
	// URL is the server's, such as "https://replica.example.com".
	URL string
	// Client and Database say whose rows these are, and which of the client's databases.
	Client, Database string
	// Token is sent as a bearer token. HTTP may authenticate in other ways.
	Token string
	// HTTP makes the requests. Defaults to a client that gives each a minute.
	HTTP *http.Client
	// Tables are those that are uploaded, in this order: parents before what belongs to them.
	Tables []Table
	// Target is how long the upload of a batch should take. Batches grow and shrink until
	// it does. Defaults to 1 second.
	Target time.Duration
	// Smallest and Largest bound the rows of a batch, MostBytes its size before
	// compression. Default to 16, 10,000 and 4 MiB.
	Smallest, Largest, MostBytes int
	// Notes is how many changed rows one step notes at most. Defaults to 50,000.
	Notes int
	// Every is how long [Client.Run] waits between steps. Defaults to a minute.
	Every time.Duration
}

// Table is a table that is uploaded.
type Table struct {
	Name string
	// Key are the columns that tell rows apart: integers, texts and UUIDs. Defaults to the
	// primary key.
	Key []string
	// Columns are those that are uploaded, beside the key. Defaults to all.
	Columns []string
	// Changes says how changed rows are found: [Triggers], [Versions], [UpdatedAt] or
	// [Fingerprints]. Defaults to Fingerprints.
	Changes Changes
	// Scan is how often the whole table is read, which finds what Changes can't: an update
	// that kept the version, a clock that went back. Defaults to each step with
	// Fingerprints, to an hour with Versions and UpdatedAt, and to never with Triggers.
	Scan time.Duration
}

// Client uploads tables. It is safe for concurrent use, also beside others on the same
// database: who finds that another takes a step of a table leaves it alone.
type Client struct {
	db     backend.Store
	remote *remote
	o      Options

	mu    sync.Mutex
	ready map[string]*ready // by table
	ahead map[string]batch  // by table
}

// ready is a table whose shape the server knows.
type ready struct {
	shape shape
	salt  string
	mark  *marker
}

// New returns a client. The store must have been migrated.
func New(o Options) (*Client, error) {
	db, err := backend.Of(o.DB)
	if err != nil {
		return nil, fmt.Errorf("upload: %w", err)
	}
	o.HTTP = cmp.Or(o.HTTP, &http.Client{Timeout: time.Minute})
	o.Target, o.Notes, o.Every = cmp.Or(o.Target, time.Second), cmp.Or(o.Notes, 50000), cmp.Or(o.Every, time.Minute)
	o.Smallest, o.Largest, o.MostBytes = cmp.Or(o.Smallest, 16), cmp.Or(o.Largest, 10000), cmp.Or(o.MostBytes, 4<<20)
	base, err := url.Parse(o.URL)
	switch {
	case err != nil || base.Host == "" || base.Scheme != "http" && base.Scheme != "https":
		err = fmt.Errorf("the URL %q is none of a server: want one like https://replica.example.com", o.URL)
	case o.Client == "" || o.Database == "":
		err = errors.New("name the Client and the Database")
	case (tenant{o.Client, o.Database, "any"}).check() != nil:
		err = tenant{o.Client, o.Database, "any"}.check()
	case len(o.Tables) == 0:
		err = errors.New("name the Tables to upload")
	case o.Target < 0 || o.Every < 0 || o.Notes < 0 || o.Smallest < 0 || o.Largest < o.Smallest || o.MostBytes < 0:
		err = errors.New("want no negative settings, and a Largest batch of at least the Smallest")
	case !db.Parallel():
		err = errors.New("the database is a single connection: open a pool, so that a table can be read while what changed is noted")
	}
	tables := slices.Clone(o.Tables)
	for i := range tables {
		if err != nil {
			break
		}
		tables[i].Changes = cmp.Or[Changes](tables[i].Changes, Fingerprints{})
		if tables[i].Name == "" || slices.ContainsFunc(tables[:i], func(t Table) bool { return t.Name == tables[i].Name }) {
			err = fmt.Errorf("table %q: want a name, each once", tables[i].Name)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("upload: %w", err)
	}
	o.Tables = tables
	path := strings.TrimSuffix(o.URL, "/") + "/v1/customers/" + url.PathEscape(o.Client) + "/databases/" + url.PathEscape(o.Database) + "/tables/"
	return &Client{db: db, remote: &remote{base: path, token: o.Token, http: o.HTTP}, o: o, ready: map[string]*ready{}, ahead: map[string]batch{}}, nil
}

// Result is what a step did with a table.
type Result struct {
	Table string
	// Noted are rows whose change or deletion was noted, Uploaded and Removed those that
	// were sent and deleted on the server.
	Noted, Uploaded, Removed int
	// Refused are rows that the server refuses, and that were set aside in this step: they
	// are uploaded when they change. Until then the server has no such row.
	Refused []Refusal
	// Searched reports whether the ranges of both sides were compared.
	Searched bool
	// Equal reports whether both sides have the same rows, but for refused ones.
	Equal bool
	// Requests and Bytes are what the step cost, bytes of bodies in both directions as they
	// were sent.
	Requests int
	Bytes    int64
	// Err is why the step of this table failed. The next one goes on where it can.
	Err error
}

// Refusal is a row that the server refuses.
type Refusal struct {
	Key string // as JSON: [1,"a"]
	Why string
}

// Step takes one step for each table: it notes what changed, compares with the server, and
// uploads or deletes one batch, or searches for differences. It may be killed anywhere,
// and called again at once where a result is not Equal. The error is that of all tables.
func (c *Client) Step(ctx context.Context) ([]Result, error) {
	var results []Result
	var failed []error
	for _, t := range c.o.Tables {
		r := c.step(ctx, t)
		if r.Err != nil {
			r.Err = fmt.Errorf("upload: %s: %w", t.Name, r.Err)
			failed = append(failed, r.Err)
		}
		results = append(results, r)
	}
	return results, errors.Join(failed...)
}

// Finish takes steps until each table is equal, or a step fails. It returns the sums of
// what the steps did.
func (c *Client) Finish(ctx context.Context) ([]Result, error) {
	all := make([]Result, len(c.o.Tables))
	for {
		results, err := c.Step(ctx)
		equal := true
		for i, r := range results {
			equal = equal && r.Equal
			all[i].add(r)
		}
		if err == nil {
			err = ctx.Err()
		}
		if equal || err != nil {
			return all, err
		}
	}
}

func (r *Result) add(step Result) {
	r.Table, r.Equal, r.Err = step.Table, step.Equal, step.Err
	r.Noted, r.Uploaded, r.Removed = r.Noted+step.Noted, r.Uploaded+step.Uploaded, r.Removed+step.Removed
	r.Refused = append(r.Refused, step.Refused...)
	r.Searched = r.Searched || step.Searched
	r.Requests, r.Bytes = r.Requests+step.Requests, r.Bytes+step.Bytes
}

// Migrate makes the triggers of tables whose changes are found by them, and synced's own
// tables. [Client.Schema] has the triggers as SQL.
func (c *Client) Migrate(ctx context.Context) error {
	if err := c.db.Migrate(ctx); err != nil {
		return fmt.Errorf("upload: migrate: %w", err)
	}
	for _, t := range c.o.Tables {
		if !t.triggered() {
			continue
		}
		if err := c.trigger(ctx, t); err != nil {
			return fmt.Errorf("upload: make triggers of %s: %w", t.Name, err)
		}
	}
	return nil
}
