/** What has no end that anybody would wait for: Ctrl-C ends it. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Attack } from "../../attack.ts";

/** A sparse file of 200 GB takes no time to make, and minutes to read back. */
const SPARSE = "truncate -s 200G";

/** `path`, of the work folder of the script, shows that it is under way. */
function attack(name: string, image: string, path: string): Attack {
  const isUnderWay = (work: string): boolean =>
    existsSync(work) && readdirSync(work).some((each) => existsSync(join(work, each, path)));
  return { name, make() {}, image, ends: { isUnderWay } };
}

const script = (option: string, text: string): string =>
  `dsl.buildLayeredImage({ name: "t", contents: dsl.text("/a", "a"), ${option}: ${JSON.stringify(text)} })`;
const step = (text: string): string => `dsl.image({ name: "t", contents: dsl.step({ run: ${JSON.stringify(text)} }) })`;

export const attacks: readonly Attack[] = [
  attack("200 GB that extraCommands makes", script("extraCommands", `${SPARSE} b`), "root/b"),
  attack("200 GB that fakeRootCommands makes", script("fakeRootCommands", `${SPARSE} b`), "root/b"),
  attack("200 GB that a step makes", step(`${SPARSE} $out/b`), "root/b"),
  attack(
    "a script that heeds no signal",
    script("extraCommands", "trap '' INT TERM; > b; while :; do sleep 1; done"),
    "root/b",
  ),
  attack("a step that heeds no signal", step("trap '' INT TERM; > $out/b; while :; do sleep 1; done"), "root/b"),
  attack(
    "a script that starts processes without end",
    script("extraCommands", "> b; while :; do sleep 5 & done"),
    "root/b",
  ),
];
