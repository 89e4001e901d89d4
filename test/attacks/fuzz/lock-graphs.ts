/**
 * Whole locks of packages that need each other as bytes say, in the writing of the managers whose layout is worked out here:
 * what places them goes through graphs that no registry has.
 */
import { limitOf } from "../../../core/index.ts";
import type { Selection } from "../../../plugins/npm/model.ts";
import { readPnpmLock } from "../../../plugins/npm/locks/pnpm/pnpm-lock.ts";
import { readClassicLock } from "../../../plugins/npm/locks/yarn-classic/yarn-classic.ts";
import { readYarnLock, type YarnProject } from "../../../plugins/npm/locks/yarn/yarn-lock.ts";

const NAMES = 6;
const VERSIONS = 2;
const SELECTION: Selection = {
  target: { os: "linux", cpu: "x64", libc: "glibc" },
  omit: new Set(["dev"] as const),
};
const PROJECT = { file: "/p/lock", root: "/p", member: "", signal: new AbortController().signal };

interface Drawn {
  readonly name: string;
  readonly version: string;
  /** Versions by name. */
  readonly needs: Readonly<Record<string, string>>;
  readonly peers: Readonly<Record<string, string>>;
}

/** The first one is the project. */
function drawn(bytes: Buffer): readonly Drawn[] {
  let at = 0;
  const next = (): number => bytes[at++ % bytes.length] ?? 0;
  const names = Array.from({ length: 2 + (next() % (NAMES - 1)) }, (_, index) => `p${index}`);
  const versions = new Map(names.map((name) => [name, 1 + (next() % VERSIONS)]));
  const draw = (name: string, version: string): Drawn => {
    const others = names.filter((other) => other !== name).map((other) => ({ other, byte: next() }));
    const needed = others.filter(({ byte }) => byte % 2 === 0);
    return {
      name,
      version,
      needs: Object.fromEntries(
        needed.map(({ other, byte }) => [other, `${1 + ((byte >> 2) % versions.get(other)!)}.0.0`]),
      ),
      peers: Object.fromEntries(others.filter(({ byte }) => byte % 8 === 3).map(({ other }) => [other, "*"])),
    };
  };
  return [
    draw("p", "1.0.0"),
    ...names.flatMap((name) =>
      Array.from({ length: versions.get(name)! }, (_, index) => draw(name, `${index + 1}.0.0`)),
    ),
  ];
}

/** Yarn 4's, in JSON, which is YAML. */
export function layOutYarn(bytes: Buffer): Promise<unknown> {
  const packages = drawn(bytes);
  const entries = packages.map(({ name, version, needs, peers }, index) => {
    const locator = index === 0 ? "p@workspace:." : `${name}@npm:${version}`;
    const dependencies = Object.fromEntries(Object.entries(needs).map(([other, wanted]) => [other, `npm:${wanted}`]));
    const about = { version, resolution: locator, dependencies, peerDependencies: index === 0 ? {} : peers };
    return [locator, { ...about, linkType: index === 0 ? "soft" : "hard" }];
  });
  const text = JSON.stringify({ __metadata: { version: "8" }, ...(Object.fromEntries(entries) as object) });
  const settings: YarnProject["settings"] = {
    file: "/p/.yarnrc.yml",
    nodeLinker: "node-modules",
    packageExtensions: {},
    npmScopes: {},
    npmRegistries: {},
  };
  // What takes longer runs in a thread, which is refused there in the end.
  const tasks = { inWorker: async () => ({ steps: limitOf("npm.hoisting") + 1, result: undefined }) as never };
  return readYarnLock({ ...PROJECT, text, settings, manifestOf: manifestOf(packages), tasks }, SELECTION);
}

/** Yarn 1's. */
export function layOutClassic(bytes: Buffer): Promise<unknown> {
  const packages = drawn(bytes);
  const peers = new Map(packages.map((each) => [`${each.name}@${each.version}`, each.peers]));
  const text = packages.slice(1).map(({ name, version, needs }) => {
    const list = Object.entries(needs).map(([other, wanted]) => `    ${other} "${wanted}"\n`);
    const dependencies = list.length === 0 ? "" : `  dependencies:\n${list.join("")}`;
    return `${name}@${version}:\n  version "${version}"\n  resolved "https://r.example/${name}.tgz#${"0".repeat(40)}"\n${dependencies}\n`;
  });
  const given = {
    ...PROJECT,
    text: `# yarn lockfile v1\n\n\n${text.join("")}`,
    settings: new Map(),
    manifestOf: manifestOf(packages),
    published: {
      each: async <Item, Result>(items: readonly Item[], task: (item: Item) => Promise<Result>) =>
        Promise.all(items.map(task)),
      manifestOf: async () => ({}),
      limitsOf: async ({ name, version }: { readonly name: string; readonly version: string }) => ({
        peers: peers.get(`${name}@${version}`) ?? {},
      }),
    },
  };
  return readClassicLock(given, SELECTION);
}

/** pnpm's, in JSON, which is YAML. */
export function layOutPnpm(bytes: Buffer): Promise<unknown> {
  const packages = drawn(bytes);
  const [project, ...others] = packages;
  const list = Object.entries(project!.needs).map(([name, version]) => [name, { specifier: version, version }]);
  const byPath = <Value>(value: (each: Drawn) => Value) =>
    Object.fromEntries(others.map((each) => [`${each.name}@${each.version}`, value(each)]));
  const text = JSON.stringify({
    lockfileVersion: "9.0",
    settings: { autoInstallPeers: true },
    importers: { ".": { dependencies: Object.fromEntries(list) as object } },
    packages: byPath(() => ({ resolution: { integrity: `sha512-${"A".repeat(86)}==` } })),
    snapshots: byPath(({ needs }) => ({ dependencies: needs })),
  });
  return readPnpmLock({ ...PROJECT, text, npmrc: new Map(), manifestOf: manifestOf(packages) }, SELECTION);
}

function manifestOf([project]: readonly Drawn[]) {
  return async () => ({ name: "p", version: "1.0.0", dependencies: project!.needs });
}
