/** Paths beyond what Linux takes (PATH_MAX, NAME_MAX), by every way in which a tar can say them. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ErrorCode } from "../../../../core/index.ts";
import type { Attack } from "../../attack.ts";
import { pax, tarOf } from "../../make/tar.ts";

function attack(
  name: string,
  tar: () => Buffer,
  says: readonly (string | RegExp)[],
  code: ErrorCode = "E_PATH_INVALID",
): Attack {
  return {
    name,
    make: (folder) => writeFileSync(join(folder, "input.tar"), tar()),
    image: `dsl.image({ name: "t", contents: dsl.archive("./input.tar") })`,
    ends: { code, says: ["./input.tar: ", ...says] },
  };
}

const long = `${"a/".repeat(100_000)}f`;
const name = "n".repeat(300);

export const attacks: readonly Attack[] = [
  attack("100,000 folders deep, in pax", () => tarOf(pax({ path: long }), { name: "a" }), [
    /has 200001 bytes; Linux takes 4094/,
  ]),
  attack(
    "100,000 folders deep, in GNU's way",
    () => tarOf({ name: "././@LongLink", type: "L", body: `${long}\0` }, { name: "a" }),
    [/has 200001 bytes/],
  ),
  attack("8,000 folders deep", () => tarOf(pax({ path: `${"a/".repeat(8000)}f` }), { name: "a" }), [/has 16001 bytes/]),
  attack("a name of 300 bytes", () => tarOf(pax({ path: `d/${name}` }), { name: "a" }), [/300 bytes; Linux takes 255/]),
  attack(
    "a symlink to 100,000 folders",
    () => tarOf(pax({ linkpath: long }), { name: "a", type: "2" }),
    [/200001 bytes/],
    "E_TREE_INVALID",
  ),
  attack("a hard link to 100,000 folders", () => tarOf(pax({ linkpath: long }), { name: "a", type: "1" }), [
    /200001 bytes/,
  ]),
];
