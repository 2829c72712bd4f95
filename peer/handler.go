package peer

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"path"
	"strconv"
	"strings"
)

// HandlerConfig says who may exchange changes with a [Handler]. Only Authenticate is
// required.
type HandlerConfig struct {
	// Authenticate tells who makes a request, or returns an error. See [Bearer] and [Basic];
	// a service that has users writes its own. It is called by several requests at once.
	Authenticate func(*http.Request) (name string, err error)
	// LetDecide reports whether a peer decides conflicts in the place of the handler. Its
	// client says so as well. Defaults to none.
	LetDecide func(name string) bool
	// MaxBodyBytes bounds a message, after decompression. Defaults to 32 MiB.
	MaxBodyBytes int64
	// OnError is told of what went wrong in here, which clients are not. It is called by several
	// requests at once. Defaults to slog.ErrorContext.
	OnError func(ctx context.Context, peer string, err error)
}

// Handler answers the requests of clients. It may stand under any path.
type Handler struct {
	peer   *Peer
	config HandlerConfig
}

var _ http.Handler = (*Handler)(nil)

// The header by which an installation names itself, after its hello.
const guidHeader = "Synced-Peer"

// NewHandler makes the handler of a peer.
func NewHandler(p *Peer, c HandlerConfig) (*Handler, error) {
	if c.Authenticate == nil {
		return nil, errors.New("synced: peer: Authenticate is missing: give peer.Bearer, peer.Basic or your own function")
	}
	c.MaxBodyBytes = cmp.Or(max(0, c.MaxBodyBytes), defaultMaxBody)
	if c.OnError == nil {
		c.OnError = func(ctx context.Context, peer string, err error) {
			slog.ErrorContext(ctx, "synced: exchange with a peer", "peer", peer, "error", err)
		}
	}
	return &Handler{p, c}, nil
}

// errMessage is a message that makes no sense, and errMethod a method that a path lacks.
var (
	errMessage = errors.New("bad message")
	errMethod  = errors.New("no such method")
	errPath    = errors.New("no such path: the last part is hello, changes, acknowledge or snapshot")
)

// ServeHTTP answers one request.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	defer r.Body.Close()
	answer, err := h.answer(r)
	status := http.StatusOK
	if err != nil {
		status, answer = trouble(err)
		if (status == http.StatusInternalServerError || isPast(err)) && r.Context().Err() == nil {
			h.config.OnError(r.Context(), r.Header.Get(guidHeader), err)
		}
	}
	body, err := encode(answer)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	if acceptsGzip(r) {
		packed, encoding := pack(body)
		if encoding != "" {
			w.Header().Set("Content-Encoding", encoding)
		}
		body = packed
	}
	if status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Bearer realm="synced", Basic realm="synced"`)
	}
	w.WriteHeader(status)
	_, _ = w.Write(body) // a client that is gone asks again
}

// answer does what a request asks for.
func (h *Handler) answer(r *http.Request) (any, error) {
	name, err := h.config.Authenticate(r)
	if err == nil && name == "" {
		err = fmt.Errorf("%w: Authenticate returned no name", ErrDenied)
	}
	if err != nil {
		return nil, &deniedError{err}
	}
	ctx := r.Context()
	switch path.Base(r.URL.Path) {
	case "changes", "acknowledge", "snapshot":
	case "hello":
		var theirs Hello
		if err := h.read(r, &theirs); err != nil {
			return nil, err
		}
		return h.peer.Meet(ctx, Remote{GUID: theirs.GUID, Name: name}, theirs, h.decides(name))
	default:
		return nil, errPath
	}
	from := Remote{GUID: r.Header.Get(guidHeader), Name: name}
	if err := h.known(ctx, from); err != nil {
		return nil, err
	}
	switch what := path.Base(r.URL.Path) + " " + r.Method; what {
	case "changes GET":
		after, err := strconv.ParseInt(r.URL.Query().Get("after"), 10, 64)
		if err != nil || after < nothing {
			return nil, fmt.Errorf("%w: after is %.20q, and should be a position", errMessage, r.URL.Query().Get("after"))
		}
		if err := h.peer.Continues(ctx, after, r.URL.Query().Get("version")); err != nil {
			return nil, err
		}
		return h.peer.Changes(ctx, from, after)
	case "changes POST":
		var b Batch
		if err := h.read(r, &b); err != nil {
			return nil, err
		}
		if err := b.check(); err != nil {
			return nil, fmt.Errorf("%w: %w", errMessage, err)
		}
		return h.peer.Accept(ctx, from, &b)
	case "acknowledge POST":
		var theirs Receipt
		if err := h.read(r, &theirs); err != nil {
			return nil, err
		}
		if err := theirs.check(); err != nil {
			return nil, fmt.Errorf("%w: %w", errMessage, err)
		}
		if err := h.peer.Acknowledge(ctx, from, &theirs); err != nil {
			return nil, err
		}
		return h.peer.receipt(ctx, from.GUID)
	case "snapshot GET":
		return h.peer.Snapshot(ctx, from, r.URL.Query().Get("cursor"))
	case "snapshot POST":
		var page Page
		if err := h.read(r, &page); err != nil {
			return nil, err
		}
		if err := page.check(); err != nil {
			return nil, fmt.Errorf("%w: %w", errMessage, err)
		}
		if err := h.peer.AcceptPage(ctx, from, &page); err != nil {
			return nil, err
		}
		return h.peer.receipt(ctx, from.GUID)
	}
	return nil, errMethod
}

// decides reports whether this side decides conflicts with a peer.
func (h *Handler) decides(name string) bool {
	return h.config.LetDecide == nil || !h.config.LetDecide(name)
}

// known returns an error unless the installation said hello under the same name.
func (h *Handler) known(ctx context.Context, from Remote) error {
	s, known, err := standingOf(ctx, h.peer.db, from.GUID)
	switch {
	case err != nil:
		return err
	case !known || s.Name != from.Name:
		return &deniedError{fmt.Errorf("%w: installation %.60q has to say hello first", ErrDenied, from.GUID)}
	}
	return compatible(s.protocol)
}

// read reads the message of a POST.
func (h *Handler) read(r *http.Request, into any) error {
	if r.Method != http.MethodPost {
		return errMethod
	}
	body, err := readBody(r, h.config.MaxBodyBytes)
	if err == nil {
		err = decode(body, into)
	}
	if err != nil {
		return fmt.Errorf("%w: %w", errMessage, err)
	}
	return nil
}

// deniedError is a request of nobody who is known.
type deniedError struct{ err error }

func (e *deniedError) Error() string { return e.err.Error() }
func (e *deniedError) Unwrap() error { return e.err }

// trouble turns an error into an answer. What went wrong in here is not told.
func trouble(err error) (int, *Trouble) {
	t := &Trouble{Error: err.Error(), Protocol: Protocol}
	var denied *deniedError
	var position *PositionError
	switch {
	case errors.As(err, &denied):
		return http.StatusUnauthorized, t
	case errors.Is(err, ErrDenied):
		return http.StatusForbidden, t
	case errors.As(err, &position):
		t.Expected = &position.Expected
		return http.StatusConflict, t
	case errors.As(err, new(*PageError)):
		t.Snapshot = true
		return http.StatusConflict, t
	case errors.Is(err, ErrAway):
		t.Snapshot = true
		return http.StatusGone, t
	case errors.Is(err, ErrNewer):
		return http.StatusUpgradeRequired, t
	case errors.Is(err, errTooLarge):
		return http.StatusRequestEntityTooLarge, t
	case errors.Is(err, errMethod):
		return http.StatusMethodNotAllowed, t
	case errors.Is(err, errPath):
		return http.StatusNotFound, t
	case errors.Is(err, errMessage), errors.As(err, new(*mismatchError)), isPast(err):
		return http.StatusBadRequest, t
	}
	t.Error = "the changes could not be exchanged: the log of the handler's service says why"
	return http.StatusInternalServerError, t
}

// acceptsGzip reports whether an answer may be packed.
func acceptsGzip(r *http.Request) bool {
	return strings.Contains(strings.Join(r.Header.Values("Accept-Encoding"), ","), "gzip")
}
