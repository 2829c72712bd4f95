package oauth

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/json"
	"errors"
	"fmt"

	"golang.org/x/oauth2"
)

// sealer encrypts tokens with its first key and opens them with any. A sealed
// token is the version, then a random nonce and the token as JSON, encrypted with
// AES-256-GCM; the account's name is authenticated with it, so that rows can't be
// exchanged.
type sealer []cipher.AEAD

const (
	// version is the first byte of a sealed token.
	version = 2
	keySize = 32
)

func newSealer(key []byte, old [][]byte) (sealer, error) {
	first, err := newAEAD(key)
	if err != nil {
		return nil, fmt.Errorf("key of %d bytes: want %d random ones", len(key), keySize)
	}
	s := sealer{first}
	for i, k := range old {
		aead, err := newAEAD(k)
		if err != nil {
			return nil, fmt.Errorf("old key %d of %d bytes: want %d", i+1, len(k), keySize)
		}
		s = append(s, aead)
	}
	return s, nil
}

func newAEAD(key []byte) (cipher.AEAD, error) {
	if len(key) != keySize {
		return nil, aes.KeySizeError(len(key))
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

func (s sealer) seal(name string, token *oauth2.Token) ([]byte, error) {
	plain, err := json.Marshal(token)
	if err != nil {
		return nil, err
	}
	return s[0].Seal([]byte{version}, nil, plain, []byte(name)), nil
}

var errSealed = errors.New("the stored token can't be opened: it was sealed with another key, which belongs into OldKeys, " +
	"or the row was changed, and then Save a token of a new consent")

func (s sealer) open(name string, sealed []byte) (*oauth2.Token, error) {
	if len(sealed) == 0 || sealed[0] != version {
		return nil, errSealed
	}
	for _, aead := range s {
		plain, err := aead.Open(nil, nil, sealed[1:], []byte(name))
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
