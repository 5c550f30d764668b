import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** As much JSON as a job has; the JDK has none. Whole numbers are {@code BigInteger}, others {@code Double}. */
final class Json {
    private static final int DEEPEST = 32; // A job is nested two deep.

    private final String text;
    private int at;

    private Json(String text) {
        this.text = text;
    }

    /** The value of a text; throws {@code IllegalArgumentException} where it is not one JSON value. */
    static Object read(String text) {
        Json reader = new Json(text);
        Object value = reader.value(0);
        if (reader.peek() != 0) {
            throw reader.wrong();
        }
        return value;
    }

    static String quote(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        for (char c : text.toCharArray()) {
            if (c == '"' || c == '\\') {
                quoted.append('\\').append(c);
            } else if (c < ' ') {
                quoted.append(String.format("\\u%04x", (int) c));
            } else {
                quoted.append(c);
            }
        }
        return quoted.append('"').toString();
    }

    private IllegalArgumentException wrong() {
        return new IllegalArgumentException("not JSON from character " + at + " on");
    }

    /** The next character that is no space; 0 at the end. */
    private char peek() {
        while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
        return at < text.length() ? text.charAt(at) : 0;
    }

    private boolean skip(char c) {
        boolean next = peek() == c;
        at += next ? 1 : 0;
        return next;
    }

    private void expect(char c) {
        if (!skip(c)) {
            throw wrong();
        }
    }

    private Object value(int depth) {
        if (depth > DEEPEST) {
            throw wrong();
        }
        switch (peek()) {
            case '{': return object(depth);
            case '[': return array(depth);
            case '"': return string();
            case 't': return word("true", true);
            case 'f': return word("false", false);
            case 'n': return word("null", null);
            default: return number();
        }
    }

    private Map<String, Object> object(int depth) {
        Map<String, Object> object = new LinkedHashMap<>();
        expect('{');
        if (skip('}')) {
            return object;
        }
        do {
            peek();
            String name = string();
            expect(':');
            object.put(name, value(depth + 1));
        } while (skip(','));
        expect('}');
        return object;
    }

    private List<Object> array(int depth) {
        List<Object> array = new ArrayList<>();
        expect('[');
        if (skip(']')) {
            return array;
        }
        do {
            array.add(value(depth + 1));
        } while (skip(','));
        expect(']');
        return array;
    }

    private String string() {
        StringBuilder string = new StringBuilder();
        expect('"');
        while (at < text.length()) {
            char c = text.charAt(at++);
            if (c == '"') {
                return string.toString();
            }
            string.append(c == '\\' ? escaped() : c);
        }
        throw wrong();
    }

    private char escaped() {
        char c = at < text.length() ? text.charAt(at++) : 0;
        int plain = "\"\\/bfnrt".indexOf(c);
        if (c == 'u' && at + 4 <= text.length()) {
            at += 4;
            return (char) Integer.parseInt(text.substring(at - 4, at), 16);
        }
        if (c == 0 || plain < 0) {
            throw wrong();
        }
        return "\"\\/\b\f\n\r\t".charAt(plain);
    }

    private Object word(String word, Object value) {
        if (!text.startsWith(word, at)) {
            throw wrong();
        }
        at += word.length();
        return value;
    }

    private Number number() {
        int from = at;
        while (at < text.length() && "+-.eE0123456789".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
        String digits = text.substring(from, at);
        return digits.matches("-?\\d+") ? new BigInteger(digits) : (Number) Double.valueOf(digits);
    }
}
