package rest

import (
	"errors"
	"fmt"
)

// ending is what tells in each answer whether its page is the last: a member that is
// true where another follows, or one that is true where none does.
type ending struct {
	more, end string
	omitted   bool // a member that would be false may be left out
}

// read returns whether the list ends with an answer, and whether that is told.
func (e ending) read(resp *Response) (ended, told bool, err error) {
	switch {
	case e.more != "":
		more, err := e.flag(resp, e.more)
		return !more, true, err
	case e.end != "":
		ended, err := e.flag(resp, e.end)
		return ended, true, err
	}
	return false, false, nil
}

// flag reads a boolean.
func (e ending) flag(resp *Response, path string) (bool, error) {
	v, ok := resp.Lookup(path)
	if !ok && e.omitted {
		return false, nil
	}
	if !ok {
		return false, fmt.Errorf("%s is missing, which says whether there is another page", path)
	}
	switch string(v) {
	case "true", "1":
		return true, nil
	case "false", "0":
		return false, nil
	}
	return false, fmt.Errorf("%s: %s, not a boolean", path, kindName(v.Kind()))
}

// saysMore is that another page follows, as an answer said it.
func (e ending) saysMore() string {
	if e.more != "" {
		return e.more + " is true"
	}
	return e.end + " is false"
}

func (e ending) paths() []string {
	switch {
	case e.more != "":
		return []string{e.more}
	case e.end != "":
		return []string{e.end}
	}
	return nil
}

func (e ending) validate() error {
	if e.more != "" && e.end != "" {
		return errors.New("MorePath and EndPath: want one of them")
	}
	return nil
}
