package peer

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Protocol is the version of the messages. A peer with a newer first number is refused; one
// with a newer second number may send members that are not known here, which are passed over.
const Protocol = "1.0"

// Hello begins an exchange, from both sides.
type Hello struct {
	Protocol string `json:"protocol"`
	// GUID is the installation's.
	GUID string `json:"guid"`
	// Decides reports whether the installation decides what becomes of conflicts. Of two
	// peers, one does.
	Decides bool `json:"decides"`
	// Received is the last position of the other's journal that is stored here, -1 where
	// nothing is, and Version that of the change there, empty where it is not known.
	Received int64  `json:"received"`
	Version  string `json:"version,omitempty"`
	// Models are the names of the models that the installation exchanges. It gets nothing of others.
	// Who names none gets all.
	Models []string `json:"models,omitempty"`
}

// Batch are the changes of a journal after one position, up to another. Those that the peer
// doesn't get are left out. A transaction may go on in the next batch.
type Batch struct {
	After int64 `json:"after"`
	Upto  int64 `json:"upto"`
	// Since is the version of the change at After in the sender's journal, and Version of that
	// at Upto, whoever gets those. They are empty where they are not known.
	Since   string `json:"since,omitempty"`
	Version string `json:"version,omitempty"`
	// More reports whether another batch follows.
	More    bool     `json:"more,omitzero"`
	Changes []Change `json:"changes,omitempty"`
}

// Receipt tells what became of the changes that a peer sent.
type Receipt struct {
	// Received is the last position that is stored, and Processed the last before which all
	// is done.
	Received  int64 `json:"received"`
	Processed int64 `json:"processed"`
	// Failed is how many changes can't be applied, Refused how many are not made for good, as far
	// as they are still listed, and Conflicts how many wait for a decision.
	Failed    int64 `json:"failed,omitzero"`
	Refused   int64 `json:"refused,omitzero"`
	Conflicts int64 `json:"conflicts,omitzero"`
	// Keys are the keys that rows got here, of changes up to KeysUpto. KeysKnown is up to which
	// change the keys that rows got over there are known.
	Keys      []Key `json:"keys,omitempty"`
	KeysUpto  int64 `json:"keys_upto,omitzero"`
	KeysKnown int64 `json:"keys_known,omitzero"`
}

// check returns what is wrong with a receipt that a peer sent.
func (r *Receipt) check() error {
	if r.Received < nothing || r.Processed < nothing || r.Processed > r.Received {
		return fmt.Errorf("a receipt of changes up to %d, of which those up to %d are done", r.Received, r.Processed)
	}
	for _, k := range r.Keys {
		if err := k.Row.check(); err != nil {
			return fmt.Errorf("the key of a row: %w", err)
		}
	}
	return nil
}

// Key is the key that a row of the peer's got here.
type Key struct {
	Model string `json:"model"`
	Row   Name   `json:"row"`
	Key   string `json:"key"`
}

// Trouble is the answer to what can't be done.
type Trouble struct {
	Error string `json:"error"`
	// Expected is the position that changes have to follow, where that is what was wrong.
	Expected *int64 `json:"expected,omitzero"`
	// Snapshot reports whether the journal does not go back that far: ask for a snapshot, or
	// send the one that is sent from its beginning.
	Snapshot bool `json:"snapshot,omitzero"`
	// Protocol is that of who answers.
	Protocol string `json:"protocol"`
}

// PositionError is a batch that does not follow the last one.
type PositionError struct{ After, Expected int64 }

func (e *PositionError) Error() string {
	return fmt.Sprintf("changes after %d are expected, and these come after %d: send those after %d", e.Expected, e.After, e.Expected)
}

// ErrNewer is a peer whose messages are of a newer kind.
var ErrNewer = errors.New("the peer speaks a newer protocol: bring this installation up to date first")

// compatible returns an error for a peer that speaks another protocol.
func compatible(protocol string) error {
	major := func(version string) (int, error) {
		first, _, _ := strings.Cut(version, ".")
		return strconv.Atoi(first)
	}
	own, _ := major(Protocol)
	theirs, err := major(protocol)
	switch {
	case err != nil || theirs < 1:
		return fmt.Errorf("the peer names no protocol that is known: %.20q; this one is %s", protocol, Protocol)
	case theirs > own:
		return fmt.Errorf("%w: theirs is %.20q, ours %s", ErrNewer, protocol, Protocol)
	}
	return nil
}

// check returns what is wrong with a batch that a peer sent.
func (b *Batch) check() error {
	if b.After < nothing || b.Upto < max(b.After, 0) {
		return fmt.Errorf("a batch from %d to %d", b.After, b.Upto)
	}
	if max(len(b.Since), len(b.Version)) > longestName {
		return fmt.Errorf("a batch from %d to %d: its versions are too long", b.After, b.Upto)
	}
	at := b.After
	for i := range b.Changes {
		c := &b.Changes[i]
		if err := c.check(); err != nil {
			return fmt.Errorf("change %d: %w", c.Seq, err)
		}
		if c.Seq <= at || c.Seq > b.Upto {
			return fmt.Errorf("change %d comes after %d, in a batch up to %d", c.Seq, at, b.Upto)
		}
		at = c.Seq
	}
	return nil
}

// decode reads one message, strictly: valid UTF-8, no name twice, nothing after it.
func decode(body []byte, into any) error {
	dec := jsontext.NewDecoder(bytes.NewReader(body))
	if err := json.UnmarshalDecode(dec, into); err != nil {
		return fmt.Errorf("read the message: %w", err)
	}
	if _, err := dec.ReadToken(); err != io.EOF {
		return errors.New("read the message: there is something after it")
	}
	return nil
}

// encode writes one message.
func encode(message any) ([]byte, error) {
	body, err := json.Marshal(message)
	if err != nil {
		return nil, fmt.Errorf("write the message: %w", err)
	}
	return body, nil
}
