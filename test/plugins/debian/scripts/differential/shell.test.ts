// @runtimes node
/** The shell itself on paper against dash and bash. */
import { suite } from "../../../../harness.ts";
import { assertSame } from "./harness.ts";

const test = suite("debian/scripts/differential/shell");

test("what a script prints, gives back and leaves behind is dash's", () => {
  assertSame(
    [
      { text: "echo hello; exit 3" },
      { text: "mkdir -m 750 /etc/d; echo x > /etc/d/f; ln -s f /etc/d/l; rm /etc/group" },
      { text: "cat /etc/x; false", files: { "etc/x": "text\n" } },
      { text: "set -e; x=$(false); echo never" },
    ],
    { refused: 0 },
  );
});

test.run();
