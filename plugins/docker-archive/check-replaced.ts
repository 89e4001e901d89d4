/**
 * An archive that is there and would be replaced by one for another platform, which nobody asked for: it is the one of the machine
 * that happens to build, and the archive was another one's.
 */
import { statSync } from "node:fs";
import { resolve } from "node:path";
import { platformText, type CheckContext, type Finding } from "../../core/index.ts";
import { archivedPlatform } from "./archived-platform.ts";

export function* checkReplaced(
  paths: readonly string[],
  { platform, isHostsPlatform }: CheckContext,
): Generator<Finding> {
  if (!isHostsPlatform) return;
  for (const path of paths) {
    if (path === "-" || !statSync(resolve(path), { throwIfNoEntry: false })?.isFile()) continue;
    const before = archivedPlatform(resolve(path));
    if (before === undefined || (before.os === platform.os && before.architecture === platform.architecture)) continue;
    const [old, own] = [platformText(before), platformText(platform)];
    yield {
      code: "W_OUTPUT_PLATFORM",
      message: `it is for ${own}, as this machine is, and takes the place of ${path}, which is for ${old}`,
      hint: `Say which is wanted, as in --platform ${old}, or put {platform} into the output`,
    };
  }
}
