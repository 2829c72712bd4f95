package rest

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/wire"
)

// How services name the kinds of errors of GraphQL, in lower case and without signs.
var (
	limitCodes = []string{"throttled", "ratelimited", "ratelimit", "ratelimitexceeded", "toomanyrequests", "complexitybudgetexhausted", "complexityexception"}
	authCodes  = []string{"unauthenticated", "unauthorized", "forbidden", "accessdenied"}
	downCodes  = []string{"internalservererror", "internalerror", "serviceunavailable", "timeout", "badgateway", "gatewaytimeout"}
)

// graphqlError is an error that an answer of GraphQL tells.
type graphqlError struct {
	Message    string
	Type       jsontext.Value
	Path       jsontext.Value
	Extensions map[string]jsontext.Value
}

// codes are the kinds that the error has.
func (e graphqlError) codes() []string {
	var codes []string
	for _, v := range []jsontext.Value{e.Type, e.Extensions["code"], e.Extensions["type"], e.Extensions["classification"]} {
		if text, err := textOf(remote.Value(v)); len(v) > 0 && err == nil {
			codes = append(codes, plainName(text))
		}
	}
	return codes
}

// at is where in the data the error is: "issues.nodes.3.assignee"; "" where it does not say.
func (e graphqlError) at() string {
	var path []jsontext.Value
	if len(e.Path) == 0 || json.Unmarshal(e.Path, &path) != nil {
		return ""
	}
	steps := make([]string, len(path))
	for i, v := range path {
		text, err := textOf(remote.Value(v))
		if err != nil {
			return ""
		}
		steps[i] = text
	}
	return strings.Join(steps, ".")
}

// is reports whether the error is of a kind.
func (e graphqlError) is(kind []string) bool {
	return slices.ContainsFunc(e.codes(), func(code string) bool { return slices.Contains(kind, code) })
}

// checkGraphQL returns the error that an answer of GraphQL tells, beside data or without.
func checkGraphQL(answer *wire.Answer) error {
	v, ok := member(answer.Body, "errors")
	if !ok || !truthy(v) {
		return nil
	}
	var errs []graphqlError
	if json.Unmarshal(v, &errs, json.MatchCaseInsensitiveNames(true)) != nil || len(errs) == 0 {
		return answer.FormatError(&remote.FormatError{Reason: "the answer has errors that are not those of GraphQL"}, answer.Body)
	}
	for _, e := range errs {
		if e.is(limitCodes) {
			return answer.LimitError(e.wait(answer.Body))
		}
	}
	first := errs[0]
	wrong := &remote.FormatError{Reason: "the answer has an error: " + shorten(first.Message), Err: remote.ErrInvalid}
	if at := first.at(); at != "" {
		wrong.Reason += ", at " + shorten(at)
	}
	if codes := first.codes(); len(codes) > 0 {
		wrong.Reason += " (" + shorten(codes[0]) + ")"
	}
	if n := len(errs); n > 1 {
		wrong.Reason += fmt.Sprintf(", and %d more", n-1)
	}
	switch {
	case slices.ContainsFunc(errs, func(e graphqlError) bool { return e.is(authCodes) }):
		wrong.Err = remote.ErrUnauthorized
	case !slices.ContainsFunc(errs, func(e graphqlError) bool { return !e.is(downCodes) }):
		wrong.Err = remote.ErrUnavailable
	}
	return answer.FormatError(wrong, answer.Body)
}

// wait is how long the limit lasts, by the error or by the cost that the answer tells; 0
// where neither does.
func (e graphqlError) wait(body []byte) time.Duration {
	for _, name := range []string{"retryAfter", "retry_after", "retryInSeconds", "retry_in_seconds"} {
		if v, ok := e.Extensions[name]; ok {
			return seconds(number(remote.Value(v)))
		}
	}
	cost, _ := lookup(body, "extensions.cost")
	at := func(path string) float64 {
		v, _ := lookup(cost, path)
		return number(v)
	}
	lacks := at("requestedQueryCost") - at("throttleStatus.currentlyAvailable")
	if rate := at("throttleStatus.restoreRate"); rate > 0 {
		return seconds(lacks / rate)
	}
	return 0
}

// number reads a number; 0 where there is none.
func number(v remote.Value) float64 {
	text, err := textOf(v)
	if v == nil || err != nil {
		return 0
	}
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(n) {
		return 0
	}
	return n
}

// seconds is a time of at most an hour, rounded up to milliseconds.
func seconds(n float64) time.Duration {
	return time.Duration(math.Ceil(max(0, min(n, 3600))*1000)) * time.Millisecond
}
