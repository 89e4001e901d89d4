/** `image.lock.json` by somebody else: it is read before anything is built. */
import { closeSync, ftruncateSync, mkdirSync, openSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Attack } from "../../attack.ts";

const HINT = "restore it from version control";

function attack(name: string, make: (file: string) => void, says: readonly (string | RegExp)[] = [HINT]): Attack {
  return {
    name,
    make: (folder) => make(join(folder, "image.lock.json")),
    image: `dsl.image({ name: "t", contents: dsl.debian({ suite: "bookworm", packages: ["base-files"] }) })`,
    ends: { code: "E_LOCK_INVALID", says: ["image.lock.json", ...says] },
  };
}

const text = (content: string) => (file: string) => writeFileSync(file, content);

export const attacks: readonly Attack[] = [
  attack("nested 100,000 deep", text(`{"lockVersion":1,"entries":${"[".repeat(100_000)}${"]".repeat(100_000)}}`)),
  attack(
    "300 MB of blanks",
    (file) => {
      const descriptor = openSync(file, "w");
      ftruncateSync(descriptor, 300_000_000);
      closeSync(descriptor);
    },
    [/larger|bytes/],
  ),
  attack("a folder in its place", (file) => mkdirSync(file), [/folder|directory|regular/]),
  attack("a link to a file of the host", (file) => symlinkSync("../secret", file)),
  attack("a million entries", text(`{"lockVersion":1,"entries":[${"0,".repeat(1_000_000)}0]}`)),
  attack("20 million objects in 60 MB", text(`{"lockVersion":1,"entries":{},"x":[${"{},".repeat(20_000_000)}0]}`), [
    "json.values",
  ]),
  attack("a number in place of all of it", text("1e999")),
];
