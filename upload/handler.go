package upload

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/Masterminds/squirrel"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/store"
)

// HandlerOptions are the settings of a [Handler]. What is left zero is the default.
type HandlerOptions struct {
	// DB is where the rows go: PostgreSQL for many clients, SQLite for a few.
	DB store.Store
	// Allow reports whether who makes a request may read and write a database of a client:
	// it returns nil, or [ErrUnauthenticated] where nobody can be told from the request, or
	// any other error. It is called for each request, concurrently.
	Allow func(r *http.Request, client, database string) error
	// Prefix begins the names of the tables, and has at most 15 bytes: with the default "upload_", rows of rentals
	// are in upload_rentals. The server's own are upload__tables, upload__sums and
	// upload__shapes.
	Prefix string
	// Partitions divides each replica that is made from now on by a hash of the client, on
	// PostgreSQL. Defaults to none.
	Partitions int
	// MaxRows and MaxBytes bound one request, bytes after decompression. Default to 10,000
	// and 16 MiB.
	MaxRows  int
	MaxBytes int64
	// Log gets a line at level Warn for each request that fails through no fault of the
	// client. Defaults to slog.Default.
	Log *slog.Logger
}

// Handler is the server of uploads: an [http.Handler] for any number of clients, each with
// any number of databases. It is safe for concurrent use, and any number of processes may
// serve one database.
type Handler struct {
	storage *storage
	options HandlerOptions
	mux     *http.ServeMux
}

// NewHandler returns a handler. Call [Handler.Migrate] before it serves.
func NewHandler(o HandlerOptions) (*Handler, error) {
	db, err := backend.Of(o.DB)
	if err != nil {
		return nil, fmt.Errorf("upload: handler: %w", err)
	}
	if o.Allow == nil {
		return nil, errors.New("upload: handler: set Allow: without it, anybody could read and write everything")
	}
	o.Prefix, o.Log = cmp.Or(o.Prefix, "upload_"), cmp.Or(o.Log, slog.Default())
	o.MaxRows, o.MaxBytes = cmp.Or(o.MaxRows, 10000), cmp.Or(o.MaxBytes, 16<<20)
	if strings.ContainsAny(o.Prefix, "\".{}?\x00") || len(o.Prefix) > 15 || o.MaxRows < 0 || o.MaxBytes < 0 || o.Partitions < 0 || o.Partitions > 9999 {
		return nil, errors.New("upload: handler: want a Prefix of at most 15 bytes without quotes, dots, braces and question marks, no negative numbers, and at most 9,999 Partitions")
	}
	h := &Handler{storage: &storage{db: db, prefix: o.Prefix, partitions: o.Partitions, shapes: map[string]replica{}}, options: o, mux: http.NewServeMux()}
	const table = "/v1/customers/{client}/databases/{database}/tables/{table}"
	h.mux.HandleFunc("GET /health", h.health)
	h.mux.HandleFunc("GET "+table, h.of(h.read))
	h.mux.HandleFunc("PUT "+table, h.of(h.register))
	h.mux.HandleFunc("POST "+table, h.of(h.put))
	h.mux.HandleFunc("DELETE "+table, h.of(h.remove))
	h.mux.HandleFunc("GET "+table+"/manifest", h.of(h.manifest))
	h.mux.HandleFunc("POST "+table+reconcilePath, h.of(h.reconcile))
	return h, nil
}

// Migrate makes the server's own tables, and synced's. Many processes may call it at once.
func (h *Handler) Migrate(ctx context.Context) error {
	if err := h.storage.migrate(ctx); err != nil {
		return fmt.Errorf("upload: migrate: %w", err)
	}
	return nil
}

// ServeHTTP answers a request.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) { h.mux.ServeHTTP(w, r) }

func (h *Handler) health(w http.ResponseWriter, r *http.Request) {
	if err := h.storage.ready(r.Context()); err != nil {
		h.fail(w, r, err)
		return
	}
	reply(w, r, map[string]bool{"ok": true})
}

// of calls serve for requests that are allowed.
func (h *Handler) of(serve func(w http.ResponseWriter, r *http.Request, t tenant) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		t := tenant{r.PathValue("client"), r.PathValue("database"), r.PathValue("table")}
		if err := h.options.Allow(r, t.client, t.database); err != nil {
			if errors.Is(err, ErrUnauthenticated) {
				w.Header().Set("WWW-Authenticate", "Bearer")
				refuse(w, http.StatusUnauthorized, problem{Error: ErrUnauthenticated.Error()})
				return
			}
			refuse(w, http.StatusNotFound, problem{Error: errUnknownTable.Error()})
			return
		}
		if err := t.check(); err != nil {
			refuse(w, http.StatusBadRequest, problem{Error: err.Error()})
			return
		}
		if err := serve(w, r, t); err != nil {
			h.fail(w, r, err)
		}
	}
}

func (t tenant) check() error {
	for _, name := range []string{t.client, t.database, t.table} {
		if name == "" || name == "." || name == ".." || len(name) > 200 || strings.ContainsRune(name, 0) || strings.ToValidUTF8(name, "") != name {
			return errors.New("a client, a database and a table have names of 1 to 200 bytes, but for one and two dots")
		}
	}
	if len(t.table) > 40 || strings.HasPrefix(t.table, "_") || strings.ContainsAny(t.table, "\".{}?") {
		return errors.New("a table's name has at most 40 bytes, begins with no underscore, and has no quote, dot, brace or question mark")
	}
	return nil
}

// fail answers an error. What is the server's own affair goes to the log, and not to the
// client.
func (h *Handler) fail(w http.ResponseWriter, r *http.Request, err error) {
	var row *refusedRow
	var size *http.MaxBytesError
	switch {
	case errors.Is(err, errUnknownTable):
		refuse(w, http.StatusNotFound, problem{Error: err.Error()})
	case errors.As(err, &size), errors.Is(err, errTooLarge):
		refuse(w, http.StatusRequestEntityTooLarge, problem{Error: errTooLarge.Error()})
	case errors.Is(err, errShape):
		refuse(w, http.StatusConflict, problem{Error: err.Error()})
	case errors.As(err, &row):
		p := problem{Error: row.err.Error()}
		if row.n >= 0 {
			p.Row = &row.n
		}
		refuse(w, http.StatusUnprocessableEntity, p)
	case errors.Is(err, errRequest):
		refuse(w, http.StatusBadRequest, problem{Error: err.Error()})
	default:
		if r.Context().Err() == nil {
			h.options.Log.WarnContext(r.Context(), "upload: request failed", "method", r.Method, "path", r.URL.Path, "error", err)
		}
		refuse(w, http.StatusServiceUnavailable, problem{Error: "the server can't do it now: try again later"})
	}
}

// read answers with the summary: one row, and none of the table's.
func (h *Handler) read(w http.ResponseWriter, r *http.Request, t tenant) error {
	a, err := h.storage.account(r.Context(), h.storage.db, t, "")
	if err != nil {
		return err
	}
	tell(w, r, a.summary())
	return nil
}

func (h *Handler) register(w http.ResponseWriter, r *http.Request, t tenant) error {
	var wanted shape
	if err := h.body(w, r, func(dec *jsontext.Decoder) error { return decode(dec, &wanted) }); err != nil {
		return err
	}
	slices.SortFunc(wanted.Columns, func(a, b column) int { return strings.Compare(a.Name, b.Name) })
	if err := wanted.check(); err != nil {
		return fmt.Errorf("%w: %w", errRequest, err)
	}
	salt, err := h.storage.register(r.Context(), t, wanted)
	if err == nil {
		reply(w, r, registered{salt})
	}
	return err
}

// put stores rows.
func (h *Handler) put(w http.ResponseWriter, r *http.Request, t tenant) error {
	table, err := h.storage.replica(r.Context(), t.table)
	if err != nil {
		return err
	}
	a, err := h.storage.account(r.Context(), h.storage.db, t, "")
	if err != nil {
		return err
	}
	in := &reading{marker: newMarker(table.shape, a.salt), most: h.options.MaxRows, learn: func() (*marker, error) {
		h.storage.forget(t.table)
		table, err = h.storage.replica(r.Context(), t.table)
		return newMarker(table.shape, a.salt), err
	}}
	if err := h.body(w, r, in.read); err != nil {
		return err
	}
	put := func(guess bool) (summary, error) {
		return h.storage.write(r.Context(), t, table, func(ctx context.Context, w *writing) error {
			return w.put(ctx, in.changes, in.through, in.time, guess)
		})
	}
	kept, err := put(true)
	if errors.Is(err, errNotNew) {
		kept, err = put(false)
	}
	if err == nil {
		tell(w, r, kept)
	}
	return err
}

// remove deletes rows: those above a version, all, or those whose keys are in the body.
func (h *Handler) remove(w http.ResponseWriter, r *http.Request, t tenant) error {
	table, err := h.storage.replica(r.Context(), t.table)
	if err != nil {
		return err
	}
	query := r.URL.Query()
	above, err := strconv.ParseInt(query.Get("above"), 10, 64)
	var work func(ctx context.Context, w *writing) error
	switch {
	case query.Has("above") && err == nil:
		work = func(ctx context.Context, w *writing) error {
			w.account.version = min(w.account.version, above)
			return w.remove(ctx, squirrel.Expr(columnVersion+" > ?", above))
		}
	case query.Has("above"):
		return fmt.Errorf("%w: above=%q is no version", errRequest, query.Get("above"))
	case query.Has("all"):
		work = func(ctx context.Context, w *writing) error { return w.remove(ctx, nil) }
	default:
		if work, err = h.keys(w, r, t, table); err != nil {
			return err
		}
	}
	kept, err := h.storage.write(r.Context(), t, table, work)
	if err == nil {
		tell(w, r, kept)
	}
	return err
}

// keys reads the keys of rows to delete.
func (h *Handler) keys(w http.ResponseWriter, r *http.Request, t tenant, table replica) (func(ctx context.Context, w *writing) error, error) {
	a, err := h.storage.account(r.Context(), h.storage.db, t, "")
	if err != nil {
		return nil, err
	}
	var named removal
	if err := h.body(w, r, func(dec *jsontext.Decoder) error { return decode(dec, &named) }); err != nil {
		return nil, err
	}
	if len(named.Keys) > h.options.MaxRows {
		return nil, errTooLarge
	}
	m := newMarker(table.shape, a.salt)
	keys, positions := make([]string, len(named.Keys)), make([]position, len(named.Keys))
	for i, text := range named.Keys {
		key, err := table.shape.parseKey(string(text))
		if err != nil {
			return nil, fmt.Errorf("%w: %w", errRequest, err)
		}
		positions[i], keys[i] = m.find(key)
	}
	return func(ctx context.Context, w *writing) error { return w.removeKeys(ctx, keys, positions) }, nil
}

// manifest lists the keys and versions of a range.
func (h *Handler) manifest(w http.ResponseWriter, r *http.Request, t tenant) error {
	p, ok := parsePrefix(r.URL.Query().Get("range"))
	after, err := strconv.ParseInt(cmp.Or(r.URL.Query().Get("after"), strconv.FormatInt(-1<<63, 10)), 10, 64)
	if !ok || err != nil {
		return fmt.Errorf("%w: want a range of hexadecimal digits, and after as an answer tells it", errRequest)
	}
	of, err := h.storage.answering(r.Context(), t)
	if err != nil {
		return err
	}
	list := struct {
		Rows  []manifestRow `json:"rows"`
		After string        `json:"after,omitempty"`
	}{Rows: []manifestRow{}}
	where := append(of.sums.below.within(p), squirrel.Expr(columnPos+" >= ?", after))
	const most = 10000
	err = of.replica.list(r.Context(), of.q, where, most+1, func(one kept) {
		if len(list.Rows) == most {
			// Rows of one position may be listed twice, never left out.
			list.After = strconv.FormatInt(int64(one.pos), 10)
			return
		}
		list.Rows = append(list.Rows, manifestRow{jsontext.Value(one.key), one.version})
	})
	if err == nil {
		reply(w, r, list)
	}
	return err
}

// manifestRow is a row of a manifest.
type manifestRow struct {
	Key     jsontext.Value `json:"key"`
	Version int64          `json:"version"`
}

func (h *Handler) reconcile(w http.ResponseWriter, r *http.Request, t tenant) error {
	var q question
	if err := h.body(w, r, func(dec *jsontext.Decoder) error { return decode(dec, &q) }); err != nil {
		return err
	}
	of, err := h.storage.answering(r.Context(), t)
	if err != nil {
		return err
	}
	found, err := of.ask(r.Context(), q)
	if err == nil {
		reply(w, r, found)
	}
	return err
}
