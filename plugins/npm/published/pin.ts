/** Which version of a published package is meant: as the lock has it, else the newest that fits. */
import * as v from "valibot";
import { ImageDslError, type BuildContext } from "../../../core/index.ts";
import type { TarballPackage } from "../registry/tarball.ts";
import { publishedVersions, type RegistryClient } from "../registry/client.ts";
import type { NpmPackageOptions } from "./source.ts";

const answerSchema = v.strictObject({
  version: v.pipe(v.string(), v.regex(/^\d+\.\d+\.\d+$/)),
  integrity: v.pipe(v.string(), v.nonEmpty()),
});

/** Throws `E_NPM_REGISTRY` where no version fits, `E_LOCK_FROZEN`. */
export async function pinPublished(
  { name, version, asked }: NpmPackageOptions,
  client: RegistryClient,
  { lock, tasks }: Pick<BuildContext, "lock" | "tasks">,
): Promise<TarballPackage> {
  const request = { name, version };
  const pinned = lock.read("npm-package", name, request, answerSchema, [asked]);
  if (pinned !== undefined) return packageOf(name, pinned);
  const [published] = await tasks.map("net", [name], () => publishedVersions(name, client));
  const newest = newestOf([...published!.keys()], version);
  const integrity = newest && published!.get(newest)?.integrity;
  if (newest === undefined || integrity === undefined) throw noVersion(name, version, [...published!.keys()]);
  const answer = { version: newest, integrity };
  lock.write("npm-package", name, request, answer);
  return packageOf(name, answer);
}

function packageOf(name: string, { version, integrity }: v.InferOutput<typeof answerSchema>): TarballPackage {
  return { name, version, origin: { kind: "registry", integrity } };
}

/** Of released ones: `22.18` means 22.18.x, and not 22.180.0. */
function newestOf(versions: readonly string[], beginning: string): string | undefined {
  return versions
    .filter((each) => isRelease(each) && (each === beginning || each.startsWith(`${beginning}.`)))
    .toSorted(byNumbers)
    .at(-1);
}

function isRelease(version: string): boolean {
  return /^\d+\.\d+\.\d+$/.test(version);
}

function byNumbers(a: string, b: string): number {
  const [one, other] = [a, b].map((version) => version.split(".").map(Number));
  return one![0]! - other![0]! || one![1]! - other![1]! || one![2]! - other![2]!;
}

function noVersion(name: string, version: string, all: readonly string[]): ImageDslError {
  const released = all.filter(isRelease).toSorted(byNumbers);
  const ofMajor = released.filter((each) => each.startsWith(`${version.split(".", 1)[0]}.`));
  const shown = (ofMajor.length > 0 ? ofMajor : released).slice(-5);
  return new ImageDslError("E_NPM_REGISTRY", `The registry has no version ${version} of ${name}`, {
    hint: shown.length === 0 ? "It has none at all" : `It has ${shown.join(", ")}`,
  });
}
