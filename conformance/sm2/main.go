// A second implementation of SM2 beside the service's own. It reads requests from the standard input, a line each, and
// answers each with a line:
//
//	case SCALAR E SIGNATURE PLAINTEXT CIPHERTEXT  ->  case POINT SIGNATURE CIPHERTEXT, or: error REASON
//	refuse SCALAR CIPHERTEXT                      ->  refused, or: opened
//	point POINT                                   ->  on, or: off
//
// Everything is hexadecimal. Signatures are DER; ciphertexts are DER or raw, C1C3C2. In `case` the signature and the
// ciphertext of the request are checked, and others for the same digest and plaintext come back.
package main

import (
	"bufio"
	"bytes"
	"crypto/ecdsa"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"math/big"
	"os"
	"strings"

	"github.com/emmansun/gmsm/sm2"
)

func main() {
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := bufio.NewWriterSize(os.Stdout, 1<<20)
	for number := 0; ; number++ {
		line, err := in.ReadString('\n')
		if err != nil {
			break
		}
		answer, err := answerTo(strings.Fields(line), number)
		if err != nil {
			answer = "error " + err.Error()
		}
		fmt.Fprintln(out, answer)
		// The other side waits for the last answer of what it has sent.
		if in.Buffered() == 0 {
			if out.Flush() != nil {
				break
			}
		}
	}
	out.Flush()
}

func answerTo(words []string, number int) (string, error) {
	if len(words) == 0 {
		return "", errors.New("an empty line")
	}
	var fields [][]byte
	for _, word := range words[1:] {
		field, err := hex.DecodeString(word)
		if err != nil {
			return "", err
		}
		fields = append(fields, field)
	}
	switch {
	case words[0] == "case" && len(fields) == 5:
		return checkCase(keyOf(fields[0]), fields[1], fields[2], fields[3], fields[4], number)
	case words[0] == "refuse" && len(fields) == 2:
		if _, err := sm2.Decrypt(keyOf(fields[0]), fields[1]); err != nil {
			return "refused", nil
		}
		return "opened", nil
	case words[0] == "point" && len(fields) == 1 && len(fields[0]) == 65:
		x, y := new(big.Int).SetBytes(fields[0][1:33]), new(big.Int).SetBytes(fields[0][33:])
		p := sm2.P256().Params().P
		if x.Cmp(p) < 0 && y.Cmp(p) < 0 && sm2.P256().IsOnCurve(x, y) {
			return "on", nil
		}
		return "off", nil
	}
	return "", errors.New("a request that is not known: " + words[0])
}

func keyOf(scalar []byte) *sm2.PrivateKey {
	key := new(sm2.PrivateKey)
	key.Curve = sm2.P256()
	key.D = new(big.Int).SetBytes(scalar)
	key.X, key.Y = key.Curve.ScalarBaseMult(scalar)
	return key
}

func checkCase(key *sm2.PrivateKey, e, signature, plaintext, ciphertext []byte, number int) (string, error) {
	public := &ecdsa.PublicKey{Curve: key.Curve, X: key.X, Y: key.Y}
	if !sm2.VerifyASN1(public, e, signature) {
		return "", errors.New("the signature is wrong")
	}
	opened, err := sm2.Decrypt(key, ciphertext)
	if err != nil {
		return "", err
	}
	if !bytes.Equal(opened, plaintext) {
		return "", errors.New("the ciphertext opens to something else")
	}
	ours, err := sm2.SignASN1(rand.Reader, key, e, nil)
	if err != nil {
		return "", err
	}
	sealed, err := encrypt(public, plaintext, number)
	// gmsm 0.15.5 draws again when the key stream is zeros only, as the standard wants, but then goes on from a public key
	// that the first draw has changed: nobody can open the result. It also refuses a C2 of zeros. Both happen to one of
	// 256 plaintexts of a byte and to none of more than a few.
	for tries := 0; err == nil && len(plaintext) <= 4 && tries < 8; tries++ {
		if own, failed := sm2.Decrypt(key, sealed); failed == nil && bytes.Equal(own, plaintext) {
			break
		}
		sealed, err = encrypt(public, plaintext, number)
	}
	if err != nil {
		return "", err
	}
	point := make([]byte, 65)
	point[0] = 4
	key.X.FillBytes(point[1:33])
	key.Y.FillBytes(point[33:])
	return fmt.Sprintf("case %x %x %x", point, ours, sealed), nil
}

// encrypt alternates between DER and raw.
func encrypt(public *ecdsa.PublicKey, plaintext []byte, number int) ([]byte, error) {
	if number%2 == 0 {
		return sm2.EncryptASN1(rand.Reader, public, plaintext)
	}
	return sm2.Encrypt(rand.Reader, public, plaintext, nil)
}
