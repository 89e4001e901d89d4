/** `.dockerignore` and `.gitignore` of a folder that somebody else filled: patterns that are long, many, or meant to be held against each other. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Attack, Made, Refused } from "../../attack.ts";

function attack(name: string, kind: "docker" | "git", text: string, ends: Made | Refused = { told: [] }): Attack {
  return {
    name,
    make(folder) {
      mkdirSync(join(folder, "src"));
      writeFileSync(join(folder, `src/.${kind}ignore`), text);
      for (let index = 0; index < 100; index++) writeFileSync(join(folder, `src/${"a".repeat(100 + index)}`), "");
    },
    image: `dsl.image({ name: "t", contents: dsl.files("src", { ignore: "${kind}" }) })`,
    ends,
  };
}

const many = Array.from({ length: 100_000 }, (_, line) => `*${line}*x\n`).join("");
const tooMany: Refused = { code: "E_FILES", says: ["has more than 10000 lines (--limit ignore.lines="] };
const tooLong: Refused = { code: "E_FILES", says: ["is longer than any path"] };

export const attacks: readonly Attack[] = [
  // Found by the fuzzer: each brace was held against all that stands behind it.
  attack("20,000 braces in a line, for Docker", "docker", `*${"{b/".repeat(20_000)}\n`, tooLong),
  attack("20,000 braces in a line, for git", "git", `*${"{b/".repeat(20_000)}\n`, tooLong),
  attack("2,000 stars in a line, for Docker", "docker", `${"*a".repeat(2000)}b\n`),
  attack("2,000 stars in a line, for git", "git", `${"*a".repeat(2000)}b\n`),
  attack("100,000 lines, for Docker", "docker", many, tooMany),
  attack("100,000 lines, for git", "git", many, tooMany),
  attack("half a million spaces within a line, for Docker", "docker", `a${" ".repeat(500_000)}b\n`, tooLong),
  attack("a class of a million characters", "docker", `[${"ab".repeat(500_000)}]*\n`),
];
