/** Packages as apt and dpkg see them when they choose an order: what each needs, as written, and what fulfils it. */
import { matcherOf, packageIndex, type PackageIndex, type PackageRecord } from "../resolve/index.ts";

/** A package that is to be installed. */
export interface OrderedPackage {
  readonly id: string;
  readonly name: string;
  readonly version: string;
  /** The control archive's members by name. */
  readonly control: ReadonlyMap<string, Uint8Array>;
}

export interface Subject {
  readonly id: string;
  readonly name: string;
  readonly essential: boolean;
  /** 1 (required) to 5 (extra); 0 where nobody says. */
  readonly priority: number;
  readonly hasPostinst: boolean;
  /** Pre-Depends, then Depends, as apt reads them; without those that nothing here fulfils. */
  readonly needs: readonly Need[];
}

export interface Need {
  readonly isPre: boolean;
  readonly alternatives: readonly Alternative[];
}

/** One relation of a need: the name that it says, and who fulfils it, that name's bearer first. */
export interface Alternative {
  readonly name: string;
  readonly targets: readonly Subject[];
}

/** In the order given. A package's need of itself counts as fulfilled. */
export function subjectsOf(packages: readonly OrderedPackage[], architecture: string): readonly Subject[] {
  const index = packageIndex([{ archive: "the packages to install", text: controlTexts(packages) }], architecture);
  const subjects = new Map<PackageRecord, Subject>();
  const all = packages.map((item) => {
    const record = index.packages.get(item.name)?.find(({ version }) => version === item.version);
    const needs: Need[] = [];
    const subject = {
      id: item.id,
      name: item.name,
      // apt takes itself for essential, whatever the archive says.
      essential: record?.essential === true || item.name === "apt",
      priority: record?.priority ?? 0,
      hasPostinst: item.control.has("postinst"),
      needs,
    };
    if (record) subjects.set(record, subject);
    return { subject, record, needs };
  });
  const needsOf = needsReader(index, subjects);
  for (const { record, needs } of all) if (record) for (const need of needsOf(record)) needs.push(need);
  return all.map(({ subject }) => subject);
}

function controlTexts(packages: readonly OrderedPackage[]): string {
  return packages
    .map(({ control }) =>
      Buffer.from(control.get("control") ?? "")
        .toString("latin1")
        .trim(),
    )
    .filter((text) => text !== "")
    .join("\n\n");
}

function needsReader(
  index: PackageIndex,
  subjects: ReadonlyMap<PackageRecord, Subject>,
): (record: PackageRecord) => readonly Need[] {
  const matches = matcherOf(index);
  return (record) =>
    (["Pre-Depends", "Depends"] as const).flatMap((field) =>
      index.relationsOf(record, field).flatMap((relations): readonly Need[] => {
        const alternatives = relations.map((relation) => ({
          name: relation.name,
          targets: matches(relation).flatMap((each) => subjects.get(each) ?? []),
        }));
        const own = subjects.get(record);
        const isOpen = alternatives.every(({ targets }) => targets.length === 0);
        if (isOpen || alternatives.some(({ targets }) => targets.includes(own!))) return [];
        return [{ isPre: field === "Pre-Depends", alternatives }];
      }),
    );
}

/** Who fulfils a need, the first alternative's first. */
export function targetsOf({ alternatives }: Need): readonly Subject[] {
  return alternatives.flatMap(({ targets }) => targets);
}
