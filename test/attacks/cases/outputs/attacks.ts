/** Outputs that take each other's place, or the place of what is none of theirs. */
import { lchownSync, linkSync, mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import type { Attack, Made, Refused } from "../../attack.ts";
import { requireTool } from "../../../harness.ts";

const OTHER = 12_345;

function attack(
  name: string,
  outputs: readonly string[],
  ends: Made | Refused,
  make: Attack["make"] = () => {},
): Attack {
  return { name, make, image: `dsl.image({ name: "t", contents: dsl.text("/a", "it is new") })`, outputs, ends };
}

const twice: Refused = { code: "E_OUTPUT_INVALID", says: ["is the same place as"] };
const made: Made = { told: [], holds: "it is new" };

export const attacks: readonly Attack[] = [
  attack("two of one path", ["docker-archive:out.tar", "oci-archive:out.tar"], twice),
  attack("two of one path, said otherwise", ["docker-archive:out.tar", "rootfs:./x/../out.tar"], twice),
  attack(
    "two of one path, by a link to a folder",
    ["docker-archive:out.tar", "oci-archive:link/out.tar"],
    twice,
    (folder) => symlinkSync(".", join(folder, "link")),
  ),
  attack(
    "another user's link to a file of the host in its place",
    ["docker-archive:out.tar"],
    { code: "E_OUTPUT", says: ["is a link of another user's"] },
    (folder) => {
      if (process.getuid?.() !== 0) requireTool("root");
      symlinkSync("../secret", join(folder, "out.tar"));
      lchownSync(join(folder, "out.tar"), OTHER, OTHER);
    },
  ),
  attack("a hard link to a file of the host in its place", ["docker-archive:out.tar"], made, (folder) =>
    linkSync(join(folder, "../secret"), join(folder, "out.tar")),
  ),
  attack(
    "a folder in its place",
    ["docker-archive:out.tar"],
    { code: "E_OUTPUT", says: ["is there and is no file"] },
    (folder) => mkdirSync(join(folder, "out.tar")),
  ),
];
