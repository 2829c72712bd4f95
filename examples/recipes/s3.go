package recipes

import (
	"context"
	"encoding/xml"
	"errors"
	"net/url"
	"time"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/wire"
	"github.com/syncedgo/synced/strategy"
)

// S3Object is an object of a bucket.
type S3Object struct {
	SyncedID   string    `xml:"Key" json:"Key" db:"synced_id"`
	Size       int64     `json:"Size" db:"size"`
	ETag       string    `json:"ETag" db:"etag"`
	ModifiedAt time.Time `xml:"LastModified" json:"LastModified" db:"modified_at"`
}

// s3Page is what ListObjectsV2 answers.
type s3Page struct {
	Contents              []S3Object
	IsTruncated           bool
	NextContinuationToken string
}

// S3 declares the objects of a bucket; base is https://BUCKET.s3.REGION.amazonaws.com.
func S3(base string, auth wire.Auth) (synced.Synced[S3Object], error) {
	client, err := wire.NewClient(wire.Config{BaseURL: base, Auth: auth, Limiter: wire.NewLimiter(wire.LimiterConfig{PerSecond: 50})})
	list := func(ctx context.Context, _ remote.Request, cursor string) ([]S3Object, string, error) {
		query := url.Values{"list-type": {"2"}}
		if cursor != "" {
			query.Set("continuation-token", cursor)
		}
		u := client.URL("")
		u.RawQuery = query.Encode()
		answer, err := client.Do(ctx, &wire.Request{URL: u})
		if err != nil {
			return nil, "", err
		}
		var page s3Page
		if err := xml.Unmarshal(answer.Body, &page); err != nil {
			return nil, "", answer.FormatError(&remote.FormatError{Reason: err.Error(), Err: err}, answer.Body)
		}
		if page.IsTruncated && page.NextContinuationToken == "" {
			return nil, "", answer.Wrap(errors.New("the list is truncated, and nothing leads to the rest"))
		}
		return page.Contents, page.NextContinuationToken, nil
	}
	return synced.Synced[S3Object]{
		Table:    "s3_objects",
		API:      remote.PageFunc(list), // in remote.Shifting, where the pages are cut by position
		Strategy: strategy.Full{},
		Remove:   synced.Destroy{},
	}, err
}
