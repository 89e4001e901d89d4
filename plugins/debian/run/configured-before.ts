/** What an image that this one is built on has configured already, as its dpkg says. */
import { ImageDslError, lookup, readWhole, type FileTree } from "../../../core/index.ts";
import type { OrderedPackage } from "../ordered-packages.ts";
import { fieldOf } from "../scripts/dpkg-stanza.ts";

/** Whether a package is configured there. The function throws `E_DEBIAN_CONFIGURE` for one that is there in another version. */
export function configuredBefore(base: FileTree | undefined, target: string): (item: OrderedPackage) => boolean {
  const versions = base === undefined ? new Map<string, string>() : versionsIn(base);
  return ({ name, version, architecture }) => {
    const there = versions.get(`${name} ${architecture}`);
    if (there === undefined || there === version) return there !== undefined;
    throw new ImageDslError(
      "E_DEBIAN_CONFIGURE",
      `${name} ${version} of "${target}" would replace ${there} of the image below: upgrades are not run`,
      { hint: `Ask for ${name}=${there}, build on a newer image, or say configure: "work-out"` },
    );
  };
}

function versionsIn(base: FileTree): Map<string, string> {
  const status = lookup(base, "/var/lib/dpkg/status");
  const text = status?.type === "file" ? Buffer.from(readWhole(status)).toString("latin1") : "";
  const stanzas = text.split(/\n{2,}/).filter((stanza) => fieldOf(stanza, "Status").endsWith(" installed"));
  return new Map(
    stanzas.map((stanza) => [
      `${fieldOf(stanza, "Package")} ${fieldOf(stanza, "Architecture")}`,
      fieldOf(stanza, "Version"),
    ]),
  );
}
