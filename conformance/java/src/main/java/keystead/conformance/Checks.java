package keystead.conformance;

import static keystead.conformance.Harness.equal;
import static keystead.conformance.Harness.holds;
import static keystead.conformance.Harness.matches;
import static keystead.conformance.Harness.refused;

import java.security.SecureRandom;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import keystead.conformance.KmsClient.Overrides;

/** What the checks of every area share. Names of parameters and fields are those of the wire. */
abstract class Checks {
    static final Pattern REQUEST_ID = Pattern.compile("[0-9A-Fa-f]{8}-([0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}");
    static final Pattern TIME = Pattern.compile("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ");
    static final String UNKNOWN_KEY = "key-hzz00000000aaaaaaaaaa";

    final Harness harness;
    final KmsClient kms;
    final ServerFacts facts;
    final String tag;
    final String id;
    Map<String, Object> key;
    String keyId;
    String alias;
    String secret;
    String initial;

    Checks(Harness harness, KmsClient kms, ServerFacts facts, String tag) {
        this.harness = harness;
        this.kms = kms;
        this.facts = facts;
        this.tag = tag;
        this.id = tag.toLowerCase().replaceAll("[^a-z0-9]+", "-") + "-" + hex(4);
    }

    static Map<String, Object> answered(Map<String, Object> answer) {
        matches(REQUEST_ID, answer.get("RequestId"), "RequestId");
        return answer;
    }

    boolean check(String name, Harness.Check check) {
        return harness.check(tag + ": " + name, check);
    }

    Map<String, Object> call(String action, Map<String, Object> parameters) throws Exception {
        return answered(kms.call(action, parameters, Overrides.NONE));
    }

    void refusedNow(int status, String code, String action, Map<String, Object> parameters) throws Exception {
        refused(status, code, () -> kms.call(action, parameters, Overrides.NONE));
    }

    void refuses(String name, int status, String code, String action, Map<String, Object> parameters) {
        check(name + " is refused", () -> refusedNow(status, code, action, parameters));
    }

    Map<String, Object> newKey(Map<String, Object> parameters) throws Exception {
        return map(call("CreateKey", parameters).get("KeyMetadata"));
    }

    String arn(String kind, String name) {
        return "acs:kms:" + facts.region + ":" + facts.account + ":" + kind + name;
    }

    static void fields(Map<String, Object> answer, Map<String, Object> expected) {
        expected.forEach((name, value) -> equal(answer.get(name), value, name));
    }

    /** A map of names and values in turn. */
    static Map<String, Object> of(Object... pairs) {
        return with(Map.of(), pairs);
    }

    static Map<String, Object> with(Map<String, Object> base, Object... pairs) {
        Map<String, Object> all = new LinkedHashMap<>(base);
        for (int i = 0; i < pairs.length; i += 2) {
            all.put((String) pairs[i], pairs[i + 1]);
        }
        return all;
    }

    static Map<String, Object> with(Map<String, Object> base, Map<String, Object> more) {
        Map<String, Object> all = new LinkedHashMap<>(base);
        all.putAll(more);
        return all;
    }

    static Map<String, Object> without(Map<String, Object> base, String name) {
        Map<String, Object> rest = new LinkedHashMap<>(base);
        rest.remove(name);
        return rest;
    }

    @SuppressWarnings("unchecked")
    static Map<String, Object> map(Object value) {
        holds(value instanceof Map, "no object: " + value);
        return (Map<String, Object>) value;
    }

    @SuppressWarnings("unchecked")
    static List<Map<String, Object>> list(Map<String, Object> answer, String outer, String inner) {
        Object entries = map(answer.get(outer)).get(inner);
        holds(entries instanceof List, "no list " + outer + "." + inner);
        return (List<Map<String, Object>>) entries;
    }

    static byte[] decode(Object text) {
        return Base64.getDecoder().decode((String) text);
    }

    static String encode(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    static byte[] random(int size) {
        byte[] bytes = new byte[size];
        new SecureRandom().nextBytes(bytes);
        return bytes;
    }

    /** A copy with one bit changed in its middle. */
    static byte[] broken(byte[] bytes) {
        byte[] copy = bytes.clone();
        copy[copy.length / 2] ^= 1;
        return copy;
    }

    static String everyByte() {
        byte[] bytes = new byte[256];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) i;
        }
        return Base64.getEncoder().encodeToString(bytes);
    }

    static String hex(int size) {
        byte[] bytes = random(size);
        StringBuilder text = new StringBuilder();
        for (byte each : bytes) {
            text.append(String.format("%02x", each));
        }
        return text.toString();
    }

    static String stamp(int minutes) {
        return Instant.now().plus(minutes, ChronoUnit.MINUTES).truncatedTo(ChronoUnit.SECONDS).toString();
    }

    static List<String> names(IntFunction<String> name) {
        return IntStream.range(0, 11).mapToObj(name).collect(Collectors.toCollection(ArrayList::new));
    }

    interface Make {
        void one(int number) throws Exception;
    }

    /** Makes eleven things, then walks a list operation: its defaults, its pages and its counts. */
    Map<String, Map<String, Object>> pages(String action, String outer, String inner, String name, Make make)
            throws Exception {
        int before = (Integer) call(action, of("PageSize", 1)).get("TotalCount");
        for (int number = 0; number < 11; number++) {
            make.one(number);
        }
        int total = before + 11;
        Map<String, Object> first = call(action, of());
        fields(first, of("PageNumber", 1, "PageSize", 10, "TotalCount", total));
        equal(list(first, outer, inner).size(), 10, "number of entries");
        Map<String, Map<String, Object>> found = new HashMap<>();
        int count = 0;
        for (int number = 1; number <= (total + 6) / 7; number++) {
            Map<String, Object> page = call(action, of("PageNumber", number, "PageSize", 7));
            fields(page, of("PageNumber", number, "PageSize", 7, "TotalCount", total));
            for (Map<String, Object> entry : list(page, outer, inner)) {
                found.put((String) entry.get(name), entry);
                count++;
            }
        }
        equal(count, total, "number of entries over all pages");
        equal(found.size(), total, "number of different entries");
        Map<String, Object> beyond = call(action, of("PageNumber", 99, "PageSize", 100));
        fields(beyond, of("TotalCount", total));
        equal(list(beyond, outer, inner).size(), 0, "number of entries beyond the last page");
        return found;
    }
}
