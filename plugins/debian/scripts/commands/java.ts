/** java, for what ca-certificates-java asks of it. */
import { DISCARD } from "../shell/state.ts";
import type { CommandTable } from "../world.ts";

const MAKES_TRUST_STORE =
  /^(-Xmx\d+m )?-jar \/usr\/share\/ca-certificates-java\/ca-certificates-java\.jar -storepass changeit$/;

export const JAVA_COMMANDS: CommandTable = {
  java(invocation) {
    const { args, shell, world } = invocation;
    // It runs. What it says of itself goes to stderr, and is not known.
    if (args.join(" ") === "-version" && shell.outputs.get(2) === DISCARD) return 0;
    if (!MAKES_TRUST_STORE.test(args.join(" "))) return invocation.refuse("java with such arguments");
    world.note("left-out", "ca-certificates-java: Java's store of certificates is written once for the whole image");
    return 0;
  },
};
