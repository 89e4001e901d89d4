/** What a lock does not say of packages: their tarballs do, or their registry. */
import * as v from "valibot";
import { isRecord, recordOf, type BuildContext } from "../../../core/index.ts";
import { packageJsonIn } from "../layout/package-json.ts";
import type { UnpackRules } from "../layout/package-tree.ts";
import { readPackage } from "../layout/read-package.ts";
import type { SystemLimits } from "../platform.ts";
import { eachPackage } from "./each-package.ts";
import { publishedVersions, type RegistryClient } from "./client.ts";
import type { TarballPackage } from "./tarball.ts";

type Manifest = Readonly<Record<string, unknown>>;

export interface PublishedPackages {
  /** A package's package.json. */
  readonly manifestOf: (each: TarballPackage) => Promise<Manifest>;
  /** Whether and where it is installed, asked of the registry and pinned: without fetching what may not be needed. */
  readonly limitsOf: (each: TarballPackage) => Promise<PublishedLimits>;
  /** Asks for many at once. */
  readonly each: <Item, Result>(
    items: readonly Item[],
    task: (item: Item) => Promise<Result>,
  ) => Promise<readonly Result[]>;
}

export interface PublishedLimits extends Pick<SystemLimits, "os" | "cpu"> {
  /** Ranges by name. */
  readonly peers: Readonly<Record<string, string>>;
}

const list = v.optional(v.array(v.string()));
const pinSchema = v.strictObject({ os: list, cpu: list, peers: v.optional(recordOf(v.string(), v.string()), {}) });

export function publishedPackages(
  client: RegistryClient,
  rules: UnpackRules,
  context: Pick<BuildContext, "store" | "shared" | "deferral" | "tasks" | "lock" | "signal" | "emit">,
): PublishedPackages {
  return {
    each: (items, task) => eachPackage(items, task, context),
    async manifestOf(each) {
      return packageJsonIn(await readPackage(each, rules, client, context));
    },
    async limitsOf(each) {
      const { name, version, origin } = each;
      if (origin.kind !== "registry") return limitsIn(await this.manifestOf(each));
      const request = { name, version, ...(origin.integrity && { integrity: origin.integrity }) };
      const pinned = context.lock.read("npm-limits", `${name}@${version}`, request, pinSchema);
      if (pinned !== undefined) return pinned;
      const found = limitsIn((await publishedVersions(name, client)).get(version)?.manifest ?? {});
      const { peers, ...limits } = found;
      const written = { ...limits, ...(Object.keys(peers).length > 0 && { peers }) };
      context.lock.write("npm-limits", `${name}@${version}`, request, written);
      return found;
    },
  };
}

function limitsIn({ os, cpu, peerDependencies }: Manifest): PublishedLimits {
  const peers = isRecord(peerDependencies) ? Object.entries(peerDependencies) : [];
  return {
    ...(Array.isArray(os) && { os: os.map(String) }),
    ...(Array.isArray(cpu) && { cpu: cpu.map(String) }),
    peers: Object.fromEntries(peers.map(([name, range]) => [name, String(range)])),
  };
}
