/** Locks of five packages in two versions each, all of which need one of each other: hoisting them takes every way through them. */

/** What the root needs. */
export const MESH_DEPENDENCIES: Readonly<Record<string, string>> = Object.fromEntries(
  [0, 1, 2, 3, 4].map((name) => [`p${name}`, "1.0.0"]),
);

interface MeshPackage {
  readonly name: string;
  readonly version: string;
  /** Versions by name. */
  readonly needed: Readonly<Record<string, string>>;
}

function meshPackages(): readonly MeshPackage[] {
  const names = Object.keys(MESH_DEPENDENCIES);
  let drawn = 2;
  return names.flatMap((name) =>
    ["1.0.0", "2.0.0"].map((version) => ({
      name,
      version,
      needed: Object.fromEntries(names.filter((other) => other !== name).map((other) => [other, either()])),
    })),
  );

  /** As it is drawn: what makes a long walk was found so. */
  function either(): string {
    drawn = (Math.imul(drawn, 1_103_515_245) + 12_345) & 0x7fffffff;
    return `${1 + ((drawn >> 8) & 1)}.0.0`;
  }
}

/** Yarn 4's. */
export function yarnMesh(): string {
  const entries = meshPackages().map(({ name, version, needed }) => entry(`${name}@npm:${version}`, version, needed));
  return `__metadata:\n  version: 8\n\n${entry("p@workspace:.", "0.0.0-use.local", MESH_DEPENDENCIES)}${entries.join("")}`;
}

function entry(locator: string, version: string, needed: MeshPackage["needed"]): string {
  const linkType = locator.includes("@workspace:") ? "soft" : "hard";
  const list = Object.entries(needed).map(([name, wanted]) => `    ${name}: "npm:${wanted}"\n`);
  return `"${locator}":\n  version: ${version}\n  resolution: "${locator}"\n  dependencies:\n${list.join("")}  linkType: ${linkType}\n\n`;
}

/** Yarn 1's. `sourceOf`: where a package comes from. */
export function classicMesh(sourceOf: (name: string, version: string) => string): string {
  const entries = meshPackages().map(({ name, version, needed }) => {
    const list = Object.entries(needed).map(([other, wanted]) => `    ${other} "${wanted}"\n`);
    return `${name}@${version}:\n  version "${version}"\n  resolved "${sourceOf(name, version)}"\n  dependencies:\n${list.join("")}\n`;
  });
  return `# yarn lockfile v1\n\n\n${entries.join("")}`;
}
