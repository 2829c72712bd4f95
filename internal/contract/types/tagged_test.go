package types_test

import (
	"bytes"
	"database/sql/driver"
	"fmt"
	"math/big"
	"strings"
	"time"
)

// Rows whose columns are of one Go type, with a tag that says how it is spelled.
type (
	number struct {
		SyncedID int64  `json:"id" db:"synced_id"`
		A        string `json:"a" db:"a" synced:"number"`
		B        string `json:"b" db:"b" synced:"number"`
		C        string `json:"c" db:"c" synced:"number"`
		D        string `json:"d" db:"d" synced:"number"`
		E        string `json:"e" db:"e" synced:"number"`
		F        string `json:"f" db:"f" synced:"number"`
	}
	counted struct {
		SyncedID int64 `json:"id" db:"synced_id"`
		A        int   `json:"a" db:"a" synced:"number"`
		B        int   `json:"b" db:"b" synced:"number"`
		C        int   `json:"c" db:"c" synced:"number"`
		D        int   `json:"d" db:"d" synced:"number"`
		E        int   `json:"e" db:"e" synced:"number"`
		F        int   `json:"f" db:"f" synced:"number"`
	}
	unix struct {
		SyncedID int64     `json:"id" db:"synced_id"`
		A        time.Time `json:"a" db:"a" time:"unix"`
		B        time.Time `json:"b" db:"b" time:"unix"`
		C        time.Time `json:"c" db:"c" time:"unix"`
		D        time.Time `json:"d" db:"d" time:"unix"`
		E        time.Time `json:"e" db:"e" time:"unix"`
		F        time.Time `json:"f" db:"f" time:"unix"`
	}
	local struct {
		SyncedID int64     `json:"id" db:"synced_id"`
		A        time.Time `json:"a" db:"a" time:"2006-01-02 15:04:05"`
		B        time.Time `json:"b" db:"b" time:"2006-01-02 15:04:05"`
		C        time.Time `json:"c" db:"c" time:"2006-01-02 15:04:05"`
		D        time.Time `json:"d" db:"d" time:"2006-01-02 15:04:05"`
		E        time.Time `json:"e" db:"e" time:"2006-01-02 15:04:05"`
		F        time.Time `json:"f" db:"f" time:"2006-01-02 15:04:05"`
	}
	lasting struct {
		SyncedID int64         `json:"id" db:"synced_id"`
		A        time.Duration `json:"a" db:"a" time:"seconds"`
		B        time.Duration `json:"b" db:"b" time:"seconds"`
		C        time.Duration `json:"c" db:"c" time:"seconds"`
		D        time.Duration `json:"d" db:"d" time:"seconds"`
		E        time.Duration `json:"e" db:"e" time:"seconds"`
		F        time.Duration `json:"f" db:"f" time:"seconds"`
	}
)

// decimal meets databases and JSON as shopspring/decimal does.
type decimal struct{ n big.Rat }

func (d decimal) Equal(other decimal) bool { return d.n.Cmp(&other.n) == 0 }

func (d decimal) String() string {
	return strings.TrimSuffix(strings.TrimRight(d.n.FloatString(20), "0"), ".")
}

func (d decimal) MarshalJSON() ([]byte, error) { return []byte(`"` + d.String() + `"`), nil }

func (d *decimal) UnmarshalJSON(text []byte) error { return d.Scan(bytes.Trim(text, `"`)) }

func (d decimal) Value() (driver.Value, error) { return d.String(), nil }

func (d *decimal) Scan(src any) error {
	if text, ok := src.([]byte); ok {
		src = string(text)
	}
	if _, ok := d.n.SetString(fmt.Sprint(src)); !ok {
		return fmt.Errorf("%v is no decimal", src)
	}
	return nil
}
