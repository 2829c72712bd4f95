package peer

import "testing"

// FuzzMessages reads what a stranger may send: it is refused or read, and nothing panics.
func FuzzMessages(f *testing.F) {
	f.Add([]byte(`{"after":0,"upto":2,"changes":[{"seq":1,"origin":"g","model":"m","row":{"origin":"g","key":["1"]},"op":"create","new":{"a":[1,{"b":null}]},"rows":{"new":{"c":{"key":["x",{"origin":"h","key":["2"]}]}}},"version":"1-g","at":"2026-01-02T03:04:05Z"}]}`))
	f.Add([]byte(`{"from":1,"upto":2,"cursor":"","next":"{}","rows":[]}`))
	f.Add([]byte(`{"received":3,"processed":2,"keys":[{"model":"m","row":{"key":[{"key":[{"key":[{"key":["deep"]}]}]}]},"key":"1"}]}`))
	f.Add([]byte(`{"protocol":"1.0","guid":"g","received":-1}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		var hello Hello
		if decode(body, &hello) == nil {
			_ = compatible(hello.Protocol)
		}
		var receipt Receipt
		if decode(body, &receipt) == nil {
			_ = receipt.check()
		}
		var page Page
		if decode(body, &page) == nil && page.check() == nil {
			again(t, page, &Page{})
		}
		var batch Batch
		if decode(body, &batch) != nil || batch.check() != nil {
			return
		}
		again(t, batch, &Batch{})
		for _, c := range batch.Changes {
			for _, raw := range c.New {
				v, err := decodeValue(raw)
				if err != nil {
					t.Fatal(err)
				}
				if !same(v, v) {
					t.Fatalf("%s is not equal to itself", raw)
				}
			}
		}
	})
}

// again writes a message, which is read again.
func again(t *testing.T, message, into any) {
	body, err := encode(message)
	if err == nil {
		err = decode(body, into)
	}
	if err != nil {
		t.Fatal(err)
	}
}
