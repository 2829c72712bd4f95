// Package otelsynced tells OpenTelemetry what runs do: traces and metrics. It is a module
// of its own, so that only services that use it have its dependencies.
//
//	observer, err := otelsynced.New(otelsynced.Options{DB: db})
//	if err != nil {
//		return err
//	}
//	defer observer.Close()
//	rentals, err := synced.New(ctx, db, synced.Synced[Rental]{
//		Table: "rentals", Observer: observer, // …
//	})
//
// It makes no spans of requests and statements: otelhttp and otelpgx do, and theirs lie
// within the spans here.
//
//	api, err := rest.NewClient(rest.Config{HTTP: &http.Client{Transport: otelhttp.NewTransport(nil)}, …})
//	config.ConnConfig.Tracer = otelpgx.NewTracer() // of the pgxpool.Config
//
// # Spans
//
//	synced.run    a run, whatever call it is, with what came of it
//	synced.page   a page, from when it was asked for until it was here
//	synced.write  a transaction that writes rows
//
// The run of a single parent lies within that of all of them. Pages are fetched ahead, so a
// page may lie beside the write of the one before. The attributes are synced.model,
// synced.scope, synced.call and synced.strategy; of pages and writes, synced.page; and what
// came of a run or a write, synced.result.created and so on, by the names that the log has.
// An error is the status of the span, and error.type its kind.
//
// # Metrics
//
//	synced.records             {record}   synced.model, synced.outcome
//	synced.runs                {run}      synced.model, synced.call, error.type where it failed
//	synced.run.duration        s          the same
//	synced.requests            {request}  synced.model, synced.response.class, synced.retry
//	synced.throttled.duration  s          synced.model, synced.throttled.by
//	synced.removals.refused    {removal}  synced.model
//	synced.staleness           s          synced.model
//	synced.scopes.unsynced     {scope}    synced.model
//	synced.quarantine.size     {record}   synced.model
//
// Records are rows by what became of them: created, updated, unchanged, removed, restored,
// quarantined, older. They are counted when their transaction ends, and those of associated
// models, by their own tables, when the run does. Nothing that was rolled back is counted.
//
// Runs have one more for each parent, beside that of all of them: the call is "Parent".
//
// The class of a request is 2xx, 3xx, 4xx or 5xx; limited, where the remote blames too many
// requests; none, where no answer came; and other. Throttled is how long requests waited:
// for the client's own limiter, for the remote, which had said too many, or as backoff
// before a request is repeated for another reason.
//
// No metric has the scope, an id, a URL or a text of an error as an attribute: the number of
// series grows with the models alone.
//
// # Gauges
//
// Where [Options].DB is set, it is asked for the last three when metrics are collected. The
// staleness of a model is that of its oldest scope: how long ago its last success began.
// Scopes that have never had one have no such time, and are counted as unsynced.
package otelsynced
