/** So many packages that their files are as many as `entries` has: by npm(), from a lock, out of a registry of their own. */
import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { pack } from "tar-stream";
import { layOut, sizeOf, writeConfig, type BenchInput } from "./input.ts";

const PACKAGES = 2500;
const FILES = 100;

export const manyPackages: BenchInput = {
  name: "packages",
  gigabytes: 6,
  isDebian: false,
  hasPeers: false,
  isStatted: false,
  async make(folder, cli) {
    const project = join(folder, "packages");
    mkdirSync(project);
    const names = Array.from({ length: PACKAGES }, (_, index) => `package-${index}`);
    const tarballs = new Map<string, Buffer>();
    for (const [index, name] of names.entries()) tarballs.set(`/${name}.tgz`, await tarballOf(name, index));
    const server = createServer(({ url = "" }, response) => response.end(tarballs.get(url)));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    writeLock(project, names, (name) => ({ url: `${address}/${name}.tgz`, bytes: tarballs.get(`/${name}.tgz`)! }));
    writeConfig(project, `[npm({ dir: "." })]`);
    const tree = await layOut(project, cli);
    // All is in the store now.
    server.close();
    return { project, tree, title: `${PACKAGES.toLocaleString("en")} packages with npm(), ${await sizeOf(tree)}` };
  },
};

function writeLock(
  project: string,
  names: readonly string[],
  tarballOf: (name: string) => { readonly url: string; readonly bytes: Buffer },
): void {
  const dependencies = Object.fromEntries(names.map((name) => [name, "1.0.0"]));
  const root = { name: "app", version: "1.0.0", dependencies };
  const packages = Object.fromEntries(
    names.map((name) => {
      const { url, bytes } = tarballOf(name);
      const integrity = `sha512-${createHash("sha512").update(bytes).digest("base64")}`;
      return [`node_modules/${name}`, { version: "1.0.0", resolved: url, integrity }];
    }),
  );
  const lock = { name: "app", version: "1.0.0", lockfileVersion: 3, packages: { "": root, ...packages } };
  writeFileSync(join(project, "package.json"), JSON.stringify(root));
  writeFileSync(join(project, "package-lock.json"), JSON.stringify(lock));
}

/** The same bytes in every run. Files have 1 kB on average, which is little: it is their number that is to count. */
async function tarballOf(name: string, index: number): Promise<Buffer> {
  const archive = pack();
  const add = (path: string, text: string | Buffer) => archive.entry({ name: `package/${path}`, mtime: EPOCH }, text);
  add("package.json", JSON.stringify({ name, version: "1.0.0" }));
  for (let file = 1; file < FILES; file++) {
    add(`lib/file-${file}.js`, Buffer.alloc((index * 7919 + file * 104_729) % 2000, `${index}.${file} `));
  }
  archive.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of archive) chunks.push(chunk as Buffer);
  return gzipSync(Buffer.concat(chunks));
}

const EPOCH = new Date(0);
