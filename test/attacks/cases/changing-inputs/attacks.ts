/** Inputs that become others between being looked at and being written: a function of the config is who changes them, of the same length and times. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Attack, Made, Refused } from "../../attack.ts";
import { writeBase } from "../../make/base.ts";
import { LAYER, OCI, layoutIn } from "../../make/layout.ts";
import { tarOf } from "../../make/tar.ts";
import { sha256 } from "../../../e2e/support.ts";

const LENGTH = 100_000;
const LAYER_TAR = tarOf({ name: "a", body: "a".repeat(LENGTH) });
const BLOB = `layout/blobs/sha256/${sha256(LAYER_TAR)}`;

/** In `file` the a's become b's, once its content is known and before it is written. */
function attack(
  name: string,
  file: string,
  contents: string,
  make: Attack["make"],
  ends: Made | Refused = { code: "E_CONTENT_CHANGED", says: [file] },
): Attack {
  const change = `async () => {
    const { readFileSync, statSync, utimesSync, writeFileSync } = await import("node:fs");
    const { atime, mtime } = statSync(${JSON.stringify(file)});
    const bytes = readFileSync(${JSON.stringify(file)}, "latin1").replaceAll("aaaa", "bbbb");
    writeFileSync(${JSON.stringify(file)}, bytes, "latin1");
    utimesSync(${JSON.stringify(file)}, atime, mtime);
  }`;
  return {
    name,
    make,
    image: `dsl.buildLayeredImage({ name: "t", ${contents}, extraCommands: ${change} })`,
    ends,
  };
}

export const attacks: readonly Attack[] = [
  attack(
    "an archive",
    "./input.tar",
    `contents: dsl.archive("./input.tar")`,
    (folder) => writeFileSync(join(folder, "input.tar"), LAYER_TAR),
    // What was looked at is a copy of it.
    { told: [], holds: "aaaa" },
  ),
  attack("a file", "input", `contents: dsl.files("./input", { dest: "/input" })`, (folder) =>
    writeFileSync(join(folder, "input"), "a".repeat(LENGTH)),
  ),
  attack("a base image", "base.tar", `fromImage: "./base.tar"`, (folder) =>
    writeBase(join(folder, "base.tar"), [LAYER_TAR]),
  ),
  attack("a layer of a layout", BLOB, `fromImage: "./layout"`, writeLayout),
];

function writeLayout(folder: string): void {
  const layout = layoutIn(join(folder, "layout"));
  const layer = layout.blob(LAYER_TAR, LAYER);
  const rootfs = { type: "layers", diff_ids: [layer.digest] };
  const config = layout.document({ architecture: "amd64", os: "linux", config: {}, rootfs }, `${OCI}.config.v1+json`);
  const manifest = { schemaVersion: 2, mediaType: `${OCI}.manifest.v1+json`, config, layers: [layer] };
  layout.index({ schemaVersion: 2, manifests: [layout.document(manifest, manifest.mediaType)] });
}
