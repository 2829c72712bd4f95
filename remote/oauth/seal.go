package oauth

import (
	"crypto/cipher"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"

	"golang.org/x/crypto/chacha20poly1305"
	"golang.org/x/oauth2"
)

// sealer encrypts tokens with its first key, and opens them with any. A sealed
// token is the version, a random nonce, and the token as JSON; the account's name
// is authenticated with it, so that rows can't be exchanged.
type sealer []cipher.AEAD

// version is the first byte of what is sealed.
const version = 1

func newSealer(key []byte, old [][]byte) (sealer, error) {
	var s sealer
	for i, k := range append([][]byte{key}, old...) {
		aead, err := chacha20poly1305.NewX(k)
		switch {
		case err != nil && i == 0:
			return nil, fmt.Errorf("key of %d bytes: want %d random ones", len(k), chacha20poly1305.KeySize)
		case err != nil:
			return nil, fmt.Errorf("old key %d of %d bytes: want %d", i, len(k), chacha20poly1305.KeySize)
		}
		s = append(s, aead)
	}
	return s, nil
}

func (s sealer) seal(name string, token *oauth2.Token) ([]byte, error) {
	plain, err := json.Marshal(token)
	if err != nil {
		return nil, err
	}
	sealed := make([]byte, 1+chacha20poly1305.NonceSizeX, 1+chacha20poly1305.NonceSizeX+len(plain)+chacha20poly1305.Overhead)
	sealed[0] = version
	nonce := sealed[1:]
	if _, err := rand.Read(nonce); err != nil {
		return nil, err
	}
	return s[0].Seal(sealed, nonce, plain, []byte(name)), nil
}

var errSealed = errors.New("the stored token can't be opened: it was sealed with another key, which belongs into OldKeys, " +
	"or the row was changed, and then Save a token of a new consent")

func (s sealer) open(name string, sealed []byte) (*oauth2.Token, error) {
	if len(sealed) < 1+chacha20poly1305.NonceSizeX || sealed[0] != version {
		return nil, errSealed
	}
	nonce, text := sealed[1:1+chacha20poly1305.NonceSizeX], sealed[1+chacha20poly1305.NonceSizeX:]
	for _, aead := range s {
		plain, err := aead.Open(nil, nonce, text, []byte(name))
		if err != nil {
			continue
		}
		var token oauth2.Token
		if err := json.Unmarshal(plain, &token); err != nil {
			return nil, errors.New("the stored token is not JSON") // the error may quote it
		}
		return &token, nil
	}
	return nil, errSealed
}
