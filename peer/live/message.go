package live

import (
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/syncedgo/synced/peer"
)

// The types of messages that are known on each side.
const (
	typeHello       = "hello"
	typeFrom        = "sync_from"
	typeChanges     = "changes"
	typePage        = "page"
	typeAcknowledge = "acknowledge"
	typeError       = "error"
	typeDone        = "done"
	typePing        = "ping"
	typePong        = "pong"
	typeClose       = "close"
)

var ownTypes = []string{typeHello, typeFrom, typeChanges, typePage, typeAcknowledge, typeError, typeDone, typePing, typePong, typeClose}

// message is what a frame has.
type message struct {
	Type string `json:"type"`
	// ID numbers the messages of a side that want an answer, and Re is the ID of the message
	// that this one answers.
	ID   int64          `json:"id,omitzero"`
	Re   int64          `json:"re,omitzero"`
	Body jsontext.Value `json:"body,omitzero"`
}

// hello is the first message of each side.
type hello struct {
	peer.Hello
	// Window is how many batches this side takes before it has acknowledged the first, and
	// MaxBytes how long a message may be.
	Window   int `json:"window"`
	MaxBytes int `json:"max_bytes"`
	// Authorization is as the header of HTTP, where there is no such header.
	Authorization string `json:"authorization,omitzero"`
}

// from asks for all changes after a position, -1 where nothing is.
type from struct {
	After int64 `json:"after"`
	// Version is that of the change at After, empty where it is not known.
	Version string `json:"version,omitzero"`
	// Cursor asks for the next page of a snapshot that was begun.
	Cursor string `json:"cursor,omitzero"`
}

// trouble is the body of an error.
type trouble struct {
	peer.Trouble
	// Status is that of HTTP which fits.
	Status int `json:"status"`
	// Cursor is where a snapshot goes on whose page did not follow the last one.
	Cursor string `json:"cursor,omitzero"`
}

// pageError is a page that did not follow the last one, since another connection sent others
// meanwhile. The snapshot goes on at cursor, or changes after expected, or it begins again.
type pageError struct {
	peer.PageError
	cursor   string
	expected *int64
}

// newMessage makes a message.
func newMessage(typ string, body any) (message, error) {
	m := message{Type: typ}
	if body == nil {
		return m, nil
	}
	text, err := json.Marshal(body)
	if err != nil {
		return m, fmt.Errorf("write a message %q: %w", typ, err)
	}
	m.Body = text
	return m, nil
}

// read decodes the body of a message that has to be of a type.
func (m message) read(typ string, into any) error {
	if m.Type == typeError {
		return m.refusal()
	}
	if m.Type != typ {
		return badMessage("a message %.40q came where %q was expected", m.Type, typ)
	}
	return peer.Decode(m.Body, into)
}

// refusal is the error that the other side tells.
func (m message) refusal() error {
	var t trouble
	if err := peer.Decode(m.Body, &t); err != nil {
		return err
	}
	switch {
	case t.Snapshot:
		return &pageError{cursor: t.Cursor, expected: t.Expected}
	case t.Expected != nil:
		return &peer.PositionError{Expected: *t.Expected}
	case t.Status == http.StatusUpgradeRequired:
		return &RefusedError{t.Status, fmt.Sprintf("its protocol is %.20q, and ours %s: bring the peer up to date first", t.Protocol, peer.Protocol)}
	}
	return &RefusedError{t.Status, fmt.Sprintf("%.300s", t.Error)}
}

// RefusedError is what the other side refused, with its reason.
type RefusedError struct {
	// Status is the status of HTTP that fits.
	Status int
	Reason string
}

func (e *RefusedError) Error() string {
	return fmt.Sprintf("the peer refuses (%d): %s", e.Status, e.Reason)
}

// explain returns the message that tells the other side of an error.
func explain(err error, re int64) message {
	status, told := peer.Explain(err)
	var own *statusError
	if errors.As(err, &own) {
		status, told.Error = own.status, own.text
	}
	m, _ := newMessage(typeError, trouble{Trouble: *told, Status: status}) // numbers and texts
	m.Re = re
	return m
}

// lasting reports whether an error of the first messages will be the same next time.
func lasting(err error) bool {
	status, _ := peer.Explain(err)
	var refused *RefusedError
	var own *statusError
	switch {
	case errors.As(err, &refused):
		status = refused.Status
	case errors.As(err, &own):
		status = own.status
	}
	return slices.Contains([]int{http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden, http.StatusUpgradeRequired}, status)
}

// statusError is what this side refuses, and tells the other.
type statusError struct {
	status int
	text   string
}

func (e *statusError) Error() string { return e.text }

// refuse is an error with a status.
func refuse(status int, format string, args ...any) error {
	return &statusError{status, fmt.Sprintf(format, args...)}
}

// badMessage is a message that makes no sense.
func badMessage(format string, args ...any) error {
	return refuse(http.StatusBadRequest, format, args...)
}

// decodeMessage reads a message.
func decodeMessage(raw []byte) (m message, err error) {
	err = peer.Decode(raw, &m)
	if err == nil && (m.Type == "" || len(m.Type) > longestType || m.ID < 0 || m.Re < 0) {
		err = badMessage("a message of type %.60q, number %d, answering %d", m.Type, m.ID, m.Re)
	}
	return m, err
}

// longestType is how long the type of a message may be.
const longestType = 60
