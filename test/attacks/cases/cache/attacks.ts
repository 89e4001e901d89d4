/** A cache that once was open to others, who put files there with seals that fit. Needs root, to be somebody else. */
import { chmodSync, chownSync, lstatSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Attack, Made, Refused } from "../../attack.ts";
import { seal } from "../../make/planted.ts";
import { tarOf } from "../../make/tar.ts";
import { cli } from "../../../e2e/support.ts";
import { requireTool } from "../../../harness.ts";

const OTHER = 12_345;
const IMAGE = `dsl.image({ name: "t", contents: dsl.archive("./input.tar.gz") })`;
const RIGHT = tarOf({ name: "f", body: "it is the owner's" });
const PLANTED = tarOf({ name: "f", body: "it is another's!!" });

/** The cache is filled by an honest build. `plant` is given the folder of kind `archives` and the one archive in it. */
function attack(name: string, plant: (folder: string, file: string) => void, ends: Made | Refused): Attack {
  return {
    name,
    make(project) {
      if (process.getuid?.() !== 0) requireTool("root");
      writeFileSync(join(project, "input.tar.gz"), gzipSync(RIGHT));
      writeFileSync(join(project, "first.mjs"), `import * as dsl from "image-dsl";\nexport default ${IMAGE};\n`);
      const cache = join(project, "../cache");
      const options = { cwd: project, env: { IMAGE_DSL_CACHE: cache } };
      cli(["build", "--config", "first.mjs", "-o", "docker-archive:first.tar"], options);
      const folder = join(cache, "archives");
      const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).map((each) => join(folder, each));
      plant(
        folder,
        files.find((file) => file.endsWith(".tar"))!,
      );
    },
    image: IMAGE,
    ends,
  };
}

const told: Made = { told: ["is another user's, or others may write to it"], holds: "it is the owner's" };

export const attacks: readonly Attack[] = [
  attack(
    "another user's archive, with a seal that fits",
    (_, file) => {
      writeFileSync(file, PLANTED);
      chownSync(file, OTHER, OTHER);
      seal(file, PLANTED);
      chownSync(`${file}.seal`, OTHER, OTHER);
    },
    told,
  ),
  attack(
    "one's own archive, which others may write to",
    (_, file) => {
      writeFileSync(file, PLANTED);
      chmodSync(file, 0o666);
      seal(file, PLANTED);
    },
    told,
  ),
  attack(
    "a link to another user's archive",
    (folder, file) => {
      const elsewhere = join(folder, "../../elsewhere.tar");
      writeFileSync(elsewhere, PLANTED);
      rmSync(file);
      symlinkSync(elsewhere, file);
      seal(elsewhere, PLANTED);
      rmSync(`${file}.seal`);
      symlinkSync(`${elsewhere}.seal`, `${file}.seal`);
    },
    { told: [], holds: "it is the owner's" },
  ),
  attack("a folder of another user's", (folder) => chownSync(folder, OTHER, OTHER), {
    code: "E_STORE",
    says: ["archives in the cache belongs to another user", "→ Remove it"],
  }),
  attack("a folder that others may write to", (folder) => chmodSync(folder, lstatSync(folder).mode | 0o022), {
    code: "E_STORE",
    says: ["archives in the cache is open to others"],
  }),
];
