package main

import (
	"fmt"
	"strings"
	"time"
)

// keyDeletion walks a key into its deletion window and out of it.
func (s *suite) keyDeletion() {
	var id string
	var key, blob params
	if !s.check("CreateKey for deletion", func() {
		id = s.newKeyID(nil)
		key = params{"KeyId": id}
		blob = params{"CiphertextBlob": s.call("Encrypt", with(key, params{"Plaintext": "kept"}))["CiphertextBlob"]}
		s.call("CreateAlias", with(key, params{"AliasName": "alias/" + s.id + "/deleted"}))
	}) {
		return
	}
	days := func(number int) params { return with(key, params{"PendingWindowInDays": number}) }
	for _, number := range []int{7, 366} {
		s.check(fmt.Sprintf("ScheduleKeyDeletion for %d days, and CancelKeyDeletion", number), func() {
			s.call("ScheduleKeyDeletion", days(number))
			metadata := s.metadata(id)
			equal(metadata["KeyState"], "PendingDeletion", "KeyState")
			deleted, err := time.Parse(time.RFC3339, metadata["DeleteDate"].(string))
			holds(err == nil, "DeleteDate is %v", metadata["DeleteDate"])
			late := time.Until(deleted) - time.Duration(number)*24*time.Hour
			holds(late > -time.Minute && late < time.Minute, "DeleteDate is %v", deleted)
			s.refused(409, "Rejected.PendingDeletion", "Decrypt", blob)
			s.refused(409, "Rejected.StateModifiedFailed", "ScheduleKeyDeletion", days(7))
			for _, action := range []string{"EnableKey", "DisableKey"} {
				s.refused(409, "Rejected.StateModifiedFailed", action, key)
			}
			s.call("CancelKeyDeletion", key)
			metadata = s.metadata(id)
			equal(metadata["KeyState"], "Enabled", "KeyState")
			empty(metadata, "DeleteDate")
			equal(s.call("Decrypt", blob)["Plaintext"], "kept", "Plaintext")
			s.refused(409, "Rejected.StateModifiedFailed", "CancelKeyDeletion", key)
		})
	}
	s.check("a disabled key can be scheduled, and comes back enabled", func() {
		s.call("DisableKey", key)
		s.call("ScheduleKeyDeletion", with(days(30), params{"KeyId": s.arn("key/", id)}))
		s.call("CancelKeyDeletion", params{"KeyId": s.arn("key/", id)})
		equal(s.metadata(id)["KeyState"], "Enabled", "KeyState")
	})
	s.check("ScheduleKeyDeletion with a bad window is refused", func() {
		for _, number := range []int{-1, 0, 6, 367} {
			s.refused(400, "InvalidParameter", "ScheduleKeyDeletion", days(number))
		}
		s.refused(400, "MissingPendingWindowInDays", "ScheduleKeyDeletion", key)
	})
	for action, p := range map[string]params{"ScheduleKeyDeletion": {"PendingWindowInDays": 7}, "CancelKeyDeletion": {}} {
		s.check(action+" of a wrong key is refused", func() {
			s.refused(400, "MissingKeyId", action, p)
			s.refused(404, "Forbidden.KeyNotFound", action, with(p, params{"KeyId": unknownKey}))
			s.refused(400, "Unsupported.Alias", action, with(p, params{"KeyId": s.alias}))
		})
	}
}

func (s *suite) deletionProtection() {
	var id string
	if !s.check("CreateKey for deletion protection", func() { id = s.newKeyID(nil) }) {
		return
	}
	protect := func(resource params, on bool) params { return with(resource, params{"EnableDeletionProtection": on}) }
	byID, byARN := params{"KeyId": id}, params{"ProtectedResourceArn": s.arn("key/", id)}
	for name, resource := range map[string]params{"id": byID, "ARN": byARN} {
		s.check("SetDeletionProtection by "+name, func() {
			s.call("SetDeletionProtection", protect(with(resource, params{"DeletionProtectionDescription": "in use é"}), true))
			fieldsAre(s.metadata(id), params{"DeletionProtection": "Enabled", "DeletionProtectionDescription": "in use é", "KeyState": "Enabled"})
			s.refused(400, "Rejected.UnsupportedOperation", "ScheduleKeyDeletion", params{"KeyId": id, "PendingWindowInDays": 7})
			s.call("SetDeletionProtection", protect(resource, false))
			metadata := s.metadata(id)
			equal(metadata["DeletionProtection"], "Disabled", "DeletionProtection")
			empty(metadata, "DeletionProtectionDescription")
		})
	}
	s.check("SetDeletionProtection of a wrong resource is refused", func() {
		s.refused(404, "Forbidden.KeyNotFound", "SetDeletionProtection", protect(params{"KeyId": unknownKey}, true))
		s.refused(404, "Forbidden.KeyNotFound", "SetDeletionProtection", protect(params{"ProtectedResourceArn": s.arn("key/", unknownKey)}, true))
		s.refused(400, "InvalidParameter", "SetDeletionProtection", protect(params{"ProtectedResourceArn": "acs:kms:key"}, true))
		s.refused(403, "Forbidden.DKMSInstanceNotFound", "SetDeletionProtection", protect(params{"KmsInstanceId": "kst-hzz62d8f5e0sgtx8habcd"}, true))
		s.refused(400, "MissingParameter", "SetDeletionProtection", protect(nil, true))
		s.refused(400, "InvalidParameter", "SetDeletionProtection", protect(with(byID, byARN), true))
		s.refused(400, "MissingEnableDeletionProtection", "SetDeletionProtection", byARN)
	})
	s.check("SetDeletionProtection of a key that waits for deletion is refused", func() {
		s.call("ScheduleKeyDeletion", params{"KeyId": id, "PendingWindowInDays": 7})
		s.refused(409, "Rejected.PendingDeletion", "SetDeletionProtection", protect(byARN, true))
	})
}

func (s *suite) keyDescriptions() {
	key := params{"KeyId": s.keyID()}
	for what, text := range map[string]string{"with all sorts of characters": "é 密 🔑 a+b&c=d%20", "of 8192 characters": strings.Repeat("d", 8192)} {
		s.check("UpdateKeyDescription "+what, func() {
			s.call("UpdateKeyDescription", with(key, params{"Description": text}))
			equal(s.metadata(s.keyID())["Description"], text, "Description")
		})
	}
	s.check("UpdateKeyDescription with wrong parameters is refused", func() {
		s.refused(400, "InvalidParameter", "UpdateKeyDescription", with(key, params{"Description": strings.Repeat("d", 8193)}))
		s.refused(404, "Forbidden.KeyNotFound", "UpdateKeyDescription", params{"KeyId": unknownKey, "Description": "x"})
		s.refused(400, "Unsupported.Alias", "UpdateKeyDescription", params{"KeyId": s.alias, "Description": "x"})
		s.refused(400, "MissingDescription", "UpdateKeyDescription", key)
		s.refused(400, "MissingKeyId", "UpdateKeyDescription", params{"Description": "x"})
	})
}
