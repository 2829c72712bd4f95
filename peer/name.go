package peer

import (
	"errors"
	"fmt"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Name is how peers name a row.
type Name struct {
	// Origin is the GUID of the installation that made the row, and Key the key that it has
	// there. Origin is empty where the row's key is the same on all peers.
	Origin string `json:"origin,omitempty"`
	Key    []Part `json:"key"`
}

// Part is the value of one column of a key: a text, or the name of another row, where the
// column refers to one whose key differs from peer to peer.
type Part struct {
	Text string
	Row  *Name
}

// deepest is how deep names may be nested, and mostOfKey how many columns a key may have:
// PostgreSQL has at most 32.
const (
	deepest   = 4
	mostOfKey = 32
)

// String returns the name as JSON, always the same for one row.
func (n Name) String() string {
	text, err := json.Marshal(n)
	if err != nil {
		return "a name that can't be written: " + err.Error()
	}
	return string(text)
}

// MarshalJSON writes a text or a name.
func (p Part) MarshalJSON() ([]byte, error) {
	if p.Row != nil {
		return json.Marshal(*p.Row)
	}
	return json.Marshal(p.Text)
}

// UnmarshalJSON reads a text or a name.
func (p *Part) UnmarshalJSON(raw []byte) error {
	switch jsontext.Value(raw).Kind() {
	case '"':
		return json.Unmarshal(raw, &p.Text)
	case '{':
		p.Row = &Name{}
		return json.Unmarshal(raw, p.Row)
	}
	return errors.New("a part of a key is neither a text nor the name of a row")
}

// check returns what is wrong with a name that a peer sent.
func (n Name) check() error { return n.checkDepth(1) }

func (n Name) checkDepth(depth int) error {
	switch {
	case depth > deepest:
		return fmt.Errorf("names are nested more than %d deep", deepest)
	case len(n.Key) == 0:
		return errors.New("the key is empty")
	case len(n.Key) > mostOfKey:
		return fmt.Errorf("the key has %d columns", len(n.Key))
	case n.Origin != "" && len(n.Key) > 1:
		return errors.New("a key that was given by one installation has one column")
	}
	for _, part := range n.Key {
		if part.Row == nil {
			continue
		}
		if n.Origin != "" {
			return errors.New("a key that was given by one installation is a text")
		}
		if err := part.Row.checkDepth(depth + 1); err != nil {
			return err
		}
	}
	return nil
}
