/** Docker archives of hand-made layers, and what a layer needs for the loader's cache to be made anew. */
import { readFileSync, realpathSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sha256 } from "../../e2e/support.ts";
import { tarOf, type RawMember } from "./tar.ts";

/** `edit`: of the config's JSON. */
export function writeBase(file: string, layers: readonly Uint8Array[], edit: object = {}): void {
  const config = JSON.stringify({
    architecture: "amd64",
    os: "linux",
    config: {},
    rootfs: { type: "layers", diff_ids: layers.map((layer) => `sha256:${sha256(layer)}`) },
    ...edit,
  });
  const names = layers.map((_, index) => `${index}.tar`);
  const manifest = JSON.stringify([{ Config: "c.json", RepoTags: ["base:1"], Layers: names }]);
  writeFileSync(
    file,
    tarOf(
      ...layers.map((body, index) => ({ name: names[index]!, body })),
      { name: "c.json", body: Buffer.from(config) },
      { name: "manifest.json", body: manifest },
    ),
  );
}

const folder = (name: string): RawMember => ({ name, type: "5", mode: 0o755 });
const program = (name: string, host: string): RawMember => ({
  name,
  mode: 0o755,
  body: readFileSync(realpathSync(host)),
});

/** Builds on what `writeLoaderBase` writes. */
export const ON_LOADER_BASE = `dsl.image({ name: "t", from: "./base.tar", contents: dsl.archive("./library.tar") })`;

/**
 * A base with this host's dynamic loader and C library, whose cache and configuration are followed where an image that is built on it
 * brings a library.
 */
export function writeLoaderBase(project: string, more: readonly (RawMember | Uint8Array)[]): void {
  const root = tarOf(
    folder("etc"),
    folder("lib"),
    folder("lib/x86_64-linux-gnu"),
    folder("lib64"),
    program("lib64/ld-linux-x86-64.so.2", "/lib64/ld-linux-x86-64.so.2"),
    program("lib/x86_64-linux-gnu/libc.so.6", "/lib/x86_64-linux-gnu/libc.so.6"),
    ...more,
  );
  writeBase(join(project, "base.tar"), [root]);
  const library = program("lib/x86_64-linux-gnu/libm.so.6", "/lib/x86_64-linux-gnu/libm.so.6");
  writeFileSync(join(project, "library.tar"), tarOf(folder("lib"), folder("lib/x86_64-linux-gnu"), library));
}
