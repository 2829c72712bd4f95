package rest

import (
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/syncedgo/synced/remote"
)

var _ remote.Windower = (*Client)(nil)

// Window returns the longest span of time that one request may ask for, as Config.Since
// declares it, less what is lost where times are written in whole units of its Format. As
// many windows may be in flight as pages.
func (c *Client) Window() (remote.Window, bool) {
	s := c.lister.config.Since
	if s.Until == "" {
		return remote.Window{}, false
	}
	return remote.Window{Longest: s.longest(), InFlight: c.lister.config.InFlight}, true
}

// validateWindow returns what is wrong with the settings of windows.
func (s Since) validateWindow() error {
	switch {
	case s.Window < 0:
		return fmt.Errorf("since: window %s: want 0 or more", s.Window)
	case s.Window > 0 && s.Until == "":
		return errors.New("since: Window without Until: name the parameter for the end of a window")
	case s.Until != "" && s.Header != "":
		return errors.New("since: Header, and Until: want the beginning in a parameter as well")
	case s.Until != "" && s.Until == s.Param:
		return fmt.Errorf("since: Param and Until are both %q", s.Param)
	case s.Window > 0 && s.longest() <= 0:
		return fmt.Errorf("since: window %s: the times of format %q are up to %s apart from what they stand for; want a longer window", s.Window, s.Format, s.lost())
	}
	return nil
}

// longest is the longest span of which no text is longer than Window.
func (s Since) longest() time.Duration {
	if s.Window == 0 {
		return 0
	}
	return s.Window - s.lost()
}

// lost is by how much the texts of two times may be further apart than the times.
func (s Since) lost() time.Duration {
	lost := 2 * s.unit()
	if s.Exclusive {
		lost += s.unit()
	}
	if !s.isUnix() && !s.tellsOffset() && s.Zone.String() != "UTC" {
		lost += 3 * time.Hour // clocks are turned back in between
	}
	return lost
}

// setUntil adds the end of what is asked for.
func (s Since) setUntil(q url.Values, until time.Time) error {
	switch {
	case s.Until != "" && s.Window > 0 && (q.Has(s.Until) || q.Has(s.Param) && s.Filter == ""):
		return fmt.Errorf("remote: the request's Query has %s or %s, which rest.Since sets", s.Param, s.Until)
	case until.IsZero():
		return nil
	case s.Until == "":
		return errors.New("remote: the request has an end of time: name its parameter in rest.Since.Until")
	}
	q.Set(s.Until, s.textUntil(until))
	return nil
}

// textUntil writes a time, so that no reading of it is earlier.
func (s Since) textUntil(at time.Time) string {
	if s.isUnix() {
		return s.write(at.Add(s.unit() - 1))
	}
	text := s.write(at)
	for step := s.unit(); s.reads(text).Before(at); step *= 2 {
		text = s.write(at.Add(step))
	}
	return text
}

// reads is the earliest reading of a text that write has made of a layout.
func (s Since) reads(text string) time.Time {
	at, _ := time.ParseInLocation(s.Format, text, s.Zone)
	return earlier(at)
}
