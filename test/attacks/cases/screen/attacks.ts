/** What a terminal would obey, in whatever is told: the escapes of ECMA-48, and controls that turn the direction of text (Unicode, UAX 9). */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Attack, Made, Refused } from "../../attack.ts";
import { writeBase } from "../../make/base.ts";
import { pax, tarOf, type RawMember } from "../../make/tar.ts";

const ESC = "\u001b[31m\u001b]0;title\u0007\u009b2J\u007f";
const BIDI = Buffer.from("\u202egnp\u2066.exe", "utf8").toString("latin1");

function archive(name: string, members: readonly (RawMember | Uint8Array)[], ends: Made | Refused): Attack {
  return {
    name,
    make: (folder) => writeFileSync(join(folder, "input.tar"), tarOf(...members)),
    image: `dsl.image({ name: "t", contents: [dsl.archive("./input.tar"), dsl.text("/x/f", "")], collisions: "last" })`,
    ends,
  };
}

function lock(name: string, text: string): Attack {
  return {
    name,
    make: (folder) => writeFileSync(join(folder, "image.lock.json"), text),
    image: `dsl.image({ name: "t", contents: dsl.debian({ suite: "bookworm", packages: ["base-files"] }) })`,
    ends: { code: "E_LOCK_INVALID", says: ["image.lock.json"] },
  };
}

export const attacks: readonly Attack[] = [
  archive("in a path that leads out", [{ name: `../${ESC}` }], { code: "E_PATH_INVALID", says: ["leaves the tree"] }),
  archive(
    "in a path whose folder becomes a file",
    [pax({ path: `x/f${ESC}` }), { name: "a" }, { name: "x", body: "no folder" }],
    {
      code: "E_TAR_INVALID",
      says: ["./input.tar", "replaces a directory"],
    },
  ),
  archive("letters that run backwards, in a link that leads nowhere", [{ name: `../${BIDI}`, type: "2", link: BIDI }], {
    code: "E_PATH_INVALID",
    says: [],
  }),
  {
    name: "in a base's config and its layers' digests",
    make: (folder) =>
      writeBase(join(folder, "base.tar"), [tarOf({ name: "a" })], {
        rootfs: { type: "layers", diff_ids: [`sha256:${ESC}`] },
      }),
    image: `dsl.image({ name: "t", from: "./base.tar" })`,
    ends: { code: "E_IMAGE_INVALID", says: ["base.tar", "is not a sha256 digest"] },
  },
  {
    name: "in an OCI layout's digest",
    make(folder) {
      mkdirSync(join(folder, "layout"));
      writeFileSync(join(folder, "layout/oci-layout"), '{"imageLayoutVersion":"1.0.0"}');
      const manifests = [{ mediaType: "application/vnd.oci.image.manifest.v1+json", digest: `sha256:${ESC}`, size: 2 }];
      writeFileSync(join(folder, "layout/index.json"), JSON.stringify({ schemaVersion: 2, manifests }));
    },
    image: `dsl.image({ name: "t", from: "./layout" })`,
    ends: { code: "E_BASE_IMAGE", says: ["layout"] },
  },
  lock("in a lock that is no JSON", `{ "${ESC}`),
  lock("in a lock's key", JSON.stringify({ [ESC]: 1 })),
];
