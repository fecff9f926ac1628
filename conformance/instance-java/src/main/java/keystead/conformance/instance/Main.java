package keystead.conformance.instance;

import java.nio.file.Path;

/** Runs the official Java SDK of KMS instances against a started server: Main READY_FILE */
public final class Main {
    /** Makes this program call once under another authority, in a process of its own: the SDK keeps one trust for an
     * endpoint and process. */
    static final String WRONG_AUTHORITY = "--wrong-authority";

    private Main() {}

    public static void main(String[] arguments) throws Exception {
        Path readyFile = Path.of(arguments[0]);
        if (arguments.length == 2 && arguments[1].equals(WRONG_AUTHORITY)) {
            RefusalChecks.callUnderWrongAuthority(new World(readyFile));
            return;
        }
        Harness harness = new Harness();
        World[] world = new World[1];
        boolean made =
                harness.check(
                        "an instance is set up through the OpenAPI",
                        () -> {
                            world[0] = new World(readyFile);
                            world[0].fill();
                        });
        if (made) {
            new InstanceChecks(harness, world[0], readyFile).run();
        }
        System.exit(harness.finish());
    }
}
