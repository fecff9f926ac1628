package keystead.conformance.instance;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;

/** Runs checks one after the other; a failed check never stops the ones after it. */
final class Harness {
    interface Check {
        void run() throws Exception;
    }

    interface Call {
        Object run() throws Exception;
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
        boolean same =
                seen instanceof byte[] && expected instanceof byte[]
                        ? Arrays.equals((byte[]) seen, (byte[]) expected)
                        : Objects.equals(seen, expected);
        holds(same, what + " is " + seen + ", expected " + expected);
    }

    /** Says that the call was refused with this status and one of these codes, divided by |. */
    static void refused(int status, String codes, Call call) throws Exception {
        Object answer;
        try {
            answer = call.run();
        } catch (Refusal refusal) {
            holds(
                    refusal.status == status && Arrays.asList(codes.split("\\|")).contains(refusal.code),
                    "refused with " + refusal.getMessage() + ", expected " + status + " " + codes);
            return;
        }
        throw new AssertionError("accepted (" + answer + "), expected " + status + " " + codes);
    }
}
