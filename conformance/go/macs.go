package main

import "strings"

// macLengths are the bytes of each algorithm's code.
var macLengths = map[string]int{"HMAC_SHA_224": 28, "HMAC_SHA_256": 32, "HMAC_SHA_384": 48, "HMAC_SHA_512": 64, "HMAC_SM3": 32}

// macAlgorithm is the algorithm of a spec, which has two spellings.
func macAlgorithm(spec string) string {
	if strings.HasPrefix(spec, "HMAC_SHA") && !strings.HasPrefix(spec, "HMAC_SHA_") {
		return "HMAC_SHA_" + spec[len("HMAC_SHA"):]
	}
	return spec
}

// macs checks codes by their length and against each other: the key never leaves the service, so no other library can
// compute them.
func (s *suite) macs() {
	for spec, id := range s.macKeys {
		algorithm := macAlgorithm(spec)
		key := params{"KeyId": id, "Algorithm": algorithm}
		s.check(spec+" makes and checks codes", func() {
			seen := map[any]bool{}
			for _, message := range [][]byte{{0}, []byte("message"), random(6144)} {
				p := with(key, params{"Message": encode(message)})
				made := s.call("GenerateMac", p)
				fieldsAre(made, params{"KeyId": id, "Algorithm": algorithm})
				equal(len(decode(made["Mac"])), macLengths[algorithm], "bytes of the code")
				equal(s.call("GenerateMac", p)["Mac"], made["Mac"], "code of the same message")
				verdict := func(changed params) any {
					got := s.call("VerifyMac", with(p, with(params{"Mac": made["Mac"]}, changed)))
					fieldsAre(got, params{"KeyId": id, "Algorithm": algorithm})
					return got["Value"]
				}
				equal(verdict(nil), true, "verdict on the code")
				equal(verdict(params{"Message": encode([]byte("another"))}), false, "verdict on another message")
				equal(verdict(params{"Mac": encode(broken(decode(made["Mac"])))}), false, "verdict on a changed code")
				equal(verdict(params{"Mac": encode(decode(made["Mac"])[:16])}), false, "verdict on half a code")
				seen[made["Mac"]] = true
			}
			equal(len(seen), 3, "different codes of three messages")
		})
		s.check(spec+" refuses other algorithms and bad messages", func() {
			message := params{"Message": encode([]byte("message"))}
			for other := range macLengths {
				if other != algorithm {
					p := with(key, with(message, params{"Algorithm": other}))
					s.refused(400, "InvalidParameter", "GenerateMac", p)
					s.refused(400, "InvalidParameter", "VerifyMac", with(p, params{"Mac": encode(random(32))}))
				}
			}
			s.refused(400, "InvalidParameter", "GenerateMac", with(key, with(message, params{"Algorithm": "HMAC_MD5"})))
			for _, text := range []string{"no base64!", encode(random(6145))} {
				s.refused(400, "InvalidParameter", "GenerateMac", with(key, params{"Message": text}))
				s.refused(400, "InvalidParameter", "VerifyMac", with(key, params{"Message": text, "Mac": encode(random(32))}))
			}
			s.refused(400, "InvalidParameter", "VerifyMac", with(key, with(message, params{"Mac": "no base64!"})))
		})
	}
	s.check("codes by alias, and of another key", func() {
		alias, id := "alias/"+s.id+"/mac", s.macKeys["HMAC_SHA_256"]
		s.call("CreateAlias", params{"AliasName": alias, "KeyId": id})
		p := params{"KeyId": alias, "Algorithm": "HMAC_SHA_256", "Message": encode([]byte("message"))}
		made := s.call("GenerateMac", p)
		equal(made["KeyId"], id, "KeyId")
		other := s.call("VerifyMac", with(p, params{"KeyId": s.macKeys["HMAC_SHA256"], "Mac": made["Mac"]}))
		equal(other["Value"], false, "verdict of another key")
	})
	for action, p := range map[string]params{
		"GenerateMac": {"Algorithm": "HMAC_SHA_256", "Message": "YQ=="},
		"VerifyMac":   {"Algorithm": "HMAC_SHA_256", "Message": "YQ==", "Mac": encode(random(32))},
	} {
		s.check(action+" with a wrong key is refused", func() {
			s.refused(404, "Forbidden.KeyNotFound", action, with(p, params{"KeyId": unknownKey}))
			s.refused(404, "Forbidden.AliasNotFound", action, with(p, params{"KeyId": "alias/there-is-no-such-alias"}))
			s.refused(400, "Rejected.UnsupportedOperation", action, with(p, params{"KeyId": s.keyID()}))
			s.refused(400, "Rejected.UnsupportedOperation", action, with(p, params{"KeyId": s.pair("EC_P256", "SIGN/VERIFY").id}))
		})
		s.check(action+" without a parameter is refused", func() {
			for name := range p {
				incomplete := with(p, params{"KeyId": s.macKeys["HMAC_SHA_256"]})
				delete(incomplete, name)
				s.refused(400, "Missing"+name, action, incomplete)
			}
		})
	}
}
