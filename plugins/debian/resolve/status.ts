/**
 * What tells scanners of an installed package: an entry in `/var/lib/dpkg/status.d/`, one file a package, as in
 * images that have no dpkg. The entry is the package's own control file with the field that says it is installed.
 */
import { ImageDslError, treePath } from "../../../core/index.ts";
import type { TreePath } from "../../../core/index.ts";
import { parseControl } from "./control.ts";

const DIRECTORY = "var/lib/dpkg/status.d";

/** Where the entry of a package belongs. */
export function statusPath(name: string): TreePath {
  return treePath(`${DIRECTORY}/${name}`);
}

/** Where the `md5sums` member of the package's control archive belongs, as it is, where the package has one. */
export function md5sumsPath(name: string): TreePath {
  return treePath(`${DIRECTORY}/${name}.md5sums`);
}

/**
 * The entry, from the byte string of the .deb's `control` member. Throws `E_DEBIAN_PACKAGE` where that speaks of
 * another package than `wanted`, `E_DEBIAN_METADATA` where it is malformed.
 */
export function statusStanza(
  control: string,
  wanted: { readonly name: string; readonly version: string; readonly architecture: string },
): string {
  const [stanza, ...others] = parseControl(control, `the control file of ${wanted.name} ${wanted.version}`);
  const name = stanza?.get("Package");
  const version = stanza?.get("Version");
  const architecture = stanza?.get("Architecture");
  const isWanted = name === wanted.name && version === wanted.version && architecture === wanted.architecture;
  if (stanza === undefined || others.length > 0 || !isWanted) {
    throw new ImageDslError(
      "E_DEBIAN_PACKAGE",
      `The package file of "${wanted.name}" ${wanted.version} (${wanted.architecture}) says that it is ` +
        `"${name ?? ""}" ${version ?? ""} (${architecture ?? ""})`,
      { hint: "The archive's index and its packages disagree: try another mirror" },
    );
  }
  const lines = [`Package: ${wanted.name}`, "Status: install ok installed"];
  for (const field of stanza.fields) {
    if (/^(package|status)$/i.test(field.name)) continue;
    lines.push(field.value.startsWith("\n") ? `${field.name}:${field.value}` : `${field.name}: ${field.value}`);
  }
  return `${lines.join("\n")}\n`;
}
