package keystead.conformance;

import static keystead.conformance.Harness.empty;
import static keystead.conformance.Harness.equal;
import static keystead.conformance.Harness.holds;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Encryption, data keys and random passwords. */
abstract class CryptoChecks extends KeyChecks {
    static final String LOWER = "abcdefghijklmnopqrstuvwxyz";
    static final String DIGITS = "0123456789";
    static final String PUNCTUATION = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";

    CryptoChecks(Harness harness, KmsClient kms, ServerFacts facts, String tag) {
        super(harness, kms, facts, tag);
    }

    String roundTrip(String name, String text, Map<String, ?> context, Map<String, ?> readContext) throws Exception {
        Map<String, Object> encrypt = of("KeyId", name, "Plaintext", text);
        if (context != null) {
            encrypt.put("EncryptionContext", context);
        }
        Map<String, Object> sealed = call("Encrypt", encrypt);
        fields(sealed, of("KeyId", keyId, "KeyVersionId", key.get("PrimaryKeyVersion")));
        String head = new String(decode(sealed.get("CiphertextBlob")), 0, 36, StandardCharsets.US_ASCII);
        equal(head, sealed.get("KeyVersionId"), "version id at the head of the blob");
        Map<String, Object> decrypt = of("CiphertextBlob", sealed.get("CiphertextBlob"));
        if (readContext != null) {
            decrypt.put("EncryptionContext", readContext);
        }
        fields(call("Decrypt", decrypt), of("Plaintext", text, "KeyId", keyId, "KeyVersionId", key.get("PrimaryKeyVersion")));
        return (String) sealed.get("CiphertextBlob");
    }

    String roundTrip(String name, String text) throws Exception {
        return roundTrip(name, text, null, null);
    }

    void encryption() {
        Map<String, String> texts = new LinkedHashMap<>();
        texts.put("text that is no base64", "plaintext");
        texts.put("text beyond ASCII", "Grüße, 密钥 и ключ 🔑");
        texts.put("base64 text", everyByte());
        texts.put("text that URLs escape", " a+b*c~d/e=f&g%20h?i#j'k(l)!\"m\\n<>\t\r\n.");
        texts.put("one character", "x");
        texts.forEach((name, text) -> check("Encrypt and Decrypt " + name, () -> roundTrip(keyId, text)));
        check("Encrypt by alias names the real key", () -> roundTrip(alias, "by alias"));
        check("Encrypt by ARN names the real key", () -> roundTrip(arn("key/", keyId), "by ARN"));
        check("Encrypt by alias ARN names the real key", () -> roundTrip(arn("", alias), "by alias ARN"));
        check("Encrypt never gives the same blob twice", () ->
                holds(!roundTrip(keyId, "same").equals(roundTrip(keyId, "same")), "two encryptions gave one blob"));
        check("Encrypt of 6144 bytes", () -> roundTrip(keyId, "a".repeat(6144)));
        check("Encrypt of 6144 bytes in 2048 characters", () -> roundTrip(keyId, "密".repeat(2048)));
        refuses("Encrypt of 6145 bytes", 400, "InvalidParameter", "Encrypt", of("KeyId", keyId, "Plaintext", "a".repeat(6145)));
        refuses("Encrypt of 6145 bytes in 2049 characters", 400, "InvalidParameter", "Encrypt", of("KeyId", keyId, "Plaintext", "密".repeat(2048) + "a"));
        refuses("Encrypt with an unknown key", 404, "Forbidden.KeyNotFound", "Encrypt", of("KeyId", UNKNOWN_KEY, "Plaintext", "x"));
        for (int position : new int[] {-1, 36, 50}) {
            check("Decrypt of a blob with byte " + position + " changed is refused", () -> {
                byte[] blob = decode(roundTrip(keyId, "to be broken"));
                blob[Math.floorMod(position, blob.length)] ^= 1;
                decryptRefused(400, "InvalidParameter", blob);
            });
        }
        check("Decrypt of a blob that was cut off is refused", () ->
                decryptRefused(400, "InvalidParameter", Arrays.copyOf(decode(roundTrip(keyId, "to be cut")), 48)));
        refuses("Decrypt of what is no base64", 400, "InvalidParameter", "Decrypt", of("CiphertextBlob", "!no base64!"));
        check("Decrypt of a blob of an unknown key is refused", () -> {
            byte[] blob = Arrays.copyOf("00000000-0000-4000-8000-000000000000".getBytes(StandardCharsets.US_ASCII), 96);
            decryptRefused(404, "Forbidden.KeyNotFound", blob);
        });
    }

    void decryptRefused(int status, String code, byte[] blob) throws Exception {
        refusedNow(status, code, "Decrypt", of("CiphertextBlob", Base64.getEncoder().encodeToString(blob)));
    }

    void contexts() {
        Map<String, Object> context = of("purpose", "backup", "owner", "Jürgen & 密", "zone", "a+b=c");
        Map<String, Object> otherOrder = of("zone", "a+b=c", "owner", "Jürgen & 密", "purpose", "backup");
        check("EncryptionContext is bound and can be given again", () -> roundTrip(keyId, "x", context, context));
        check("EncryptionContext may be given in another order", () -> roundTrip(keyId, "x", context, otherOrder));
        Object[] sealed = {null};
        check("Encrypt with EncryptionContext", () -> sealed[0] =
                call("Encrypt", of("KeyId", keyId, "Plaintext", "x", "EncryptionContext", context)).get("CiphertextBlob"));
        of(
                "another value", with(context, "purpose", "restore"),
                "a pair missing", of("purpose", "backup"),
                "a pair more", with(context, "more", "1"))
                .forEach((name, pairs) -> refuses("Decrypt with an EncryptionContext with " + name, 400, "InvalidParameter", "Decrypt",
                        of("CiphertextBlob", sealed[0], "EncryptionContext", pairs)));
        refuses("Decrypt without the EncryptionContext", 400, "InvalidParameter", "Decrypt", of("CiphertextBlob", sealed[0]));
        check("Decrypt with an EncryptionContext that Encrypt did not have is refused", () -> {
            String blob = roundTrip(keyId, "x");
            refusedNow(400, "InvalidParameter", "Decrypt", of("CiphertextBlob", blob, "EncryptionContext", context));
        });
        of("a number", 1, "a list", List.of("b"), "a nested object", of("b", "c"))
                .forEach((name, value) -> refuses("Encrypt with " + name + " in the EncryptionContext", 400, "InvalidParameter", "Encrypt",
                        of("KeyId", keyId, "Plaintext", "x", "EncryptionContext", of("a", value))));
    }

    void dataKeys() {
        for (String action : List.of("GenerateDataKey", "GenerateDataKeyWithoutPlaintext")) {
            check(action + ", default", () -> generated(action, keyId, of(), 32));
            check(action + ", AES_256", () -> generated(action, keyId, of("KeySpec", "AES_256"), 32));
            check(action + ", AES_128", () -> generated(action, keyId, of("KeySpec", "AES_128"), 16));
            check(action + ", 1 byte", () -> generated(action, keyId, of("NumberOfBytes", 1), 1));
            check(action + ", 1024 bytes", () -> generated(action, keyId, of("NumberOfBytes", 1024), 1024));
            check(action + ", 24 bytes before AES_128", () -> generated(action, keyId, of("NumberOfBytes", 24, "KeySpec", "AES_128"), 24));
            check(action + ", with EncryptionContext", () -> generated(action, keyId, of("EncryptionContext", of("a", "b")), 32));
            check(action + " by alias", () -> generated(action, alias, of(), 32));
            check(action + " by ARN", () -> generated(action, arn("key/", keyId), of(), 32));
            refuses(action + " with 1025 bytes", 400, "InvalidParameter", action, of("KeyId", keyId, "NumberOfBytes", 1025));
            refuses(action + " with an unknown KeySpec", 400, "InvalidParameter", action, of("KeyId", keyId, "KeySpec", "AES_512"));
            refuses(action + " with an unknown key", 404, "Forbidden.KeyNotFound", action, of("KeyId", UNKNOWN_KEY));
        }
        check("GenerateDataKey never gives the same key twice", () -> holds(
                !generated("GenerateDataKey", keyId, of(), 32).equals(generated("GenerateDataKey", keyId, of(), 32)),
                "the same key twice"));
    }

    Object generated(String action, String name, Map<String, Object> parameters, int size) throws Exception {
        Map<String, Object> answer = call(action, with(parameters, "KeyId", name));
        fields(answer, of("KeyId", keyId, "KeyVersionId", key.get("PrimaryKeyVersion")));
        Map<String, Object> decrypt = of("CiphertextBlob", answer.get("CiphertextBlob"));
        if (parameters.containsKey("EncryptionContext")) {
            decrypt.put("EncryptionContext", parameters.get("EncryptionContext"));
        }
        Object opened = call("Decrypt", decrypt).get("Plaintext");
        equal(decode(opened).length, size, "number of bytes");
        if (action.equals("GenerateDataKey")) {
            equal(answer.get("Plaintext"), opened, "Plaintext");
        } else {
            empty(answer, "Plaintext");
        }
        return opened;
    }

    void passwords() {
        Map<String, Object> classes = of(
                "ExcludeLowercase", LOWER,
                "ExcludeUppercase", LOWER.toUpperCase(),
                "ExcludeNumbers", DIGITS,
                "ExcludePunctuation", PUNCTUATION);
        check("GetRandomPassword: 32 characters of all classes", () -> password(32, of(), "", classes));
        for (int length : new int[] {8, 64, 128}) {
            check("GetRandomPassword of " + length + " characters", () -> password(length, of("PasswordLength", "" + length), "", classes));
        }
        for (String length : List.of("7", "129", "long")) {
            refuses("GetRandomPassword of " + length + " characters", 400, "InvalidParameter", "GetRandomPassword", of("PasswordLength", length));
        }
        Map<String, Object> none = of();
        classes.forEach((parameter, members) -> {
            none.put(parameter, "true");
            check("GetRandomPassword with " + parameter, () -> password(32, of(parameter, "true"), (String) members, of()));
        });
        refuses("GetRandomPassword without any class", 400, "InvalidParameter", "GetRandomPassword", none);
        String unwanted = "aeiouAEIOU013579+&=%#\"'\\~";
        check("GetRandomPassword with ExcludeCharacters", () ->
                password(128, of("PasswordLength", "128", "ExcludeCharacters", unwanted), unwanted, of()));
        check("GetRandomPassword with RequireEachIncludedType", () ->
                password(8, of("PasswordLength", "8", "RequireEachIncludedType", "true"), "", classes));
        check("GetRandomPassword never gives the same password twice", () ->
                holds(!password(32, of(), "", of()).equals(password(32, of(), "", of())), "the same password twice"));
    }

    String password(int length, Map<String, Object> parameters, String absent, Map<String, Object> required)
            throws Exception {
        String text = (String) call("GetRandomPassword", parameters).get("RandomPassword");
        equal(text.length(), length, "length");
        holds(any(text, LOWER + LOWER.toUpperCase() + DIGITS + PUNCTUATION) == length, "a character outside the four classes");
        holds(any(text, absent) == 0, "an excluded character");
        required.values().forEach(members -> holds(any(text, (String) members) > 0, "no character of " + members));
        return text;
    }

    static long any(String text, String members) {
        return text.chars().filter(character -> members.indexOf(character) >= 0).count();
    }
}
