package otelsynced

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/report"
	"github.com/syncedgo/synced/store"
)

// The attributes that several have.
const (
	modelKey  = attribute.Key("synced.model")
	callKey   = attribute.Key("synced.call")
	pageKey   = attribute.Key("synced.page")
	reasonKey = attribute.Key("synced.reason")
	errorKey  = attribute.Key("error.type")
)

// valid returns a text as protocols of OpenTelemetry take it: one that is not UTF-8 would
// cost all spans that go with it.
func valid(text string) string { return strings.ToValidUTF8(text, "\uFFFD") }

// attributesOf returns what came of a run or a write, by the names that the log has for it.
func attributesOf(v slog.LogValuer) []attribute.KeyValue {
	return flat(nil, "synced.result", v.LogValue())
}

// flat adds a value of the log. What is in groups has their names before its own; what is 0
// is left out.
func flat(list []attribute.KeyValue, name string, v slog.Value) []attribute.KeyValue {
	switch v = v.Resolve(); v.Kind() {
	case slog.KindGroup:
		for _, a := range v.Group() {
			list = flat(list, name+"."+a.Key, a.Value)
		}
	case slog.KindInt64:
		if v.Int64() != 0 {
			list = append(list, attribute.Int64(name, v.Int64()))
		}
	case slog.KindBool:
		list = append(list, attribute.Bool(name, v.Bool()))
	case slog.KindDuration:
		list = append(list, attribute.Float64(name, v.Duration().Seconds()))
	case slog.KindTime:
		list = append(list, attribute.String(name, v.Time().UTC().Format(time.RFC3339Nano)))
	default:
		list = append(list, attribute.String(name, valid(v.String())))
	}
	return list
}

// kinds are the errors that error.type tells, the first that fits.
var kinds = []struct {
	err  error
	name string
}{
	{report.ErrRunning, "running"},
	{store.ErrLockLost, "lock_lost"},
	{context.Canceled, "canceled"},
	{context.DeadlineExceeded, "timeout"},
	{remote.ErrConsentNeeded, "consent_needed"},
	{remote.ErrUnauthorized, "unauthorized"},
	{remote.ErrCircuitOpen, "circuit_open"},
	{remote.ErrLimited, "rate_limited"},
	{remote.ErrBudgetSpent, "rate_limited"},
	{report.ErrTooManyInvalid, "too_many_invalid"},
	{report.ErrDuplicateID, "duplicate_id"},
	{report.ErrNoSyncTime, "no_sync_time"},
	{report.ErrDeletionsUnknown, "deletions_unknown"},
	{report.ErrStale, "stale"},
	{report.ErrUnknownPlan, "unknown_plan"},
	{report.ErrNoAPI, "no_api"},
	{remote.ErrSinceRejected, "since_rejected"},
	{remote.ErrNotFound, "not_found"},
	{remote.ErrInvalid, "invalid_request"},
	{remote.ErrUnavailable, "unavailable"},
}

// errorType returns the kind of an error: one of a few words, as error.type has it.
func errorType(err error) string {
	for _, k := range kinds {
		if errors.Is(err, k.err) {
			return k.name
		}
	}
	return "_OTHER" // as OpenTelemetry names it
}
