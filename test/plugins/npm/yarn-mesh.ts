/** Yarn 4's lock of a few packages in two versions, each of which needs one of each other: hoisting them takes every way through them. */

/** What the root needs: `p0` to `p4`. */
export const MESH_DEPENDENCIES: Readonly<Record<string, string>> = Object.fromEntries(
  [0, 1, 2, 3, 4].map((name) => [`p${name}`, "1.0.0"]),
);

export function yarnMesh(): string {
  const others = Object.keys(MESH_DEPENDENCIES);
  let chosen = 2;
  const packages = others.flatMap((name) =>
    ["1.0.0", "2.0.0"].map((version) => {
      const needed = others.filter((other) => other !== name).map((other) => `    ${other}: "npm:${either()}.0.0"\n`);
      return entry(`${name}@npm:${version}`, version, needed);
    }),
  );
  const root = others.map((name) => `    ${name}: "npm:1.0.0"\n`);
  return `__metadata:\n  version: 8\n\n${entry("p@workspace:.", "0.0.0-use.local", root)}${packages.join("")}`;

  /** 1 or 2, as it is drawn: what makes a long walk was found so. */
  function either(): number {
    chosen = (Math.imul(chosen, 1_103_515_245) + 12_345) & 0x7fffffff;
    return 1 + ((chosen >> 8) & 1);
  }
}

function entry(locator: string, version: string, needed: readonly string[]): string {
  const linkType = locator.includes("@workspace:") ? "soft" : "hard";
  return `"${locator}":\n  version: ${version}\n  resolution: "${locator}"\n  dependencies:\n${needed.join("")}  linkType: ${linkType}\n\n`;
}
