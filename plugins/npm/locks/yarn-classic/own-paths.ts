/** Paths of `file:` and `link:` start where the package.json lies that has them; in a lock of Yarn 1, at the root (resolve-relative.js). */
import { posix } from "node:path";
import { withoutEndSlashes } from "../../../../core/index.ts";
import type { Manifest } from "../manifest.ts";

/** `folder`: where it lies, from the root. */
export function withPathsFromRoot(manifest: Manifest, folder: string): Manifest {
  const { dependencies, devDependencies, optionalDependencies } = manifest;
  return {
    ...manifest,
    dependencies: dependencies && fromRoot(dependencies, folder),
    devDependencies: devDependencies && fromRoot(devDependencies, folder),
    optionalDependencies: optionalDependencies && fromRoot(optionalDependencies, folder),
  };
}

function fromRoot(list: Readonly<Record<string, string>>, folder: string): Record<string, string> {
  return Object.fromEntries(
    Object.entries(list).map(([name, range]) => {
      const [, protocol, path] = /^(file:|link:)([^/].*)$/.exec(range) ?? [];
      if (protocol === undefined) return [name, range];
      const place = withoutEndSlashes(posix.join(folder, path!));
      // Written as before, where it begins so.
      const start = /^\.(?:\/|$)/.test(path!) && place !== "." && !place.startsWith("../") ? "./" : "";
      return [name, `${protocol}${start}${place}`];
    }),
  );
}
