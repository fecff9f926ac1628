package keystead.conformance;

import com.aliyun.kms20160120.Client;
import com.aliyun.tea.NameInMap;
import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Every operation of the API, and what was seen of each. */
final class Catalogue {
    private static final String SUFFIX = "WithOptions";

    /** A row of the page that lists all operations. Other products than KMS have their pages in folders. */
    private static final Pattern ROW = Pattern.compile("(?m)^\\| \\[(\\w+)\\]\\(\\w+\\.md\\)");
    /** Operations on instances, applications and the account, which the walk leaves out, and what looks like one of them. */
    private static final Pattern OTHER = Pattern.compile("Kms|ApplicationAccessPoint|ClientKey|NetworkRule|Polic(y|ies)$");
    private static final Pattern OWN_POLICY = Pattern.compile("(Key|Secret|Rotation)Policy$");

    private final Set<String> operations;
    private final Set<String> answered = new TreeSet<>();
    private final Set<String> refused = new TreeSet<>();
    private final Set<String> lackedParameters = new TreeSet<>();

    Catalogue(Path page) throws IOException {
        operations = ROW.matcher(Files.readString(page)).results()
                .map(row -> row.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
        if (operations.isEmpty()) {
            throw new IOException(page + " lists no operation");
        }
    }

    void answered(String action) {
        answered.add(action);
    }

    void refused(String action) {
        refused.add(action);
    }

    /** The SDK's own method of an operation, or null. */
    static Method typedMethod(String action) {
        String name = Character.toLowerCase(action.charAt(0)) + action.substring(1) + SUFFIX;
        return Arrays.stream(Client.class.getMethods()).filter(method -> method.getName().equals(name)).findFirst().orElse(null);
    }

    /** Whether the SDK's request type has no field for one of the parameters. */
    boolean lacks(String action, Method method, Map<String, ?> parameters) {
        Set<String> known = new TreeSet<>();
        if (method.getParameterCount() == 2) {
            for (Field field : method.getParameterTypes()[0].getFields()) {
                NameInMap name = field.getAnnotation(NameInMap.class);
                known.add(name == null ? field.getName() : name.value());
            }
        }
        List<String> lacking = parameters.keySet().stream().filter(name -> !known.contains(name)).collect(Collectors.toList());
        lacking.forEach(name -> lackedParameters.add(action + "." + name));
        return !lacking.isEmpty();
    }

    /** The operations that the SDK still has and the API no longer lists. */
    Set<String> beyond() {
        return Arrays.stream(Client.class.getMethods())
                .map(Method::getName)
                .filter(name -> name.endsWith(SUFFIX))
                .map(name -> Character.toUpperCase(name.charAt(0)) + name.substring(1, name.length() - SUFFIX.length()))
                .filter(name -> !operations.contains(name))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** What the SDK has and lacks; none of it is a fault of the server. */
    List<String> notes() {
        List<String> missing = operations.stream().filter(name -> typedMethod(name) == null).collect(Collectors.toList());
        Set<String> beyond = beyond();
        return List.of(
                "the SDK lacks " + missing.size() + " of " + operations.size()
                        + " operations; where they are built, its general call reached them: " + String.join(" ", missing),
                "the SDK lacks these parameters; its general call carried them: " + String.join(" ", lackedParameters),
                "the SDK has " + beyond.size() + " operations beyond the catalogue: " + String.join(" ", beyond));
    }

    /**
     * Says that every operation on keys and secrets both answered and refused. DescribeRegions has no parameters and so
     * cannot be called wrongly; GetChallenge is refused for good.
     */
    void complete() {
        List<String> untried = operations.stream()
                .filter(name -> !OTHER.matcher(name).find() || OWN_POLICY.matcher(name).find())
                .filter(name -> !answered.contains(name) && !name.equals("GetChallenge")
                        || !refused.contains(name) && !name.equals("DescribeRegions"))
                .collect(Collectors.toList());
        Harness.holds(untried.isEmpty(), "not both answered and refused: " + String.join(" ", untried));
    }
}
