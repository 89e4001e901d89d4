/** What archives, bases and scripts mention of the host's Nix store, and how long it takes to look for that. */
import { mkdirSync, writeFileSync, copyFileSync } from "node:fs";
import { join } from "node:path";
import type { Attack, Made } from "../../attack.ts";
import { writeBase } from "../../make/base.ts";
import { tarOf } from "../../make/tar.ts";

const HASH = "0123456789abcdfghijklmnpqrsvwxyz";
/** Of the store that every attack finds: in it lies what may not come into an image. */
const STORE_PATH = `store/${HASH}-secret`;

function attack(name: string, make: (folder: string) => void, image: string, told: Made["told"]): Attack {
  return {
    name,
    make(folder) {
      mkdirSync(join(folder, "..", STORE_PATH), { recursive: true });
      copyFileSync(join(folder, "../secret"), join(folder, "..", STORE_PATH, "secret"));
      make(folder);
    },
    image,
    env: { NIX_STORE_DIR: "ABOVE/store" },
    ends: { told },
  };
}

const LINK = tarOf({ name: "l", type: "2", link: `/x/${HASH}` });
const TOLD = [`${HASH}-secret`];

export const attacks: readonly Attack[] = [
  attack(
    "a link of an archive",
    (folder) => writeFileSync(join(folder, "input.tar"), LINK),
    `dsl.image({ name: "t", contents: dsl.archive("./input.tar") })`,
    TOLD,
  ),
  attack(
    "a link of an archive that a script copies",
    (folder) => writeFileSync(join(folder, "input.tar"), LINK),
    `dsl.buildLayeredImage({ name: "t", contents: dsl.archive("./input.tar"), extraCommands: "cp -P l m; readlink l > n" })`,
    TOLD,
  ),
  attack(
    "a link and the config of a base",
    (folder) => writeBase(join(folder, "base.tar"), [LINK], { config: { Env: [`A=/x/${HASH}`] } }),
    `dsl.image({ name: "t", from: "./base.tar", contents: dsl.text("/a", "a") })`,
    [],
  ),
  attack(
    "20 MB of a hash's digits, which a script makes",
    () => {},
    `dsl.buildLayeredImage({ name: "t", contents: [], extraCommands: "head -c 20000000 /dev/zero | tr '\\\\0' 0 > zeros" })`,
    [],
  ),
];
