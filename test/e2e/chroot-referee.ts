/** What `runAsRoot` makes of a script, against what the script does as root in a chroot of the host. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CLI, must, writeProject } from "./support.ts";
import { differences, listTree, type ListedEntry } from "./tree-listing.ts";
import type { Visitor } from "./visitor.ts";

export interface RootScript {
  /** Of bookworm: what the image has. */
  readonly packages: readonly string[];
  /** Makes the base out of them, by `fakeRootCommands`. */
  readonly before?: string;
  readonly script: string;
  /** More arguments of `buildImage`. */
  readonly more?: object;
}

export interface Verdict {
  /** One line for each path that is not the same in both. */
  readonly differences: readonly string[];
  /** Extended attributes of all files. */
  readonly attributes: { readonly ours: string; readonly theirs: string };
}

export function compareWithChroot(visitor: Visitor, name: string, image: RootScript): Verdict {
  const ours = rootProject(visitor, `${name}-ours`, image);
  const base = rootProject(visitor, `${name}-base`, { ...image, script: "true" });
  for (const folder of [ours, base]) visitor.run(["node", CLI, "build", "-o", "rootfs:image.tar", "--quiet"], folder);
  const [made, root] = [unpacked(ours), unpacked(base)];
  runInChroot(root, image.script);
  return {
    differences: differences(comparable(listTree(made)), comparable(listTree(root))),
    attributes: { ours: attributesIn(made), theirs: attributesIn(root) },
  };
}

/** The folder of a project with that image. */
export function rootProject(
  visitor: Visitor,
  name: string,
  { packages, before = "", script, more }: RootScript,
): string {
  const folder = visitor.folder(name);
  const fakeRootCommands = before.replaceAll(" /", " ./");
  const text = `import { buildImage, buildLayeredImage, debian, defineConfig } from "image-dsl";
const contents = debian({ suite: "bookworm", packages: ${JSON.stringify(packages)} });
const base = buildLayeredImage({ name: "base", contents, fakeRootCommands: ${JSON.stringify(fakeRootCommands)} });
const more = ${JSON.stringify({ runAsRoot: script, ...more })};
export default defineConfig({ images: { image: buildImage({ name: "run-as-root", tag: "1", fromImage: base, ...more }) } });
`;
  writeProject(folder, { "image.config.ts": text });
  must(["chown", "-R", "65534:65534", folder], { cwd: "/" });
  return folder;
}

function unpacked(folder: string): string {
  const root = join(folder, "root");
  mkdirSync(root);
  must(["tar", "--xattrs", "--xattrs-include=*", "-xpf", join(folder, "image.tar"), "-C", root], { cwd: "/" });
  return root;
}

function runInChroot(root: string, script: string): void {
  for (const name of ["dev/shm", "proc"]) mkdirSync(join(root, name), { recursive: true });
  writeFileSync(join(root, "script"), script);
  must(["mknod", "-m", "666", join(root, "dev/null"), "c", "1", "3"], { cwd: "/" });
  const env = { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", HOME: "/root", TZ: "UTC", SOURCE_DATE_EPOCH: "1" };
  const command = `mount -t proc proc ./proc && exec chroot . /bin/bash -e /script`;
  must(["unshare", "--mount", "sh", "-c", command], { cwd: root, env });
}

/** As the image's own programs read them. */
function attributesIn(root: string): string {
  const command = "cd /; find . -print0 | sort -z | xargs -0 getfattr -hdm-";
  return must(["chroot", root, "/bin/bash", "-c", command], { cwd: "/", env: { LC_ALL: "C" } }).toString("latin1");
}

/** Without times, which the one has of the image and the other of the day; without mount points and what the referee needed. */
function comparable(entries: ReadonlyMap<string, ListedEntry>): ReadonlyMap<string, ListedEntry> {
  const left = [...entries].filter(([path]) => !/^(dev|proc|sys|tmp)(\/|$)|^script$/.test(path));
  return new Map(left.map(([path, entry]) => [path, { ...entry, mtime: 0 }]));
}
