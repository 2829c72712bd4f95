// Package recorded replays recorded exchanges with a real API to tests.
package recorded

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"testing"
)

// Exchange is one request and what the API answered.
type Exchange struct {
	Request  Request  `json:"request"`
	Response Response `json:"response"`
}

// Request is what was asked, by the URL as it was sent.
type Request struct {
	Method string `json:"method"`
	URL    string `json:"url"`
}

// Response is what was answered, byte for byte.
type Response struct {
	Status int         `json:"status"`
	Header http.Header `json:"headers"`
	Body   string      `json:"body"`
}

// recordings are kept beside the repository, not in it: they are other people's test data.
const recordings = "shared/recorded/bookingsync"

// Load reads the exchanges recorded under a name, in the order they happened. A test is skipped where no recordings are
// at hand; a name that is not among them is an error.
func Load(t testing.TB, name string) []Exchange {
	t.Helper()
	dir, err := find(recordings)
	if err != nil {
		t.Fatal("recorded:", err)
	}
	if dir == "" {
		t.Skip("recorded: no folder", recordings, "here or further up")
	}
	data, err := os.ReadFile(filepath.Join(dir, name+".json"))
	if err != nil {
		t.Fatal("recorded:", err)
	}
	var exchanges []Exchange
	if err := json.Unmarshal(data, &exchanges); err != nil {
		t.Fatalf("recorded: %s: %v", name, err)
	}
	return exchanges
}

// find looks for a folder in the working directory and in each one above, and returns "" where there is none.
func find(name string) (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("find %s: %w", name, err)
	}
	for {
		candidate := filepath.Join(dir, filepath.FromSlash(name))
		if _, err := os.Stat(candidate); err == nil {
			return candidate, nil
		} else if !errors.Is(err, os.ErrNotExist) {
			return "", fmt.Errorf("find %s: %w", name, err)
		}
		up := filepath.Dir(dir)
		if up == dir {
			return "", nil
		}
		dir = up
	}
}
