package recipes

import (
	"encoding/xml"
	"fmt"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/wire"
)

// s3 lists keys in XML, in their order.
func s3(f *fake, w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/" || r.URL.Query().Get("list-type") != "2" {
		s3Error(w, http.StatusBadRequest, "InvalidArgument")
		return
	}
	var listed []entry
	for _, e := range f.live(time.Time{}) {
		if "t-"+strconv.Itoa(e.id) > r.URL.Query().Get("continuation-token") {
			listed = append(listed, e)
		}
	}
	part, more := page(listed, 0)
	var body struct {
		XMLName xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ ListBucketResult"`
		s3Page
	}
	body.IsTruncated = more
	for _, e := range part {
		body.Contents = append(body.Contents, S3Object{SyncedID: strconv.Itoa(e.id), Size: 7, ETag: strconv.Quote(e.name), ModifiedAt: e.at})
		if more {
			body.NextContinuationToken = "t-" + strconv.Itoa(e.id)
		}
	}
	w.Header().Set("Content-Type", "application/xml")
	if err := xml.NewEncoder(w).Encode(body); err != nil {
		panic(err)
	}
}

func s3Error(w http.ResponseWriter, status int, code string) {
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(status)
	fmt.Fprintf(w, "<Error><Code>%s</Code></Error>", code)
}

func TestS3(t *testing.T) {
	against(t, api{
		credentials: "AWS4-HMAC-SHA256 signed",
		known:       known("list-type", "continuation-token"),
		serve:       s3,
		limited:     func(w http.ResponseWriter) { s3Error(w, http.StatusServiceUnavailable, "SlowDown") },
	}, func(t *testing.T, f *fake) {
		model := follow(t, f, must(S3(f.url, wire.APIKeyHeader("Authorization", "AWS4-HMAC-SHA256 signed")))(t))
		stranger := must(S3(f.url, wire.APIKeyHeader("Authorization", "AWS4-HMAC-SHA256 s3cret")))(t)
		_, err := model.Synchronize(t.Context(), synced.NoScope, synced.Call{API: stranger.API})
		require.ErrorIs(t, err, remote.ErrUnauthorized)
		require.NotContains(t, err.Error(), "s3cret")
	})
}
