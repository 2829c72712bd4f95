package otelsynced_test

import (
	"context"
	"fmt"
	"log"
	"net/http"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/otelsynced"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/store/sqlite"
	"github.com/syncedgo/synced/strategy"
)

type Villa struct {
	SyncedID  int64  `json:"id" db:"synced_id"`
	AccountID int64  `db:"account_id"`
	Name      string `json:"name" db:"name"`
}

// A service has an exporter where this one has memory.
func Example() {
	ctx := context.Background()
	srv := remotetest.New(remotetest.Config{})
	defer srv.Close()
	srv.Collection("villas").Put(remotetest.Record{"id": 1, "name": "Villa Rosa"})
	db := must(sqlite.Open(ctx, ":memory:", sqlite.Options{}))
	defer db.Close()
	spans, reader := tracetest.NewInMemoryExporter(), metric.NewManualReader()
	traces := trace.NewTracerProvider(trace.WithSyncer(spans))

	observer := must(otelsynced.New(otelsynced.Options{
		TracerProvider: traces, // or set OpenTelemetry's global ones
		MeterProvider:  metric.NewMeterProvider(metric.WithReader(reader)),
		DB:             db,
	}))
	defer observer.Close()
	transport := otelhttp.NewTransport(http.DefaultTransport, otelhttp.WithTracerProvider(traces))
	declared := synced.Synced[Villa]{
		Table: "villas", Scope: "account_id", Strategy: strategy.Full{}, Observer: observer,
		API: must(rest.NewClient(rest.Config{BaseURL: srv.URL(), HTTP: &http.Client{Transport: transport}})),
	}
	must(0, db.Migrate(ctx))
	must(0, declared.CreateTable(ctx, db))
	villas := must(synced.New(ctx, db, declared))
	must(villas.Synchronize(ctx, synced.In(42)))

	for _, s := range spans.GetSpans() {
		fmt.Println("span", s.Name, "within another:", s.Parent.IsValid())
	}
	var all metricdata.ResourceMetrics
	must(0, reader.Collect(ctx, &all))
	for _, m := range all.ScopeMetrics[0].Metrics {
		if m.Name != "synced.throttled.duration" { // nothing waits here, but for a slow machine
			fmt.Println("metric", m.Name, m.Unit)
		}
	}
	// Output:
	// span HTTP GET within another: true
	// span synced.page within another: true
	// span synced.write within another: true
	// span synced.run within another: false
	// metric synced.records {record}
	// metric synced.runs {run}
	// metric synced.run.duration s
	// metric synced.requests {request}
	// metric synced.staleness s
	// metric synced.scopes.unsynced {scope}
	// metric synced.quarantine.size {record}
}

func must[V any](v V, err error) V {
	if err != nil {
		log.Fatal(err)
	}
	return v
}
