package rest

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/syncedgo/synced/remote"
)

// NDJSON is a list with one JSON object on each line, also called JSON Lines. Empty lines
// are skipped. A line that is not an object, or not JSON, is an error of the run; one with
// texts that are not valid costs that record alone, as in a list.
type NDJSON struct{}

var _ Body = NDJSON{}

func (NDJSON) accept() string { return "application/x-ndjson, application/jsonl, application/json" }

func (NDJSON) refuses(label string) bool { return label == "text/csv" }

func (NDJSON) validate() error { return nil }

func (NDJSON) records(s *source) (func() (remote.Object, error), error) {
	lines := bufio.NewScanner(s)
	lines.Buffer(make([]byte, 0, 64<<10), int(s.most))
	return func() (remote.Object, error) {
		for lines.Scan() {
			s.record = 0
			if line := bytes.TrimSpace(lines.Bytes()); len(line) > 0 {
				return s.object(line)
			}
		}
		switch err := lines.Err(); {
		case errors.Is(err, bufio.ErrTooLong):
			return remote.Object{}, fmt.Errorf("%w: a line of more than %d bytes (MaxBodyBytes)", remote.ErrTooLarge, s.most)
		case err != nil:
			return remote.Object{}, err
		}
		return remote.Object{}, io.EOF
	}, nil
}

// object reads a line.
func (s *source) object(line []byte) (remote.Object, error) {
	if line[0] == '[' {
		return remote.Object{}, errors.New("a list, not a line with an object: leave rest.Config.Body out where the answer is one JSON value")
	}
	if err := crowded(line, s.crowd); err != nil {
		return remote.Object{}, err
	}
	o, err := remote.ParseObject(line)
	syntax, ok := errors.AsType[*jsontext.SyntacticError](err)
	switch {
	case err == nil:
		return o, nil
	case ok && syntax.Err == io.ErrUnexpectedEOF:
		return remote.Object{}, io.ErrUnexpectedEOF
	case !ok || !tolerable(syntax) || line[0] != '{':
		return remote.Object{}, err
	case s.mend && !errors.Is(err, jsontext.ErrDuplicateName):
		return remote.ParseObject(mended(line))
	}
	if err := bounds(line); err != nil {
		return remote.Object{}, err
	}
	return remote.InvalidObject(escaped(line)), nil
}

// bounds returns why a line is not one object by its bounds, whatever its texts are.
func bounds(line []byte) error {
	dec := jsontext.NewDecoder(bytes.NewBuffer(line), jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true))
	err := dec.SkipValue()
	if syntax, ok := errors.AsType[*jsontext.SyntacticError](err); ok && syntax.Err == io.ErrUnexpectedEOF {
		return io.ErrUnexpectedEOF
	}
	if err != nil {
		return err
	}
	if _, err := dec.ReadToken(); err != io.EOF {
		return errors.New("more than one JSON value on a line")
	}
	return nil
}
