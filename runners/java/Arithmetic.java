import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/** What a task computes: the arithmetic of /crates/protocol/src/proof.rs. Longs wrap, as its numbers do. */
final class Arithmetic {
    static final int BLOCK_BYTES = 4096;
    static final int SKYNET_FAN_OUT = 10;

    private Arithmetic() {}

    /** SplitMix64 (Steele, Lea and Flood, 2014): the output for state {@code x}. */
    static long splitmix64(long x) {
        long z = x + 0x9e3779b97f4a7c15L;
        z = (z ^ z >>> 30) * 0xbf58476d1ce4e5b9L;
        z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
        return z ^ z >>> 31;
    }

    /** What a task of cpu returns: so many steps of a kernel on its token. */
    static long compute(long kernel, long steps, long token) {
        if (kernel == Job.SHA256) {
            return hash(steps, token);
        }
        long x = token;
        for (long step = 0; step < steps; step++) {
            x = splitmix64(x);
        }
        return x;
    }

    /** Hashes a message of 64 bytes a step, which are eight times the token. */
    private static long hash(long steps, long token) {
        ByteBuffer step = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN);
        while (step.hasRemaining()) {
            step.putLong(token);
        }
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (long done = 0; done < steps; done++) {
                digest.update(step.array());
            }
            return ByteBuffer.wrap(digest.digest()).order(ByteOrder.LITTLE_ENDIAN).getLong();
        } catch (NoSuchAlgorithmException error) {
            throw new AssertionError("every JDK has SHA-256", error);
        }
    }

    /** Where in the file the block begins that a task reads as its {@code read}th. */
    static long blockOffset(long token, long read, long blocks) {
        return Long.remainderUnsigned(splitmix64(splitmix64(token) + read), blocks) * BLOCK_BYTES;
    }

    /** Wrapping sum of the little-endian words of a block. */
    static long blockSum(ByteBuffer block) {
        long sum = 0;
        for (int word = 0; word < BLOCK_BYTES; word += Long.BYTES) {
            sum += block.getLong(word);
        }
        return sum;
    }

    /** The leaves of the children of a node of skynet, as even as can be. */
    static int[] skynetShares(int leaves) {
        int[] shares = new int[Math.min(leaves, SKYNET_FAN_OUT)];
        Arrays.fill(shares, leaves / shares.length);
        for (int child = 0; child < leaves % shares.length; child++) {
            shares[child]++;
        }
        return shares;
    }

    static long skynetNodes(long leaves) {
        if (leaves == 1) {
            return 1;
        }
        long children = Math.min(leaves, SKYNET_FAN_OUT);
        long larger = leaves % children;
        long nodes = 1 + (children - larger) * skynetNodes(leaves / children);
        return larger == 0 ? nodes : nodes + larger * skynetNodes(leaves / children + 1);
    }
}
