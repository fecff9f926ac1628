// Runs the official Go SDK against a started server: conformance READY_FILE OPERATIONS_PAGE
package main

import (
	"fmt"
	"os"
	"strings"

	kms "github.com/alibabacloud-go/kms-20160120/v3/client"
	"github.com/alibabacloud-go/tea/tea"
	"github.com/aliyun/credentials-go/credentials"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: conformance READY_FILE OPERATIONS_PAGE")
		os.Exit(2)
	}
	facts, err := readReady(os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, "The ready file cannot be used:", err)
		os.Exit(2)
	}
	if facts.catalogue, err = readCatalogue(os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "The list of operations cannot be used:", err)
		os.Exit(2)
	}
	h := &harness{}
	root := mode{protocol: "HTTP", ca: facts.ca, keyID: facts.keyID, keySecret: facts.keySecret}
	for number, run := range []struct{ tag, protocol, algorithm string }{
		{"V3 over HTTP", "HTTP", ""},
		{"V3 over HTTPS", "HTTPS", ""},
		{"V3 with SM3 over HTTP", "HTTP", "ACS3-HMAC-SM3"},
		{"V1 over HTTP", "HTTP", "v2"},
		{"V1 over HTTPS", "HTTPS", "v2"},
	} {
		m := root
		m.protocol, m.algorithm = run.protocol, run.algorithm
		refusedCredentials(h, facts, run.tag, m)
		s := newSuite(h, newClient(facts, m), facts, run.tag)
		s.thorough = number == 0
		s.run()
	}
	h.check("every operation on keys and secrets was answered and refused", facts.catalogue.complete)
	defaultChain(h, facts, root)
	certificate(h, facts, root)
	typed(h, facts, root)
	facts.catalogue.note(newClient(facts, root).sdk)
	os.Exit(h.finish())
}

func refusedCredentials(h *harness, facts *serverFacts, tag string, root mode) {
	refuses := func(name string, status int, code string, change func(*mode)) {
		h.check(tag+": "+name+" is refused", func() {
			m := root
			change(&m)
			got, err := newClient(facts, m).call("DescribeRegions", nil, overrides{})
			refusal := refused(status, code, got, err)
			holds(strings.Contains(refusal.detail, "RequestId"), "the error has no RequestId: %s", refusal.detail)
			if code == "SignatureDoesNotMatch" {
				holds(strings.Contains(refusal.text, "server string to sign is:"), "the message is %s", refusal.text)
			}
		})
	}
	refuses("a wrong AccessKey secret", 400, "SignatureDoesNotMatch", func(m *mode) { m.keySecret = "wrong" })
	refuses("an unknown AccessKey", 404, "InvalidAccessKeyId.NotFound", func(m *mode) { m.keyID = "LTAI5tUnknownUnknownUnkn" })
	refuses("an unknown security token", 400, "InvalidSecurityToken.Malformed", func(m *mode) { m.token = "not-a-token-of-this-server" })
}

func defaultChain(h *harness, facts *serverFacts, root mode) {
	for _, protocol := range []string{"HTTP", "HTTPS"} {
		h.check("the default credential chain reads the AccessKey file, over "+protocol, func() {
			credential, err := credentials.NewCredential(nil)
			holds(err == nil, "no credential: %v", err)
			found, err := credential.GetCredential()
			holds(err == nil, "no credential: %v", err)
			provider := tea.StringValue(found.ProviderName)
			holds(strings.Contains(provider, "profile"), "the credentials came from %s", provider)
			m := root
			m.protocol, m.credential = protocol, credential
			got, err := newClient(facts, m).call("ListKeys", nil, overrides{})
			holds(err == nil, "refused: %v", err)
			answered(got)
		})
	}
}

func certificate(h *harness, facts *serverFacts, root mode) {
	root.protocol = "HTTPS"
	h.check("the certificate is refused without the server's authority", func() {
		m := root
		m.host, m.ca = "localhost", ""
		_, err := newClient(facts, m).call("DescribeRegions", nil, overrides{})
		holds(err != nil, "accepted a certificate of an unknown authority")
		holds(strings.Contains(err.Error(), "certificate"), "refused for another reason: %v", err)
	})
	h.check("the certificate is valid for its address", func() {
		got, err := newClient(facts, root).call("DescribeRegions", nil, overrides{})
		holds(err == nil, "refused: %v", err)
		answered(got)
	})
}

// typed is what a program would write: the typed requests and answers, without the adapter.
func typed(h *harness, facts *serverFacts, root mode) {
	h.check("typed requests and answers", func() {
		sdk := newClient(facts, root).sdk
		made, err := sdk.CreateKey(&kms.CreateKeyRequest{Description: tea.String("typed")})
		holds(err == nil, "CreateKey: %v", err)
		key := made.Body.KeyMetadata.KeyId
		context := map[string]any{"purpose": "typed"}
		sealed, err := sdk.Encrypt(&kms.EncryptRequest{KeyId: key, Plaintext: tea.String("hello"), EncryptionContext: context})
		holds(err == nil, "Encrypt: %v", err)
		opened, err := sdk.Decrypt(&kms.DecryptRequest{CiphertextBlob: sealed.Body.CiphertextBlob, EncryptionContext: context})
		holds(err == nil, "Decrypt: %v", err)
		equal(*opened.Body.Plaintext, "hello", "Plaintext")
		listed, err := sdk.ListKeys(&kms.ListKeysRequest{PageSize: tea.Int32(100)})
		holds(err == nil, "ListKeys: %v", err)
		equal(*listed.Body.PageSize, int32(100), "PageSize")
		equal(*listed.StatusCode, int32(200), "StatusCode")
	})
}
