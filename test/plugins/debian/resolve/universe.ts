/** Small archives made up for tests: stanzas written by hand, and random ones for properties. */
import fc from "fast-check";
import { packageIndex } from "../../../../plugins/debian/resolve/package-index.ts";
import { resolveClosure } from "../../../../plugins/debian/resolve/resolver.ts";
import type { Closure, ClosureRequest } from "../../../../plugins/debian/resolve/resolver.ts";

export type Fields = Readonly<Record<string, string>>;

/** A stanza of a Packages text: what is not given is made up. */
export function stanza(name: string, fields: Fields = {}): string {
  const all: Fields = {
    Package: name,
    Version: "1",
    Architecture: "amd64",
    Priority: "optional",
    Maintainer: "nobody",
    Filename: `pool/${name}_${fields["Version"] ?? "1"}.deb`,
    Size: "100",
    SHA256: "0".repeat(64),
    ...fields,
  };
  return Object.entries(all)
    .map(([field, value]) => `${field}: ${value}\n`)
    .join("");
}

export function universe(packages: Readonly<Record<string, Fields>>): string {
  return Object.entries(packages)
    .map(([name, fields]) => stanza(name.replace(/@.*/, ""), fields))
    .join("\n");
}

/** Resolves in one archive called "here", for amd64. */
export function resolveIn(text: string, packages: readonly string[], options: Partial<ClosureRequest> = {}): Closure {
  return resolveClosure({
    index: packageIndex([{ text, archive: "here" }], "amd64"),
    packages,
    recommends: false,
    exclude: [],
    essential: false,
    prefer: new Map(),
    satisfied: [],
    ...options,
  });
}

export function namesOf(closure: Closure): readonly string[] {
  return closure.packages.map(({ name }) => name).toSorted();
}

/**
 * Found by the property of the stanzas' order, and made smaller: closures that once depended on it. `closure` is
 * what apt installs from the archive as it stands here.
 */
export const ONCE_ORDERED: readonly {
  readonly packages: Readonly<Record<string, Fields>>;
  readonly requested: readonly string[];
  readonly closure: readonly string[];
}[] = [
  {
    packages: {
      app: { Depends: "virtual | other | missing, broken | other", Provides: "shared" },
      broken: { Conflicts: "shared" },
      other1: { Provides: "other" },
      provider: { Provides: "virtual, shared" },
    },
    requested: ["app"],
    closure: ["app", "other1", "provider"],
  },
  {
    packages: {
      app: { Depends: "first | last, rival | last" },
      asked: { Provides: "shared" },
      first: { Provides: "shared" },
      last: {},
      rival: { Conflicts: "shared" },
    },
    requested: ["app", "asked"],
    closure: ["app", "asked", "first", "last"],
  },
  {
    packages: {
      app: { Depends: "first | last, user" },
      asked: { Provides: "shared" },
      first: { Provides: "shared" },
      last: {},
      rival: { Conflicts: "shared" },
      user: { Depends: "rival | last" },
    },
    requested: ["app", "asked"],
    closure: ["app", "asked", "first", "last", "user"],
  },
  {
    packages: {
      app: { Depends: "first | second" },
      first: { Provides: "shared" },
      last: {},
      rival: { Conflicts: "shared" },
      second: { Depends: "rival | last", Provides: "shared" },
      user: { Depends: "second" },
    },
    requested: ["app", "user"],
    closure: ["app", "first", "last", "second", "user"],
  },
];

/** All orders of a few things. */
export function ordersOf<T>(things: readonly T[]): readonly (readonly T[])[] {
  if (things.length === 0) return [[]];
  return things.flatMap((thing, at) => ordersOf(things.toSpliced(at, 1)).map((rest) => [thing, ...rest]));
}

export interface RandomUniverse {
  readonly stanzas: readonly string[];
  readonly requested: readonly string[];
}

export const REAL = Array.from({ length: 12 }, (_, number) => `p${number}`);
const VIRTUAL = ["v0", "v1", "v2"];

/**
 * Up to a dozen packages in one or two versions, with virtual ones, versioned relations and, if wanted, conflicts.
 * `twins`: also versions written in several ways, and one version in stanzas that differ.
 */
export function randomUniverse(options: {
  readonly conflicts: boolean;
  readonly preDepends: boolean;
  readonly twins?: boolean;
}): fc.Arbitrary<RandomUniverse> {
  const twins = options.twins ?? false;
  const name = fc.constantFrom(...REAL, ...VIRTUAL);
  const version = fc.constantFrom("1", "2", "3", ...(twins ? ["01", "1-0", "0:2"] : []));
  const constraint = fc.option(fc.tuple(fc.constantFrom("<<", "<=", "=", ">=", ">>"), version), { freq: 1 });
  const relation = fc
    .tuple(name, constraint)
    .map(([target, limit]) => (limit === null ? target : `${target} (${limit[0]} ${limit[1]})`));
  const group = fc.array(relation, { minLength: 1, maxLength: 3 }).map((alternatives) => alternatives.join(" | "));
  const dependencies = fc.array(group, { maxLength: 2 });
  const provision = fc
    .tuple(fc.constantFrom(...VIRTUAL), fc.option(version))
    .map(([target, given]) => (given === null ? target : `${target} (= ${given})`));
  const conflict = options.conflicts ? fc.option(relation, { freq: 4 }) : fc.constant(null);
  const fields = fc.record({
    version,
    priority: fc.constantFrom("required", "standard", "optional", "extra"),
    preDepends: fc.array(group, { maxLength: options.preDepends ? 1 : 0 }),
    depends: dependencies,
    provides: fc.uniqueArray(provision, { maxLength: 2, selector: (text) => text.slice(0, 2) }),
    conflict,
  });
  return fc
    .record({
      first: fc.tuple(...REAL.map(() => fields)),
      more: fc.array(fc.tuple(fc.constantFrom(...REAL), fields), { maxLength: 6 }),
      requested: fc.uniqueArray(fc.constantFrom(...REAL), { minLength: 1, maxLength: 3 }),
    })
    .map(({ first, more, requested }) => {
      const chosen = new Map<string, string>();
      for (const [key, value] of [...first.map((value, number) => [REAL[number] ?? "", value] as const), ...more]) {
        const text = stanza(key, relationFields(value));
        chosen.set(twins ? text : `${key} ${value.version}`, text);
      }
      return { stanzas: Array.from(chosen.values()).toSorted(), requested };
    });
}

function relationFields(value: {
  readonly version: string;
  readonly priority: string;
  readonly preDepends: readonly string[];
  readonly depends: readonly string[];
  readonly provides: readonly string[];
  readonly conflict: string | null;
}): Fields {
  const fields: [string, string][] = [
    ["Version", value.version],
    ["Priority", value.priority],
    ["Pre-Depends", value.preDepends.join(", ")],
    ["Depends", value.depends.join(", ")],
    ["Conflicts", value.conflict ?? ""],
    ["Provides", value.provides.join(", ")],
  ];
  return Object.fromEntries(fields.filter(([, text]) => text !== ""));
}
