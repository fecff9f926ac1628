package keystead.conformance;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;

/** Runs checks one after the other; a failed check never stops the ones after it. */
final class Harness {
    interface Check {
        void run() throws Exception;
    }

    interface Call {
        Map<String, Object> run() throws Exception;
    }

    private final PrintStream out =
            new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
    private int passed;
    private int failed;

    boolean check(String name, Check check) {
        try {
            check.run();
        } catch (Exception | AssertionError fault) {
            failed++;
            String text = (fault.getClass().getSimpleName() + ": " + fault.getMessage()).replaceAll("\\s+", " ");
            out.println("FAIL " + name + ": " + text.substring(0, Math.min(600, text.length())));
            return false;
        }
        passed++;
        out.println("ok   " + name);
        return true;
    }

    /** Prints what is worth knowing and no fault of the server. */
    void note(String text) {
        out.println("note " + text);
    }

    int finish() {
        out.println(passed + " passed, " + failed + " failed");
        return failed == 0 && passed > 0 ? 0 : 1;
    }

    static void holds(boolean condition, String text) {
        if (!condition) {
            throw new AssertionError(text);
        }
    }

    static void equal(Object seen, Object expected, String what) {
        holds(Objects.equals(seen, expected), what + " is " + shown(seen) + ", expected " + shown(expected));
    }

    static void matches(Pattern form, Object text, String what) {
        holds(
                text instanceof String && form.matcher((String) text).matches(),
                what + " is " + shown(text) + ", expected the form " + form);
    }

    /** Says that the answer has none of these fields, or has them empty. */
    static void empty(Map<String, Object> answer, String... names) {
        for (String name : names) {
            Object seen = answer.get(name);
            holds(seen == null || seen.equals(""), name + " is " + shown(seen) + ", expected none");
        }
    }

    /** Says that the call was refused with exactly this status and code. */
    static Refusal refused(int status, String code, Call call) throws Exception {
        Map<String, Object> answer;
        try {
            answer = call.run();
        } catch (Refusal refusal) {
            holds(
                    refusal.status == status && refusal.code.equals(code),
                    "refused with " + refusal.getMessage() + ", expected " + status + " " + code);
            holds(!refusal.text.isEmpty(), "the error has no message");
            return refusal;
        }
        throw new AssertionError("accepted (" + shown(answer) + "), expected " + status + " " + code);
    }

    private static String shown(Object value) {
        String text = value + (value == null ? "" : " (" + value.getClass().getSimpleName() + ")");
        return text.length() > 250 ? text.substring(0, 250) + "…" : text;
    }
}
